"""The tag scheme: which tags a resource of ours carries, and what AWS allows in a tag.

Pure: values in, values out. Nothing here knows AWS clients or resource kinds; a resource is known
by its key (`subnet/private-a`). The scheme is section 2 of the requirements; AWS's limits are
https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

Tags = Mapping[str, str]

DEPLOYMENT = "umetrics:deployment"
RESOURCE = "umetrics:resource"
IDENTITY_KEYS = frozenset({DEPLOYMENT, RESOURCE})
IDENTITY_PREFIX = "umetrics:"
"""Of all keys by which umetrics tells whose a thing is: nobody else's rules are about them."""

REGION = "umetrics:region"
"""On what knows no region (IAM, budgets): where the deployment lives that it belongs to."""

PROJECT = "UserMetrics"
COST_CENTER = "Observability"
MANAGED_BY = "umetrics"
UNSET_OWNER = "engineering@example.com"

MAXIMUM_TAGS = 50
MAXIMUM_KEY_LENGTH = 128
MAXIMUM_VALUE_LENGTH = 256
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
PORTABLE_CHARACTERS = re.compile(r"[\w +\-=.:/@]*")


def _networking(tier: str) -> Tags:
    return MappingProxyType(
        {"Component": "Networking", "Function": "Networking", "NetworkTier": tier}
    )


def _security(purpose: str) -> Tags:
    return MappingProxyType({"Component": "Networking", "Function": "Security", "Purpose": purpose})


def _access(purpose: str, level: str) -> Tags:
    return MappingProxyType(
        {
            "Component": "IAM",
            "Function": "AccessControl",
            "Purpose": purpose,
            "AccessLevel": level,
        }
    )


FLOW_LOGS = MappingProxyType(
    {"Component": "Networking", "Function": "Monitoring", "Purpose": "FlowLogs"}
)
MONITORING = MappingProxyType({"Component": "Observability", "Function": "Monitoring"})

COMPONENT_TAGS: Mapping[str, Tags] = MappingProxyType(
    {
        "vpc": _networking("Private"),
        "subnet/private-*": _networking("Private"),
        "route-table/private*": _networking("Private"),
        "endpoint/*": _networking("Private"),
        "internet-gateway": _networking("Public"),
        "subnet/public-*": _networking("Public"),
        "route-table/public": _networking("Public"),
        "elastic-ip/*": _networking("Public"),
        "nat-gateway*": _networking("Public"),
        "security-group/alb": _security("LoadBalancer"),
        "rules/alb": _security("LoadBalancer"),
        "security-group/*": _security("ECSAccess"),
        "rules/*": _security("ECSAccess"),
        "role/ecs-task-execution": _access("ECSTaskExecution", "ReadWrite"),
        "role/openreplay-task": _access("OpenReplayTask", "ReadWrite"),
        "role/umami-task": _access("UmamiTask", "ReadWrite"),
        "role/grafana": _access("GrafanaAccess", "ReadOnly"),
        "policy/lambda-emf": _access("LambdaMetrics", "ReadWrite"),
        "role/flow-logs": _access("FlowLogs", "ReadWrite"),
        "log-group/flow-logs": FLOW_LOGS,
        "flow-log/*": FLOW_LOGS,
        "budget/*": MONITORING,
        "parameter/*": MappingProxyType(
            {"Component": "Observability", "Function": "Configuration", "Purpose": "Outputs"}
        ),
    }
)
"""Functional tags by key pattern (fnmatch); the first pattern that fits a key counts."""


def required_tags(
    stage: str,
    owner: str,
    *,
    project: str = PROJECT,
    environment: str | None = None,
) -> dict[str, str]:
    """The five tags that finance and security expect on everything.

    `environment` is one of dev, staging, prod; without it the stage's own name is taken.
    """
    return {
        "Project": project,
        "Environment": environment or stage,
        "ManagedBy": MANAGED_BY,
        "CostCenter": COST_CENTER,
        "Owner": owner,
    }


def functional_tags(key: str) -> Tags:
    """The functional tags of one resource key; `KeyError` for one that the scheme does not know."""
    for pattern, tags in COMPONENT_TAGS.items():
        if fnmatchcase(key, pattern):
            return tags
    raise KeyError(key)


def deployment_name(project: str, stage: str) -> str:
    """The value of the deployment tag: which umetrics deployment owns a resource."""
    return f"{project}/{stage}"


def identity_tags(deployment: str, key: str) -> dict[str, str]:
    """The pair by which a resource is found again, and without which it is never deleted."""
    return {DEPLOYMENT: deployment, RESOURCE: key}


def name_of(deployment: str, key: str) -> str:
    """The `Name` tag: `UserMetrics-dev-subnet-private-a`."""
    return f"{deployment}-{key}".replace("/", "-")


def observability_tags(deployment: str, key: str, required: Tags) -> dict[str, str]:
    """Everything a resource of ours carries: required, functional, `Name` and the identity pair."""
    return {
        "Name": name_of(deployment, key),
        **required,
        **functional_tags(key),
        **identity_tags(deployment, key),
    }


def implicit_tags(deployment: str, parent_key: str, required: Tags) -> dict[str, str]:
    """What AWS makes together with `parent_key` carries: the parent's tags without its identity."""
    return {
        "Name": name_of(deployment, f"{parent_key}-default"),
        **required,
        **functional_tags(parent_key),
    }


def missing(wanted: Tags, found: Tags) -> dict[str, str]:
    """The wanted tags that `found` lacks or holds with another value; others do not matter."""
    return {key: value for key, value in wanted.items() if found.get(key) != value}


def violations(tags: Tags) -> list[str]:
    """What AWS would refuse about these tags, one sentence each; empty when all is well."""
    found: list[str] = []
    if len(tags) > MAXIMUM_TAGS:
        found.append(f"{len(tags)} tags; AWS allows {MAXIMUM_TAGS} on one resource")
    folded: dict[str, str] = {}
    for key, value in tags.items():
        found.extend(_violations_of_pair(key, value))
        twin = folded.setdefault(key.casefold(), key)
        if twin != key:
            found.append(f"keys {twin!r} and {key!r} are one key to IAM, which ignores case")
    return found


def _violations_of_pair(key: str, value: str) -> list[str]:
    found: list[str] = []
    if not 1 <= len(key) <= MAXIMUM_KEY_LENGTH:
        found.append(f"key {key!r} must have 1 to {MAXIMUM_KEY_LENGTH} characters")
    if len(value) > MAXIMUM_VALUE_LENGTH:
        found.append(f"the value of {key!r} is longer than {MAXIMUM_VALUE_LENGTH} characters")
    if key.casefold().startswith("aws:"):
        found.append(f"key {key!r} starts with aws:, which is reserved")
    found.extend(
        f"{text!r} has characters other than letters, digits, space and + - = . _ : / @"
        for text in (key, value)
        if not PORTABLE_CHARACTERS.fullmatch(text)
    )
    return found
