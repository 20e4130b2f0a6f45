"""Between provisioning and the state file: receipts as what is known, and findings as receipts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from umetrics.provision.absence import BELIEVED_ABSENT_AFTER, Expected
from umetrics.provision.model import Found, Kinds, Shared, Snapshot
from umetrics.provision.monitoring import demanded_kinds
from umetrics.provision.observe import Known
from umetrics.provision.resources import HANDLERS
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.subnet import Subnet
from umetrics.state import Intent, Receipt, State, StateStore, seconds_since, utc_now

if TYPE_CHECKING:
    from umetrics.config import Config

NOT_TO_BE_REPEATED = frozenset(
    kind.__name__ for kind, handler in HANDLERS.items() if handler.may_be_doubled or handler.is_slow
)
"""A second one would be made, or, of what is slow, would turn out after minutes to be one too many.

Of the others AWS refuses a second one at once, and the first is then found.
"""

ON_DEMAND = frozenset(kind.__name__ for kind, handler in HANDLERS.items() if handler.on_demand)


def known_resources(state: State | None) -> dict[str, Known]:
    """What the receipts say, for the sweep."""
    if state is None:
        return {}
    return {
        key: Known(receipt.kind, receipt.id, receipt.members)
        for key, receipt in state.receipts.items()
    }


def recorded_kinds(state: State | None) -> frozenset[str]:
    """The kinds of which there is, or may be, something: by receipts and unfinished intents."""
    if state is None:
        return frozenset()
    receipts, intents = state.receipts.values(), state.intents.values()
    return frozenset(each.kind for each in receipts) | {each.kind for each in intents}


def expected_resources(state: State | None, now: str) -> tuple[Expected, ...]:
    """What the last run made, or may have made, so lately that AWS may not show it yet.

    An answer can get lost with the process that waited for it, so an unfinished intent counts.
    """
    if state is None:
        return ()
    made = [(each.key, each.kind, each.made) for each in state.receipts.values() if each.made]
    intended = [(each.key, each.kind, each.since) for each in state.intents.values()]
    return tuple(
        Expected(key, kind, left)
        for key, kind, since in (*made, *intended)
        if (left := BELIEVED_ABSENT_AFTER - seconds_since(since, now)) > 0
    )


def awaited_kinds(config: Config) -> frozenset[str]:
    """The kinds of which every run waits for what was made a moment ago and does not show yet.

    Besides those not to be repeated they are those that no setting asks for: receipt or intent is
    then all that has them looked for, and a run that does not find them strikes that out.
    """
    return NOT_TO_BE_REPEATED | (ON_DEMAND - demanded_kinds(config))


def receipts_of(snapshot: Snapshot, kinds: Kinds, state: State) -> Mapping[str, Receipt]:
    """Receipts for everything in a snapshot, with the elements that are ours.

    What carries another identity now keeps the receipt it had: it is all that still names it.
    """
    receipts = {key: state.receipts[key] for key in snapshot.estranged if key in state.receipts}
    for key in sorted(snapshot.found):
        for found in (snapshot.living(key) or snapshot.dying(key))[:1]:
            members = snapshot.owned.get(key, frozenset())
            receipts[key] = _receipt(key, kinds[type(found.spec)].name, found, members)
    return receipts


def _receipt(
    key: str, kind: str, found: Found[Any], members: Iterable[str], made: str = ""
) -> Receipt:
    attributes = _attributes(found.spec)
    return Receipt(key, kind, found.id, found.arn, tuple(sorted(members)), made, attributes)


def _attributes(spec: object) -> dict[str, str]:
    """What AWS or the run chose, and `umetrics output` tells without asking AWS again."""
    match spec:
        case Subnet(zone=zone):
            return {"zone": zone}
        case ElasticIp(public_ip=public_ip) if public_ip:
            return {"public_ip": public_ip}
    return {}


def receipts_of_shared(shared: Iterable[Shared]) -> Mapping[str, Receipt]:
    """What `output` tells of what others own."""
    return {
        each.key: Receipt(each.key, each.kind, each.id, attributes=each.attributes)
        for each in shared
    }


class StoreJournal:
    """The engine's journal, kept in the state file."""

    def __init__(self, store: StateStore) -> None:
        self._store = store

    def intend(self, key: str, kind: str, token: str) -> str:
        """Journal a create; an unfinished intent of the same key is resumed with its token."""
        unfinished = self._store.state.intents.get(key)
        if unfinished is not None and unfinished.kind == kind and unfinished.token:
            return unfinished.token
        self.renew(key, kind, token)
        return token

    def renew(self, key: str, kind: str, token: str) -> None:
        """Journal a create with a token of its own."""
        self._store.intend(Intent(key, kind, token, utc_now()))

    def record(self, key: str, kind: str, found: Found[Any], members: Iterable[str]) -> None:
        """Keep the id, and close the intent; where there was one, it has just been made."""
        known = self._store.state.receipts.get(key)
        made = known.made if known is not None and known.id == found.id else ""
        if key in self._store.state.intents:
            made = utc_now()
        self._store.record(_receipt(key, kind, found, members, made))

    def forget(self, key: str) -> None:
        """It is gone."""
        self._store.forget(key)
