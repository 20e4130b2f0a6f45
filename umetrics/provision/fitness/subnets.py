"""Whether subnets that stand in an existing VPC can be used as they are, and which of them could.

What a load balancer wants of its subnets:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Literal

from umetrics.provision.addresses import SMALLEST_PUBLIC, ZONE_COUNTS
from umetrics.provision.fitness.verdict import Fits, Verdict, verdicts
from umetrics.provision.fitness.vpc import belonging, dns

if TYPE_CHECKING:
    from umetrics.provision.survey import SurveyedSubnet, SurveyedVpc

Nat = Literal["single", "per-zone", "none"]

FREE_FOR_A_LOAD_BALANCER = 8
"""Addresses, in each of its subnets."""

AVAILABILITY_ZONE = re.compile(r"[a-z0-9]+-az[0-9]+")
"""Ids of Local and Wavelength Zones (`use1-bos1-az1`) have more parts; Fargate is not there."""


def judge_subnets(
    vpc: SurveyedVpc,
    public_ids: Sequence[str],
    private_ids: Sequence[str],
    *,
    nat: Nat,
    s3_endpoint: bool,
    denied: Collection[str] = (),
) -> tuple[Verdict, ...]:
    """Whether these subnets of it can be used as they are, each for its tier.

    Zones that are `denied` are not to be used, whoever has subnets there.
    """
    by_id = {subnet.id: subnet for subnet in vpc.subnets}
    public = [by_id[each] for each in public_ids if each in by_id]
    private = [by_id[each] for each in private_ids if each in by_id]
    return (
        *belonging(vpc),
        *dns(vpc),
        *_named_wrongly(vpc, public_ids, private_ids),
        *_zones(public, private, denied),
        *_tier("public", public, _misled_public(public)),
        *_tier("private", private, _misled_private(private, nat)),
        *_crowded(public),
        *(_common_ways(private) if nat == "per-zone" else ()),
        *([_s3(private)] if s3_endpoint and private else ()),
    )


def proposed_subnets(
    vpc: SurveyedVpc, zones: int, denied: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A public and a private subnet in each of that many zones, or nothing; ids, by zone.

    Of several in one zone the emptiest. Zones that are `denied` are left out.
    """
    public = _emptiest(vpc, "public", denied)
    private = _emptiest(vpc, "private", denied)
    chosen = sorted(public.keys() & private.keys())[:zones]
    if len(chosen) < zones:
        return (), ()
    return tuple(public[zone].id for zone in chosen), tuple(private[zone].id for zone in chosen)


def _emptiest(
    vpc: SurveyedVpc, tier: Literal["public", "private"], denied: Collection[str]
) -> dict[str, SurveyedSubnet]:
    """By zone."""
    found: dict[str, SurveyedSubnet] = {}
    for subnet in sorted(vpc.subnets, key=lambda each: (each.free_addresses, each.id)):
        usable = AVAILABILITY_ZONE.fullmatch(subnet.zone) and subnet.zone not in denied
        large = tier == "private" or _prefix(subnet) <= SMALLEST_PUBLIC
        whole = subnet.tier == tier and not subnet.blackhole and not subnet.deployment
        if usable and large and whole and subnet.free_addresses >= FREE_FOR_A_LOAD_BALANCER:
            found[subnet.zone] = subnet
    return found


def _named_wrongly(
    vpc: SurveyedVpc, public_ids: Sequence[str], private_ids: Sequence[str]
) -> Iterator[Verdict]:
    inside = {subnet.id: subnet for subnet in vpc.subnets}
    for each in dict.fromkeys((*public_ids, *private_ids)):
        if each not in inside:
            text = f"{each} is not in {vpc.id}: name another"
        elif each in public_ids and each in private_ids:
            text = f"{each} is named as public and as private: take it out of one"
        elif inside[each].deployment:
            text = (
                f"{each} is part of {inside[each].deployment}, which may destroy it: name another"
            )
        else:
            continue
        yield Verdict("subnets", Fits.UNFIT, text)


def _zones(
    public: Sequence[SurveyedSubnet], private: Sequence[SurveyedSubnet], denied: Collection[str]
) -> list[Verdict]:
    texts = [*_twins("public", public), *_twins("private", private)]
    of_public, of_private = (sorted({each.zone for each in tier}) for tier in (public, private))
    texts += [
        f"{zone} is no availability zone, so Fargate is not there: choose another"
        for zone in sorted({*of_public, *of_private})
        if not AVAILABILITY_ZONE.fullmatch(zone)
    ]
    texts += [
        f"{each.id} lies in {each.zone}, which `denied_zones` names: name another, or allow it"
        for each in (*public, *private)
        if each.zone in denied
    ]
    if of_public != of_private:
        lie = f"public subnets lie in {_listed(of_public)}, private ones in {_listed(of_private)}"
        texts.append(f"{lie}: name one of each for each zone")
    elif len(of_public) < min(ZONE_COUNTS):
        texts.append(f"subnets in {_listed(of_public)} alone: a load balancer needs two zones")
    return verdicts("zones", texts, f"zones {_listed(of_public)}")


def _twins(tier: str, subnets: Sequence[SurveyedSubnet]) -> Iterator[str]:
    for zone in sorted({subnet.zone for subnet in subnets}):
        ids = [subnet.id for subnet in subnets if subnet.zone == zone]
        if len(ids) > 1:
            yield f"{_listed(ids)} lie in one zone, {zone}: name one {tier} subnet there"


def _tier(tier: str, subnets: Sequence[SurveyedSubnet], misfits: Iterator[str]) -> list[Verdict]:
    """Where its subnets lead, unless none was found that could lead anywhere."""
    ways = sorted({subnet.way_out or "nowhere" for subnet in subnets})
    fine = f"{tier} subnets lead to {_listed(ways)}"
    return verdicts(f"{tier} subnets", misfits, fine) if subnets else []


def _misled_public(subnets: Sequence[SurveyedSubnet]) -> Iterator[str]:
    for each in subnets:
        if each.blackhole:
            yield _gone(each)
        elif each.tier != "public":
            leads = f"leads to {each.way_out}" if each.way_out else "leads nowhere"
            yield f"{each.id} {leads}: {each.table} needs a route to an internet gateway"
        if _prefix(each) > SMALLEST_PUBLIC:
            yield f"{each.id} is a /{_prefix(each)}: a load balancer needs a /{SMALLEST_PUBLIC}"


def _misled_private(subnets: Sequence[SurveyedSubnet], nat: Nat) -> Iterator[str]:
    for each in subnets:
        if each.blackhole:
            yield _gone(each)
        elif each.tier == "public":
            yield f"{each.id} leads straight to {each.way_out}: name a private subnet"
        elif each.tier == "isolated" and nat != "none":
            yield f'{each.id} leads nowhere: give {each.table} a way out, or set nat = "none"'


def _gone(subnet: SurveyedSubnet) -> str:
    return f"{subnet.id} leads to {subnet.way_out}, which is gone: repair {subnet.table}"


def _crowded(public: Sequence[SurveyedSubnet]) -> Iterator[Verdict]:
    for each in public:
        if each.free_addresses < FREE_FOR_A_LOAD_BALANCER:
            text = (
                f"{each.id} has {each.free_addresses} free addresses: a new load balancer needs "
                f"{FREE_FOR_A_LOAD_BALANCER}"
            )
            yield Verdict("public subnets", Fits.REMARK, text)


def _common_ways(private: Sequence[SurveyedSubnet]) -> Iterator[Verdict]:
    """A transit gateway or a peering is no zone's, so only NAT gateways count."""
    ways = [subnet.way_out for subnet in private if subnet.way_out.startswith("nat-")]
    for way in sorted({each for each in ways if ways.count(each) > 1}):
        text = f"{way} serves {ways.count(way)} zones: only one of each zone's own survives a loss"
        yield Verdict("NAT", Fits.REMARK, text)


def _s3(private: Sequence[SurveyedSubnet]) -> Verdict:
    without = sorted({subnet.table for subnet in private if not subnet.serves_s3})
    if not without:
        return Verdict("S3 endpoint", Fits.FITS, "S3 is reached through a gateway endpoint")
    text = f"no S3 endpoint on {_listed(without)}: add one, else each GB costs at the NAT gateway"
    return Verdict("S3 endpoint", Fits.REMARK, text)


def _prefix(subnet: SurveyedSubnet) -> int:
    return IPv4Network(subnet.cidr).prefixlen


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
