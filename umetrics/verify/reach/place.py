"""Functions as places in a network, and the ways from places to databases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from umetrics.audit.catalogue.kind import Item
from umetrics.verify.catalogue import LAST_UPDATE, STATE
from umetrics.verify.reach.database import Database, Health, Wanted
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.values import Hop, Passage, Place, Way
from umetrics.verify.reach.way import leg

READY = ("Active", "Successful")
"""State and last update of a function of which something can be said."""
FAILED = "Failed"


def functions_in_vpcs(listed: Iterable[Item], wanted: Wanted) -> list[Item]:
    """Those that are asked for, else all in a VPC."""
    return [
        each
        for each in listed
        if (each.get("VpcConfig") or {}).get("SubnetIds")
        and (not wanted.functions or each["FunctionName"] in wanted.functions)
    ]


def missing_names(
    wanted: Wanted, functions: Iterable[Item], databases: Iterable[str]
) -> tuple[str, ...]:
    """What the configuration names and nobody has; a function outside of VPCs counts as such."""
    there = {each["FunctionName"] for each in functions}
    absent = [f"function {name}" for name in wanted.functions if name not in there]
    known = set(databases)
    return (*absent, *(f"database {name}" for name in wanted.databases if name not in known))


def groups_of_functions(
    ground: Ground, functions: Iterable[Item], health: Health
) -> Iterator[tuple[Place, Hop]]:
    """Functions that are in the same place and state are one: the same holds for all of them."""
    alike: dict[tuple[tuple[str, ...], tuple[str, ...], Hop], list[str]] = defaultdict(list)
    for each in functions:
        name, config = each["FunctionName"], each["VpcConfig"]
        hop = _state(each, health.stateless)
        key = (
            tuple(sorted(config["SubnetIds"])),
            tuple(sorted(config.get("SecurityGroupIds", ()))),
            hop,
        )
        alike[key].append(name)
    for (subnets, groups, hop), names in alike.items():
        yield ground.place(", ".join(names), subnets, groups), hop


def _state(function: Item, stateless: str) -> Hop:
    """https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html."""
    what = "state of the function"
    state, update = (str(function.get(name, "")) for name in (STATE, LAST_UPDATE))
    if stateless or not state:
        return Hop(what, Passage.UNKNOWN, (), stateless or "AWS tells no state of it")
    if state == FAILED:
        return Hop(what, Passage.BLOCKED, (), "it is Failed: AWS cannot run it")
    if (state, update) == READY:
        return Hop(what, Passage.OK)
    reason = f"it is {state}, its last update {update}: nothing can be said until it is Active"
    return Hop(what, Passage.UNKNOWN, (), reason)


def ways(
    ground: Ground, sources: Iterable[tuple[Place, Hop | None]], targets: Collection[Database]
) -> Iterator[Way]:
    """From each source to each database."""
    for place, state in sources:
        for database in targets:
            hops = (*leg(ground, place, database.place), *database.behind)
            whole = hops if state is None else (state, *hops)
            yield Way(place.name, database.place.name, whole)
