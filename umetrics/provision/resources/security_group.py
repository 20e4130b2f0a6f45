"""Security groups without their rules, a kind of its own since groups refer to each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from umetrics.provision.model import Found, Ref, Resource, fixed
from umetrics.provision.resources.ec2 import (
    Description,
    Ec2Kind,
    filters,
    tag_specifications,
    tags_of,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

    from umetrics.aws import Aws


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A group; AWS lets neither its name nor its description change."""

    vpc: str = field(metadata=fixed())
    name: str = field(metadata=fixed())
    description: str = field(metadata=fixed())


class SecurityGroupHandler(Ec2Kind[SecurityGroup]):
    """Names are unique within a VPC, whatever their case."""

    label = "security group"
    id_filter = "group-id"

    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        for page in aws.ec2.get_paginator("describe_security_groups").paginate(Filters=selected):
            yield from page["SecurityGroups"]

    def parse(self, description: Description) -> Found[SecurityGroup]:
        spec = SecurityGroup(
            description["VpcId"], description["GroupName"], description["Description"]
        )
        return Found(description["GroupId"], spec, tags_of(description))

    def occupant(self, aws: Aws, desired: Resource[SecurityGroup]) -> str:
        """Another group of that name in the VPC, when the VPC is there already."""
        if isinstance(desired.spec.vpc, Ref):
            return ""
        named = filters(vpc_id=desired.spec.vpc, group_name=desired.spec.name)
        for description in self.describe(aws, named):
            return f"security group {description['GroupId']} named {desired.spec.name}"
        return ""

    def create(
        self, aws: Aws, desired: Resource[SecurityGroup], token: str
    ) -> Found[SecurityGroup]:
        del token
        answer = aws.once.ec2.create_security_group(
            VpcId=desired.spec.vpc,
            GroupName=desired.spec.name,
            Description=desired.spec.description,
            TagSpecifications=tag_specifications("security-group", desired.tags),
        )
        return Found(answer["GroupId"], desired.spec, desired.tags)

    def delete(self, aws: Aws, found: Found[SecurityGroup]) -> None:
        aws.ec2.delete_security_group(GroupId=found.id)
