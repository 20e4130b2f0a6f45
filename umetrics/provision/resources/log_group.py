"""CloudWatch log groups: a name, how long entries are kept, and tags.

Names are unique in account and region, and are all the id that there is. Groups are listed by the
deployment's path and without tags; each is asked for its own:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html.
Whatever was logged goes with its group. Nothing here reads or writes entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from umetrics.errors import NotFound
from umetrics.pool import together
from umetrics.provision.model import Found, Resource, Where, fixed
from umetrics.provision.resources.handler import Kind
from umetrics.provision.resources.iam import is_the_same
from umetrics.tags import Tags

if TYPE_CHECKING:
    from mypy_boto3_logs.type_defs import LogGroupTypeDef

    from umetrics.aws import Aws


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group. Entries are kept for `retention_days`, without it for ever."""

    name: str = field(metadata=fixed())
    retention_days: int | None = None


class LogGroupHandler(Kind[LogGroup]):
    """Made by name and tags; `update` sets the retention, which no create call takes."""

    label = "log group"
    on_demand: bool = True
    known_by_name: bool = True
    holds = "all that was logged to it"

    def prepare(self, aws: Aws) -> None:
        _ = aws.logs

    def find(self, aws: Aws, where: Where) -> Iterator[Found[LogGroup]]:
        """By the deployment's path, then one call for the tags of each, all at once."""
        groups = [
            group
            for group in _listed(aws, log_group_path(where.deployment))
            if not where.ids or group["logGroupName"] in where.ids
        ]
        for found in together(*(partial(_look_at, aws, group) for group in groups)):
            if found is not None and where.matches(found):
                yield found

    def occupant(self, aws: Aws, desired: Resource[LogGroup]) -> str:
        """A group of that name which does not carry our identity."""
        other = _now(aws, desired.spec.name)
        if other is None or is_the_same(other.tags, desired):
            return ""
        return f"log group {other.id}, owner {other.tags.get('Owner', 'unknown')}"

    def create(self, aws: Aws, desired: Resource[LogGroup], token: str) -> Found[LogGroup]:
        del token
        name, identity = desired.spec.name, aws.identity
        aws.logs.create_log_group(logGroupName=name, tags=dict(desired.tags))
        arn = f"arn:{identity.partition}:logs:{aws.region}:{identity.account}:log-group:{name}"
        return Found(name, LogGroup(name), dict(desired.tags), arn)

    def update(self, aws: Aws, found: Found[LogGroup], desired: Resource[LogGroup]) -> None:
        name, days = found.spec.name, desired.spec.retention_days
        if days is None:
            aws.logs.delete_retention_policy(logGroupName=name)
        else:
            aws.logs.put_retention_policy(logGroupName=name, retentionInDays=days)

    def retag(self, aws: Aws, found: Found[LogGroup], tags: Tags) -> None:
        aws.logs.tag_resource(resourceArn=found.arn, tags=dict(tags))

    def tags_now(self, aws: Aws, found: Found[LogGroup]) -> Tags | None:
        now = _now(aws, found.id)
        return None if now is None else now.tags

    def delete(self, aws: Aws, found: Found[LogGroup]) -> None:
        aws.logs.delete_log_group(logGroupName=found.id)


def log_group_path(deployment: str) -> str:
    """What the names of a deployment's groups begin with: `/umetrics/UserMetrics/dev/`."""
    return f"/umetrics/{deployment}/"


def _listed(aws: Aws, prefix: str) -> Iterator[LogGroupTypeDef]:
    for page in aws.logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
        yield from page["logGroups"]


def _now(aws: Aws, name: str) -> Found[LogGroup] | None:
    """The group of exactly this name; None when there is none."""
    for group in _listed(aws, name):
        if group["logGroupName"] == name:
            return _look_at(aws, group)
    return None


def _look_at(aws: Aws, group: LogGroupTypeDef) -> Found[LogGroup] | None:
    """One group with its tags; None when it went away meanwhile."""
    name = group["logGroupName"]
    # `arn` ends in `:*`, which means the streams; tags want the group's own.
    arn = group["arn"].removesuffix(":*")
    try:
        tags = aws.logs.list_tags_for_resource(resourceArn=arn)["tags"]
    except NotFound:
        return None
    return Found(name, LogGroup(name, group.get("retentionInDays")), tags, arn)
