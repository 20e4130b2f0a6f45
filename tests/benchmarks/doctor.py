"""How long doctor takes, against boto3 that only describes the same account, all at once.

    python -m tests.benchmarks.doctor

Each figure is the median of ROUNDS runs, each in a process of its own, interleaved so that a slow
minute of the machine meets both. Not a test: it says what it measured, and judges nothing.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROUNDS = 7
WAYS = ("plain", "doctor")

DESCRIBED = (
    *(
        ("ec2", method, {})
        for method in (
            "describe_vpcs",
            "describe_vpc_peering_connections",
            "describe_route_tables",
            "describe_nat_gateways",
            "describe_subnets",
            "describe_internet_gateways",
            "describe_addresses",
            "describe_security_groups",
            "describe_availability_zones",
        )
    ),
    ("iam", "list_roles", {}),
    ("iam", "list_policies", {"Scope": "Local"}),
    ("lambda", "list_functions", {}),
    ("sts", "get_caller_identity", {}),
    ("cloudtrail", "describe_trails", {}),
    ("ce", "list_cost_allocation_tags", {}),
    ("resourcegroupstaggingapi", "list_required_tags", {}),
    ("service-quotas", "get_service_quota", {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}),
)
"""The least that anybody could write who wants to see the account: these lists, at once."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: wall time, time of the processor, calls."""

    seconds: float
    processor_seconds: float
    calls: int
    exit_code: int


def measured(way: str, endpoint: str) -> Run:
    """In this process, which does nothing else."""
    began = time.perf_counter()
    calls, code = _plain(endpoint) if way == "plain" else _doctor(endpoint)
    return Run(time.perf_counter() - began, time.process_time(), calls, code)


def _plain(endpoint: str) -> tuple[int, int]:
    import boto3
    from botocore.config import Config

    session = boto3.Session("bench", "bench", region_name="us-east-1")
    calls: list[str] = []
    session.events.register("before-call", lambda model, **_: calls.append(model.name))
    make: Any = session.client
    config = Config(max_pool_connections=40)
    services = dict.fromkeys(service for service, _, _ in DESCRIBED)
    clients = {name: make(name, endpoint_url=endpoint, config=config) for name in services}

    def described(one: tuple[str, str, dict[str, str]]) -> int:
        service, method, asked = one
        client = clients[service]
        if not client.can_paginate(method):
            getattr(client, method)(**asked)
            return 1
        return len(list(client.get_paginator(method).paginate(**asked)))

    with ThreadPoolExecutor(len(DESCRIBED)) as pool:
        list(pool.map(described, DESCRIBED))
    return len(calls), 0


def _doctor(endpoint: str) -> tuple[int, int]:
    from umetrics.aws import connect_to_sandbox
    from umetrics.config import load
    from umetrics.library.checking import examined
    from umetrics.library.foundation import Foundation

    aws = connect_to_sandbox(endpoint, read_only=True)
    with tempfile.TemporaryDirectory() as folder:
        config = load("dev", folder=Path(folder), flags={"network.cidr": "10.77.0.0/24"})
        report = examined(Foundation(config, Path(folder), lambda *, read_only: aws))  # noqa: ARG005
    problems = [f"{each.check}: {each.text}" for each in report.findings if each.fails]
    if problems != [] or report.permissions is None or report.permissions.undecided:
        sys.stderr.write(f"{problems}\n{report.findings}\n")
    return len(aws.log.operations) + len(aws.log.rehearsals), report.exit_code


def _server() -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "tests.benchmarks.brownfield"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, f"http://127.0.0.1:{server.stdout.readline().strip()}"


def _ran(way: str, endpoint: str) -> Run:
    command = [sys.executable, "-m", "tests.benchmarks.doctor", way, endpoint]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Run(**json.loads(ended.stdout))


def main() -> None:
    """Measure both, and print what came of it."""
    server, endpoint = _server()
    runs: dict[str, list[Run]] = defaultdict(list)
    try:
        for _ in range(ROUNDS):
            for way in WAYS:
                runs[way].append(_ran(way, endpoint))
    finally:
        server.terminate()
        server.wait()
    seconds = {way: statistics.median(run.seconds for run in each) for way, each in runs.items()}
    for way, each in runs.items():
        processor = statistics.median(run.processor_seconds for run in each)
        fastest = min(run.seconds for run in each)
        sys.stdout.write(
            f"{way}: {seconds[way]:.2f} s (fastest {fastest:.2f} s, processor {processor:.2f} s), "
            f"{each[-1].calls} calls, exit code {each[-1].exit_code}\n"
        )
    sys.stdout.write(f"doctor against plain: {seconds['doctor'] / seconds['plain']:.2f}\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(asdict(measured(*sys.argv[1:]))))
    else:
        main()
