"""What an account has that can carry tags, as the tagging API sees it in a region.

moto knows most kinds; here are those of EC2 and IAM that it leaves out. IAM's roles and users are
never among them, and its policies in one region only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource, iter_taggable_backends

from umetrics.sandbox.strict.backend import HOME, backend_in
from umetrics.sandbox.strict.rule import Call

AWS_MANAGED = ":iam::aws:"


def existing(call: Call, region: str) -> Iterator[TaggedResource]:
    """Everything that is there, with tags or without."""
    yield from by_moto(call, region)
    yield from left_out(call, region)


def by_moto(call: Call, region: str) -> Iterator[TaggedResource]:
    """What moto lists."""
    for backend in iter_taggable_backends(call.response.current_account, region):
        yield from backend.iter_tagged_resources()


def left_out(call: Call, region: str) -> Iterator[TaggedResource]:
    """What moto has, and does not list."""
    ec2 = backend_in(call, "ec2", region)
    for kind, ids in _ec2_kinds(ec2).items():
        for each in ids:
            arn = f"arn:{ec2.partition}:ec2:{region}:{ec2.account_id}:{kind}/{each}"
            yield TaggedResource(arn, dict(ec2.tags.get(each, {})), f"ec2:{kind}")
    if region == HOME:
        for policy in _policies(backend_in(call, "iam", call.response.partition)):
            tags = {tag["Key"]: tag["Value"] for tag in policy.get_tags()}
            yield TaggedResource(policy.arn, tags, "iam:policy")


def _ec2_kinds(ec2: Any) -> dict[str, Iterable[str]]:  # noqa: ANN401  # moto's model of EC2
    """The ids of each kind, by the name that ARNs have for it."""
    groups = [group for of_vpc in list(ec2.groups.values()) for group in list(of_vpc.values())]
    return {
        "elastic-ip": [each.allocation_id for each in ec2.addresses if each.allocation_id],
        "network-acl": list(ec2.network_acls),
        "security-group-rule": [
            each.id for group in groups for each in (*group.ingress_rules, *group.egress_rules)
        ],
        "vpc-endpoint": list(ec2.vpc_end_points),
    }


def _policies(iam: Any) -> Iterator[Any]:  # noqa: ANN401  # moto's model of IAM
    """The customer's own."""
    return (each for each in list(iam.managed_policies.values()) if AWS_MANAGED not in each.arn)
