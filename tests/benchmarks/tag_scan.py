"""How long the scan takes, and how much memory, against boto3 that only lists the same kinds.

    python -m tests.benchmarks.tag_scan

Each figure is the median of ROUNDS runs, each in a process of its own, interleaved so that a slow
minute of the machine meets all of them. Not a test: it says what it measured, and judges nothing.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass

ROUNDS = 5
SIZES = (20_000, 40_000)
WAYS = ("plain", "scan")


@dataclass(frozen=True, slots=True)
class Run:
    """One run: wall time, time of the processor, calls, megabytes at the peak."""

    seconds: float
    processor_seconds: float
    resources: int
    findings: int
    calls: int
    megabytes: float


def measured(way: str, endpoint: str) -> Run:
    """In this process, which does nothing else."""
    began = time.perf_counter()
    resources, findings, calls = _plain(endpoint) if way == "plain" else _scan(endpoint)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(seconds, time.process_time(), resources, findings, calls, peak)


def _plain(endpoint: str) -> tuple[int, int, int]:
    from tests.benchmarks.plain_listing import count

    resources, calls = count(endpoint)
    return resources, 0, calls


def _scan(endpoint: str) -> tuple[int, int, int]:
    from umetrics.audit.findings import judge
    from umetrics.audit.scan import ScanOptions, scan
    from umetrics.audit.tag_policy import policy_of
    from umetrics.audit.values import Scope, Subject
    from umetrics.aws import connect_to_sandbox
    from umetrics.config import load

    policy = policy_of(load("dev").tags, {})
    aws = connect_to_sandbox(endpoint)
    resources = findings = 0
    for event in scan(aws, ScanOptions(Scope.ACCOUNT, "Shop")):
        if isinstance(event, Subject):
            resources += 1
            findings += bool(judge(event, policy))
    return resources, findings, len(aws.log.operations)


def _server(resources: int) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "tests.benchmarks.account", str(resources)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, f"http://127.0.0.1:{server.stdout.readline().strip()}"


def _ran(way: str, endpoint: str) -> Run:
    command = [sys.executable, "-m", "tests.benchmarks.tag_scan", way, endpoint]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    return Run(**json.loads(ended.stdout))


def main() -> None:
    """Measure all, and print what came of it."""
    servers = {size: _server(size) for size in SIZES}
    runs: dict[tuple[str, int], list[Run]] = defaultdict(list)
    try:
        for _ in range(ROUNDS):
            for size, (_, endpoint) in servers.items():
                for way in WAYS:
                    runs[way, size].append(_ran(way, endpoint))
    finally:
        for server, _ in servers.values():
            server.terminate()
            server.wait()
    _print(runs)


def _print(runs: dict[tuple[str, int], list[Run]]) -> None:
    seconds, peaks = {}, {}
    for (way, size), each in sorted(runs.items()):
        seconds[way, size] = statistics.median(run.seconds for run in each)
        peaks[way, size] = max(run.megabytes for run in each)
        last = each[-1]
        sys.stdout.write(
            f"{way} {size}: {seconds[way, size]:.2f} s, {peaks[way, size]:.0f} MB at most, "
            f"{last.resources} resources, {last.findings} with findings, {last.calls} calls\n"
        )
    small, large = SIZES
    for size in SIZES:
        ratio = seconds["scan", size] / seconds["plain", size]
        sys.stdout.write(f"scan against plain, {size}: {ratio:.2f}\n")
    sys.stdout.write(
        f"{large} against {small}: time {seconds['scan', large] / seconds['scan', small]:.2f}, "
        f"memory {peaks['scan', large] / peaks['scan', small]:.2f}\n"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(asdict(measured(*sys.argv[1:]))))
    else:
        main()
