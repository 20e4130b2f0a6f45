"""Whether functions, and our own tasks, can reach the database. Only describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from umetrics.verify.catalogue import STATE
from umetrics.verify.reach.asking import ask_targets
from umetrics.verify.reach.database import Health, Wanted, databases, proxies_of
from umetrics.verify.reach.ground import NEEDED, Ground
from umetrics.verify.reach.place import (
    functions_in_vpcs,
    groups_of_functions,
    missing_names,
    ways,
)
from umetrics.verify.reach.shape import misfit, without_nothing
from umetrics.verify.reach.values import Passage, Place, Way
from umetrics.verify.reading import Listed

if TYPE_CHECKING:
    from umetrics.library.foundation import Foundation

TASKS = ("umami", "openreplay")
"""Our groups from which a database is reached."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The ways of functions and of our tasks; why there is none, where that is so.

    `insists` where the configuration names functions or databases: then a blocked way is wrong,
    and not just a function that has no business with the database. `absent` is what it names and
    nobody has in `region`.
    """

    functions: tuple[Way, ...] = ()
    tasks: tuple[Way, ...] = ()
    remarks: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    insists: bool = False
    region: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether a function that is to reach the database cannot, or is not there."""
        is_blocked = any(way.passage is Passage.BLOCKED for way in self.functions)
        return bool(self.absent) or (self.insists and is_blocked)


def reach(foundation: Foundation, listed: Mapping[str, Listed]) -> Reach:
    """Every way to every database, by what is `listed` and the targets of proxies."""
    gaps = [
        f"not judged: {gap.kind} was not seen: {gap.reason}"
        for name in (*NEEDED, "lambda-function")
        if (gap := listed[name].unseen)
    ]
    if gaps:
        return Reach(remarks=tuple(gaps))
    seen = {
        name: [without_nothing(item) for item in each.items]
        for name, each in listed.items()
        if each.unseen is None
    }
    odd = [f"not judged: {name}: {told}" for name in seen if (told := misfit(name, seen[name]))]
    if odd:
        return Reach(remarks=tuple(odd))
    aws, config = foundation.connected(read_only=True), foundation.config.verify
    wanted, ground = Wanted(config.functions, config.databases), Ground.of(seen)
    functions = functions_in_vpcs(seen["lambda-function"], wanted)
    proxies = proxies_of(seen["rds-proxy"], wanted)
    health = Health(ask_targets(aws, proxies), _stateless(listed["lambda-function"]))
    targets = tuple(databases(ground, seen, health, wanted))
    remarks = []
    if not functions:
        remarks.append("no Lambda function in a VPC was found, so no way from one was checked")
    if not targets:
        remarks.append("no Aurora PostgreSQL database was found, so no way to one was checked")
    return Reach(
        functions=tuple(ways(ground, groups_of_functions(ground, functions, health), targets)),
        tasks=tuple(ways(ground, ((each, None) for each in _tasks(foundation, ground)), targets)),
        remarks=tuple(remarks),
        absent=missing_names(wanted, functions, (each.name for each in targets)),
        insists=bool(wanted.functions),
        region=aws.region,
    )


def _stateless(functions: Listed) -> str:
    return next((gap.reason for gap in functions.gaps if gap.part == STATE), "")


def _tasks(foundation: Foundation, ground: Ground) -> Iterator[Place]:
    """Where our tasks will run, once that is built; in subnets of others where these are used."""
    state = foundation.store.read()
    if state is None:
        return
    known = {**state.shared, **state.receipts}
    subnets = [each.id for key, each in known.items() if key.startswith("subnet/private")]
    for name in TASKS:
        group = known.get(f"security-group/{name}")
        if group is not None:
            yield ground.place(f"{name} tasks", sorted(subnets), (group.id,))
