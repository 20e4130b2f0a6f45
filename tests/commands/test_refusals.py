"""What bad input and a world that does not fit get: one error, a hint, and the right exit code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cli.command_line import DUMMY_KEYS, HOLDING, is_error, unwrapped
from tests.commands.desk import Desk
from umetrics.state import StageLock

CLOSED = "http://127.0.0.1:1"
"""Nobody listens on port 1, and 127.0.0.1 says so at once."""


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("plan", "--foo"), "U002", "--foo"),
        (("frobnicate",), "U002", "frobnicate"),
        (("up", "--format", "xml"), "U002", "xml"),
        (("up", "--stage"), "U002", "--stage"),
        (("status", "surplus"), "U002", "surplus"),
        (("up", "--stage", "nope"), "U004", "nope"),
        (("destroy",), "U004", "dev, staging, prod"),
        (("destroy", "--yes"), "U004", "dev, staging, prod"),
        (("plan", "--config", "absent.toml"), "U003", "absent.toml"),
        (("up", "--sandbox", "--endpoint-url", CLOSED), "U002", "--endpoint-url"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_command_line_that_makes_no_sense(
    bare: Desk, arguments: tuple[str, ...], code: str, named: str
) -> None:
    done = bare.run(*arguments)
    assert is_error(done, exit_code=2, code=code)
    assert named in done.talk
    assert done.result == ""


def test_toml_that_cannot_be_parsed_is_told_with_file_and_line(bare: Desk) -> None:
    bare.configure('owner = "me@example.org"\nregion = \n')
    done = bare.run("plan")
    assert is_error(done, exit_code=2, code="U003")
    assert str(bare.folder / "umetrics.toml") in done.talk
    assert "line 2" in done.talk


def test_all_problems_of_a_configuration_are_told_at_once(bare: Desk) -> None:
    bare.configure(
        'regoin = "us-east-1"\nowner = "nobody"\n'
        '[network]\ncidr = "10.0.0.1/24"\n'
        "[stages.dev.database]\nprot = 5432\n"
    )
    done = bare.run("status")
    assert is_error(done, exit_code=2, code="U003")
    talk = unwrapped(done.talk)
    assert "4 problems" in talk
    assert "Did you mean region?" in talk
    assert '[network] cidr: found "10.0.0.1/24"' in talk
    assert "Did you mean 10.0.0.0/24?" in talk
    assert "Did you mean port?" in talk
    assert 'owner: found "nobody"; allowed: an e-mail address' in talk


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(("up",), "this is no terminal"), (("up", "--no-input"), "--no-input is set")],
)
def test_nobody_is_asked_without_a_terminal(
    home: Desk, arguments: tuple[str, ...], why: str
) -> None:
    world = home.outsider.look_around()
    done = home.sandboxed(*arguments)
    assert is_error(done, exit_code=2, code="U002")
    assert why in done.talk
    assert "--yes" in done.talk
    assert home.outsider.look_around() == world


def test_a_protected_stage_wants_its_name(home: Desk) -> None:
    outsider = home.outsider
    before = outsider.look_around()
    outsider.make_vpc("prod")
    world = outsider.look_around()
    for arguments in (("--yes",), ("--yes", "--confirm", "dev")):
        refused = home.sandboxed("destroy", "--stage", "prod", *arguments)
        assert is_error(refused, exit_code=6, code="U015")
        assert "--yes --confirm prod" in refused.talk
    assert outsider.look_around() == world

    done = home.sandboxed("destroy", "--stage", "prod", "--yes", "--confirm", "prod")
    assert done.code == 0, done
    assert outsider.look_around() == before


@contextmanager
def held(home: Desk) -> Iterator[int]:
    """Another process holds the lock of stage dev; its pid."""
    folder = str(home.sandbox.folder)
    with home.started("-c", HOLDING, folder) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield other.pid


def test_a_held_lock_is_told_with_its_holder(home: Desk) -> None:
    with held(home) as pid:
        for command in ("up", "destroy"):
            done = home.sandboxed(command, "--stage", "dev", "--yes")
            assert is_error(done, exit_code=5, code="U006")
            talk = unwrapped(done.talk)
            assert f"process {pid}" in talk
            assert "`up by somebody else`" in talk
            assert re.search(r"by \S+@\S+, process", talk)
        assert home.sandboxed("plan").code == 0
    with StageLock(home.sandbox.folder, "dev", "test"):
        pass


def test_a_foreign_thing_in_the_way_is_named_and_nothing_is_deleted(home: Desk) -> None:
    outsider = home.outsider
    vpc = outsider.make_vpc()
    group = outsider.ec2.create_security_group(
        VpcId=vpc,
        GroupName="theirs",
        Description="somebody's",
        TagSpecifications=[
            {"ResourceType": "security-group", "Tags": [{"Key": "Owner", "Value": "team-b"}]}
        ],
    )["GroupId"]
    world = outsider.look_around()
    done = home.sandboxed("destroy", "--stage", "dev", "--yes")
    assert is_error(done, exit_code=6, code="U014")
    assert f"security group {group}, Owner team-b: blocks {vpc}" in unwrapped(done.talk)
    assert outsider.look_around() == world


def test_two_resources_with_one_identity_are_both_listed(home: Desk) -> None:
    outsider = home.outsider
    twins = outsider.make_vpc(), outsider.make_vpc()
    world = outsider.look_around()
    for command in (("up", "--yes"), ("destroy", "--stage", "dev", "--yes")):
        done = home.sandboxed(*command)
        assert is_error(done, exit_code=6, code="U012")
        assert all(vpc in done.talk for vpc in twins)
    assert outsider.look_around() == world


def test_a_role_name_taken_by_others_is_a_conflict(home: Desk) -> None:
    outsider = home.outsider
    outsider.iam.create_role(
        RoleName="UserMetrics-dev-ObservabilityGrafana", AssumeRolePolicyDocument="{}"
    )
    world = outsider.look_around()
    assert home.sandboxed("plan").code == 6
    done = home.sandboxed("up", "--yes")
    assert is_error(done, exit_code=6, code="U011")
    assert "role/grafana" in done.talk
    assert outsider.look_around() == world


def test_a_stage_pinned_to_another_account_is_refused(home: Desk) -> None:
    home.configure('[stages.dev]\naccount = "999999999999"\nregion = "us-east-1"\n')
    outsider = home.outsider
    world = outsider.look_around()
    arguments = ("--endpoint-url", outsider.endpoint_url)
    done = home.run("up", "--yes", *arguments, **DUMMY_KEYS)
    assert is_error(done, exit_code=6, code="U013")
    assert "999999999999" in done.talk
    assert "123456789012" in done.talk
    assert outsider.look_around() == world


def test_a_newer_state_file_is_refused_and_left_alone(home: Desk) -> None:
    home.state.parent.mkdir(parents=True)
    home.state.write_text('{"schema_version": 99, "written_by": "9.0.0"}')
    for command in (("status",), ("up", "--yes")):
        done = home.sandboxed(*command)
        assert is_error(done, exit_code=6, code="U017")
        assert "umetrics 9.0.0" in unwrapped(done.talk)
    assert home.state.read_text() == '{"schema_version": 99, "written_by": "9.0.0"}'


def test_before_anything_is_built_there_is_nothing_to_hand_on(bare: Desk) -> None:
    assert is_error(bare.run("output"), exit_code=1, code="U018")
    assert is_error(bare.run("state", "show"), exit_code=1, code="U018")
    assert bare.run("status").code == 0


def test_debug_shows_where_an_error_arose(bare: Desk) -> None:
    done = bare.run("up", "--stage", "nope", "--debug")
    assert done.code == 2
    assert "Traceback" in done.talk
    assert "error[U004]" in done.talk


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit-tags", "--stage", "dev", "-o"),
        ("audit-tags", "--stage", "dev", "--write-baseline"),
        ("output", "-o"),
    ],
    ids=" ".join,
)
def test_what_umetrics_keeps_is_not_written_over(built: Desk, arguments: tuple[str, ...]) -> None:
    before = built.state.read_bytes()
    (built.folder / "ids.json").symlink_to(built.state)
    for name in ("state/sandbox/dev.json", "ids.json"):
        done = built.sandboxed(*arguments, name)
        assert is_error(done, exit_code=2, code="U002")
        assert name in done.talk
    assert built.state.read_bytes() == before
