"""What later work needs to know, by names that stay: from receipts to outputs. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from umetrics.errors import StateError
from umetrics.state import State

ID_OUTPUTS: Mapping[str, str] = {
    "vpc": "vpc_id",
    "internet-gateway": "internet_gateway_id",
    "nat-gateway": "nat_gateway_id",
    "elastic-ip/nat": "nat_elastic_ip_id",
    "route-table/public": "public_route_table_id",
    "route-table/private": "private_route_table_id",
    "endpoint/s3": "s3_endpoint_id",
    "security-group/alb": "alb_security_group_id",
    "security-group/openreplay": "openreplay_security_group_id",
    "security-group/umami": "umami_security_group_id",
}
ARN_OUTPUTS: Mapping[str, str] = {
    "role/ecs-task-execution": "ecs_task_execution_role_arn",
    "role/openreplay-task": "openreplay_task_role_arn",
    "role/umami-task": "umami_task_role_arn",
    "role/grafana": "grafana_role_arn",
    "policy/lambda-emf": "lambda_emf_policy_arn",
}
LIST_OUTPUTS: Mapping[str, str] = {
    "subnet/public-": "public_subnet_ids",
    "subnet/private-": "private_subnet_ids",
}

Output = str | list[str]


def outputs(state: State) -> dict[str, Output]:
    """Every output that the receipts hold; subnets in the order of their zones."""
    receipts = state.receipts
    values: dict[str, Output] = {
        "deployment": state.deployment,
        "account_id": state.account,
        "region": state.region,
    }
    values |= {name: receipts[key].id for key, name in ID_OUTPUTS.items() if key in receipts}
    for prefix, name in LIST_OUTPUTS.items():
        values[name] = [receipts[key].id for key in sorted(receipts) if key.startswith(prefix)]
    values |= {name: receipts[key].arn for key, name in ARN_OUTPUTS.items() if key in receipts}
    return values


_UNQUOTED = re.compile(r"[A-Za-z0-9_+=,.@:/-]*")
"""All that ids and ARNs consist of; a shell that sources the file sees no more in it than we do."""


def as_dotenv(values: Mapping[str, Output]) -> str:
    """`VPC_ID=vpc-1` lines, unquoted; lists are joined by commas.

    Raises `StateError` for a value that no AWS id is like: the file is there to be sourced.
    """
    lines = {name.upper(): _joined(value) for name, value in values.items()}
    for name, text in lines.items():
        if not _UNQUOTED.fullmatch(text):
            raise StateError(
                f"{name} is recorded as {text!r}, which is no AWS id",
                hint="correct the state file, or move it away: the next `umetrics up` rebuilds it",
            )
    return "".join(f"{name}={text}\n" for name, text in lines.items())


def _joined(value: Output) -> str:
    return value if isinstance(value, str) else ",".join(value)
