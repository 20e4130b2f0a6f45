"""Changes in as few calls as AWS allows. Pure.

One call writes the same tags on many resources. Resources that lack different tags share a call
all the same where each already has what it does not lack: to write that again changes nothing.
"""

from __future__ import annotations

import enum
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from umetrics.audit.repair.change import Change
from umetrics.audit.values import Place
from umetrics.tags import Tags


class Way(enum.Enum):
    """The calls that write tags; the value is how many resources one of them takes.

    EC2: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html, the tagging
    API: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html
    """

    EC2 = ("ec2", 1000)
    ROLE = ("role", 1)
    POLICY = ("policy", 1)
    BUDGET = ("budget", 1)
    TAGGING_API = ("tagging api", 20)

    @property
    def most_at_once(self) -> int:
        """Resources in one call."""
        return self.value[1]


_EC2_ID = re.compile(r"[a-z]+(-[a-z]+)*-[0-9a-f]{8,17}")

MOST_BINS = 50
"""Sets of tags that a further one is compared with: beyond, there is nothing left to share."""


def way_of(id: str, arn: str) -> Way | None:
    """How a resource is tagged; None where there is no way, because it has neither id nor ARN."""
    service = arn.split(":")[2] if arn else ""
    if service == "ec2" or (not arn and _EC2_ID.fullmatch(id)):
        return Way.EC2
    if service == "iam":
        kind = arn.split(":")[5].partition("/")[0]
        return {"role": Way.ROLE, "policy": Way.POLICY}.get(kind)
    if service == "budgets":
        return Way.BUDGET
    return Way.TAGGING_API if arn else None


@dataclass(frozen=True, slots=True)
class Batch:
    """The same tags on several resources of one place: one call to put, one to take."""

    place: Place
    way: Way
    put: Tags
    taken: tuple[str, ...]
    takes_first: bool
    changes: tuple[Change, ...]

    def suits(self, change: Change) -> bool:
        """Whether nothing but the change itself would come of the batch, in an order it can."""
        return _suits(change, self.put) and (self.takes_first or not change.takes_first)

    def whole(self, change: Change) -> Change:
        """The change with every key that the calls write on it, also those that it has already.

        Of one that goes on with a broken run's, also what that run had done by then.
        """
        done = {key: change.tags.get(key) for key in change.was}
        return replace(change, after={**done, **self.put, **dict.fromkeys(self.taken)})


@dataclass(slots=True)
class _Bin:
    """Changes that can share their calls."""

    put: dict[str, str]
    members: list[Change]

    def takes(self, members: list[Change]) -> bool:
        """Take them in as well, if all can stand what then is put."""
        added = members[0].put
        if any(self.put.get(key, value) != value for key, value in added.items()):
            return False
        union = {**self.put, **added}
        if not all(_suits(each, union) for each in (*members, *self.members)):
            return False
        self.put = union
        self.members += members
        return True


def batches(changes: Iterable[Change]) -> Iterator[Batch]:
    """All changes, each in exactly one batch. Each of them must have a way."""
    for (place, way, taken, takes_first), alike in _apart(changes).items():
        for filled in _bins(alike):
            for at in range(0, len(filled.members), way.most_at_once):
                members = tuple(filled.members[at : at + way.most_at_once])
                yield Batch(place, way, filled.put, taken, takes_first, members)


_Kind = tuple[Place, Way, tuple[str, ...], bool]


def _apart(changes: Iterable[Change]) -> Mapping[_Kind, list[Change]]:
    """What can never share a call, apart."""
    groups: dict[_Kind, list[Change]] = defaultdict(list)
    for change in changes:
        way = way_of(change.id, change.arn)
        if way is not None:
            groups[change.place, way, change.taken, change.takes_first].append(change)
    return groups


def _bins(changes: list[Change]) -> list[_Bin]:
    """Those that put the same, together; and these, as far as they suit each other."""
    same: dict[frozenset[tuple[str, str]], list[Change]] = defaultdict(list)
    for change in changes:
        same[frozenset(change.put.items())].append(change)
    bins: list[_Bin] = []
    for members in sorted(same.values(), key=lambda each: -len(each[0].put)):
        if not any(each.takes(members) for each in bins[:MOST_BINS]):
            bins.append(_Bin(members[0].put, members))
    return bins


def _suits(change: Change, put: Tags) -> bool:
    return all(change.after.get(key, change.tags.get(key)) == value for key, value in put.items())
