"""Clusters and instances: where they are in a network, and whether they serve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from umetrics.audit.catalogue.kind import Item, found, text
from umetrics.verify.reach.ground import Ground
from umetrics.verify.reach.values import Hop, Passage, Place

POSTGRESQL = "postgresql"

SERVING = frozenset({"available", "backing-up"})
DOWN = frozenset(
    {
        "deleted",
        "deleting",
        "failed",
        "inaccessible-encryption-credentials",
        "incompatible-network",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-resource-limits",
        "migration-failed",
        "restore-error",
        "stopped",
        "suspended",
    }
)
"""Statuses of proxies, clusters and instances in which they answer nobody; of others, who knows.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBProxy.html
"""


@dataclass(frozen=True, slots=True)
class Backend:
    """A cluster or an instance, and its status; of a cluster that of its `instances`, too.

    Behind a proxy the targets tell the health of these.
    """

    place: Place
    status: Hop
    instances: tuple[Hop, ...] = ()


def status_of(name: str, status: str) -> Hop:
    """What a status says of whatever has it."""
    what, passage = f"status of {name}", _passage(status)
    return Hop(what, passage, (), "" if passage is Passage.OK else f"it is {_told(status)}")


def _passage(status: str) -> Passage:
    if status in SERVING:
        return Passage.OK
    return Passage.BLOCKED if status in DOWN else Passage.UNKNOWN


def _told(status: str) -> str:
    return status or "in no known state"


def clusters_of(
    ground: Ground, clusters: Iterable[Item], instances: Sequence[Item]
) -> dict[str, Backend]:
    """Those of PostgreSQL, by name."""
    return {
        each["DBClusterIdentifier"]: _cluster(ground, each, instances)
        for each in clusters
        if POSTGRESQL in each.get("Engine", "")
    }


def _cluster(ground: Ground, cluster: Item, instances: Iterable[Item]) -> Backend:
    """A cluster is where its instances may be: it tells its subnets itself by a mere name."""
    name = cluster["DBClusterIdentifier"]
    members = [each for each in instances if each.get("DBClusterIdentifier") == name]
    place = _placed(ground, f"cluster {name}", cluster, members, cluster.get("Port", 0))
    status = status_of(place.name, cluster.get("Status", ""))
    return Backend(place, status, (_serving(place.name, members),))


def _serving(name: str, members: Sequence[Item]) -> Hop:
    """Which instance is connected to is not known: of several fates none is the cluster's."""
    what = f"instances of {name}"
    if not members:
        return Hop(what, Passage.UNKNOWN, (), "no instance of it was seen")
    known = {
        each.get("DBInstanceIdentifier", "an instance"): each.get("DBInstanceStatus", "")
        for each in members
    }
    passages = {_passage(status) for status in known.values()}
    passage = passages.pop() if len(passages) == 1 else Passage.UNKNOWN
    told = ", ".join(f"{id_} is {_told(status)}" for id_, status in known.items())
    return Hop(what, passage, (), "" if passage is Passage.OK else told)


def instances_of(
    ground: Ground, instances: Iterable[Item], clusters: Mapping[str, Backend]
) -> dict[str, Backend]:
    """By name; those of a cluster are that cluster."""
    return {
        name: clusters.get(each.get("DBClusterIdentifier", "")) or _instance(ground, name, each)
        for each in instances
        if (name := each.get("DBInstanceIdentifier"))
    }


def _instance(ground: Ground, name: str, instance: Item) -> Backend:
    port = instance.get("Endpoint", {}).get("Port", 0)
    place = _placed(ground, f"instance {name}", instance, [instance], port)
    return Backend(place, status_of(place.name, instance.get("DBInstanceStatus", "")))


def _placed(
    ground: Ground, name: str, database: Item, instances: Sequence[Item], port: int
) -> Place:
    homes = [_homes(each) for each in instances]
    subnets = sorted(set().union(*homes))
    return replace(
        ground.place(name, subnets, _groups(database), port),
        is_uncertain=any(len(each) > 1 for each in homes),
        is_public=any(bool(each.get("PubliclyAccessible")) for each in (database, *instances)),
    )


def _homes(instance: Item) -> set[str]:
    """The subnets of its group in its zones, one of which it is in; all, where no zone fits."""
    zones = {instance.get("AvailabilityZone"), instance.get("SecondaryAvailabilityZone")}
    known = {
        text(each, "SubnetIdentifier"): text(each, "SubnetAvailabilityZone.Name")
        for each in found(instance, "DBSubnetGroup.Subnets")
        if text(each, "SubnetIdentifier")
    }
    return {id_ for id_, zone in known.items() if zone in zones} or set(known)


def _groups(database: Item) -> tuple[str, ...]:
    return tuple(found(database, "VpcSecurityGroups.VpcSecurityGroupId"))
