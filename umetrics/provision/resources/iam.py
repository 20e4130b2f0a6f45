"""What the IAM kinds share: a deployment's path, tags as IAM has them, and who holds a name.

IAM is one for all regions, knows no filters by tag, and lists without tags: things are found by
path and then looked at one by one, all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from umetrics.errors import NotOurs
from umetrics.provision.model import Found, Resource
from umetrics.tags import IDENTITY_KEYS, Tags

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import PaginatorConfigTypeDef, TagTypeDef

LARGEST_PAGE: PaginatorConfigTypeDef = {"PageSize": 1000}
"""IAM's default is 100; a larger page is the same one call."""


PROPAGATED_WITHIN = 120
"""Seconds in which IAM may not know yet what it was just told (Terraform's limit)."""


def iam_path(deployment: str) -> str:
    """Where a deployment's roles and policies lie: `/umetrics/UserMetrics/dev/`."""
    return f"/umetrics/{deployment}/"


def description_of(desired: Resource[Any]) -> str:
    """What stands in the console beside the name; IAM never lets a policy's be changed."""
    return f"{desired.key}, made and looked after by umetrics"


def tags_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a role or policy as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ())}


def tag_list(tags: Tags) -> list[TagTypeDef]:
    """A mapping as IAM wants it."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def is_the_same(tags: Tags, desired: Resource[Any]) -> bool:
    """Whether tags carry the identity pair of `desired`."""
    return all(tags.get(key) == desired.tags.get(key) for key in IDENTITY_KEYS)


def holder(kind: str, *, name: str, path: str, unique_id: str, tags: Tags) -> str:
    """Who has the name that we want, in words."""
    owner = f", owner {tags['Owner']}" if tags.get("Owner") else ""
    return f"{kind} {name}, path {path}, id {unique_id}{owner}"


def insist_on_identity(found: Found[Any], name: str, unique_id: str) -> None:
    """Names can be given again: `NotOurs` when this one now belongs to something else."""
    if unique_id != found.id:
        raise NotOurs(
            f"{name} is not what it was: its unique id is {unique_id}, ours had {found.id}",
            hint="somebody deleted it and made it again; look at it, then plan again",
        )
