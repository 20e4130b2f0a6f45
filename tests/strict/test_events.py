"""CloudTrail's event history: who changed what is looked up by one attribute at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.support.plain import Client, client
from tests.support.strict_account import Clock, refused
from umetrics.sandbox.strict import Settings, World, strict

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
TRUST = '{"Version": "2012-10-17", "Statement": []}'


@dataclass(frozen=True)
class Trail:
    """An account that began at noon, and what its event history says."""

    cloudtrail: Client
    ec2: Client
    clock: Clock

    def events(self, **more: object) -> list[dict[str, object]]:
        listed: list[dict[str, object]] = self.cloudtrail.lookup_events(**more)["Events"]
        return listed

    def names(self, attribute: str | None = None, value: str = "", **more: object) -> list[object]:
        if attribute:
            more["LookupAttributes"] = [{"AttributeKey": attribute, "AttributeValue": value}]
        return [event["EventName"] for event in self.events(**more)]

    def vpc(self) -> str:
        return str(self.ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"])


@contextmanager
def trail(*without: str, delay: float = 0, throttle: bool = False) -> Iterator[Trail]:
    clock = Clock()
    settings = Settings(event_delay=delay, throttle=throttle)
    with mock_aws(), strict(World(settings, clock=clock, born=NOON), without=without):
        yield Trail(client("cloudtrail"), client("ec2"), clock)


def test_a_change_is_an_event_with_its_resource_and_its_author() -> None:
    with trail() as account:
        account.clock.now = 60
        vpc = account.vpc()
        (event,) = account.events()
        assert event["EventName"] == "CreateVpc"
        assert event["EventSource"] == "ec2.amazonaws.com"
        assert event["EventTime"] == datetime(2026, 3, 14, 12, 1, tzinfo=UTC)
        assert event["Username"] == "administrator"
        assert event["Resources"] == [{"ResourceType": "AWS::EC2::VPC", "ResourceName": vpc}]
        record = json.loads(str(event["CloudTrailEvent"]))
        assert (record["eventID"], record["awsRegion"]) == (event["EventId"], "us-east-1")
        assert "errorCode" not in record


def test_a_user_of_iam_is_named_as_the_author() -> None:
    with trail() as account:
        iam = client("iam")
        iam.create_user(UserName="deployer")
        everything = (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
        )
        iam.put_user_policy(UserName="deployer", PolicyName="all", PolicyDocument=everything)
        key = iam.create_access_key(UserName="deployer")["AccessKey"]
        theirs = signed_by(key["AccessKeyId"], key["SecretAccessKey"])
        theirs.create_vpc(CidrBlock="10.0.0.0/24")
        assert account.names("Username", "deployer") == ["CreateVpc"]
        assert account.names("AccessKeyId", key["AccessKeyId"]) == ["CreateVpc"]


def signed_by(key: str, secret: str) -> Client:
    import boto3

    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret)
    return session.client("ec2", region_name="us-east-1")


def test_events_are_looked_up_by_each_attribute() -> None:
    with trail() as account:
        vpc = account.vpc()
        account.ec2.delete_vpc(VpcId=vpc)
        client("iam").create_role(RoleName="task", AssumeRolePolicyDocument=TRUST)
        newest = account.events()[0]
        assert account.names() == ["CreateRole", "DeleteVpc", "CreateVpc"]
        assert account.names("EventName", "DeleteVpc") == ["DeleteVpc"]
        assert account.names("EventId", str(newest["EventId"])) == ["CreateRole"]
        assert account.names("ResourceName", vpc) == ["DeleteVpc", "CreateVpc"]
        assert account.names("ResourceName", "task") == ["CreateRole"]
        assert account.names("ResourceType", "AWS::IAM::Role") == ["CreateRole"]
        assert account.names("EventSource", "iam.amazonaws.com") == ["CreateRole"]
        assert account.names("ReadOnly", "true") == []


def test_what_only_reads_is_no_event() -> None:
    with trail() as account:
        account.ec2.describe_vpcs()
        client("iam").list_roles()
        assert account.names() == []


def test_a_refused_call_is_an_event_with_its_error() -> None:
    with trail() as account:
        with pytest.raises(ClientError):
            account.ec2.delete_vpc(VpcId="vpc-0123456789abcdef0")
        with pytest.raises(ClientError):
            account.ec2.create_vpc(CidrBlock="10.0.0.0/24", DryRun=True)
        rehearsed, failed = account.events()
        assert json.loads(str(failed["CloudTrailEvent"]))["errorCode"] == "InvalidVpcID.NotFound"
        assert json.loads(str(rehearsed["CloudTrailEvent"]))["errorCode"] == "DryRunOperation"


def test_events_show_after_the_delay_and_between_times() -> None:
    with trail(delay=300) as account:
        account.vpc()
        account.clock.now = 299
        assert account.names() == []
        account.vpc()
        account.clock.now = 900
        assert len(account.names()) == 2
        early = datetime(2026, 3, 14, 12, 1, tzinfo=UTC)
        assert len(account.names(StartTime=early)) == 1
        assert len(account.names(EndTime=early)) == 1
        with refused("InvalidTimeRangeException"):
            account.names(StartTime=early, EndTime=NOON)


def test_events_come_fifty_at_a_time() -> None:
    with trail() as account:
        for _ in range(26):
            account.ec2.release_address(
                AllocationId=account.ec2.allocate_address(Domain="vpc")["AllocationId"]
            )
        first = account.cloudtrail.lookup_events()
        assert len(first["Events"]) == 50
        account.ec2.allocate_address(Domain="vpc")  # a newer one moves nothing
        rest = account.names(NextToken=first["NextToken"])
        assert rest == ["ReleaseAddress", "AllocateAddress"]
        with refused("InvalidNextTokenException"):
            account.names(NextToken="bm90aGluZw==")
        with refused("InvalidMaxResultsException"):
            account.names(MaxResults=51)
        with refused("InvalidLookupAttributesException"):
            two = {"AttributeKey": "EventName", "AttributeValue": "CreateVpc"}
            account.events(LookupAttributes=[two, two])


def test_what_happens_in_one_region_is_looked_up_there_and_iam_at_home() -> None:
    with trail() as account:
        client("ec2", "eu-west-1").create_vpc(CidrBlock="10.0.0.0/24")
        client("iam").create_user(UserName="u")
        elsewhere = client("cloudtrail", "eu-west-1").lookup_events()["Events"]
        assert [event["EventName"] for event in elsewhere] == ["CreateVpc"]
        assert account.names() == ["CreateUser"]


def test_two_lookups_a_second_are_answered_where_calls_are_throttled() -> None:
    with trail(throttle=True) as account:
        account.names()
        account.names()
        with refused("ThrottlingException"):
            account.names()
        account.clock.now += 0.5
        account.names()


def test_without_the_rule_any_number_of_lookups_is_answered() -> None:
    with trail("event-lookup-throttle", throttle=True) as account:
        for _ in range(3):
            account.names()


def test_without_the_rule_nothing_is_recorded() -> None:
    with trail("event-history") as account:
        account.vpc()
        assert account.names() == []


def test_without_the_rule_lookups_are_not_served() -> None:
    with trail("event-lookup") as account, refused("NotImplemented", "LookupEvents"):
        account.names()
