"""The keys that our calls will carry, as IAM's simulator is to be told them. Pure.

Every call of umetrics that makes something carries all its tags, and what is changed has them;
policies of a company may ask for more of these than umetrics' own. A call that puts tags right
carries those that were lacking, as far as a plan tells them, else all. What differs from kind to
kind (`Name`, `Component`) is its own in what is made, and the VPC's on what is there.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from umetrics import tags
from umetrics.deployer import Need, Place
from umetrics.deployer.arn import PARAMETERS, POLICIES, VPC
from umetrics.deployer.condition import CARRIED, FLOW_LOG_SERVICE, REQUESTED
from umetrics.deployer.need import EVERYTHING, Guard, Task
from umetrics.doctor import mending
from umetrics.doctor.planned import KEYS, REGIONLESS, Planned

KEY = "vpc"
"""Of the resource whose tags stand for those of all that are there."""

IAM_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
}
"""What `aws:RequestedRegion` says of IAM, which is one for all regions of a partition."""

WITHOUT_A_REGION = ("budgets:", "ce:", "cloudfront:", "iam:", "organizations:", "route53:")

Keys = dict[str, str | tuple[str, ...]]
"""Context keys, with one value or several."""

OF_EC2 = frozenset(
    {
        *(Guard.BORN, Guard.AT_BIRTH, Guard.TAKEN_OVER, Guard.INSIDE, Guard.OURS),
        *(Guard.EMPTIED, Guard.MARKED_FIRST, Guard.MARKED),
    }
)

TAGGING = "ec2:CreateTags"
"""What carries tags, whatever it is that they are put on."""

MAKING = frozenset({"iam:CreatePolicy", "iam:CreateRole", "logs:CreateLogGroup"})
"""Creates of what has a name in its ARN."""

WITH_TAGS = frozenset(
    {
        *("iam:TagPolicy", "iam:TagRole", "iam:UntagPolicy", "iam:UntagRole"),
        *("logs:TagResource", "logs:UntagResource"),
        *("budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"),
        *("ssm:AddTagsToResource", "ssm:PutParameter", "ssm:RemoveTagsFromResource"),
    }
)
"""Calls about such a thing, there already or not, that carry its tags."""

RETAGGING = mending.TAGGING - {TAGGING}
"""Those of them by which tags are put right."""

BOOLEAN = frozenset({"aws:SecureTransport"})

_OURS_TO_KNOW = re.compile(
    r"(aws|ec2|iam):(Request|Resource)Tag/.+|aws:(TagKeys|RequestedRegion|SecureTransport)"
    r"|ec2:(CreateAction|Region)|iam:(PolicyARN|PermissionsBoundary|PassedToService)",
    re.IGNORECASE,
)


_OF_RESOURCE = re.compile(r"(aws|ec2|iam):ResourceTag/.+", re.IGNORECASE)


def is_ours_to_know(key: str, *, tags_known: bool = True) -> bool:
    """Whether a key that we do not give is one that the call will not carry either.

    `tags_known` says whether all tags are that the resource has: others' may have any but those by
    which umetrics knows its own.
    """
    if not tags_known and _OF_RESOURCE.fullmatch(key):
        return key.partition("/")[2].casefold().startswith(tags.IDENTITY_PREFIX)
    return _OURS_TO_KNOW.fullmatch(key) is not None


@dataclass(frozen=True, slots=True)
class Carried:
    """Keys with their values, in the order of their names."""

    entries: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, str | tuple[str, ...]]) -> Carried:
        """From a mapping; a single value is one."""
        pairs = ((key, (each,) if isinstance(each, str) else each) for key, each in given.items())
        return cls(tuple(sorted(pairs)))

    @property
    def context_entries(self) -> list[dict[str, object]]:
        """The parameter of the simulator."""
        return [
            {
                "ContextKeyName": key,
                "ContextKeyValues": list(values),
                "ContextKeyType": _type_of(key, values),
            }
            for key, values in self.entries
        ]


def _type_of(key: str, values: tuple[str, ...]) -> str:
    if key in BOOLEAN:
        return "boolean"
    return "stringList" if key == "aws:TagKeys" or len(values) > 1 else "string"


def full_tags(place: Place, template: str = VPC) -> dict[str, str]:
    """All tags of the first resource of a template; of the VPC, where it is not known."""
    key = KEYS.get(template, KEY)
    if template == PARAMETERS:
        key = f"parameter{min(place.parameters, default='/*').replace('*', 'vpc_id')}"
    full = tags.observability_tags(place.config.deployment, key, _required(place))
    return {**full, **({tags.REGION: place.scope.region} if template in REGIONLESS else {})}


def put(need: Need, action: str, template: str, place: Place, planned: Planned) -> tags.Tags:
    """The tags that a call puts on what it makes or tags, if it puts any."""
    lacking = planned.lacking.get(template)
    if action == TAGGING and need.guard is Guard.OURS:
        return lacking or full_tags(place)
    if action in RETAGGING and lacking:
        return lacking
    return planned.made.get(template) or full_tags(place, template)


def _required(place: Place) -> dict[str, str]:
    config = place.config
    return tags.required_tags(
        config.stage, config.owner, project=config.project, environment=config.environment
    )


def carried(
    need: Need,
    place: Place,
    action: str,
    *,
    create: str = "",
    foreign: tags.Tags | None = None,
    given: tags.Tags | None = None,
) -> Carried:
    """What a call of `action` under this need carries.

    `create` is the create of EC2 that it is, or that it is a part of. `foreign` is None where what
    is named is ours, else the tags that are known of what others have. `given` are those that it
    puts on something, if it does.
    """
    keys: Keys = {
        "aws:RequestedRegion": _region(action, place),
        "aws:SecureTransport": "true",
    }
    if action.startswith("ec2:"):
        keys["ec2:Region"] = place.scope.region
    keys |= _of_guard(need, place, action, foreign, given or {})
    if create:
        keys["ec2:CreateAction"] = create
    return Carried.of(keys)


def _region(action: str, place: Place) -> str:
    """Of the action's own service: one need may have actions of several."""
    if action.casefold().startswith(WITHOUT_A_REGION):
        return IAM_REGIONS.get(place.scope.partition, place.scope.region)
    return place.scope.region


def _of_guard(
    need: Need, place: Place, action: str, foreign: tags.Tags | None, given: tags.Tags
) -> Keys:
    if need.guard in OF_EC2:
        tagged = _requested(given) if action == TAGGING and need.guard is Guard.OURS else {}
        return {**_of_ec2(need, place, foreign, given), **tagged}
    service = need.actions[0].partition(":")[0]
    if need.guard is Guard.ATTACHING:
        name = f"{place.config.project}-{place.config.stage}-ObservabilityLambdaEmf"
        attached = place.filled(POLICIES).removesuffix("*") + name
        return {"iam:PolicyARN": attached, **_there(foreign or {}, "aws", "iam")}
    if need.guard is Guard.PASSED_ON:
        return {"iam:PassedToService": FLOW_LOG_SERVICE}
    if foreign is not None:
        return _there(foreign, *dict.fromkeys(("aws", service)))
    if need.resources == (EVERYTHING,):
        return {}
    return _of_named(need.task, action, place, given)


def _of_ec2(need: Need, place: Place, foreign: tags.Tags | None, given: tags.Tags) -> Keys:
    beside = tags.implicit_tags(place.config.deployment, KEY, _required(place))
    match need.guard:
        case Guard.INSIDE | Guard.OURS:
            return _there(full_tags(place) if foreign is None else foreign, "aws", "ec2")
        case Guard.EMPTIED | Guard.MARKED_FIRST:
            return _requested(beside)
        case Guard.MARKED:
            # `up` gives all at once to what lacks any; a repair of tags gives what is lacking.
            lacking = beside if need.task is Task.BUILD else {"Owner": beside["Owner"]}
            return {**_requested(lacking), **_there(beside, "aws", "ec2")}
    return _requested(given)


def _of_named(task: Task, action: str, place: Place, given: tags.Tags) -> Keys:
    """Of what has a name in its ARN: what is made has no tags yet, and few calls carry any."""
    service = action.partition(":")[0]
    boundary = place.config.iam.permissions_boundary
    there = _there(full_tags(place), *dict.fromkeys(("aws", service)))
    if task in {Task.LOOK, Task.CHECK}:
        return there
    bound = {"iam:PermissionsBoundary": boundary} if boundary and service == "iam" else {}
    if action in MAKING:
        return {**_requested(given), **bound}
    return {**there, **(_requested(given) if action in WITH_TAGS else {}), **bound}


def _requested(given: tags.Tags) -> Keys:
    return {
        **{REQUESTED + key: value for key, value in given.items()},
        "aws:TagKeys": tuple(given),
    }


def _there(given: tags.Tags, *prefixes: str) -> Keys:
    ending = CARRIED.partition(":")[2]
    return {f"{each}:{ending}{key}": value for each in prefixes for key, value in given.items()}
