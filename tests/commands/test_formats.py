"""What is written where, for people and for machines."""

from __future__ import annotations

import json
import subprocess
import uuid

import fastjsonschema
import pytest

from tests.commands.desk import Desk
from tests.support.deployments import EVERY_KEY

ENVELOPE = {
    "schema_version": 1,
    "account": "123456789012",
    "region": "us-east-1",
    "stage": "dev",
    "sandbox": True,
}
REPORTS = (
    ("plan", "--details"),
    ("up",),
    ("status",),
    ("output",),
    ("audit-tags",),
    ("state", "show"),
    ("config", "show"),
)


def has_the_envelope(document: dict[str, object]) -> bool:
    assert {name: document.get(name) for name in ENVELOPE} == ENVELOPE
    assert str(document["tool_version"])[0].isdigit()
    assert uuid.UUID(str(document["run_id"])).version == 4
    return True


@pytest.mark.parametrize("command", REPORTS, ids=" ".join)
def test_through_a_pipe_there_is_no_escape_and_no_line_beyond_80_columns(
    built: Desk, command: tuple[str, ...]
) -> None:
    done = built.sandboxed(*command)
    assert done.code == 0, done
    assert "\x1b" not in done.result + done.talk
    wide = [line for line in done.lines if len(line) > 80]
    # An ARN is there to be copied whole, and a path has no place to break it.
    assert [line for line in wide if "arn:aws:" not in line and str(built.folder) not in line] == []


@pytest.mark.parametrize(
    ("command", "kind", "content"),
    [
        (("plan",), "plan", "steps"),
        (("up",), "up", "outcomes"),
        (("status",), "status", "resources"),
        (("output",), "outputs", "outputs"),
        (("audit-tags", "--stage", "dev"), "findings", "summary"),
        (("state", "show"), "state", "state"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_json_is_one_document_that_says_whose_it_is(
    built: Desk, command: tuple[str, ...], kind: str, content: str
) -> None:
    done = built.sandboxed(*command, "--format", "json")
    assert done.code == 0, done
    assert done.document["kind"] == kind
    assert content in done.document
    assert has_the_envelope(done.document)


def test_jsonl_is_an_event_a_line_and_the_document_last(home: Desk) -> None:
    up = home.sandboxed("up", "--yes", "--format", "jsonl")
    assert up.code == 0, up
    *events, closing = map(json.loads, up.result.splitlines())
    assert {each["key"] for each in events if each["event"] == "done"} == EVERY_KEY
    assert has_the_envelope(closing)
    assert closing["kind"] == "up"
    assert closing["summary"]["created"] == 22
    assert {each["run_id"] for each in events} == {closing["run_id"]}

    destroy = home.sandboxed("destroy", "--stage", "dev", "--yes", "--format", "json")
    assert destroy.code == 0, destroy
    assert destroy.document["kind"] == "destroy"
    assert destroy.document["summary"]["destroyed"] == 22
    assert destroy.document["left"] == []
    assert has_the_envelope(destroy.document)


def test_dotenv_is_a_name_and_a_value_on_each_line(built: Desk) -> None:
    done = built.sandboxed("output", "--format", "dotenv")
    assert done.code == 0, done
    values = dict(line.split("=", 1) for line in done.result.splitlines())
    outputs = built.sandboxed("output", "--format", "json").document["outputs"]
    assert values == {
        name.upper(): value if isinstance(value, str) else ",".join(value)
        for name, value in outputs.items()
    }
    assert values["VPC_ID"] == built.receipts["vpc"]["id"]
    assert values["PUBLIC_SUBNET_IDS"].split(",") == [
        built.receipts[f"subnet/public-{zone}"]["id"] for zone in "ab"
    ]
    assert values["GRAFANA_ROLE_ARN"] == built.receipts["role/grafana"]["arn"]
    assert all(name.isidentifier() and name.isupper() for name in values)
    assert not any(character in text for text in values.values() for character in " \"'$")


def listed(value: str | list[str], between: str = ",") -> str:
    return value if isinstance(value, str) else between.join(value)


def test_each_format_of_the_ids_has_the_same_names_and_values(built: Desk) -> None:
    values = built.sandboxed("output", "--format", "json").document["outputs"]
    assert len(values["zone_ids"]) == len(values["private_subnet_ids"]) == 2
    assert len(values["nat_public_ips"]) == 1
    assert {name.rpartition("_")[2] for name in values} > {"id", "ids", "arn", "name"}

    shown = {
        chosen: built.sandboxed("output", "--format", chosen).result.splitlines()
        for chosen in ("text", "dotenv", "github", "tfvars", "sst")
    }
    assert shown["text"][1:] == [
        f"{name.ljust(max(map(len, values)))}  {listed(value, ' ')}"
        for name, value in values.items()
    ]
    github = dict(line.split("=", 1) for line in shown["github"])
    assert github == {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }
    tfvars = (line.split(" = ", 1) for line in shown["tfvars"])
    assert {name.rstrip(): json.loads(value) for name, value in tfvars} == values
    constants = (line.strip().split(": ", 1) for line in shown["sst"] if line.endswith(","))
    assert [json.loads(value.rstrip(",")) for _, value in constants] == list(values.values())


def test_a_shell_can_source_the_ids(built: Desk) -> None:
    values = built.sandboxed("output", "--format", "json").document["outputs"]
    exports = built.sandboxed("output", "--format", "shell").result
    sourced = subprocess.run(
        ["/bin/sh", "-eu"],
        input=f"{exports}env\n".encode(),
        env={},
        capture_output=True,
        check=True,
    )
    variables = dict(line.split("=", 1) for line in sourced.stdout.decode().splitlines())
    assert {name.upper(): listed(value) for name, value in values.items()}.items() <= (
        variables.items()
    )


def test_the_document_of_the_ids_is_as_the_schema_that_is_printed(built: Desk, bare: Desk) -> None:
    bare.configure("not = a configuration")
    schema = bare.run("output", "--schema").document
    document = built.sandboxed("output", "--format", "json").document
    assert set(schema["required"]) == set(document)
    names = set(schema["properties"]["outputs"]["properties"])
    assert names - set(document["outputs"]) == {"flow_log_id", "flow_log_group_name"}  # off
    fastjsonschema.compile(schema)(document)


@pytest.fixture
def recorded(bare: Desk, built: Desk) -> Desk:
    """A folder that has nothing but the receipts of what stands elsewhere."""
    bare.state.parent.mkdir(parents=True)
    bare.state.write_bytes(built.state.read_bytes())
    bare.state.chmod(0o600)
    return bare


def test_ids_go_into_files_as_their_names_say(recorded: Desk, built: Desk) -> None:
    named = {"ids.env": "dotenv", "ids.sh": "shell", "ids.ts": "sst", "a.auto.tfvars": "tfvars"}
    done = recorded.sandboxed("output", *(f"-o{name}" for name in (*named, "ids.json")))
    assert done.code == 0, done
    assert done.result == ""
    assert "Wrote ids.ts." in done.talk
    for name, chosen in named.items():
        text = (recorded.folder / name).read_text()
        assert text == built.sandboxed("output", "--format", chosen).result
    assert has_the_envelope(json.loads((recorded.folder / "ids.json").read_bytes()))

    both = recorded.sandboxed("output", "-o", "again.env", "--format", "shell")
    assert both.result == (recorded.folder / "ids.sh").read_text()
    assert (recorded.folder / "again.env").read_text() == (recorded.folder / "ids.env").read_text()


@pytest.mark.parametrize("wrong", ["ids.yaml", "missing/ids.env", "state/.env"])
def test_no_file_is_written_when_one_of_them_is_wrong(recorded: Desk, wrong: str) -> None:
    (recorded.folder / "state" / ".env").mkdir()
    done = recorded.sandboxed("output", "-o", "ids.sh", "-o", wrong)
    assert done.code == 2, done
    assert wrong in done.talk
    assert [each.name for each in recorded.folder.iterdir()] == ["state"]


def test_names_of_the_configuration_stand_beside_the_standard_ones(recorded: Desk) -> None:
    recorded.configure("""
        [outputs]
        metrics_vpc = "vpc"
        metrics_subnets = "subnet/private-*"
        metrics_spare_gateway = "nat-gateway/b"
    """)
    done = recorded.sandboxed("output", "--format", "json")
    values = done.document["outputs"]
    assert values["metrics_vpc"] == values["vpc_id"]
    assert values["metrics_subnets"] == values["private_subnet_ids"]
    assert "metrics_spare_gateway" not in values
    assert "Left out metrics_spare_gateway: no nat-gateway/b is recorded." in done.talk


def test_every_screen_of_a_sandbox_run_says_so(built: Desk) -> None:
    done = built.sandboxed("status")
    assert done.result.startswith("sandbox: ")
    assert not built.sandboxed("output", "--format", "dotenv").result.startswith("sandbox")


@pytest.mark.parametrize("chosen", ["json", "jsonl"])
def test_an_error_is_a_document_too(bare: Desk, chosen: str) -> None:
    text = bare.run("up", "--stage", "qa")
    done = bare.run("up", "--stage", "qa", "--format", chosen)
    assert done.code == text.code == 2
    assert done.talk == text.talk
    assert text.result == ""
    assert done.document["kind"] == "error"
    assert done.document["code"] == "U004"
    assert done.document["exit_code"] == 2
    assert done.document["stage"] == "qa"
    assert uuid.UUID(done.document["run_id"]).version == 4
    assert (chosen == "json") == ("\n" in done.result.rstrip("\n"))


def test_an_error_document_names_the_stage_of_the_environment(bare: Desk) -> None:
    done = bare.run("status", "--format", "json", UMETRICS_STAGE="qa")
    assert done.code == 2
    assert done.document["stage"] == "qa"
