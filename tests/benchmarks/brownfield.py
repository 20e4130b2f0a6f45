"""A made-up account in which an application runs: 50 VPCs, 500 groups, 300 roles, 100 functions.

It answers from memory, after a pause, whatever `doctor` and a plain listing ask. IAM's simulator
allows everything, and dry runs would be done.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks.account import ACCOUNT, LATENCY, ec2_page, role

VPCS, SUBNETS, GROUPS, ROLES, FUNCTIONS = 50, 300, 500, 300, 100
ROLES_A_PAGE, FUNCTIONS_A_PAGE = 100, 50

ZONES = "".join(
    f"<item><zoneName>us-east-1{letter}</zoneName><zoneId>use1-az{n}</zoneId>"
    "<zoneState>available</zoneState><optInStatus>opt-in-not-required</optInStatus>"
    "<zoneType>availability-zone</zoneType></item>"
    for n, letter in ((1, "a"), (2, "b"), (4, "d"))
)

LISTS: Mapping[str, str] = {
    "DescribeVpcs": ec2_page("DescribeVpcs", range(VPCS), ""),
    "DescribeSubnets": ec2_page("DescribeSubnets", range(SUBNETS), ""),
    "DescribeSecurityGroups": ec2_page("DescribeSecurityGroups", range(GROUPS), ""),
}
"""Of EC2, where nothing is selected."""

SETS: Mapping[str, str] = {
    "DescribeAddresses": "addressesSet",
    "DescribeInternetGateways": "internetGatewaySet",
    "DescribeNatGateways": "natGatewaySet",
    "DescribeRouteTables": "routeTableSet",
    "DescribeSecurityGroupRules": "securityGroupRuleSet",
    "DescribeSecurityGroups": "securityGroupInfo",
    "DescribeSubnets": "subnetSet",
    "DescribeVpcEndpoints": "vpcEndpointSet",
    "DescribeVpcPeeringConnections": "vpcPeeringConnectionSet",
    "DescribeVpcs": "vpcSet",
}
"""Of EC2, in which element a list comes; what is not in LISTS is empty."""

ERRORS: Mapping[str, tuple[int, str]] = {
    "DryRunOperation": (412, "<Response><Errors><Error>{}</Error></Errors></Response>"),
    "NoSuchEntity": (404, "<ErrorResponse><Error>{}</Error></ErrorResponse>"),
}

JSON: Mapping[str, object] = {
    "GetServiceQuota": {"Quota": {"Value": 1000.0}},
    "ListRequiredTags": {"RequiredTags": []},
    "ListCostAllocationTags": {"CostAllocationTags": []},
    "DescribeTrails": {"trailList": []},
}

Answer = tuple[int, str]


def query(asked: Mapping[str, str]) -> Answer:
    """An answer to EC2, IAM or STS."""
    operation = asked["Action"]
    if asked.get("DryRun") == "true":
        return _error("DryRunOperation")
    if operation in {"GetRole", "GetPolicy"}:
        return _error("NoSuchEntity")
    if operation in LISTS and "Filter.1.Name" not in asked:
        return 200, LISTS[operation]
    if operation in SETS:
        return 200, _wrapped(operation, f"<{SETS[operation]}/>")
    if operation == "DescribeAvailabilityZones":
        return 200, _wrapped(operation, f"<availabilityZoneInfo>{ZONES}</availabilityZoneInfo>")
    return 200, _wrapped(operation, f"<{operation}Result>{_result(asked)}</{operation}Result>")


def _result(asked: Mapping[str, str]) -> str:
    match asked["Action"]:
        case "GetCallerIdentity":
            return f"<Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:user/bench</Arn>"
        case "GetAccountSummary":
            entry = f"<entry><key>Roles</key><value>{ROLES}</value></entry>"
            return f"<SummaryMap>{entry}</SummaryMap>"
        case "SimulatePrincipalPolicy":
            return _simulated(asked)
        case "ListRoles":
            return "<Roles/>" if "PathPrefix" in asked else _roles(asked)
        case "ListPolicies":
            return "<Policies/>"
    return ""


def _roles(asked: Mapping[str, str]) -> str:
    start = int(asked.get("Marker", 0))
    end = start + int(asked.get("MaxItems", ROLES_A_PAGE))
    more = f"<Marker>{end}</Marker>" if end < ROLES else ""
    roles = "".join(f"<member>{role(n)}</member>" for n in range(start, min(end, ROLES)))
    truncated = f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated>"
    return f"<Roles>{roles}</Roles>{truncated}{more}"


def _simulated(asked: Mapping[str, str]) -> str:
    """As large as AWS's: each action on each resource, with the statement that decides."""
    statement = (
        "<MatchedStatements><member><SourcePolicyId>deployer</SourcePolicyId>"
        "<SourcePolicyType>IAM Policy</SourcePolicyType><StartPosition><Line>1</Line>"
        "<Column>40</Column></StartPosition><EndPosition><Line>9</Line><Column>2</Column>"
        "</EndPosition></member></MatchedStatements>"
    )
    results = "".join(
        f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}"
        f"</EvalResourceName><EvalDecision>allowed</EvalDecision>{statement}</member>"
        for action, resource in itertools.product(
            _members(asked, "ActionNames"), _members(asked, "ResourceArns") or ["*"]
        )
    )
    return f"<EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated>"


def _members(asked: Mapping[str, str], name: str) -> list[str]:
    return [text for key, text in asked.items() if key.startswith(f"{name}.member.")]


def _wrapped(operation: str, body: str) -> str:
    return f"<{operation}Response>{body}</{operation}Response>"


def _error(code: str) -> Answer:
    status, form = ERRORS[code]
    return status, form.format(f"<Code>{code}</Code><Message>as asked</Message>")


def functions(marker: str) -> str:
    """A page of Lambda's."""
    start = int(marker or 0)
    end = start + FUNCTIONS_A_PAGE
    listed = [{"FunctionName": f"function-{n}", "Runtime": "python3.12"} for n in range(start, end)]
    more = {"NextMarker": str(end)} if end < FUNCTIONS else {}
    return json.dumps({"Functions": listed, **more})


class Handler(BaseHTTPRequestHandler):
    """Says after a pause what is asked."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if target:
            self._send(200, json.dumps(JSON.get(target, {})))
            return
        asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self._send(*(query(asked) if "Action" in asked else (200, json.dumps(_rest(self.path)))))

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        self._send(200, functions(asked.get("Marker", [""])[0]))

    def _send(self, status: int, answer: str) -> None:
        time.sleep(LATENCY)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_arguments: object) -> None:
        pass


def _rest(path: str) -> object:
    return JSON.get(path.strip("/"), {})


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
