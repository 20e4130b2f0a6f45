"""What a check reads of the account, all at once: lists and counts, nothing that writes.

What is not allowed, not supported or not answered is `Unread` with its reason; the rest is told.
Clients are made before anything is read, on the main thread.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from umetrics.audit.cost_tags import explorer
from umetrics.audit.cost_tags.activation import LINKED
from umetrics.audit.organisation import ask_organisation
from umetrics.doctor.address import Neighbour
from umetrics.doctor.attempt import FAILURES, tried, unread
from umetrics.doctor.finding import Certainty, Unread
from umetrics.doctor.neighbour import of_peerings, of_transit, of_vpcs
from umetrics.doctor.quota import QUOTAS
from umetrics.doctor.surroundings import Surroundings, Trails
from umetrics.errors import AccessDenied, AwsError, CredentialsError, NotFound
from umetrics.patience import Pace
from umetrics.pool import together
from umetrics.provision.resources.ec2 import Description, tags_of
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.vpc import Vpc
from umetrics.provision.zones import usable_zones
from umetrics.tags import DEPLOYMENT

if TYPE_CHECKING:
    from umetrics.aws import Aws, Reader
    from umetrics.config import Config

RATE, BURST = 10.0, 30.0
"""Calls a second to the small services, and at once."""

COUNTED_GATEWAYS = frozenset({"pending", "available", "deleting"})
"""NAT gateways in these states count against the quota of their zone."""


@dataclass
class Account:
    """An account to be read; made on the main thread."""

    aws: Aws
    config: Config
    production: bool
    recorded: frozenset[str] = frozenset()
    """Ids that the receipts name."""

    def __post_init__(self) -> None:
        pace = Pace(RATE, BURST, self.aws.patience)
        region, partition = self.aws.region, self.aws.identity.partition
        self.quotas = self.aws.reader("service-quotas", region, pace)
        home = "us-east-1" if partition == "aws" else region
        self.quotas_of_iam = (
            self.quotas if home == region else self.aws.reader("service-quotas", home, pace)
        )
        self.trails = self.aws.reader("cloudtrail", region, pace)
        self.firewall = self.aws.reader("wafv2", region, pace) if self.production else None
        self.tagging = self.aws.tagging
        self.costs = tried(lambda: self.aws.cost_allocation)

    def read(self) -> Surroundings:
        """Everything, in as many rounds as the longest of its parts has."""
        found = together(
            lambda: self._listed("describe_vpcs", "Vpcs"),
            lambda: self._listed("describe_vpc_peering_connections", "VpcPeeringConnections"),
            lambda: self._listed("describe_route_tables", "RouteTables"),
            lambda: self._listed("describe_nat_gateways", "NatGateways"),
            lambda: self._listed("describe_subnets", "Subnets"),
            lambda: self._counted("describe_internet_gateways", "InternetGateways"),
            self._addresses,
            lambda: self._counted("describe_security_groups", "SecurityGroups"),
            self._roles,
            self._limits,
            lambda: tried(lambda: tuple(usable_zones(self.aws, self.config.network.denied_zones))),
            lambda: ask_organisation(self.tagging, self.aws.identity.account),
            self._cost_keys,
            lambda: tried(self._trails),
            self._web_acls,
        )
        return self._surroundings(*found)

    def _surroundings(self, *found: Any) -> Surroundings:  # noqa: ANN401  # of as many types
        vpcs, peerings, tables, gateways, subnets, internet, addresses, groups, roles = found[:9]
        limits, zones, organisation, cost_keys, trails, web_acls = found[9:]
        ours, seen = self.config.deployment, {each.get("VpcId", "") for each in _or_none(vpcs)}
        compared = {
            "VPCs": _parsed(vpcs, lambda found: of_vpcs(found, ours, self.recorded)),
            "peerings": _parsed(peerings, lambda found: of_peerings(found, seen)),
            "route tables": _parsed(tables, of_transit),
        }
        return Surroundings(
            neighbours=tuple(
                each for part in compared.values() if not isinstance(part, Unread) for each in part
            ),
            unread_neighbours=tuple(
                (name, each) for name, each in compared.items() if isinstance(each, Unread)
            ),
            vpc_stands=tried(lambda: any(map(self._is_ours, _or_none(vpcs)))) is True,
            used={
                Vpc: vpcs if isinstance(vpcs, Unread) else self._own(vpcs),
                InternetGateway: internet,
                ElasticIp: addresses,
                SecurityGroup: groups,
                Role: roles,
            },
            nat_by_zone=tried(lambda: _by_zone(gateways, subnets)),
            limits=limits,
            zones=zones,
            organisation=organisation,
            active_cost_keys=cost_keys,
            trails=trails,
            web_acls=web_acls,
        )

    def _listed(self, method: str, result: str) -> list[Description] | Unread:
        def read() -> list[Description]:
            ec2: Any = self.aws.ec2  # by a name, its stubs know hundreds of paginators
            pages = ec2.get_paginator(method).paginate()
            return [each for page in pages for each in page[result]]

        return tried(read)

    def _counted(self, method: str, result: str) -> int | Unread:
        found = self._listed(method, result)
        return found if isinstance(found, Unread) else self._own(found)

    def _is_ours(self, vpc: Description) -> bool:
        tagged = tags_of(vpc).get(DEPLOYMENT) == self.config.deployment
        return tagged or vpc["VpcId"] in self.recorded

    def _own(self, found: Iterable[Description]) -> int:
        """What others share with this account counts in theirs."""
        account = self.aws.identity.account
        return sum(each.get("OwnerId", account) == account for each in found)

    def _addresses(self) -> int | Unread:
        return tried(lambda: len(self.aws.ec2.describe_addresses()["Addresses"]))

    def _roles(self) -> int | Unread:
        return tried(lambda: int(self.aws.iam.get_account_summary()["SummaryMap"]["Roles"]))

    def _limits(self) -> Mapping[str, int | Unread]:
        """What was applied; one that AWS does not have for this account is left out."""

        def of(service: str, code: str) -> int | Unread | None:
            reader = self.quotas_of_iam if service == "iam" else self.quotas
            try:
                return applied_quota(reader, service, code)
            except NotFound:
                return None
            except (AwsError, CredentialsError) as error:
                return None if error_is_absence(error) else unread(error)

        asked = [(quota.service, quota.code) for quota in QUOTAS]
        values = together(*[partial(of, *each) for each in asked])
        return {
            code: value for (_, code), value in zip(asked, values, strict=True) if value is not None
        }

    def _cost_keys(self) -> frozenset[str] | Unread:
        costs = self.costs
        if isinstance(costs, Unread):
            return costs
        try:
            told = explorer.told(costs)
        except AccessDenied as error:
            of_another = LINKED in error.message
            return Unread(Certainty.MEASURED, LINKED) if of_another else unread(error)
        except FAILURES as error:
            return unread(error)
        return frozenset(key for key, each in told.items() if each.active)

    def _trails(self) -> Trails:
        there = self.trails.call("DescribeTrails", {})["trailList"]
        ask = partial(self.trails.call, "GetTrailStatus")
        named = [{"Name": each["TrailARN"]} for each in there]
        statuses = together(*[partial(tried, partial(ask, each)) for each in named])
        return Trails(
            len(there), sum(isinstance(each, Unread) or each["IsLogging"] for each in statuses)
        )

    def _web_acls(self) -> int | Unread | None:
        firewall = self.firewall
        if firewall is None:
            return None
        return tried(lambda: len(firewall.call("ListWebACLs", {"Scope": "REGIONAL"})["WebACLs"]))


def _or_none(found: list[Description] | Unread) -> list[Description]:
    return [] if isinstance(found, Unread) else found


def _parsed(
    found: list[Description] | Unread, parse: Callable[[list[Description]], Iterable[Neighbour]]
) -> tuple[Neighbour, ...] | Unread:
    return found if isinstance(found, Unread) else tried(lambda: tuple(parse(found)))


def error_is_absence(error: AwsError | CredentialsError) -> bool:
    """How Service Quotas says that an account has no value of its own."""
    return isinstance(error, AwsError) and error.aws_code == "NoSuchResourceException"


def applied_quota(reader: Reader, service: str, code: str) -> int | Unread:
    """The number that counts for this account."""
    asked = {"ServiceCode": service, "QuotaCode": code}
    told = reader.call("GetServiceQuota", asked).get("Quota", {}).get("Value")
    if isinstance(told, int | float) and math.isfinite(told):
        return int(told)
    return Unread(Certainty.UNDECIDABLE, f"Service Quotas told no number for {code}")


def _by_zone(
    gateways: list[Description] | Unread, subnets: list[Description] | Unread
) -> Counter[str] | Unread:
    for each in (gateways, subnets):
        if isinstance(each, Unread):
            return each
    zones = {each["SubnetId"]: each.get("AvailabilityZoneId", "") for each in _or_none(subnets)}
    return Counter(
        zones.get(each.get("SubnetId", ""), "")
        for each in _or_none(gateways)
        if each.get("State") in COUNTED_GATEWAYS
    )
