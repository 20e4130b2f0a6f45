"""Outputs as SSM parameters: which ones a path holds, and under what names. Pure.

They are wanted by whoever publishes, not by the foundation: `up` neither makes nor mends them, and
only `destroy` takes them away with the rest. A list without elements is no parameter, since AWS
stores no empty value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from umetrics import tags as tag_scheme
from umetrics.errors import UsageError, listed
from umetrics.provision.model import Blueprint, Resource, Snapshot
from umetrics.provision.resources.parameter import Parameter

if TYPE_CHECKING:
    from umetrics.config import Config
    from umetrics.outputs import Output

KEY = "parameter"
"""What the key of each begins with; the parameter's own name, which begins with `/`, follows."""

LEVELS = 14
"""AWS allows a name 15 levels, and an output's own name is the last."""

LONGEST_VALUE = 4096
"""Characters, in the standard tier."""

PREFIX = re.compile(r"(/[A-Za-z0-9_.-]+)+")
RESERVED = re.compile(r"/(aws|ssm)", re.IGNORECASE)


def prefix_of(text: str) -> str:
    """The path to publish under, without a slash at its end; `UsageError` for what is none.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
    """
    prefix = text.rstrip("/")
    if not PREFIX.fullmatch(prefix) or RESERVED.match(prefix) or prefix.count("/") > LEVELS:
        raise UsageError(
            f"{text!r} is no path for SSM parameters",
            hint=f"name one like /umetrics/dev: at most {LEVELS} levels of letters, digits and "
            "_.-, each after a slash, the first beginning with neither aws nor ssm",
        )
    return prefix


def publication(config: Config, values: Mapping[str, Output], prefix: str) -> Blueprint:
    """The parameters that hold these outputs; `UsageError` for what AWS would not take."""
    required = tag_scheme.required_tags(
        config.stage, config.owner, project=config.project, environment=config.environment
    )
    resources = tuple(_parameters(config.deployment, values, prefix, required))
    problems = [
        problem
        for each in resources
        for problem in (*tag_scheme.violations(each.tags), *_too_long(each.spec))
    ]
    if problems:
        raise UsageError(
            f"these outputs do not fit into SSM parameters:{listed(problems)}",
            hint="name a shorter path, or publish fewer names in [outputs]",
        )
    return Blueprint(config.deployment, resources, required)


def published(snapshot: Snapshot, prefix: str) -> Snapshot:
    """Of what was found, the parameters directly under a path."""
    return snapshot.of([key for key in snapshot.found if key.rpartition("/")[0] == KEY + prefix])


def unpublished(snapshot: Snapshot) -> Snapshot:
    """What was found without any parameters: what the foundation itself is judged by."""
    return snapshot.of([key for key in snapshot.found if not key.startswith(f"{KEY}/")])


def _parameters(
    deployment: str, values: Mapping[str, Output], prefix: str, required: tag_scheme.Tags
) -> Iterator[Resource[Parameter]]:
    for name, value in values.items():
        path = f"{prefix}/{name}"
        key = f"{KEY}{path}"
        tags = tag_scheme.observability_tags(deployment, key, required)
        if isinstance(value, str):
            yield Resource(key, Parameter(path, "String", (value,)), tags)
        elif value:
            yield Resource(key, Parameter(path, "StringList", tuple(value)), tags)


def _too_long(spec: Parameter) -> Iterator[str]:
    length = len(",".join(spec.value))
    if length > LONGEST_VALUE:
        yield f"the value of {spec.name} has {length} characters; AWS stores {LONGEST_VALUE}"
