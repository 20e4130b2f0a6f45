"""Lambda functions: the VPC that they are in, their interfaces there, and calls that run nothing.

How long an interface stays after its last function is gone is left out: it goes at once.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.backend import backend_in
from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, rule

Place = tuple[str, frozenset[str]]
"""A subnet and security groups; functions that agree in both share an interface."""

CHANGING = ("create_function", "update_function_configuration", "delete_function")


@dataclass(slots=True)
class Interfaces:
    """The ids of Lambda's interfaces in a region."""

    at: dict[Place, str] = field(default_factory=dict)


@rule(
    "vpc-of-function",
    service="awslambda",
    actions=EVERY_ACTION,
    source="Lambda API reference, VpcConfigResponse.VpcId: the ID of the VPC",
)
def vpc_of_function(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A function tells the VPC of its subnets."""
    answer = proceed()
    if isinstance(answer, str):
        return _with_vpcs(call, answer)
    if isinstance(answer, tuple) and isinstance(answer[-1], str):
        return (*answer[:-1], _with_vpcs(call, answer[-1]))
    return answer


def _with_vpcs(call: Call, body: str) -> str:
    if '"VpcId"' not in body:
        return body
    told = json.loads(body)
    ec2 = backend_in(call, "ec2", call.response.region)
    for config in _vpc_configs(told):
        config["VpcId"] = ec2.get_subnet(config["SubnetIds"][0]).vpc_id
    return json.dumps(told)


def _vpc_configs(told: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  # parsed JSON
    if isinstance(told, list):
        for each in told:
            yield from _vpc_configs(each)
    elif isinstance(told, dict):
        if told.get("VpcId") and told.get("SubnetIds"):
            yield told
        yield from _vpc_configs(list(told.values()))


@rule(
    "interfaces-of-functions",
    service="awslambda",
    actions=CHANGING,
    source="CloudFormation, AWS::Lambda::Function VpcConfig: an elastic network interface for each "
    "combination of security group and subnet; terraform-provider-aws#5459: they hold the subnet",
)
@alone
def interfaces(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Functions in a VPC have interfaces there, which hold subnets and groups."""
    answer = proceed()
    ec2 = backend_in(call, "ec2", call.response.region)
    there = call.world.memory(ec2, Interfaces).at
    wanted = dict(_places(call))
    for place in there.keys() - wanted.keys():
        ec2.enis.pop(there.pop(place), None)
    for place in wanted.keys() - there.keys():
        there[place] = _interface(ec2, place, wanted[place])
    return answer


def _places(call: Call) -> Iterator[tuple[Place, str]]:
    """Where functions are, and the name of one that is there."""
    for function in call.backend.list_functions(None):
        config = function.vpc_config or {}
        for subnet in config.get("SubnetIds", ()):
            yield (subnet, frozenset(config["SecurityGroupIds"])), function.function_name


def _interface(ec2: Any, place: Place, function: str) -> str:  # noqa: ANN401  # moto's model of EC2
    subnet, groups = place
    made = ec2.create_network_interface(
        subnet,
        None,
        group_ids=sorted(groups),
        description=f"AWS Lambda VPC ENI-{function}-{uuid.uuid4()}",
    )
    made.interface_type, made.status, made.requester_managed = "lambda", "in-use", True
    return str(made.id)


NO_CONTENT = 204


@rule(
    "dry-run-of-function",
    service="awslambda",
    actions="invoke",
    source="Lambda API reference, Invoke: DryRun validates parameter values and verifies that the "
    "user or role has permission to invoke the function; the HTTP status code is 204 for DryRun",
)
def dry_run(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A DryRun is answered without running anything; moto runs the function first."""
    if call.response.headers.get("X-Amz-Invocation-Type") != "DryRun":
        return proceed()
    name = unquote(call.response.path.rsplit("/", 2)[-2])
    call.backend.get_function(name)  # refuses a name that nobody has
    return NO_CONTENT, {"status": NO_CONTENT}, ""


RULES: tuple[Rule, ...] = (vpc_of_function, dry_run, interfaces)
