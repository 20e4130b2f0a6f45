"""The internet gateway. AWS cannot tag its attachment, so the VPC it is attached to is a field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from umetrics.errors import AlreadyExists, NotFound
from umetrics.provision.model import Found, Resource, fixed
from umetrics.provision.resources.ec2 import (
    Description,
    Ec2Kind,
    tag_specifications,
    tags_of,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from umetrics.aws import Aws

ATTACHED_WITHIN = 300
"""Seconds; Terraform waits up to 20 minutes, seconds are usual."""


@dataclass(frozen=True, slots=True)
class InternetGateway:
    """An internet gateway; `vpc` is empty while it is attached to none."""

    vpc: str = field(default="", metadata=fixed())


class InternetGatewayHandler(Ec2Kind[InternetGateway]):
    """Created loose, attached by `update`."""

    label = "internet gateway"
    id_filter = "internet-gateway-id"
    may_be_doubled = True

    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        for page in aws.ec2.get_paginator("describe_internet_gateways").paginate(Filters=selected):
            yield from page["InternetGateways"]

    def parse(self, description: Description) -> Found[InternetGateway]:
        attached = [each["VpcId"] for each in description.get("Attachments", ())]
        return Found(
            description["InternetGatewayId"],
            InternetGateway(attached[0] if attached else ""),
            tags_of(description),
        )

    def create(
        self, aws: Aws, desired: Resource[InternetGateway], token: str
    ) -> Found[InternetGateway]:
        del token
        answer = aws.once.ec2.create_internet_gateway(
            TagSpecifications=tag_specifications("internet-gateway", desired.tags)
        )
        return self.parse(answer["InternetGateway"])

    def update(
        self, aws: Aws, found: Found[InternetGateway], desired: Resource[InternetGateway]
    ) -> None:
        vpc = desired.spec.vpc
        try:
            aws.ec2.attach_internet_gateway(InternetGatewayId=found.id, VpcId=vpc)
        except AlreadyExists:
            if not self._is_attached(aws, found.id, vpc):
                raise
        aws.patience.until(
            lambda: self._is_attached(aws, found.id, vpc),
            at_most=ATTACHED_WITHIN,
            waiting_for=f"{found.id} to be attached to {vpc}",
        )

    def _is_attached(self, aws: Aws, gateway: str, vpc: str) -> bool:
        now = self.now(aws, gateway)
        return now is not None and now.spec.vpc == vpc

    def delete(self, aws: Aws, found: Found[InternetGateway]) -> None:
        if found.spec.vpc:
            try:
                aws.ec2.detach_internet_gateway(InternetGatewayId=found.id, VpcId=found.spec.vpc)
            except NotFound as error:
                if error.aws_code != "Gateway.NotAttached":
                    raise
        aws.ec2.delete_internet_gateway(InternetGatewayId=found.id)
