"""Service Quotas: the quotas that the rules keep, as the account has them and by default.

moto tells the defaults of VPC alone, and lists nothing; what it tells of others' quotas is kept. A
quota is never raised here: requests for that are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult

from umetrics.sandbox.strict.backend import HOME
from umetrics.sandbox.strict.pages import page_of
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule
from umetrics.sandbox.strict.world import Quotas

REFERENCE = "Service Quotas API reference, "
CODES = "codes: aws-facts A10 and https://docs.aws.amazon.com/general/latest/gr/"

PAGE = 100

SERVICES = {
    "vpc": "Amazon Virtual Private Cloud (Amazon VPC)",
    "ec2": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "iam": "AWS Identity and Access Management (IAM)",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A quota of a service; `kept` is its name in `Quotas`."""

    service: str
    code: str
    name: str
    kept: str


KNOWN = (
    Known("vpc", "L-F678F1CE", "VPCs per Region", "vpcs"),
    Known("vpc", "L-A4707A72", "Internet gateways per Region", "internet_gateways"),
    Known("vpc", "L-FE5A380F", "NAT gateways per Availability Zone", "nat_gateways_per_zone"),
    Known("vpc", "L-407747CB", "Subnets per VPC", "subnets_per_vpc"),
    Known("vpc", "L-589F43AA", "Route tables per VPC", "route_tables_per_vpc"),
    Known("vpc", "L-E79EC296", "VPC security groups per Region", "security_groups"),
    Known(
        "vpc",
        "L-0EA8095F",
        "Inbound or outbound rules per security group",
        "rules_per_group_and_direction",
    ),
    Known("vpc", "L-1B52E74A", "Gateway VPC endpoints per Region", "gateway_endpoints"),
    Known("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", "addresses"),
    Known("iam", "L-FE177D64", "Roles per account", "roles"),
)


@rule(
    "service-quotas",
    service="service-quotas",
    actions=("get_service_quota", "get_aws_default_service_quota"),
    source=f"{REFERENCE}GetServiceQuota, GetAWSDefaultServiceQuota; {CODES}",
)
def one(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto knows fewer
    """A quota is told by its code."""
    wanted = call.parameter("QuotaCode")
    quotas = _quotas(call, applied=call.action == "get_service_quota")
    found = [each for each in quotas if each["QuotaCode"] == wanted]
    if not found:
        refuse("NoSuchResourceException", "The request failed because the quota does not exist.")
    return ActionResult({"Quota": found[0]})


@rule(
    "service-quota-lists",
    service="service-quotas",
    actions=("list_service_quotas", "list_aws_default_service_quotas"),
    source=f"{REFERENCE}ListServiceQuotas, ListAWSDefaultServiceQuotas; {CODES}",
)
def every_one(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # moto knows fewer
    """The quotas of a service, in pages."""
    page, token = page_of(
        _quotas(call, applied=call.action == "list_service_quotas"),
        lambda quota: quota["QuotaCode"],
        int(call.parameter("MaxResults", PAGE)),
        call.parameter("NextToken"),
        "InvalidPaginationTokenException",
    )
    return ActionResult({"Quotas": page, "NextToken": token})


def _quotas(call: Call, *, applied: bool) -> list[dict[str, Any]]:
    """The quotas of the service that is named, by code; those that the rules keep are theirs."""
    service = call.parameter("ServiceCode")
    if service not in SERVICES:
        refuse("NoSuchResourceException", "The request failed because the service does not exist.")
    values = call.world.settings.quotas if applied else Quotas()
    told = {}
    if service == "vpc":
        told = {
            each["QuotaCode"]: each for each in call.backend.list_aws_default_service_quotas("vpc")
        }
    for known in KNOWN:
        if known.service == service:
            told[known.code] = _told(call, known, float(getattr(values, known.kept)))
    return [told[code] for code in sorted(told)]


def _told(call: Call, known: Known, value: float) -> dict[str, Any]:
    response, everywhere = call.response, known.service == "iam"
    region = HOME if everywhere else response.region
    owner = f"{region}:{response.current_account}"
    return {
        "ServiceCode": known.service,
        "ServiceName": SERVICES[known.service],
        "QuotaArn": f"arn:{response.partition}:servicequotas:{owner}:{known.service}/{known.code}",
        "QuotaCode": known.code,
        "QuotaName": known.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": everywhere,
    }


RULES: tuple[Rule, ...] = (one, every_one)
