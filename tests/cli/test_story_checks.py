"""The checks of the story that umetrics comes from, as its author would make them after `up`.

They are made by plain boto3, and by the stock AWS CLI where that is installed (`make torture`
installs it).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.cli.command_line import Home
from tests.support.worlds import REGION
from tests.torture.stock_cli import ENVIRONMENT, Cli

OURS = "Name=tag:Project,Values=UserMetrics"

Asking = Callable[..., dict[str, Any]]
"""A service, an operation as the CLI spells it, and its options: the answer."""


def by_boto3(home: Home) -> Asking:
    session = boto3.Session(aws_access_key_id="o", aws_secret_access_key="o", region_name=REGION)
    any_service: Any = session.client

    def ask(service: str, operation: str, **options: str) -> dict[str, Any]:
        client = any_service(service, endpoint_url=home.outsider.endpoint_url)
        parameters: dict[str, object] = {}
        for option, text in options.items():
            name, _, value = text.partition(",")
            pair = {name.partition("=")[0]: name.partition("=")[2], "Values": [value[7:]]}
            parameters["".join(word.title() for word in option.split("_"))] = [pair]
        answer: dict[str, Any] = getattr(client, operation.replace("-", "_"))(**parameters)
        return answer

    return ask


def by_stock_cli(home: Home) -> Asking:
    program = shutil.which("aws", path=ENVIRONMENT / "bin") or shutil.which("aws")
    if program is None:
        pytest.skip("the AWS CLI is not installed")
    cli = Cli(Path(program), home.outsider.endpoint_url)

    def ask(service: str, operation: str, **options: str) -> dict[str, Any]:
        given = (
            part
            for option, text in options.items()
            for part in (f"--{option.replace('_', '-')}", text)
        )
        answer, words = cli.ask(service, operation, *given)
        assert not words, words
        return answer

    return ask


@pytest.fixture(params=[by_boto3, by_stock_cli], ids=["boto3", "stock AWS CLI"])
def ask(request: pytest.FixtureRequest, built: Home) -> Asking:
    asking: Asking = request.param(built)
    return asking


def test_the_vpc_and_its_groups_are_found_by_their_project(ask: Asking, built: Home) -> None:
    receipts = built.receipts
    (vpc,) = ask("ec2", "describe-vpcs", filters=OURS)["Vpcs"]
    assert vpc["VpcId"] == receipts["vpc"]["id"]
    groups = ask("ec2", "describe-security-groups", filters=OURS)["SecurityGroups"]
    assert {each["GroupName"] for each in groups} == {
        "UserMetrics-dev-alb",
        "UserMetrics-dev-openreplay",
        "UserMetrics-dev-umami",
        "default",
    }


def test_the_roles_are_found_by_their_names(ask: Asking) -> None:
    roles = [each["RoleName"] for each in ask("iam", "list-roles")["Roles"]]
    assert sorted(name for name in roles if "Observability" in name) == [
        "UserMetrics-dev-ObservabilityEcsTaskExecution",
        "UserMetrics-dev-ObservabilityGrafana",
        "UserMetrics-dev-ObservabilityOpenReplayTask",
        "UserMetrics-dev-ObservabilityUmamiTask",
    ]


def test_the_tagging_api_finds_what_was_built(ask: Asking, built: Home) -> None:
    listed = ask(
        "resourcegroupstaggingapi", "get-resources", tag_filters="Key=Project,Values=UserMetrics"
    )
    found = {each["ResourceARN"].rpartition("/")[2] for each in listed["ResourceTagMappingList"]}
    # Roles it never tells: https://github.com/aws/aws-sdk/issues/581
    wanted = {
        receipt["id"]
        for key, receipt in built.receipts.items()
        if not key.startswith(("role/", "policy/", "rules/"))
    }
    assert wanted <= found
