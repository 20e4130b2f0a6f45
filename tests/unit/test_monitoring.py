"""What the settings for flow logs and a budget add to the blueprint, and nothing without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from umetrics.config import Config, load
from umetrics.errors import ConfigurationError
from umetrics.library.unsought import REMEDIES, warnings_of
from umetrics.provision.model import Found, Snapshot
from umetrics.provision.monitoring import budget, demanded_kinds, flow_logs
from umetrics.provision.permissions import flow_logs_permissions, flow_logs_trust
from umetrics.provision.plan import plan_destroy
from umetrics.provision.references import references
from umetrics.provision.resources import HANDLERS, KINDS
from umetrics.provision.resources.budget import Alert, Budget
from umetrics.provision.resources.flow_log import FlowLog, Named
from umetrics.provision.resources.log_group import LogGroup
from umetrics.provision.resources.role import Role
from umetrics.provision.scope import Scope
from umetrics.render.line import Look, compose
from umetrics.render.plan import plan_lines

SCOPE = Scope("aws-us-gov", "us-gov-west-1", "123456789012")
GROUP = "/umetrics/Shop/qa/flow-logs"
ROLE = "Shop-qa-ObservabilityFlowLogs"
BASE = {"project": "Shop", "owner": "team@example.org"}


def config(tmp_path: Path, **flags: str) -> Config:
    path = tmp_path / "umetrics.toml"
    path.write_text('[stages.qa]\nenvironment = "staging"\n')
    named = {key.replace("__", "."): value for key, value in flags.items()}
    return load("qa", path=path, environment={}, flags={**BASE, **named})


def test_by_default_nothing_is_watched_and_nothing_asked_for(tmp_path: Path) -> None:
    default = config(tmp_path)
    assert (*flow_logs(default, SCOPE), *budget(default)) == ()
    assert demanded_kinds(default) == frozenset()


def test_of_each_kind_that_is_off_by_default_one_can_say_how_it_is_looked_for() -> None:
    off = [kind for kind, handler in HANDLERS.items() if handler.on_demand]
    assert set(REMEDIES) == set(off)
    (warning,) = warnings_of(off)
    assert all(KINDS[kind].label in warning for kind in off)
    assert warnings_of([]) == ()


def test_flow_logs_are_a_group_a_role_and_the_log_of_the_vpc(tmp_path: Path) -> None:
    boundary = "arn:aws-us-gov:iam::123456789012:policy/boundary"
    chosen = config(
        tmp_path,
        flow_logs__enabled="true",
        flow_logs__retention_days="365",
        flow_logs__traffic="reject",
        iam__permissions_boundary=boundary,
    )

    parts = dict(flow_logs(chosen, SCOPE))

    assert parts == {
        "log-group/flow-logs": LogGroup(GROUP, 365),
        "role/flow-logs": Role(
            ROLE,
            "/umetrics/Shop/qa/",
            flow_logs_trust(SCOPE),
            flow_logs_permissions(SCOPE, log_group=GROUP),
            boundary,
        ),
        "flow-log/vpc": FlowLog(
            "vpc",
            Named(GROUP),
            Named(f"arn:aws-us-gov:iam::123456789012:role/umetrics/Shop/qa/{ROLE}"),
            "REJECT",
        ),
    }
    assert demanded_kinds(chosen) == {"LogGroup", "FlowLog"}


def test_a_flow_log_waits_for_all_that_it_names(tmp_path: Path) -> None:
    parts = dict(flow_logs(config(tmp_path, flow_logs__enabled="true"), SCOPE))
    assert references(parts["flow-log/vpc"]) == {"vpc", "log-group/flow-logs", "role/flow-logs"}


def test_its_role_may_write_to_its_group_and_to_no_other() -> None:
    (deliver, find) = flow_logs_permissions(SCOPE, log_group=GROUP).statements
    assert deliver["Resource"] == [
        f"arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:{GROUP}:*"
    ]
    assert find["Action"] == ["logs:DescribeLogGroups"]
    assert "logs:CreateLogGroup" not in deliver["Action"]


def test_its_role_is_for_flow_logs_of_this_account_and_region_alone() -> None:
    (statement,) = flow_logs_trust(SCOPE).statements
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {
            "aws:SourceArn": "arn:aws-us-gov:ec2:us-gov-west-1:123456789012:vpc-flow-log/*"
        },
    }


def test_a_vpc_that_others_share_gets_no_flow_log_of_ours(tmp_path: Path) -> None:
    chosen = config(tmp_path, flow_logs__enabled="true", network__vpc_id="vpc-0123456789abcdef0")
    with pytest.raises(ConfigurationError, match=r"flow_logs\.enabled: found true"):
        list(flow_logs(chosen, SCOPE))


def test_a_budget_counts_the_project_and_mails_its_owner(tmp_path: Path) -> None:
    chosen = config(tmp_path, budget__enabled="true")
    alerts = frozenset({Alert(80, "team@example.org"), Alert(100, "team@example.org")})
    assert dict(budget(chosen)) == {
        "budget/monthly": Budget("Shop-qa-monthly", "150", "user:Project$Shop", alerts)
    }
    assert demanded_kinds(chosen) == {"Budget"}


def test_a_budget_mails_whom_the_setting_names_and_the_owner_only_if_named(tmp_path: Path) -> None:
    chosen = config(tmp_path, budget__enabled="true", budget__emails="a@b.co, c@d.co")
    (wanted,) = dict(budget(chosen)).values()
    assert {alert.address for alert in wanted.alerts} == {"a@b.co", "c@d.co"}


def test_a_plan_that_deletes_the_group_says_what_goes_with_it(tmp_path: Path) -> None:
    group = Found(GROUP, LogGroup(GROUP, 30), {})
    plan = plan_destroy(Snapshot("Shop/qa", {"log-group/flow-logs": (group,)}), KINDS)
    told = compose(plan_lines(plan), Look())
    assert "with all that was logged to it, for good" in told
