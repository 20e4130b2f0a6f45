"""What a sandbox can be started with: read, kept, and never silently another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.cli.command_line import Home
from umetrics.errors import UsageError
from umetrics.sandbox.options import SHORTEST_DAY, Options, fraction, options_of, seconds
from umetrics.sandbox.record import Record, read_record, write_record

EVERYTHING = Options(
    0.06, 5.0, throttle=True, flaky=0.01, eventual=2.0, day=60, linked=True, without=("dry-run",)
)


@pytest.mark.parametrize(
    ("text", "length"), [("60ms", 0.06), ("5s", 5), ("2m", 120), ("1.5s", 1.5), ("0s", 0)]
)
def test_a_duration_is_read_with_its_unit(text: str, length: float) -> None:
    assert seconds(text, "--nat") == length


@pytest.mark.parametrize(
    "text", ["5", "s", "-1s", "5 h", "1m30s", "", "99999999999999m", f"{'9' * 400}s"]
)
def test_what_is_no_duration_is_said_with_its_option(text: str) -> None:
    with pytest.raises(UsageError, match="--nat is a duration") as caught:
        seconds(text, "--nat")
    assert "--nat 60ms" in caught.value.hint


def test_a_day_takes_some_time() -> None:
    with pytest.raises(UsageError, match="--day is a duration"):
        seconds("0s", "--day", shortest=SHORTEST_DAY)


def test_an_option_without_a_value_is_not_taken_for_one_that_was_not_given(home: Home) -> None:
    for option in ("--nat=", "--flaky=", "--day="):
        done = home.run("sandbox", "start", option)
        assert done.code == 2, done


@pytest.mark.parametrize(("text", "share"), [("1%", 0.01), ("0.5%", 0.005), ("100%", 1)])
def test_a_percentage_is_read(text: str, share: float) -> None:
    assert fraction(text, "--flaky") == share


@pytest.mark.parametrize("text", ["1", "101%", "-1%", "%"])
def test_what_is_no_percentage_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="--flaky is a percentage"):
        fraction(text, "--flaky")


def test_options_are_kept_in_the_record(tmp_path: Path) -> None:
    kept = Record(1, 2, "then", "one", "2026-01-01T00:00:00Z", "5.2.5", EVERYTHING)
    write_record(tmp_path, kept)
    assert read_record(tmp_path) == kept


@pytest.mark.parametrize(
    "content", [None, [], {}, {"latency": "1"}, {"without": [1]}, {"without": [], "throttle": 1}]
)
def test_options_that_make_no_sense_are_none(content: object) -> None:
    assert options_of(content) is None


def test_options_tell_what_they_do() -> None:
    assert str(Options()) == "NAT gateways take 1 s, days 10 s"
    assert str(EVERYTHING) == (
        "NAT gateways take 5 s, days 60 s, answers 0.06 s, new things are seen after 2 s, "
        "calls are throttled, the account is a linked one, 1% of connections break, without dry-run"
    )


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A sandbox that was started with settings of its own."""
    home = Home(tmp_path_factory.mktemp("slow"))
    try:
        started = home.run("sandbox", "start", "--nat", "2m", "--linked", "--without", "dry-run")
        assert started.code == 0, started
        yield home
    finally:
        home.sandbox.stop()


def test_status_shows_what_the_sandbox_was_started_with(slow: Home) -> None:
    running = slow.run("sandbox", "status", "--format", "json").document["running"]
    assert running["options"] == {
        "latency": 0.0,
        "nat": 120.0,
        "throttle": False,
        "flaky": 0.0,
        "eventual": 0.0,
        "day": 10.0,
        "linked": True,
        "brownfield": False,
        "without": ["dry-run"],
        "caller": "",
    }
    text = slow.run("sandbox", "status").result
    assert "take 120 s, days 10 s, the account is a linked one, without" in text


def test_starting_with_the_same_settings_or_none_finds_it(slow: Home) -> None:
    pid = slow.sandbox.start().pid
    for options in ((), ("--nat", "120s", "--linked", "--without", "dry-run")):
        again = slow.run("sandbox", "start", *options, "--format", "json")
        assert again.document["running"]["pid"] == pid


def test_starting_with_other_settings_says_what_it_runs_with(slow: Home) -> None:
    refused = slow.run("sandbox", "start", "--nat", "5s")
    assert refused.code == 1
    assert "with other settings" in refused.talk
    assert "umetrics sandbox stop" in refused.talk


def test_the_server_goes_by_its_settings(slow: Home) -> None:
    ec2 = slow.outsider.ec2
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24", DryRun=True)["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/27")["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
    (nat,) = ec2.describe_nat_gateways()["NatGateways"]
    assert nat["State"] == "pending"


def test_a_linked_account_is_told_so_by_cost_explorer(slow: Home) -> None:
    session = boto3.Session(aws_access_key_id="outsider", aws_secret_access_key="o")
    costs = session.client(
        "ce",
        region_name="us-east-1",
        endpoint_url=slow.outsider.endpoint_url,
        config=Config(proxies={}),
    )
    with pytest.raises(ClientError, match="Linked account doesn't have access"):
        costs.list_cost_allocation_tags()


def test_a_rule_that_does_not_exist_is_named_with_the_one_that_was_meant(bare: Home) -> None:
    refused = bare.run("sandbox", "start", "--without", "dryrun")
    assert refused.code == 1
    assert "no strict rule is called 'dryrun'; there is: dry-run" in refused.talk


def test_a_malformed_setting_is_a_usage_error(bare: Home) -> None:
    refused = bare.run("sandbox", "start", "--latency", "60")
    assert refused.code == 2
    assert "--latency is a duration" in refused.talk
