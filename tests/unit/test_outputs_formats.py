"""Ids in the syntax of other programs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from umetrics.outputs import Format, Output, formatted

ROOT = Path(__file__).parents[2]
VALUES: dict[str, Output] = {
    "region": "us-east-1",
    "vpc_id": "vpc-1",
    "zone_ids": ["use1-az1", "use1-az2"],
}

TEXTS = {
    Format.DOTENV: """\
REGION=us-east-1
VPC_ID=vpc-1
ZONE_IDS=use1-az1,use1-az2
""",
    Format.SHELL: """\
export REGION=us-east-1
export VPC_ID=vpc-1
export ZONE_IDS=use1-az1,use1-az2
""",
    Format.GITHUB: """\
region=us-east-1
vpc_id=vpc-1
zone_ids=["use1-az1", "use1-az2"]
""",
    Format.TFVARS: """\
region   = "us-east-1"
vpc_id   = "vpc-1"
zone_ids = ["use1-az1", "use1-az2"]
""",
    Format.SST: """\
// Written by `umetrics output --format sst`, which writes it anew: do not edit.

export interface UmetricsOutputs {
  region: string;
  vpcId: string;
  zoneIds: string[];
}

export const umetrics: UmetricsOutputs = {
  region: "us-east-1",
  vpcId: "vpc-1",
  zoneIds: ["use1-az1", "use1-az2"],
};
""",
}


@pytest.mark.parametrize("chosen", TEXTS)
def test_each_format_is_what_its_readers_read(chosen: Format) -> None:
    assert formatted(VALUES, chosen) == TEXTS[chosen]


def test_what_is_for_programs_alone_has_a_writer() -> None:
    assert set(TEXTS) == set(Format) - {Format.TEXT, Format.JSON}


def test_a_shell_gets_the_very_values() -> None:
    odd: dict[str, Output] = {
        "first_id": "a'b $(exit 3) \\",
        "empty_ids": [],
        "role_arn": "x_+=,.@-",
    }
    script = formatted(odd, Format.SHELL) + 'printf "%s|" "$FIRST_ID" "$EMPTY_IDS" "$ROLE_ARN"'
    done = subprocess.run(["/bin/sh", "-eu", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode() == "a'b $(exit 3) \\||x_+=,.@-|"


STACK = """\
import { umetrics, type UmetricsOutputs } from "./umetrics";

function cluster(vpc: { id: string; containerSubnets: string[]; securityGroups: string[] }) {
  return vpc.containerSubnets.length;
}

const outputs: UmetricsOutputs = umetrics;
export const size: number = cluster({
  id: outputs.vpcId,
  containerSubnets: umetrics.zoneIds,
  securityGroups: [umetrics.region],
});
"""
"""What a stack does with them: hand a list to what takes a list, as SST's components do."""


def compiled(folder: Path, stack: str) -> subprocess.CompletedProcess[str]:
    """The snippet and a stack that uses it, through the TypeScript compiler, as strict as it is."""
    ours = ROOT / ".typescript" / "node_modules" / ".bin" / "tsc"
    compiler = str(ours) if ours.exists() else shutil.which("tsc")
    if compiler is None:
        pytest.skip("there is no TypeScript compiler: `make test` installs one where there is npm")
    (folder / "umetrics.ts").write_text(formatted(VALUES, Format.SST), encoding="utf-8")
    (folder / "stack.ts").write_text(stack, encoding="utf-8")
    return subprocess.run(
        [compiler, "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "stack.ts"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_typescript_compiles_the_snippet_and_a_stack_that_uses_it(tmp_path: Path) -> None:
    done = compiled(tmp_path, STACK)
    assert (done.returncode, done.stdout) == (0, "")


def test_typescript_finds_a_name_that_is_not_there_and_a_list_taken_for_text(
    tmp_path: Path,
) -> None:
    wrong = STACK.replace("id: outputs.vpcId", "id: outputs.zoneIds").replace("region]", "regoin]")
    told = compiled(tmp_path, wrong).stdout
    assert "'string[]' is not assignable to type 'string'" in told
    assert "Did you mean 'region'?" in told
