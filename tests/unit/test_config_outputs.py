"""The table [outputs]: what names may be called, what they may stand for, and what is said else."""

from __future__ import annotations

from pathlib import Path

import pytest

from umetrics.config import Config, entries, load
from umetrics.config.outputs import SOURCES
from umetrics.errors import ConfigurationError
from umetrics.provision.blueprint import Facts, blueprint
from umetrics.provision.scope import Scope


def loaded(folder: Path, text: str, stage: str = "dev", **environment: str) -> Config:
    (folder / "umetrics.toml").write_text(text, encoding="utf-8")
    return load(stage, folder=folder, environment=environment)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder, text)
    return [str(each) for each in caught.value.problems]


def test_names_of_a_stage_count_before_those_of_all_stages_and_variables_before_both(
    tmp_path: Path,
) -> None:
    text = """
        [outputs]
        metrics_vpc = "vpc"
        metrics_role = "role/grafana.name"
        [stages.prod.outputs]
        metrics_role = "role/umami-task"
        metrics_zones = "subnet/private-*.zone"
    """
    variable = {"UMETRICS_OUTPUTS_METRICS_VPC": "internet-gateway", "UMETRICS_OUTPUTS_X_Y": "vpc"}
    dev, prod = (loaded(tmp_path, text, stage, **variable) for stage in ("dev", "prod"))
    both = ("metrics_vpc", "internet-gateway")
    assert dev.outputs == (both, ("metrics_role", "role/grafana.name"))
    assert prod.outputs == (
        both,
        ("metrics_role", "role/umami-task"),
        ("metrics_zones", "subnet/private-*.zone"),
    )
    assert [(each.key, each.origin) for each in entries(prod)][-3:] == [
        ("outputs.metrics_vpc", "environment UMETRICS_OUTPUTS_METRICS_VPC"),
        ("outputs.metrics_role", "umetrics.toml [stages.prod.outputs] metrics_role"),
        ("outputs.metrics_zones", "umetrics.toml [stages.prod.outputs] metrics_zones"),
    ]


@pytest.mark.parametrize(
    ("source", "suggestion"),
    [
        ("vcp", "vpc"),
        ("vpc.arn", "vpc"),
        ("vpc.", "vpc"),
        ("grafana", "role/grafana"),
        ("role/grafana.nam", "role/grafana.name"),
        ("role/grafan.name", "role/grafana.name"),
        ("subnet/privat-a", "subnet/private-a"),
        ("role/*", ""),
        ("", ""),
    ],
)
def test_a_source_that_is_none_is_refused_with_the_one_that_was_meant(
    tmp_path: Path, source: str, suggestion: str
) -> None:
    (told,) = problems(tmp_path, f'[outputs]\nmetrics_thing = "{source}"')
    assert told.startswith(f'umetrics.toml [outputs] metrics_thing: found "{source}"; allowed: the')
    assert told.endswith(f"Did you mean {suggestion}?" if suggestion else "(docs/outputs.md)")


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("appVpc", "app_vpc"),
        ("app-vpc", "app_vpc"),
        ("app__vpc", "app_vpc"),
        ("vpc-id", ""),
        ("path", ""),
        ("aws_profile", ""),
        ("app_1", ""),
        ("a.b", "a_b"),
        ("app_vpc\\n", ""),
        ("ünder_standing", ""),
        (f"a_{'b' * 63}", ""),
    ],
)
def test_a_name_that_could_mean_something_else_is_refused(
    tmp_path: Path, name: str, suggestion: str
) -> None:
    (told,) = problems(tmp_path, f'[outputs]\n"{name}" = "vpc"')
    assert "found the name" in told
    assert "allowed: two or more words" in told
    assert told.endswith(f"Did you mean {suggestion}?" if suggestion else "tf nor umetrics")


@pytest.mark.parametrize("name", ["vpc_id", "grafana_role_arn", "region"])
def test_the_standard_names_keep_their_meaning(tmp_path: Path, name: str) -> None:
    (told,) = problems(tmp_path, f'[outputs]\n{name} = "internet-gateway"')
    assert f"found the standard name {name}" in told


def test_every_slip_of_every_stage_is_told_at_once(tmp_path: Path) -> None:
    text = """
        output = 5
        [outputs]
        metrics_vpc = 5
        [stages.dev]
        outputs = "vpc"
        [stages.prod.outputs]
        metrics_role = "role/grafan"
    """
    assert [told.partition("; ")[0] for told in problems(tmp_path, text)] == [
        "umetrics.toml output: found an unknown key",
        "umetrics.toml [outputs] metrics_vpc: found 5",
        'umetrics.toml [stages.dev] outputs: found "vpc"',
        'umetrics.toml [stages.prod.outputs] metrics_role: found "role/grafan"',
    ]


def test_a_wrong_variable_is_told_as_every_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="environment UMETRICS_OUTPUTS_METRICS_VPC: found"):
        loaded(tmp_path, '[outputs]\nmetrics_vpc = "vpc"', UMETRICS_OUTPUTS_METRICS_VPC="vcp")


def test_whatever_umetrics_can_build_can_be_named(tmp_path: Path) -> None:
    flags = {"network.zones": "3", "network.nat": "per-zone", "network.cidr": "10.0.0.0/22"}
    flags |= {"flow_logs.enabled": "yes", "budget.enabled": "yes"}
    config = load("dev", folder=tmp_path, environment={}, flags=flags)
    zones = ("use1-az1", "use1-az2", "use1-az4")
    built = blueprint(config, Facts(Scope("aws", "us-east-1", "123456789012"), zones))
    keys = {resource.key for resource in built.resources}
    # The rules of a group are parts of it; nothing else can refer to them.
    assert {each for each in keys if not each.startswith("rules/")} == {
        each for each in SOURCES if "*" not in each
    }
