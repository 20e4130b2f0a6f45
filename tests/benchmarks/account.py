"""A made-up account on this machine, as large as one likes: answers from memory, after a pause.

It speaks just enough of AWS's protocols for the lists of the catalogue. The kinds that make up a
large account are there by the thousand, of all others there is none.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

LATENCY = 0.06
"""Seconds for each call, as from a machine on the same continent."""

ACCOUNT = "123456789012"
EVERY = 20
"""One resource in so many lacks its Owner: five percent."""

SHARES = {
    "DescribeVpcs": 0.005,
    "DescribeSubnets": 0.095,
    "DescribeSecurityGroups": 0.15,
    "DescribeSecurityGroupRules": 0.2,
    "DescribeNetworkInterfaces": 0.15,
    "DescribeVolumes": 0.075,
    "DescribeSnapshots": 0.075,
    "GetAccountAuthorizationDetails": 0.25,
}
"""What of the account is of which kind, by the operation that lists it."""

PAGE = 1000

TAGS = {
    "Project": "Shop",
    "Environment": "prod",
    "ManagedBy": "terraform",
    "CostCenter": "Retail",
    "Component": "Web",
    "Owner": "shop@example.com",
}


def _tags(number: int, member: str = "item", key: str = "key", value: str = "value") -> str:
    tags = {"Name": f"thing-{number}", **TAGS}
    if number % EVERY == 0:
        del tags["Owner"]
    return "".join(
        f"<{member}><{key}>{name}</{key}><{value}>{text}</{value}></{member}>"
        for name, text in tags.items()
    )


def _vpc(n: int) -> str:
    return (
        f"<vpcId>vpc-{n:017x}</vpcId><ownerId>{ACCOUNT}</ownerId><state>available</state>"
        f"<cidrBlock>10.0.0.0/16</cidrBlock><isDefault>false</isDefault>"
    )


def _subnet(n: int) -> str:
    return (
        f"<subnetId>subnet-{n:017x}</subnetId><vpcId>vpc-{n % 100:017x}</vpcId>"
        f"<ownerId>{ACCOUNT}</ownerId><state>available</state><cidrBlock>10.0.0.0/24</cidrBlock>"
        f"<availabilityZone>us-east-1a</availabilityZone>"
        f"<availabilityZoneId>use1-az1</availabilityZoneId><defaultForAz>false</defaultForAz>"
        f"<availableIpAddressCount>251</availableIpAddressCount>"
    )


def _group(n: int) -> str:
    permission = (
        "<item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>"
        "<ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges></item>"
    )
    return (
        f"<groupId>sg-{n:017x}</groupId><groupName>group-{n}</groupName>"
        f"<vpcId>vpc-{n % 100:017x}</vpcId><ownerId>{ACCOUNT}</ownerId>"
        f"<groupDescription>of a service</groupDescription>"
        f"<ipPermissions>{permission}</ipPermissions>"
        f"<ipPermissionsEgress>{permission}</ipPermissionsEgress>"
    )


def _rule(n: int) -> str:
    return (
        f"<securityGroupRuleId>sgr-{n:017x}</securityGroupRuleId>"
        f"<groupId>sg-{n // 2:017x}</groupId><groupOwnerId>{ACCOUNT}</groupOwnerId>"
        f"<isEgress>false</isEgress><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>"
        f"<cidrIpv4>10.0.0.0/8</cidrIpv4>"
    )


def _interface(n: int) -> str:
    return (
        f"<networkInterfaceId>eni-{n:017x}</networkInterfaceId><vpcId>vpc-{n % 100:017x}</vpcId>"
        f"<subnetId>subnet-{n:017x}</subnetId><ownerId>{ACCOUNT}</ownerId><status>in-use</status>"
        f"<requesterManaged>false</requesterManaged><interfaceType>interface</interfaceType>"
        f"<privateIpAddress>10.0.0.7</privateIpAddress><groupSet><item><groupId>sg-{n:017x}</groupId>"
        f"<groupName>group-{n}</groupName></item></groupSet>"
    )


def _volume(n: int) -> str:
    return (
        f"<volumeId>vol-{n:017x}</volumeId><size>8</size><status>in-use</status>"
        f"<volumeType>gp3</volumeType><createTime>2026-01-01T00:00:00.000Z</createTime>"
        f"<encrypted>true</encrypted>"
    )


def _snapshot(n: int) -> str:
    return (
        f"<snapshotId>snap-{n:017x}</snapshotId><volumeId>vol-{n:017x}</volumeId>"
        f"<status>completed</status><ownerId>{ACCOUNT}</ownerId><volumeSize>8</volumeSize>"
        f"<startTime>2026-01-01T00:00:00.000Z</startTime>"
    )


def role(n: int) -> str:
    """A role without its tags, as IAM lists it."""
    trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"
    return (
        f"<RoleName>role-{n}</RoleName><RoleId>AROA{n:017d}</RoleId><Path>/</Path>"
        f"<Arn>arn:aws:iam::{ACCOUNT}:role/role-{n}</Arn>"
        f"<CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        f"<AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>"
    )


BODIES: dict[str, tuple[str, Callable[[int], str]]] = {
    "DescribeVpcs": ("vpcSet", _vpc),
    "DescribeSubnets": ("subnetSet", _subnet),
    "DescribeSecurityGroups": ("securityGroupInfo", _group),
    "DescribeSecurityGroupRules": ("securityGroupRuleSet", _rule),
    "DescribeNetworkInterfaces": ("networkInterfaceSet", _interface),
    "DescribeVolumes": ("volumeSet", _volume),
    "DescribeSnapshots": ("snapshotSet", _snapshot),
}
"""Of EC2: the element of a list, and what is within each item besides its tags."""


def ec2_page(operation: str, numbers: range, following: str) -> str:
    """A page of a list of EC2's; `following` is the token of the next one."""
    name, body = BODIES[operation]
    items = "".join(f"<item>{body(n)}<tagSet>{_tags(n)}</tagSet></item>" for n in numbers)
    token = f"<nextToken>{following}</nextToken>" if following else ""
    return f"<{operation}Response><{name}>{items}</{name}>{token}</{operation}Response>"


def _iam_page(operation: str, numbers: range, following: str) -> str:
    items = "".join(
        f"<member>{role(n)}<Tags>{_tags(n, 'member', 'Key', 'Value')}</Tags></member>"
        for n in numbers
    )
    more = f"<Marker>{following}</Marker>" if following else ""
    truncated = str(bool(following)).lower()
    return (
        f"<{operation}Response><{operation}Result><RoleDetailList>{items}</RoleDetailList>"
        f"<IsTruncated>{truncated}</IsTruncated>{more}</{operation}Result></{operation}Response>"
    )


def pages(resources: int) -> dict[tuple[str, str], bytes]:
    """By operation and token, all answers that are not empty."""
    return {
        (operation, token): body.encode()
        for operation, share in SHARES.items()
        for token, body in _pages_of(operation, round(share * resources))
    }


def _pages_of(operation: str, count: int) -> Iterator[tuple[str, str]]:
    page = _iam_page if operation == "GetAccountAuthorizationDetails" else ec2_page
    for start in range(0, count, PAGE):
        end = min(start + PAGE, count)
        following = str(end) if end < count else ""
        yield str(start) if start else "", page(operation, range(start, end), following)


def serve(resources: int) -> None:
    """Print the port, then answer until this process is ended."""
    answers = pages(resources)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            time.sleep(LATENCY)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            operation = asked.get("Action", "")
            selected = "Filter.1.Name" in asked
            token = asked.get("NextToken", asked.get("Marker", ""))
            answer = b"" if selected else answers.get((operation, token), b"")
            self._send(answer or _nothing(operation, self.path))

        def do_GET(self) -> None:
            time.sleep(LATENCY)
            self._send(_nothing("", self.path))

        def _send(self, answer: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def _nothing(operation: str, path: str) -> bytes:
    """An empty list in the protocol of who asks."""
    if operation == "GetCallerIdentity":
        who = f"<Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:user/bench</Arn>"
        wrapped = f"<{operation}Result>{who}</{operation}Result>"
        return f"<{operation}Response>{wrapped}</{operation}Response>".encode()
    if operation:
        return f"<{operation}Response><{operation}Result/></{operation}Response>".encode()
    if "distribution" in path:
        return b"<DistributionList/>"
    return b"<ListAllMyBucketsResult/>" if path.startswith("/?") else b"{}"


if __name__ == "__main__":
    serve(int(sys.argv[1]))
