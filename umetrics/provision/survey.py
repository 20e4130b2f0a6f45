"""The VPCs that exist already, as far as one needs to know them in order to build in one.

Five lists at once, for however many VPCs, then the two DNS attributes of each, which no list
tells. It says what is there and judges nothing (that is `fitness.py`), and does not look at what
runs inside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from umetrics.errors import NotFound
from umetrics.pool import together
from umetrics.provision.resources.ec2 import Description, filters, tags_of
from umetrics.provision.resources.endpoint import GatewayEndpointHandler
from umetrics.provision.resources.internet_gateway import InternetGatewayHandler
from umetrics.provision.resources.route_table import RouteTableHandler, target_of
from umetrics.provision.resources.rule import ANYWHERE
from umetrics.provision.resources.subnet import SubnetHandler
from umetrics.provision.resources.vpc import VpcHandler, dns_attributes
from umetrics.tags import DEPLOYMENT

if TYPE_CHECKING:
    from umetrics.aws import Aws

Tier = Literal["public", "private", "isolated"]

ASKED_TOGETHER = 15
"""VPCs whose two attributes are read at once: 30 calls, for which the client has connections."""


LETTING_GO = frozenset({"detaching", "detached"})


@dataclass(frozen=True, slots=True)
class SurveyedSubnet:
    """A subnet, and where its route table leads.

    `zone` is a zone id, `table` the route table that counts: its own, else the VPC's main one.
    `way_out` is the target of that table's 0.0.0.0/0 route, empty without one; a `blackhole` leads
    to something that is gone. `serves_s3` says that an S3 gateway endpoint is on that table.
    `deployment` is the umetrics deployment that made it, if one did.
    """

    id: str
    cidr: str
    zone: str
    name: str
    table: str
    way_out: str
    blackhole: bool
    serves_s3: bool
    free_addresses: int
    deployment: str

    @property
    def tier(self) -> Tier:
        """By the way out: an internet gateway, anything else (NAT, transit gateway), or none."""
        if not self.way_out:
            return "isolated"
        return "public" if self.way_out.startswith("igw-") else "private"


@dataclass(frozen=True, slots=True)
class SurveyedVpc:
    """A VPC with its address ranges, the primary one first, and its subnets by id.

    `owner` and `deployment` are its tags, `internet_gateway` an id, `shared_by` the account that
    lets this one use its subnets (AWS RAM); each is empty without one.
    """

    id: str
    cidrs: tuple[str, ...]
    name: str
    owner: str
    deployment: str
    is_default: bool
    dns_support: bool
    dns_hostnames: bool
    internet_gateway: str
    subnets: tuple[SurveyedSubnet, ...]
    shared_by: str = ""


@dataclass(frozen=True, slots=True)
class _Dns:
    support: bool
    hostnames: bool


def survey(aws: Aws, vpcs: Collection[str] = ()) -> tuple[SurveyedVpc, ...]:
    """The VPCs of the region, or those with the given ids, by id.

    An id that is not there is not in the result, nor is a VPC that goes while one looks.
    """
    inside = filters(vpc_id=vpcs) if vpcs else []
    attached = filters(**{"attachment.vpc-id": vpcs}) if vpcs else []
    listed, subnets, tables, endpoints, gateways = together(
        lambda: list(VpcHandler().describe(aws, inside)),
        lambda: list(SubnetHandler().describe(aws, inside)),
        lambda: list(RouteTableHandler().describe(aws, inside)),
        lambda: list(GatewayEndpointHandler().describe(aws, inside)),
        lambda: list(InternetGatewayHandler().describe(aws, attached)),
    )
    asked = sorted(vpc["VpcId"] for vpc in listed if not vpcs or vpc["VpcId"] in vpcs)
    dns = _dns_by_vpc(aws, asked)
    gateway_of = dict(_attachments(gateways))
    within = list(_subnets(subnets, tables, endpoints))
    described = {vpc["VpcId"]: vpc for vpc in listed}
    return tuple(
        _vpc(
            described[vpc],
            dns[vpc],
            internet_gateway=gateway_of.get(vpc, ""),
            subnets=tuple(subnet for its_vpc, subnet in within if its_vpc == vpc),
            account=aws.identity.account,
        )
        for vpc in asked
        if vpc in dns
    )


def _vpc(
    description: Description,
    dns: _Dns,
    *,
    internet_gateway: str,
    subnets: tuple[SurveyedSubnet, ...],
    account: str,
) -> SurveyedVpc:
    tags, whose = tags_of(description), description.get("OwnerId", "")
    return SurveyedVpc(
        id=description["VpcId"],
        cidrs=tuple(cidrs_of(description)),
        name=tags.get("Name", ""),
        owner=tags.get("Owner", ""),
        deployment=tags.get(DEPLOYMENT, ""),
        is_default=description.get("IsDefault", False),
        dns_support=dns.support,
        dns_hostnames=dns.hostnames,
        internet_gateway=internet_gateway,
        subnets=subnets,
        shared_by="" if whose == account else whose,
    )


def cidrs_of(description: Description) -> Iterator[str]:
    """The primary range, then those that were added and not taken away again."""
    primary = description["CidrBlock"]
    yield primary
    for each in description.get("CidrBlockAssociationSet", ()):
        if each["CidrBlockState"]["State"] == "associated" and each["CidrBlock"] != primary:
            yield each["CidrBlock"]


def _dns_by_vpc(aws: Aws, vpcs: list[str]) -> dict[str, _Dns]:
    found: dict[str, _Dns] = {}
    for start in range(0, len(vpcs), ASKED_TOGETHER):
        some = vpcs[start : start + ASKED_TOGETHER]
        answers = together(*[partial(_dns, aws, vpc) for vpc in some])
        found |= {vpc: dns for vpc, dns in zip(some, answers, strict=True) if dns is not None}
    return found


def _dns(aws: Aws, vpc: str) -> _Dns | None:
    """None for a VPC that has gone since it was listed."""
    try:
        support, hostnames = dns_attributes(aws, vpc)
    except NotFound:
        return None
    return _Dns(support, hostnames)


def _attachments(gateways: Iterable[Description]) -> Iterator[tuple[str, str]]:
    """VPC and internet gateway."""
    for gateway in gateways:
        for attachment in gateway.get("Attachments", ()):
            if attachment["State"] not in LETTING_GO:
                yield attachment["VpcId"], gateway["InternetGatewayId"]


def _subnets(
    subnets: Iterable[Description], tables: Iterable[Description], endpoints: Iterable[Description]
) -> Iterator[tuple[str, SurveyedSubnet]]:
    """Each with its VPC, in the order of their ids; but those that have IPv6 addresses alone."""
    table_of = dict(_tables_in_use(tables))
    with_s3 = frozenset(_tables_with_s3(endpoints))
    for each in sorted(subnets, key=lambda subnet: str(subnet["SubnetId"])):
        if not each.get("CidrBlock"):
            continue
        vpc, tags = each["VpcId"], tags_of(each)
        table = table_of.get(each["SubnetId"]) or table_of.get(vpc, {})
        table_id = table.get("RouteTableId", "")
        way_out, blackhole = _way_out(table)
        yield (
            vpc,
            SurveyedSubnet(
                id=each["SubnetId"],
                cidr=each["CidrBlock"],
                zone=each["AvailabilityZoneId"],
                name=tags.get("Name", ""),
                table=table_id,
                way_out=way_out,
                blackhole=blackhole,
                serves_s3=table_id in with_s3,
                free_addresses=each["AvailableIpAddressCount"],
                deployment=tags.get(DEPLOYMENT, ""),
            ),
        )


def _tables_in_use(tables: Iterable[Description]) -> Iterator[tuple[str, Description]]:
    """By subnet; the main table by its VPC."""
    for table in tables:
        for association in table.get("Associations", ()):
            if association.get("Main"):
                yield table["VpcId"], table
            elif association.get("SubnetId"):
                yield association["SubnetId"], table


def _way_out(table: Description) -> tuple[str, bool]:
    """Where 0.0.0.0/0 leads, and whether that is gone."""
    for route in table.get("Routes", ()):
        if route.get("DestinationCidrBlock") == ANYWHERE:
            return target_of(route), route.get("State") == "blackhole"
    return "", False


def _tables_with_s3(endpoints: Iterable[Description]) -> Iterator[str]:
    for endpoint in endpoints:
        is_s3 = endpoint["VpcEndpointType"] == "Gateway" and endpoint["ServiceName"].endswith(".s3")
        if is_s3 and endpoint["State"].lower() == "available":
            yield from endpoint.get("RouteTableIds", ())
