"""What machines read: one envelope, JSON types only, nothing that a terminal would obey."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from umetrics import __version__
from umetrics.errors import AccessDenied, ConfigurationError, Problem
from umetrics.prices import monthly_price
from umetrics.provision.diff import Change, Difference, Missing
from umetrics.provision.events import Done, Failed, Skipped
from umetrics.provision.model import Found, KindInfo, Part, Phase, Ref, Resource
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.policy_document import PolicyDocument
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import Route, RouteTable
from umetrics.render.as_json import (
    error_json,
    outcomes_json,
    plan_json,
    price_json,
    receipts_json,
    value_json,
)
from umetrics.render.document import JsonObject, Run, document, dumps, moment
from umetrics.state import Receipt

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
RUN = Run("run-1", "123456789012", "us-east-1", "dev", sandbox=True)


def through_json(content: JsonObject) -> dict[str, object]:
    loaded = json.loads(dumps(content))
    assert isinstance(loaded, dict)
    return loaded


def test_every_document_says_where_it_comes_from() -> None:
    assert through_json(document("plan", {"clean": True}, RUN, at=AT)) == {
        "schema_version": 1,
        "kind": "plan",
        "tool_version": __version__,
        "run_id": "run-1",
        "created_at": "2026-03-01T09:30:00Z",
        "account": "123456789012",
        "region": "us-east-1",
        "stage": "dev",
        "sandbox": True,
        "clean": True,
    }


def test_times_are_utc_whatever_the_clock_says() -> None:
    assert moment(datetime(2026, 3, 1, 11, 30, tzinfo=timezone(timedelta(hours=2)))) == (
        "2026-03-01T09:30:00Z"
    )
    with pytest.raises(ValueError, match="no time zone"):
        moment(datetime(2026, 3, 1))  # noqa: DTZ001 - that it is refused is the point


def test_text_for_machines_holds_no_control_characters_and_loses_none() -> None:
    hostile = "\x1b[31m\x9b\u202e日本\ud800"
    shown = dumps({"value": hostile})
    assert shown.isascii()
    assert "\x1b" not in shown
    assert json.loads(shown)["value"] == hostile


def test_a_plan_says_what_each_step_does_and_why() -> None:
    kind = KindInfo("RouteTable", "route table")
    blackhole, wanted = Route("0.0.0.0/0", "nat-0", blackhole=True), Route("0.0.0.0/0", "nat-1")
    spec = RouteTable("vpc-1", frozenset({blackhole}))
    found = Found("rtb-1", spec, {"umetrics:resource": "route-table/private"})
    difference = Difference(
        spec,
        (Change("routes", blackhole, wanted),),
        (Missing({"Owner": "a"}), Missing({"Owner": "a"}, Part("rule", "sgr-1"))),
        (Route("10.1.0.0/16", "pcx-1"),),
    )
    step = Step(
        "route-table/private",
        kind,
        Action.UPDATE,
        desired=Resource("route-table/private", RouteTable(Ref("vpc")), {}),
        found=found,
        difference=difference,
        dying=(Found("rtb-0", spec, {}, phase=Phase.FAILED, note="why"),),
        requires=frozenset({"vpc", "nat-gateway"}),
    )
    body = through_json(
        plan_json(
            Plan("UserMetrics/dev", (step,), (found,)),
            price=monthly_price(["NatGateway"], "us-east-1"),
            warnings=["set `owner`"],
        )
    )
    assert body["clean"] is False
    assert body["summary"] == {"none": 0, "create": 0, "update": 1, "delete": 0, "conflict": 0}
    assert body["warnings"] == ["set `owner`"]
    assert body["orphans"] == [{"key": "route-table/private", "id": "rtb-1", "arn": ""}]
    assert body["steps"] == [
        {
            "key": "route-table/private",
            "kind": "RouteTable",
            "label": "route table",
            "action": "update",
            "id": "rtb-1",
            "reason": "",
            "requires": ["nat-gateway", "vpc"],
            "desired": {"vpc": {"ref": "vpc"}, "routes": [], "associations": []},
            "changes": [
                {
                    "field": "routes",
                    "before": value_json(blackhole),
                    "after": value_json(wanted),
                    "fixed": False,
                }
            ],
            "missing_tags": [
                {"part": None, "tags": {"Owner": "a"}},
                {"part": {"kind": "rule", "id": "sgr-1"}, "tags": {"Owner": "a"}},
            ],
            "foreign": [value_json(Route("10.1.0.0/16", "pcx-1"))],
            "dying": [{"id": "rtb-0", "phase": "failed", "note": "why"}],
        }
    ]


def test_values_keep_their_structure() -> None:
    policy = PolicyDocument.of({"Version": "2012-10-17", "Statement": []})
    role = value_json(Role("a", "/", policy, policy, foreign_policies=frozenset({"c", "b"})))
    assert role == {
        "name": "a",
        "path": "/",
        "trust": {"Version": "2012-10-17", "Statement": []},
        "permissions": {"Version": "2012-10-17", "Statement": []},
        "permissions_boundary": "",
        "foreign_policies": ["b", "c"],
    }
    assert value_json(("b", "a", 1, None, True)) == ["b", "a", 1, None, True]
    assert value_json(Phase.READY) == "Phase.READY"


def test_money_is_text_with_its_currency_and_its_date() -> None:
    body = price_json(monthly_price(["NatGateway", "ElasticIp"], "us-east-1"))
    assert body["per_month"] == "36.5"
    assert body["per_gigabyte"] == "0.045"
    assert body["currency"] == "USD"
    assert body["as_of"] == "2026-06-01"
    unknown = price_json(monthly_price(["NatGateway"], "eu-west-1"))
    assert unknown["per_month"] is None
    assert unknown["per_gigabyte"] is None


def test_an_outcome_counts_and_tells_each_step() -> None:
    error = AccessDenied("no", operation="iam:CreateRole")
    error.statement = "{}"
    body = through_json(
        outcomes_json(
            [
                Done("vpc", "VPC", Action.CREATE, "vpc-1", 1.23456),
                Failed("role/a", "role", Action.CREATE, error, 0.1),
                Skipped("policy/a", "managed policy", Action.CREATE, "role/a"),
            ],
            seconds=2.0004,
        )
    )
    assert body["succeeded"] is False
    assert body["seconds"] == 2.0
    assert body["summary"] == {
        "created": 1,
        "changed": 0,
        "destroyed": 0,
        "failed": 1,
        "skipped": 1,
    }
    outcomes = body["outcomes"]
    assert isinstance(outcomes, list)
    assert [each["event"] for each in outcomes] == ["done", "failed", "skipped"]
    assert outcomes[0]["seconds"] == 1.235
    assert outcomes[1]["error"]["statement"] == "{}"
    assert outcomes[1]["error"]["exit_code"] == 4


def test_an_error_lists_its_problems() -> None:
    error = ConfigurationError("umetrics.toml", [Problem("cidr", "1", "2", "3")], hint="look")
    assert through_json(error_json(error)) == {
        "code": "U003",
        "name": "ConfigurationError",
        "message": error.message,
        "hint": "look",
        "exit_code": 2,
        "source": "umetrics.toml",
        "problems": [{"where": "cidr", "found": "1", "allowed": "2", "suggestion": "3"}],
    }


def test_receipts_are_listed_by_key() -> None:
    receipts = [Receipt("vpc", "Vpc", "vpc-1", "arn:1"), Receipt("role/a", "Role", "AROA1")]
    assert receipts_json("UserMetrics/dev", receipts, [Receipt("vpc", "Vpc", "vpc-9")]) == {
        "deployment": "UserMetrics/dev",
        "resources": [
            {"key": "role/a", "kind": "Role", "id": "AROA1", "arn": ""},
            {"key": "vpc", "kind": "Vpc", "id": "vpc-1", "arn": "arn:1"},
        ],
        "shared": [{"key": "vpc", "kind": "Vpc", "id": "vpc-9"}],
    }
