"""The stock AWS CLI against the sandbox's server: what it is refused is what AWS refuses.

It is installed from the package index into an environment of its own, `.torture/`, and knows
nothing but AWS_ENDPOINT_URL. Where it cannot be installed nothing is passed: that is said.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.torture.report import ROOT, Row
from umetrics.sandbox import Options, Sandbox

ENVIRONMENT = ROOT / ".torture" / "awscli"
TITLE = "refusals that the stock AWS CLI sees"

NAT_SECONDS = 10.0
"""Long enough for a few commands, which take a second each, more on a busy machine."""

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)
GRANT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
    }
)

Check = tuple[str, bool, str]
"""What was expected, whether it came, and what came."""


@dataclass(frozen=True, slots=True)
class Cli:
    """The `aws` program and the server it talks to."""

    program: Path
    endpoint_url: str

    def ask(self, *arguments: str) -> tuple[dict[str, Any], str]:
        """The answer and, where AWS refuses, its words."""
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "anybody",
            "AWS_SECRET_ACCESS_KEY": "anybody",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_DEFAULT_OUTPUT": "json",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
        }
        command = (str(self.program), *arguments)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return json.loads(done.stdout) if done.stdout.strip() else {}, done.stderr.strip()

    def refused(self, code: str, *arguments: str) -> Check:
        """AWS says no, with this code."""
        answer, words = self.ask(*arguments)
        return f"{' '.join(arguments[:2])}: {code}", f"({code})" in words, words or str(answer)


def stock_cli() -> Row:
    """Install it, and count the refusals that are as expected."""
    row, began = Row(TITLE), time.monotonic()
    try:
        program = installed()
    except (OSError, subprocess.CalledProcessError) as error:
        _fail(row, f"not tried: the AWS CLI cannot be installed: {error}")
        return row
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(Path(folder))
        try:
            running = sandbox.start(Options(nat=NAT_SECONDS))
            for expected, came, words in _checks(Cli(program, running.endpoint_url)):
                row.total, row.tried = row.total + 1, row.tried + 1
                row.converged += came
                if not came:
                    _fail(row, f"expected {expected}, got {words}")
        finally:
            sandbox.stop()
    row.seconds = time.monotonic() - began
    return row


def _fail(row: Row, said: str) -> None:
    row.failures.append(said)
    sys.stdout.write(f"FAILED {row.title}: {said}\n")


def installed() -> Path:
    """The program, installed when it is first asked for. Raises what `venv` and `pip` raise."""
    program = ENVIRONMENT / "bin" / "aws"
    if not program.exists():
        make = (sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT))
        subprocess.run(make, check=True, capture_output=True)
        pip = (str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "--quiet", "install", "awscli")
        subprocess.run(pip, check=True, capture_output=True)
    return program


def _checks(cli: Cli) -> Iterator[Check]:
    vpc = cli.ask("ec2", "create-vpc", "--cidr-block", "10.0.0.0/24")[0]["Vpc"]["VpcId"]
    yield cli.refused(
        "DryRunOperation", "ec2", "create-vpc", "--cidr-block", "10.1.0.0/24", "--dry-run"
    )
    yield cli.refused(
        "InvalidVpcID.NotFound", "ec2", "describe-vpcs", "--vpc-ids", "vpc-0123456789abcdef0"
    )
    yield from _network(cli, vpc)
    yield from _pages(cli, vpc)
    yield from _access(cli)


def _network(cli: Cli, vpc: str) -> Iterator[Check]:
    gateway = cli.ask("ec2", "create-internet-gateway")[0]["InternetGateway"]["InternetGatewayId"]
    attach = ("--internet-gateway-id", gateway, "--vpc-id", vpc)
    cli.ask("ec2", "attach-internet-gateway", *attach)
    place = ("--vpc-id", vpc, "--cidr-block", "10.0.0.0/27")
    subnet = cli.ask("ec2", "create-subnet", *place)[0]["Subnet"]["SubnetId"]
    address = cli.ask("ec2", "allocate-address", "--domain", "vpc")[0]["AllocationId"]
    make = ("ec2", "create-nat-gateway", "--allocation-id", address, "--client-token", "once")
    made = cli.ask(*make, "--subnet-id", subnet)[0]["NatGateway"]
    nat = made["NatGatewayId"]
    yield "a NAT gateway pending", made["State"] == "pending", str(made)
    again = cli.ask(*make, "--subnet-id", subnet)[0].get("NatGateway", {}).get("NatGatewayId")
    yield "the same token: the same gateway", again == nat, str(again)
    other = ("--vpc-id", vpc, "--cidr-block", "10.0.0.32/27")
    second = cli.ask("ec2", "create-subnet", *other)[0]["Subnet"]["SubnetId"]
    yield cli.refused("IdempotentParameterMismatch", *make, "--subnet-id", second)
    yield cli.refused("DependencyViolation", "ec2", "detach-internet-gateway", *attach)
    yield cli.refused("DependencyViolation", "ec2", "delete-subnet", "--subnet-id", subnet)
    yield cli.refused("DependencyViolation", "ec2", "delete-vpc", "--vpc-id", vpc)
    time.sleep(NAT_SECONDS)
    yield _state(cli, nat, "available")
    yield cli.refused("AuthFailure", "ec2", "release-address", "--allocation-id", address)
    cli.ask("ec2", "delete-nat-gateway", "--nat-gateway-id", nat)
    yield _state(cli, nat, "deleting")


def _state(cli: Cli, nat: str, wanted: str) -> Check:
    answer, words = cli.ask("ec2", "describe-nat-gateways", "--nat-gateway-ids", nat)
    found = [each["State"] for each in answer.get("NatGateways", ())]
    return f"a NAT gateway {wanted}", found == [wanted], f"{found} {words}"


def _pages(cli: Cli, vpc: str) -> Iterator[Check]:
    for number in range(6):
        name = ("--group-name", f"group-{number}", "--description", "one of many")
        cli.ask("ec2", "create-security-group", "--vpc-id", vpc, *name)
    mine = ("ec2", "describe-security-groups", "--filters", f"Name=vpc-id,Values={vpc}")
    page, words = cli.ask(*mine, "--max-results", "5", "--no-paginate")
    five = len(page.get("SecurityGroups", ())) == 5 and bool(page.get("NextToken"))
    yield "a page of five and a NextToken", five, f"{page} {words}"


def _access(cli: Cli) -> Iterator[Check]:
    role = ("--role-name", "somebody")
    cli.ask("iam", "create-role", *role, "--assume-role-policy-document", TRUST)
    named = ("--policy-name", "reads", "--policy-document", GRANT)
    policy = cli.ask("iam", "create-policy", *named)[0]["Policy"]["Arn"]
    cli.ask("iam", "attach-role-policy", *role, "--policy-arn", policy)
    yield cli.refused("DeleteConflict", "iam", "delete-policy", "--policy-arn", policy)
    yield cli.refused("DeleteConflict", "iam", "delete-role", *role)
