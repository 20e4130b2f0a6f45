"""AWS -> facts: what the blueprint must know besides the configuration.

Asks only for what is not known yet: zones and room while subnets are missing, and, where the
network is somebody else's, that network. What is shared must fit before anything is planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from umetrics.errors import Unfit, listed
from umetrics.provision.blueprint import Facts
from umetrics.provision.fitness import Fits, Verdict, judge, judge_subnets
from umetrics.provision.model import Shared, Snapshot
from umetrics.provision.resources import KINDS
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc
from umetrics.provision.scope import Scope
from umetrics.provision.survey import SurveyedVpc, survey
from umetrics.provision.zones import ORDINALS, choose_zones, foreign_subnets, subnets_standing

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.config import Network

ADOPT = "mend it, or choose another VPC with `umetrics adopt`; nothing was touched"

OWNER = "owner"
"""The topic of whom to ask before one begins: nothing to be said at every plan."""


def gather(aws: Aws, snapshot: Snapshot, network: Network, scope: Scope) -> Facts:
    """The facts for one stage.

    Raises `Unfit` naming all that is wrong with a VPC or subnets that others own, `AwsError` when
    the region has too few zones.
    """
    if network.vpc_id is None:
        return _of_our_own(aws, snapshot, network, scope)
    vpc = _existing(aws, network.vpc_id)
    if network.has_shared_subnets:
        return Facts(scope, shared=_with_subnets(vpc, network))
    standing = subnets_standing(snapshot)
    remarks = _insist(vpc, judge(vpc, network, standing))
    zones = choose_zones(aws, snapshot, network.zones, network.denied_zones)
    return Facts(
        scope,
        tuple(zones),
        standing,
        foreign=tuple(sorted({each.cidr for each in vpc.subnets} - set(standing.values()))),
        shared=(
            _shared("vpc", Vpc, vpc.id, remarks),
            _shared("internet-gateway", InternetGateway, vpc.internet_gateway),
        ),
        ranges=vpc.cidrs,
    )


def _of_our_own(aws: Aws, snapshot: Snapshot, network: Network, scope: Scope) -> Facts:
    zones = choose_zones(aws, snapshot, network.zones, network.denied_zones)
    standing = subnets_standing(snapshot)
    foreign = foreign_subnets(aws, snapshot, wanted=2 * len(zones))
    return Facts(scope, tuple(zones), standing, foreign)


def _existing(aws: Aws, vpc_id: str) -> SurveyedVpc:
    if vpc := next(iter(survey(aws, [vpc_id])), None):
        return vpc
    raise Unfit(
        f"{vpc_id}, which `vpc_id` in [network] names, is not in {aws.region}",
        hint="name one that is: `umetrics adopt` lists them. `umetrics destroy` still takes away "
        "what was built elsewhere",
    )


def _with_subnets(vpc: SurveyedVpc, network: Network) -> tuple[Shared, ...]:
    remarks = _insist(
        vpc,
        judge_subnets(
            vpc,
            network.public_subnet_ids,
            network.private_subnet_ids,
            nat=network.nat,
            s3_endpoint=network.s3_endpoint,
            denied=network.denied_zones,
        ),
    )
    return (
        _shared("vpc", Vpc, vpc.id, remarks),
        *_subnets(vpc, "public", network.public_subnet_ids),
        *_subnets(vpc, "private", network.private_subnet_ids),
    )


def _subnets(vpc: SurveyedVpc, tier: str, ids: Iterable[str]) -> Iterator[Shared]:
    """Under the keys that ours would have: ordinals in the order of zone ids."""
    zones = {subnet.id: subnet.zone for subnet in vpc.subnets}
    for ordinal, each in zip(ORDINALS, sorted(ids, key=zones.__getitem__), strict=False):
        key = f"subnet/{tier}-{ordinal}"
        yield _shared(key, Subnet, each, attributes={"zone": zones[each]})


def _shared(
    key: str,
    kind: type,
    identity: str,
    remarks: tuple[str, ...] = (),
    attributes: dict[str, str] | None = None,
) -> Shared:
    info = KINDS[kind]
    return Shared(key, info.name, info.label, identity, remarks, attributes or {})


def _insist(vpc: SurveyedVpc, verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """What is to be known of it; raises `Unfit` when anything does not fit."""
    said = list(verdicts)
    if unfit := [verdict.text for verdict in said if verdict.fits is Fits.UNFIT]:
        raise Unfit(f"{vpc.id} does not fit:{listed(unfit)}", hint=ADOPT)
    return tuple(
        verdict.text for verdict in said if verdict.fits is Fits.REMARK and verdict.topic != OWNER
    )
