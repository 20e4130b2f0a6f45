"""SSM parameters: ids handed on, each under a name of its own, for other stacks to read.

A parameter is known by its name, and a name can be given again: so the tags are read before each
write as well as before each delete. Listed are those that carry our tag, whatever path they lie
under; values and tags come in a second round. Nothing of this is asked unless somebody publishes
outputs, or has (`on_demand`). Which outputs become parameters is `umetrics/publication.py`'s.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from umetrics.errors import AwsError, NotOurs
from umetrics.pool import both, together
from umetrics.provision.model import Found, Resource, Where, fixed
from umetrics.provision.resources.handler import Kind
from umetrics.provision.resources.iam import is_the_same
from umetrics.tags import DEPLOYMENT, Tags

if TYPE_CHECKING:
    from umetrics.aws import Aws

NAMES_AT_ONCE = 10
"""What GetParameters takes."""

LARGEST_PAGE = 50
"""What DescribeParameters gives; its default is 10."""

ABSENT = "InvalidResourceId"
"""What ListTagsForResource calls a parameter that does not exist."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value, or several as a list. AWS never makes one type of another in place."""

    name: str = field(metadata=fixed())
    type: Literal["String", "StringList"] = field(metadata=fixed())
    value: tuple[str, ...]


class ParameterHandler(Kind[Parameter]):
    """Parameters of the standard tier, which are free."""

    label = "SSM parameter"
    on_demand: bool = True
    known_by_name: bool = True

    def prepare(self, aws: Aws) -> None:
        _ = aws.parameters

    def find(self, aws: Aws, where: Where) -> Iterator[Found[Parameter]]:
        """Ids are names."""
        names = sorted(where.ids) or list(_listed(aws, where.deployment))
        for found in _look_at(aws, names):
            if where.matches(found):
                yield found

    def occupant(self, aws: Aws, desired: Resource[Parameter]) -> str:
        for found in _look_at(aws, [desired.spec.name]):
            if not is_the_same(found.tags, desired):
                owner = f", owner {found.tags['Owner']}" if found.tags.get("Owner") else ""
                return f"{self.label} {found.id}{owner}"
        return ""

    def create(self, aws: Aws, desired: Resource[Parameter], token: str) -> Found[Parameter]:
        """A name is given once, so a call that the SDK repeats cannot make a second one."""
        del token
        tags = [{"Key": key, "Value": value} for key, value in desired.tags.items()]
        aws.parameters.put_parameter(**_content(desired.spec), Tags=tags)
        return Found(desired.spec.name, desired.spec, desired.tags)

    def update(self, aws: Aws, found: Found[Parameter], desired: Resource[Parameter]) -> None:
        """AWS takes no tags together with `Overwrite`."""
        now = self.tags_now(aws, found)
        if now is None or not is_the_same(now, desired):
            raise NotOurs(
                f"{found.id} is not what it was: somebody else's parameter, or none, has its name",
                hint="look at it, then run the same command again",
            )
        aws.parameters.put_parameter(**_content(desired.spec), Overwrite=True)

    def retag(self, aws: Aws, found: Found[Parameter], tags: Tags) -> None:
        aws.parameters.add_tags_to_resource(
            ResourceType="Parameter",
            ResourceId=found.id,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )

    def tags_now(self, aws: Aws, found: Found[Parameter]) -> Tags | None:
        return _tags(aws, found.id)

    def delete(self, aws: Aws, found: Found[Parameter]) -> None:
        aws.parameters.delete_parameter(Name=found.id)


def _listed(aws: Aws, deployment: str) -> Iterator[str]:
    """The names of all that carry our deployment tag."""
    selected = [{"Key": f"tag:{DEPLOYMENT}", "Option": "Equals", "Values": [deployment]}]
    page: Mapping[str, Any] = {"NextToken": ""}
    while "NextToken" in page:
        further = {"NextToken": page["NextToken"]} if page["NextToken"] else {}
        page = aws.parameters.describe_parameters(
            ParameterFilters=selected, MaxResults=LARGEST_PAGE, **further
        )
        yield from (each["Name"] for each in page["Parameters"])


def _look_at(aws: Aws, names: list[str]) -> Iterator[Found[Parameter]]:
    """Those that exist, as they are."""
    starts = range(0, len(names), NAMES_AT_ONCE)
    reading = (partial(_described, aws, names[at : at + NAMES_AT_ONCE]) for at in starts)
    tagging = (partial(_tags, aws, name) for name in names)
    batches, tags = both(partial(together, *reading), partial(together, *tagging))
    tags_of = dict(zip(names, tags, strict=True))
    for description in (each for batch in batches for each in batch):
        carried = tags_of[description["Name"]]
        if carried is not None:
            yield _found(description, carried)


def _described(aws: Aws, names: list[str]) -> list[Mapping[str, Any]]:
    described: list[Mapping[str, Any]] = aws.parameters.get_parameters(Names=names)["Parameters"]
    return described


def _tags(aws: Aws, name: str) -> dict[str, str] | None:
    """None for what does not exist."""
    try:
        answer = aws.parameters.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
    except AwsError as error:
        if error.aws_code != ABSENT:
            raise
        return None
    return {tag["Key"]: tag["Value"] for tag in answer["TagList"]}


def _found(description: Mapping[str, Any], tags: Tags) -> Found[Parameter]:
    name, kind, text = (description[field] for field in ("Name", "Type", "Value"))
    value = tuple(text.split(",")) if kind == "StringList" else (text,)
    return Found(name, Parameter(name, kind, value), tags, arn=description.get("ARN", ""))


def _content(spec: Parameter) -> dict[str, str]:
    return {"Name": spec.name, "Type": spec.type, "Value": ",".join(spec.value)}
