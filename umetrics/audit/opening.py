"""The first look at a place: which VPCs and groups of it are ours, and what bears our tags.

The tagging API finds what no list of ours would be asked for; it also tells of what is gone, for
hours. So what it tells is only where to look: the list of the kind decides whether it exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from umetrics.audit.breadth import is_denial
from umetrics.audit.catalogue import KINDS
from umetrics.audit.catalogue.kind import found, tags_in
from umetrics.audit.ground import Ground
from umetrics.audit.values import Scope, Unseen
from umetrics.errors import AwsError, CredentialsError
from umetrics.tags import DEPLOYMENT

if TYPE_CHECKING:
    from umetrics.aws import Reader

TAGGING_API = "resourcegroupstaggingapi"
"""The service, which stands for a kind where it could not be asked."""

HOMES_UNKNOWN = "ec2"
"""What stands for a kind where nobody could tell which VPCs and groups are ours."""

LARGEST_PAGE = 1000
LARGEST_TAGGING_PAGE = 100

HOMES = {"DescribeVpcs": ("Vpcs", "VpcId"), "DescribeSecurityGroups": ("SecurityGroups", "GroupId")}
"""The lists of what things lie in: by operation, path and id."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A place whose resources can be listed now; `unseen` is what that look did not see."""

    ground: Ground
    unseen: tuple[Unseen, ...]


def opened(ground: Ground, ec2: Reader, tagging: Reader) -> Iterator[Opened]:
    """Look; one result, whatever happens: what could not be learnt is told in it."""
    homes = {
        id_: recorded.deployment
        for id_, recorded in ground.receipts.items()
        if id_.startswith(("vpc-", "sg-")) and recorded.is_about(ground.place)
    }
    unseen: list[Unseen] = []
    try:
        homes |= _tagged(ec2, ground.project)
        homes |= _groups_within(ec2, homes)
    except (AwsError, CredentialsError) as error:
        reason = f"which VPCs and groups are ours, and so what lies in them: {error.message}"
        unseen.append(Unseen(ground.place, HOMES_UNKNOWN, reason, is_denial(error)))
    known = replace(ground, homes=homes)
    if ground.scope is Scope.PROJECT:
        try:
            known = replace(known, strays=(strays := _strays(tagging, ground.project)))
            unseen += _unknown(ground, strays)
        except (AwsError, CredentialsError) as error:
            unseen.append(Unseen(ground.place, TAGGING_API, error.message, is_denial(error)))
    yield Opened(known, tuple(unseen))


def _tagged(ec2: Reader, project: str) -> dict[str, str]:
    """Our VPCs and groups, by id, with their deployment."""
    ours = {}
    for operation, (path, name) in HOMES.items():
        for each in _listed(ec2, operation, path, {"Name": "tag-key", "Values": [DEPLOYMENT]}):
            deployment = tags_in(each, "Tags").get(DEPLOYMENT, "")
            if deployment.partition("/")[0] == project:
                ours[each[name]] = deployment
    return ours


def _groups_within(ec2: Reader, homes: Mapping[str, str]) -> dict[str, str]:
    """Whoever made them: their rules lie in a VPC of ours."""
    vpcs = [id_ for id_ in homes if id_.startswith("vpc-")]
    if not vpcs:
        return {}
    path, name = HOMES["DescribeSecurityGroups"]
    inside = {"Name": "vpc-id", "Values": vpcs}
    groups = _listed(ec2, "DescribeSecurityGroups", path, inside)
    return {each[name]: homes[each["VpcId"]] for each in groups if each["VpcId"] in homes}


def _listed(
    ec2: Reader, operation: str, path: str, selected: Mapping[str, object]
) -> Iterator[Mapping[str, str]]:
    for page in ec2.pages(operation, {"Filters": [selected]}, LARGEST_PAGE):
        yield from found(page, path)


def _strays(tagging: Reader, project: str) -> frozenset[str]:
    """ARNs of what has our Project tag, or names a deployment of ours."""
    arns = set()
    for selected in ({"Key": "Project", "Values": [project]}, {"Key": DEPLOYMENT}):
        parameters = {"TagFilters": [selected]}
        for page in tagging.pages("GetResources", parameters, LARGEST_TAGGING_PAGE):
            for each in page["ResourceTagMappingList"]:
                tags = tags_in(each, "Tags")
                is_ours = tags.get(DEPLOYMENT, "").partition("/")[0] == project
                if is_ours or tags.get("Project") == project:
                    arns.add(each["ResourceARN"])
    return frozenset(arns)


def _unknown(ground: Ground, strays: Iterable[str]) -> Iterator[Unseen]:
    """What has no row, so that no list tells whether it is there or gone since."""
    for arn in sorted(strays):
        if not any(kind.owns(arn) for kind in KINDS):
            reason = f"{arn} has our tags, and no kind of the catalogue can confirm it"
            yield Unseen(ground.place, arn.split(":")[2], reason)
