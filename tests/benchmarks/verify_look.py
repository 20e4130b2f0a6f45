"""How long `verify` takes, against boto3 that only describes the same, all at once.

    python -m tests.benchmarks.verify_look

The account has 50 VPCs, 500 groups, 300 roles and 100 functions in a VPC, and answers after 60 ms.
`verify` is all that the command does between its options and its screen: the look, the snapshot,
the comparison with an earlier one, the ways to the database. Each figure is the median of ROUNDS
runs, each in a process of its own, the ways by turns; clients are made before the clock starts,
alike in both. `compare` is the pure part at one size and at twice that. Not a test: it says what it
measured, and judges nothing.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore import xform_name
from botocore.config import Config

from tests.benchmarks.account import ACCOUNT, LATENCY, _iam_page, _nothing, ec2_page
from umetrics.audit.catalogue.kind import found, text
from umetrics.aws import connect_to_sandbox
from umetrics.config import load
from umetrics.library import Foundation
from umetrics.library.reaching import reach
from umetrics.library.verifying import look_around, take_snapshot, verdict_since
from umetrics.verify.attribution import attribute
from umetrics.verify.catalogue import ROWS, Question, Row
from umetrics.verify.compare import compare
from umetrics.verify.normal import Fact
from umetrics.verify.ownership import ours_of
from umetrics.verify.values import Record, Snapshot, Thing

ROUNDS = 5
VPCS, GROUPS, ROLES, FUNCTIONS = 50, 500, 300, 100
PAGE_OF_FUNCTIONS = 50
CONNECTIONS = 40

QUERIES = {
    "DescribeVpcs": ec2_page("DescribeVpcs", range(VPCS), ""),
    "DescribeSecurityGroups": ec2_page("DescribeSecurityGroups", range(GROUPS), ""),
    "GetAccountAuthorizationDetails": _iam_page("GetAccountAuthorizationDetails", range(ROLES), ""),
}


def _function(number: int) -> dict[str, Any]:
    vpc_config = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    return {"FunctionName": f"function-{number}", "VpcConfig": vpc_config}


def _functions(path: str) -> bytes:
    marker = parse_qs(urlsplit(path).query).get("Marker", ["0"])[0]
    start = int(marker)
    page = {"Functions": [_function(n) for n in range(start, start + PAGE_OF_FUNCTIONS)]}
    following = start + PAGE_OF_FUNCTIONS
    more = {"NextMarker": str(following)} if following < FUNCTIONS else {}
    return json.dumps({**page, **more}).encode()


def serve() -> None:
    """Print the port, then answer until this process is ended."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            operation = asked.get("Action", "")
            if operation == "DescribeVpcAttribute":
                name = asked["Attribute"]
                told = f"<{name}><value>true</value></{name}>"
                self._send(f"<{operation}Response>{told}</{operation}Response>".encode())
            elif asked.get("Filter.member.1") == "LocalManagedPolicy":
                self._send(_nothing(operation, self.path))
            else:
                self._send(QUERIES.get(operation, "").encode() or _nothing(operation, self.path))

        def do_GET(self) -> None:
            is_list = urlsplit(self.path).path.rstrip("/").endswith("functions")
            self._send(_functions(self.path) if is_list else b'{"Configuration": {}}')

        def _send(self, answer: bytes) -> None:
            time.sleep(LATENCY)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.request_queue_size = 128
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def plain(endpoint: str) -> tuple[float, int]:
    """The least that anybody could write: every list at once, then all that no list tells."""
    session = boto3.Session("bench", "bench", region_name="us-east-1")
    calls: list[str] = []
    session.events.register("before-call", lambda model, **_: calls.append(model.name))
    make: Any = session.client
    config = Config(max_pool_connections=CONNECTIONS)
    services = dict.fromkeys(row.kind.service for row in ROWS)
    clients = {name: make(name, endpoint_url=endpoint, config=config) for name in services}

    def listed(row: Row) -> list[Any]:
        listing = row.kind.listing
        client, method = clients[row.kind.service], xform_name(listing.operation)
        size = {"PageSize": listing.page_size} if listing.page_size else {}
        if not client.can_paginate(method):
            return list(found(getattr(client, method)(**listing.parameters), listing.result))
        pages = client.get_paginator(method).paginate(**listing.parameters, PaginationConfig=size)
        return [item for page in pages for item in found(page, listing.result)]

    def parameters(question: Question) -> dict[str, Any]:
        return dict(question.parameters)

    def described(row: Row) -> None:
        things = lists[row.name].result()
        asked = [
            pool.submit(
                getattr(clients[row.kind.service], xform_name(question.operation)),
                **{question.parameter: text(each, question.about or row.kind.id)},
                **parameters(question),
            )
            for each in things
            for question in row.asked
        ]
        for each in asked:
            each.result()

    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        lists = {row.name: pool.submit(listed, row) for row in ROWS}
        with ThreadPoolExecutor(len(ROWS)) as waiting:
            list(waiting.map(described, ROWS))
    return time.perf_counter() - began, len(calls)


def verify(endpoint: str) -> tuple[float, int]:
    """The command between its options and its screen."""
    with TemporaryDirectory() as folder:
        config = load("dev", folder=Path(folder), environment={})
        earlier, aws = (connect_to_sandbox(endpoint, read_only=True) for _ in range(2))
        before = take_snapshot(Foundation(config, Path(folder), lambda **_: earlier))
        foundation = Foundation(config, Path(folder), lambda **_: aws)
        for service in dict.fromkeys(row.kind.service for row in ROWS):
            aws.looker(service)
        began = time.perf_counter()
        listed = look_around(foundation)
        verdict = verdict_since(foundation, before, listed)
        found_ways = reach(foundation, listed)
        seconds = time.perf_counter() - began
    assert verdict.compared == VPCS + GROUPS + ROLES + FUNCTIONS, (verdict.compared, verdict.gaps)
    assert verdict.judged == ()
    assert found_ways.remarks, "there is no database in this account"
    return seconds, len(aws.log.operations)


WAYS = {"plain": plain, "verify": verify}

THINGS = 10_000


def compared(count: int) -> float:
    """Seconds for two snapshots of `count` groups, of which a tenth has one rule more in one."""

    def snapshot(*cidrs: str) -> Snapshot:
        rules: list[Fact] = [{"CidrIp": cidr, "FromPort": 443} for cidr in cidrs]
        things = {
            ("security-group", f"sg-{n}"): Thing(
                "security-group",
                f"sg-{n}",
                "",
                {"GroupId": f"sg-{n}", "IpPermissions": rules if n % 10 else rules[:1]},
            )
            for n in range(count)
        }
        return Snapshot("UserMetrics/dev", ACCOUNT, "us-east-1", "2026-03-14T12:00:00Z", things)

    before, after = snapshot("10.0.0.0/8", "10.1.0.0/16"), snapshot("10.0.0.0/8", "10.2.0.0/16")
    began = time.perf_counter()
    attribute(compare(before, after, ours_of(before, after)), before, Record())
    return time.perf_counter() - began


def _ran(way: str, endpoint: str) -> tuple[float, int]:
    command = [sys.executable, "-m", "tests.benchmarks.verify_look", way, endpoint]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ)
    seconds, calls = json.loads(ended.stdout)
    return seconds, calls


def main() -> None:
    """Measure all, and print what came of it."""
    command = [sys.executable, "-m", "tests.benchmarks.verify_look", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        endpoint = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        try:
            rounds = [{way: _ran(way, endpoint) for way in WAYS} for _ in range(ROUNDS)]
        finally:
            server.terminate()
    for way in WAYS:
        seconds = statistics.median(each[way][0] for each in rounds)
        sys.stdout.write(f"{way}: {seconds:.2f} s, {rounds[0][way][1]} calls\n")
    ratios = [each["verify"][0] / each["plain"][0] for each in rounds]
    sys.stdout.write(f"verify / plain, in one round each: {statistics.median(ratios):.2f}\n")
    for count in (THINGS, 2 * THINGS):
        seconds = statistics.median(compared(count) for _ in range(ROUNDS))
        sys.stdout.write(f"compare of {count} things: {seconds * 1000:.0f} ms\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            main()
        case ["serve"]:
            serve()
        case [way, endpoint]:
            sys.stdout.write(json.dumps(WAYS[way](endpoint)))
