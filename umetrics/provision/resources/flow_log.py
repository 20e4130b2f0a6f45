"""VPC flow logs: who talks to whom in a VPC, delivered to a log group through a role.

A flow log never changes: what is to be other is a flow log to be made anew, so every field is
fixed. https://docs.aws.amazon.com/vpc/latest/userguide/working-with-flow-logs.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from umetrics.errors import AwsError
from umetrics.provision.model import Found, Resource, fixed
from umetrics.provision.resources.ec2 import (
    Description,
    Ec2Kind,
    refuse_unsuccessful,
    tag_specifications,
    tags_of,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from umetrics.aws import Aws


Traffic = Literal["ACCEPT", "ALL", "REJECT"]


@dataclass(frozen=True, slots=True)
class Named:
    """What a flow log knows by name only: it goes on by that name when it was made anew.

    `id` is there in a wanted flow log, to say what must be made before.
    """

    name: str
    id: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class FlowLog:
    """The flow log of a whole VPC, to a log group (its name) through a role (its ARN)."""

    vpc: str = field(metadata=fixed())
    log_group: Named = field(metadata=fixed())
    role: Named = field(metadata=fixed())
    traffic: Traffic = field(default="ALL", metadata=fixed())


class FlowLogHandler(Ec2Kind[FlowLog]):
    """Begins as soon as it is made; a role that IAM has not spread yet is refused until it has."""

    label = "flow log"
    id_filter = "flow-log-id"
    on_demand: bool = True

    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        for page in aws.ec2.get_paginator("describe_flow_logs").paginate(Filters=selected):
            yield from page["FlowLogs"]

    def parse(self, description: Description) -> Found[FlowLog]:
        spec = FlowLog(
            description["ResourceId"],
            Named(description.get("LogGroupName", "")),
            Named(description.get("DeliverLogsPermissionArn", "")),
            description["TrafficType"],
        )
        return Found(description["FlowLogId"], spec, tags_of(description))

    def create(self, aws: Aws, desired: Resource[FlowLog], token: str) -> Found[FlowLog]:
        spec = desired.spec
        answer = aws.once.ec2.create_flow_logs(
            ResourceType="VPC",
            ResourceIds=[spec.vpc],
            TrafficType=spec.traffic,
            LogDestinationType="cloud-watch-logs",
            LogGroupName=spec.log_group.name,
            DeliverLogsPermissionArn=spec.role.name,
            ClientToken=token,
            TagSpecifications=tag_specifications("vpc-flow-log", desired.tags),
        )
        refuse_unsuccessful(answer, "ec2:CreateFlowLogs")
        for made in answer["FlowLogIds"]:
            return Found(made, spec, desired.tags)
        raise AwsError("ec2:CreateFlowLogs: AWS names no flow log", operation="ec2:CreateFlowLogs")

    def delete(self, aws: Aws, found: Found[FlowLog]) -> None:
        answer = aws.ec2.delete_flow_logs(FlowLogIds=[found.id])
        refuse_unsuccessful(answer, "ec2:DeleteFlowLogs")
