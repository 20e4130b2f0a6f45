"""What a deployer is granted: a row for every kind, no create on what is there, never too long."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from umetrics.config import Config, load
from umetrics.deployer import Grant, Mode, Place, grants, policies, standing_kinds, wanted_kinds
from umetrics.deployer.kind_needs import NEEDS
from umetrics.deployer.need import Guard, Task
from umetrics.library.permitting import partition_of
from umetrics.provision.blueprint import Facts, blueprint
from umetrics.provision.model import Shared
from umetrics.provision.policy_document import LONGEST_MANAGED
from umetrics.provision.resources import HANDLERS, KINDS
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.parameter import Parameter
from umetrics.provision.scope import Scope
from umetrics.render.policy import policy_terraform
from umetrics.verify.catalogue import ROWS as LOOKED_AT

SCOPE = Scope("aws", "us-east-1", "123456789012")
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
LENT = 'vpc_id = "vpc-0123456789abcdef0"\n'
SUBNETS = (
    'public_subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]\n'
    'private_subnet_ids = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]\n'
)
ROWS = (
    "",
    '[network]\nnat = "none"\n',
    '[network]\nnat = "per-zone"\ns3_endpoint = false\n[budget]\nenabled = true\n',
    "[flow_logs]\nenabled = true\n",
    f"[network]\n{LENT}",
    f"[network]\n{LENT}{SUBNETS}",
    f'[iam]\npermissions_boundary = "{BOUNDARY}"\n[lambda]\nroles = ["application-lambda"]\n',
)


def configured(folder: Path, text: str) -> Config:
    path = folder / "umetrics.toml"
    path.write_text(text)
    return load("dev", path=path, environment={})


def granted(config: Config, mode: Mode, *, scope: Scope = SCOPE, **place: Any) -> tuple[Grant, ...]:  # noqa: ANN401
    return grants(mode, Place(scope, config, **place), wanted_kinds(config))


def actions(found: tuple[Grant, ...]) -> set[str]:
    return {action for each in found for action in each.actions}


def test_every_kind_has_its_row_and_says_what_looking_making_and_removing_it_needs() -> None:
    assert NEEDS.keys() == HANDLERS.keys()
    for kind, needs in NEEDS.items():
        assert {Task.LOOK, Task.BUILD, Task.REMOVE} <= {need.task for need in needs}, kind


def test_every_call_of_a_look_at_what_others_have_is_one_that_reading_needs(tmp_path: Path) -> None:
    calls = {
        f"{row.kind.service}:{operation}"
        for row in LOOKED_AT
        for operation in (row.kind.listing.operation, *(each.operation for each in row.asked))
    }
    assert calls <= actions(granted(configured(tmp_path, ROWS[1]), Mode.READ))


@pytest.mark.parametrize("mode", list(Mode))
def test_what_verify_tries_on_request_is_in_no_policy(tmp_path: Path, mode: Mode) -> None:
    found = actions(granted(configured(tmp_path, ROWS[3]), mode))
    assert found.isdisjoint({"lambda:InvokeFunction", "lambda:UpdateFunctionCode"})


@pytest.mark.parametrize("text", ROWS)
def test_the_kinds_that_are_wanted_are_those_of_the_blueprint(tmp_path: Path, text: str) -> None:
    config = configured(tmp_path, text)
    keys = {"vpc", "internet-gateway"} if config.network.vpc_id else set()
    shared = tuple(Shared(key, "", "", f"{key}-id") for key in sorted(keys))
    ranges = ("10.0.0.0/20",) if keys else ()
    facts = Facts(SCOPE, ("use1-az1", "use1-az2"), shared=shared, ranges=ranges)
    assert wanted_kinds(config) == {type(each.spec) for each in blueprint(config, facts).resources}


@pytest.mark.parametrize(("text", "mode"), list(product(ROWS, Mode)))
def test_no_create_is_granted_by_its_request_on_what_it_names_as_there_already(
    tmp_path: Path, text: str, mode: Mode
) -> None:
    parents = {
        (action, resource.rpartition(":")[2])
        for needs in NEEDS.values()
        for need in needs
        if need.guard is Guard.INSIDE
        for action in need.actions
        for resource in need.resources
    }
    born = [
        grant
        for grant in granted(configured(tmp_path, text), mode)
        if "aws:RequestTag/Project" in grant.condition.get("StringEquals", {})
    ]
    assert bool(born) is (mode in {Mode.APPLY, Mode.ALL})
    for grant in born:
        named = {
            (action, each.rpartition(":")[2])
            for action in grant.actions
            for each in grant.resources
        }
        assert named.isdisjoint(parents), grant.sid


@pytest.mark.parametrize(("text", "mode"), list(product(ROWS, Mode)))
def test_what_changes_anything_of_ec2_is_limited_by_tags_or_by_an_id(
    tmp_path: Path, text: str, mode: Mode
) -> None:
    for grant in granted(configured(tmp_path, text), mode):
        writing = [each for each in grant.actions if not each.startswith("ec2:Describe")]
        if any(each.startswith("ec2:") for each in writing):
            by_tag = any("Tag/" in key for keys in grant.condition.values() for key in keys)
            by_id = grant.resources == ("arn:aws:ec2:us-east-1:*:vpc/vpc-0123456789abcdef0",)
            assert by_tag or by_id, grant
            assert "*" not in grant.resources


def test_what_is_not_configured_is_not_granted_but_what_stands_is(tmp_path: Path) -> None:
    bare = configured(tmp_path, '[network]\nnat = "none"\ns3_endpoint = false\n')
    found = actions(granted(bare, Mode.ALL))
    assert found.isdisjoint(
        {"ec2:CreateNatGateway", "ec2:AllocateAddress", "ec2:CreateVpcEndpoint", "iam:PassRole"}
    )
    assert not any(each.startswith(("logs:", "budgets:", "ssm:", "tag:Tag")) for each in found)
    assert "ec2:DeleteRoute" in found
    kinds = wanted_kinds(bare) | standing_kinds({KINDS[NatGateway].name})
    assert "ec2:DeleteNatGateway" in actions(grants(Mode.ALL, Place(SCOPE, bare), kinds))
    assert "ec2:DeleteRoute" not in actions(granted(configured(tmp_path, ""), Mode.ALL))


def test_a_vpc_of_somebody_else_is_named_by_its_id_and_never_changed(tmp_path: Path) -> None:
    found = granted(configured(tmp_path, f"[network]\n{LENT}"), Mode.ALL)
    (inside,) = [each for each in found if each.sid == "MakeInSharedVpc"]
    assert inside.resources == ("arn:aws:ec2:us-east-1:*:vpc/vpc-0123456789abcdef0",)
    assert inside.actions == (
        "ec2:CreateRouteTable",
        "ec2:CreateSecurityGroup",
        "ec2:CreateSubnet",
        "ec2:CreateVpcEndpoint",
    )
    others = [each for each in found if each is not inside]
    assert not any(":vpc/" in resource for each in others for resource in each.resources)
    assert {"EmptyDefaultGroup", "TagBesideVpc"}.isdisjoint(each.sid for each in found)


def test_a_boundary_is_demanded_of_every_role_and_cannot_be_taken_off(tmp_path: Path) -> None:
    found = granted(configured(tmp_path, ROWS[-1]), Mode.ALL, lambda_roles=frozenset({"x"}))
    (making,) = [each for each in found if "iam:CreateRole" in each.actions]
    assert making.condition == {"ArnEquals": {"iam:PermissionsBoundary": BOUNDARY}}
    assert "iam:DeleteRolePermissionsBoundary" not in actions(found)
    (attaching,) = [each for each in found if "iam:AttachRolePolicy" in each.actions]
    assert attaching.resources == (
        "arn:aws:iam::123456789012:role/*/x",
        "arn:aws:iam::123456789012:role/x",
    )
    assert attaching.condition == {
        "ArnLike": {"iam:PolicyARN": "arn:aws:iam::123456789012:policy/umetrics/UserMetrics/dev/*"}
    }


def test_reading_reads_and_every_mode_includes_it(tmp_path: Path) -> None:
    config = configured(tmp_path, ROWS[3])
    reading = actions(granted(config, Mode.READ))
    verbs = ("Decode", "Describe", "Get", "List", "Lookup", "Simulate")
    assert all(each.partition(":")[2].startswith(verbs) for each in reading)
    for mode in Mode:
        assert reading <= actions(granted(config, mode))
    whole = actions(granted(config, Mode.ALL))
    assert whole == set().union(*(actions(granted(config, mode)) for mode in Mode))


def test_arns_are_of_the_partition_and_outputs_under_their_path(tmp_path: Path) -> None:
    there = Scope("aws-us-gov", "us-gov-west-1", "123456789012")
    config = configured(tmp_path, ROWS[3])
    place = Place(there, config, parameters=frozenset({"/umetrics/dev/*"}))
    found = grants(Mode.ALL, place, wanted_kinds(config) | {Parameter})
    arns = {resource for each in found for resource in each.resources if resource != "*"}
    assert all(each.startswith("arn:aws-us-gov:") for each in arns)
    assert "arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/umetrics/dev/*" in arns


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eu-isoe-west-1", "aws-iso-e"),
    ],
)
def test_a_region_tells_its_partition_as_the_sdk_does(region: str, partition: str) -> None:
    assert partition_of(region) == partition
    assert botocore.session.Session().get_partition_for_region(region) == partition


def test_documents_are_never_too_long_and_allow_the_same_together(tmp_path: Path) -> None:
    roles = frozenset(f"application-lambda-with-a-rather-long-name-{n}" for n in range(80))
    found = granted(configured(tmp_path, ROWS[-1]), Mode.ALL, lambda_roles=roles)
    split = policies("deployer", found)
    assert [each.name for each in split] == [f"deployer-{n}" for n in range(1, len(split) + 1)]
    assert all(each.length <= LONGEST_MANAGED for each in split)
    assert all(len({grant.sid for grant in each.grants}) == len(each.grants) for each in split)

    def allowed(parts: tuple[Grant, ...]) -> set[tuple[str, str, str]]:
        return {
            (action, resource, json.dumps(each.condition, sort_keys=True))
            for each in parts
            for action in each.actions
            for resource in each.resources
        }

    assert allowed(tuple(grant for each in split for grant in each.grants)) == allowed(found)
    assert len(policies("deployer", found[:1])) == 1


def test_terraform_takes_no_text_of_ours_for_a_template(tmp_path: Path) -> None:
    grant = Grant("A", ("s3:GetObject",), ("arn:aws:s3:::${aws:username}",))
    text = policy_terraform(policies("A-b", [grant]))
    assert text.startswith('resource "aws_iam_policy" "a_b" {')
    assert "arn:aws:s3:::$${aws:username}" in text
