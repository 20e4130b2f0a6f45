"""What the EC2 kinds share: tag filters, tags on creation, retagging, looking at one id.

EC2 filters are asked for and then not trusted: `find` matches again on the client.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from umetrics.errors import AlreadyExists, AwsError, NotFound
from umetrics.provision.model import Found, Part, Where
from umetrics.provision.resources.handler import Kind
from umetrics.tags import DEPLOYMENT, Tags

if TYPE_CHECKING:
    from mypy_boto3_ec2.literals import ResourceTypeType
    from mypy_boto3_ec2.type_defs import FilterTypeDef, TagSpecificationTypeDef, TagTypeDef

    from umetrics.aws import Aws

Item = TypeVar("Item")
S = TypeVar("S")

Description = Mapping[str, Any]
"""One item of a Describe answer."""

REFUSALS: Mapping[str, type[AwsError]] = {"NotFound": NotFound, "AlreadyExists": AlreadyExists}
"""What the codes within an answer mean, by their ends."""


def filters(**values: str | Iterable[str]) -> list[FilterTypeDef]:
    """EC2 filters from keywords: `filters(vpc_id="vpc-1")`; underscores become hyphens."""
    return [
        {
            "Name": name.replace("_", "-"),
            "Values": [value] if isinstance(value, str) else sorted(value),
        }
        for name, value in values.items()
    ]


def tag_filter(deployment: str) -> list[FilterTypeDef]:
    """The filter for everything that carries our deployment tag."""
    return [{"Name": f"tag:{DEPLOYMENT}", "Values": [deployment]}]


def only(items: Sequence[Item], what: str) -> Item:
    """The one item of an answer; `NotFound` when AWS does not show it (yet)."""
    if not items:
        raise NotFound(f"AWS does not show {what}", hint="run the same command again")
    return items[0]


def tags_of(description: Description) -> dict[str, str]:
    """The tags of a described resource as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in description.get("Tags", ())}


def tag_list(tags: Tags) -> list[TagTypeDef]:
    """A mapping as EC2 wants it."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_specifications(kind: ResourceTypeType, tags: Tags) -> list[TagSpecificationTypeDef]:
    """The `TagSpecifications` parameter of a create call."""
    return [{"ResourceType": kind, "Tags": tag_list(tags)}]


def refuse_unsuccessful(answer: Description, operation: str) -> None:
    """Raise what AWS refused in an answer that is itself a success, with the reason it gives."""
    for refusal in answer.get("Unsuccessful", ()):
        error = refusal.get("Error", {})
        code, text = error.get("Code", ""), error.get("Message", "")
        failure = next((each for end, each in REFUSALS.items() if code.endswith(end)), AwsError)
        raise failure(f"{operation}: {code}: {text}", aws_code=code, operation=operation)


class Ec2Kind(Kind[S], Generic[S]):
    """A kind that EC2's Describe calls list and CreateTags tags."""

    id_filter: str
    """The name of the filter that selects by id."""

    @abstractmethod
    def describe(self, aws: Aws, selected: list[FilterTypeDef]) -> Iterator[Description]:
        """All pages of the kind's Describe call."""

    def describe_ids(self, aws: Aws, ids: Iterable[str]) -> Iterator[Description]:
        """Those of the given ids that exist; a filter, since asking by id fails for absent ones."""
        yield from self.describe(aws, [{"Name": self.id_filter, "Values": sorted(ids)}])

    def now(self, aws: Aws, resource_id: str) -> Found[S] | None:
        """One resource as it is at this moment; None when it is gone."""
        with suppress(NotFound):
            for description in self.describe_ids(aws, [resource_id]):
                found = self.parse(description)
                if found is not None and found.id == resource_id:
                    return found
        return None

    @abstractmethod
    def parse(self, description: Description) -> Found[S] | None:
        """What a description says; None for what is gone and only still listed."""

    def find(self, aws: Aws, where: Where) -> Iterator[Found[S]]:
        """By deployment tag or ids, matched again on the client."""
        described = (
            self.describe_ids(aws, where.ids)
            if where.ids
            else self.describe(aws, tag_filter(where.deployment))
        )
        for description in described:
            found = self.parse(description)
            if found is not None and where.matches(found):
                yield found

    def retag(self, aws: Aws, found: Found[S], tags: Tags) -> None:
        """One CreateTags."""
        aws.ec2.create_tags(Resources=[found.id], Tags=tag_list(tags))

    def retag_parts(self, aws: Aws, parts: Iterable[Part], tags: Tags) -> None:
        """One CreateTags for all of them."""
        aws.ec2.create_tags(Resources=[part.id for part in parts], Tags=tag_list(tags))

    def tags_now(self, aws: Aws, found: Found[S]) -> Tags | None:
        """By id, from a fresh Describe."""
        now = self.now(aws, found.id)
        return None if now is None else now.tags
