"""Which of several values counts, and that each knows where it came from."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from umetrics import tags
from umetrics.config import SETTINGS, Config, Network, entries, load
from umetrics.errors import ConfigurationError, StageUnknown

FILE = """
project = "Shop"
owner = "team@example.org"
region = "eu-west-1"

[network]
cidr = "10.1.0.0/24"
task_ports = [8080]

[stages.prod]
account = "123456789012"
region = "eu-west-2"
network.cidr = "10.2.0.0/23"

[stages.qa]
environment = "staging"

[stages.live]
environment = "prod"

[stages.stillprod]
environment = "prod"
protected = false
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "umetrics.toml").write_text(FILE, encoding="utf-8")
    return tmp_path


def region_of(
    folder: Path, stage: str, flags: dict[str, str], environment: dict[str, str]
) -> tuple[str | None, str]:
    config = load(stage, flags=flags, environment=environment, folder=folder)
    return config.region, config.origins["region"]


def test_flag_then_environment_then_stage_then_top_then_aws_then_default(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path_factory.mktemp("empty")
    aws = {"AWS_REGION": "ap-south-1", "AWS_DEFAULT_REGION": "ap-south-2"}
    ours = {"UMETRICS_REGION": "sa-east-1", **aws}
    flag = {"region": "ca-west-1"}
    assert region_of(folder, "prod", flag, ours) == ("ca-west-1", "flag --region")
    assert region_of(folder, "prod", {}, ours) == ("sa-east-1", "environment UMETRICS_REGION")
    assert region_of(folder, "prod", {}, aws) == ("eu-west-2", "umetrics.toml [stages.prod] region")
    assert region_of(folder, "dev", {}, aws) == ("eu-west-1", "umetrics.toml region")
    assert region_of(empty, "dev", {}, aws) == ("ap-south-1", "environment AWS_REGION")
    del aws["AWS_REGION"]
    assert region_of(empty, "dev", {}, aws) == ("ap-south-2", "environment AWS_DEFAULT_REGION")
    assert region_of(empty, "dev", {}, {}) == (None, "default")


def test_a_stage_overrides_single_keys_of_a_table(folder: Path) -> None:
    prod = load("prod", folder=folder, environment={})
    assert prod.network.cidr == "10.2.0.0/23"
    assert prod.origins["network.cidr"] == "umetrics.toml [stages.prod.network] cidr"
    assert prod.network.task_ports == (8080,)
    assert prod.origins["network.task_ports"] == "umetrics.toml [network] task_ports"
    assert prod.account == "123456789012"
    assert load("dev", folder=folder, environment={}).account is None


def test_variables_carry_numbers_switches_and_lists(tmp_path: Path) -> None:
    config = load(
        "dev",
        folder=tmp_path,
        environment={
            "UMETRICS_NETWORK_PUBLIC_PREFIX": "26",
            "UMETRICS_NETWORK_S3_ENDPOINT": "No",
            "UMETRICS_NETWORK_TASK_PORTS": "80, 8443",
            "UMETRICS_LAMBDA_ROLES": "orders",
            "UMETRICS_DATABASE_CIDRS": "10.5.0.0/24,10.6.0.0/24",
            "UMETRICS_PROTECTED": "true",
            "UMETRICS_PROJECT": "Shop",
        },
    )
    assert config.network == Network(public_prefix=26, s3_endpoint=False, task_ports=(80, 8443))
    assert config.lambda_roles == ("orders",)
    assert config.database.cidrs == ("10.5.0.0/24", "10.6.0.0/24")
    assert config.protected
    assert config.deployment == "Shop/dev"


def test_empty_and_unknown_variables_count_for_nothing(tmp_path: Path) -> None:
    noise = {
        "UMETRICS_REGION": "",
        "AWS_REGION": "",
        "UMETRICS_STAGE": "",
        "UMETRICS_SANDBOX": "1",
        "UMETRICS_STATE_FOLDER": "/elsewhere",
        "UMETRICS_ENVIRONMENT": "prod",
    }
    noisy = load(None, folder=tmp_path, environment=noise)
    assert noisy == load(None, folder=tmp_path, environment={})
    assert noisy.environment == "dev"


def test_the_process_environment_and_folder_are_read_when_asked_not_when_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UMETRICS_STAGE", "staging")
    config = load(None)
    assert config.stage == "staging"
    assert config.origins["stage"] == "environment UMETRICS_STAGE"
    assert config.state_folder == tmp_path / "state"


def test_the_stage_is_the_flag_then_the_variable_then_dev(folder: Path) -> None:
    variable = {"UMETRICS_STAGE": "qa"}
    origins = [
        load("prod", folder=folder, environment=variable).origins["stage"],
        load(None, folder=folder, environment=variable).origins["stage"],
        load(None, folder=folder, environment={}).origins["stage"],
    ]
    assert origins == ["flag --stage", "environment UMETRICS_STAGE", "default"]


@pytest.mark.parametrize(
    ("stage", "environment", "protected"),
    [
        ("dev", "dev", False),
        ("staging", "staging", False),
        ("prod", "prod", True),
        ("qa", "staging", False),
        ("live", "prod", True),
        ("stillprod", "prod", False),
    ],
)
def test_the_environment_is_the_stage_or_what_it_names_and_prod_is_protected(
    folder: Path, stage: str, environment: str, protected: bool
) -> None:
    config = load(stage, folder=folder, environment={})
    assert (config.environment, config.protected) == (environment, protected)


@pytest.mark.parametrize(
    ("asked", "meant"), [("prd", "prod"), ("Dev", "dev"), ("liv", "live"), ("zzz", "")]
)
def test_an_unknown_stage_is_refused_with_the_near_name(
    folder: Path, asked: str, meant: str
) -> None:
    with pytest.raises(StageUnknown) as caught:
        load(asked, folder=folder, environment={})
    assert f"there is no stage '{asked}' (flag --stage)" in str(caught.value)
    assert "dev, staging, prod, qa, live" in str(caught.value)
    assert (f"did you mean {meant}?" in caught.value.hint) == bool(meant)


def test_a_broken_file_is_told_before_an_unknown_stage(folder: Path) -> None:
    (folder / "umetrics.toml").write_text("[stage.qa]", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"Did you mean \[stages\]"):
        load("qa", folder=folder, environment={})


def test_names_follow_project_and_stage(folder: Path) -> None:
    config = load("qa", folder=folder, environment={})
    assert config.storage.session_buckets == ("shop-qa-sessions*",)
    assert config.registry.repositories == ("shop-qa/*",)
    assert config.logs.groups == ("/ecs/shop-qa/*",)
    assert config.secrets.names == ("shop/qa/*",)
    assert config.metrics.namespace == "Shop/qa"
    assert config.search.domains == ("shop-qa-*",)


def test_every_setting_has_an_origin_and_an_entry(folder: Path) -> None:
    config = load("prod", folder=folder, environment={}, flags={"lambda.roles": "a,b"})
    shown = {each.key: each for each in entries(config)}
    assert list(shown) == list(SETTINGS)
    assert set(config.origins) == set(SETTINGS)
    assert shown["lambda.roles"].value == ("a", "b")
    assert shown["lambda.roles"].origin == "flag --lambda-roles"
    assert shown["environment"].origin == "stage"
    assert shown["network.cidr"].value == "10.2.0.0/23"


def test_every_variable_belongs_to_one_setting() -> None:
    variables = [each.variable for each in SETTINGS.values() if each.variable]
    assert len(variables) == len(set(variables))


def test_a_configuration_cannot_be_changed(tmp_path: Path) -> None:
    config = load("dev", folder=tmp_path, environment={})
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.stage = "prod"  # type: ignore[misc]
    assert hash(config) == hash(load("dev", folder=tmp_path, environment={}))


def warnings_of(folder: Path, flags: dict[str, str]) -> list[str]:
    config: Config = load("dev", folder=folder, environment={}, flags=flags)
    return list(config.warnings)


def test_what_should_not_stay_so_is_warned_about_until_it_is_set(tmp_path: Path) -> None:
    owner, connect, reach = warnings_of(tmp_path, {})
    assert tags.UNSET_OWNER in owner
    assert "rds-db:connect on dbuser:*/umami" in connect
    assert "port 5432 in all private ranges" in reach
    pinned = {"owner": "team@example.org", "database.resource_id": "prx-0123456789abcdef0"}
    assert warnings_of(tmp_path, pinned) == [reach]
    assert warnings_of(tmp_path, {**pinned, "database.cidrs": "10.5.0.0/24"}) == []
    assert warnings_of(tmp_path, {**pinned, "database.security_groups": "sg-01234567"}) == []


def test_reading_the_configuration_imports_nothing_heavy() -> None:
    code = "import sys, umetrics.config; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"boto3", "botocore", "rich", "typer", "tenacity"} & set(ran.stdout.split())
