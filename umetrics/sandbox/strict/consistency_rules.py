"""Eventual consistency: what was created a moment ago is not there yet for the next call.

`Settings.eventual` seconds; 0, the default, leaves moto as it is. Only the appearance of new things
is delayed: changes and deletions are seen at once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, refuse, rule

EC2_PAGE = (
    "https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html; codes: "
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
)
IAM_PAGE = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html"
    "#troubleshoot_general_eventual-consistency"
)

NOT_NAMES = frozenset({"Filters", "Filter", "Tags", "TagSpecifications"})
"""Parameters in which an id is no more than a text."""

READING = ("get_", "list_")

LISTS = {"list_roles": "Roles", "list_policies": "Policies"}


@dataclass(frozen=True, slots=True)
class Kind:
    """Where moto keeps the things of a kind, and what AWS says of one that is not there."""

    of: Callable[[Any], Iterable[Any]]
    code: str
    message: str


def _flat(groups: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
    return itertools.chain.from_iterable(group.values() for group in groups.values())


KINDS = (
    Kind(lambda ec2: ec2.vpcs.values(), "InvalidVpcID.NotFound", "The vpc ID '{}' does not exist"),
    Kind(
        lambda ec2: _flat(ec2.subnets),
        "InvalidSubnetID.NotFound",
        "The subnet ID '{}' does not exist",
    ),
    Kind(
        lambda ec2: _flat(ec2.groups),
        "InvalidGroup.NotFound",
        "The security group '{}' does not exist",
    ),
    Kind(
        lambda ec2: ec2.route_tables.values(),
        "InvalidRouteTableID.NotFound",
        "The routeTable ID '{}' does not exist",
    ),
    Kind(
        lambda ec2: ec2.internet_gateways.values(),
        "InvalidInternetGatewayID.NotFound",
        "The internetGateway ID '{}' does not exist",
    ),
    Kind(
        lambda ec2: ec2.addresses,
        "InvalidAllocationID.NotFound",
        "The allocation ID '{}' does not exist",
    ),
    Kind(
        lambda ec2: ec2.nat_gateways.values(),
        "NatGatewayNotFound",
        "The Nat Gateway {} was not found",
    ),
    Kind(
        lambda ec2: ec2.vpc_end_points.values(),
        "InvalidVpcEndpointId.NotFound",
        "The Vpc Endpoint Id '{}' does not exist",
    ),
)


@dataclass(slots=True)
class Births:
    """When a thing was created, by its id; what was there before anybody looked is old."""

    moments: dict[str, float] = field(default_factory=dict)

    def note(self, ids: Iterable[str], at: float) -> None:
        """The ones that were not known were born at this moment."""
        for each in ids:
            self.moments.setdefault(each, at)


def _is_new(call: Call, name: str) -> bool:
    born = call.world.memory(call.backend, Births).moments.get(name, -math.inf)
    return call.world.clock() - born < call.world.settings.eventual


def _carry_out(call: Call, proceed: Proceed, ids: Callable[[Any], Iterable[str]]) -> Any:  # noqa: ANN401
    """Proceed, and note what exists since."""
    births = call.world.memory(call.backend, Births)
    births.note(ids(call.backend), -math.inf)
    answer = proceed()
    births.note(ids(call.backend), call.world.clock())
    return answer


def _without_new(call: Call, things: Iterable[Any]) -> list[Any]:
    return [each for each in things if not _is_new(call, str(getattr(each, "id", "")))]


@rule("eventual-consistency", service="ec2", actions=EVERY_ACTION, source=EC2_PAGE)
def resources(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A new resource is NotFound when it is named, and absent from lists."""
    if not call.world.settings.eventual:
        return proceed()
    _refuse_new_resources(call)
    answer = _carry_out(call, proceed, _resource_ids)
    if call.action.startswith("describe_"):
        for name, things in answer.result.items():
            if isinstance(things, list):
                answer.result[name] = _without_new(call, things)
    return answer


def _resource_ids(backend: Any) -> Iterator[str]:  # noqa: ANN401  # moto's
    return (each.id for kind in KINDS for each in kind.of(backend))


def _refuse_new_resources(call: Call) -> None:
    named = set(_texts(call.response.params))
    for kind in KINDS:
        for each in kind.of(call.backend):
            if each.id in named and _is_new(call, each.id):
                refuse(kind.code, kind.message.format(each.id))


def _texts(given: Any) -> Iterator[str]:  # noqa: ANN401  # nested as the service model has it
    if isinstance(given, str):
        yield given
    elif isinstance(given, Mapping):
        for name, value in given.items():
            if name not in NOT_NAMES:
                yield from _texts(value)
    elif isinstance(given, Iterable):
        for value in given:
            yield from _texts(value)


@rule("iam-eventual-consistency", service="iam", actions=EVERY_ACTION, source=IAM_PAGE)
def principals(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A new role or policy is NoSuchEntity to calls that read it, and absent from lists."""
    if not call.world.settings.eventual:
        return proceed()
    if call.action.startswith(READING):
        _refuse_new_principals(call)
    answer = _carry_out(call, proceed, _principal_ids)
    listed = LISTS.get(call.action)
    if listed is not None:
        answer.result[listed] = _without_new(call, answer.result[listed])
    return answer


def _principal_ids(backend: Any) -> Iterator[str]:  # noqa: ANN401  # moto's
    things = itertools.chain(backend.roles.values(), backend.managed_policies.values())
    return (each.id for each in things)


def _refuse_new_principals(call: Call) -> None:
    name, arn = call.parameter("RoleName"), call.parameter("PolicyArn")
    roles = [each for each in call.backend.roles.values() if each.name == name]
    if roles and _is_new(call, roles[0].id):
        refuse("NoSuchEntity", f"The role with name {name} cannot be found.")
    policy = call.backend.managed_policies.get(arn)
    if policy is not None and _is_new(call, policy.id):
        refuse("NoSuchEntity", f"Policy {arn} was not found.")


RULES: tuple[Rule, ...] = (resources, principals)
