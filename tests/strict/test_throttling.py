"""Request rate limits: a bucket for each action, refilled by the second."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from tests.support.strict_account import ec2
from tests.support.strict_calls import refusal, strict_account
from umetrics.sandbox.strict import Settings

TOO_FAST = ("RequestLimitExceeded", 503)
THROTTLED = Settings(throttle=True)


def successes(call: Callable[[], object], attempts: int) -> int:
    """How many calls go through before the first that does not."""
    for each in range(attempts):
        try:
            call()
        except ClientError:
            return each
    return attempts


def test_a_bucket_holds_a_hundred_describes_and_gets_twenty_a_second() -> None:
    with strict_account(THROTTLED) as account:
        assert successes(account.ec2.describe_vpcs, 200) == 100
        assert refusal(account.ec2.describe_vpcs) == TOO_FAST
        account.clock.now = 1
        assert successes(account.ec2.describe_vpcs, 200) == 20
        account.clock.now = 1000
        assert successes(account.ec2.describe_vpcs, 200) == 100


def test_groups_without_filter_or_page_come_from_a_smaller_bucket() -> None:
    with strict_account(THROTTLED) as account:
        assert successes(account.ec2.describe_security_groups, 200) == 50
        account.ec2.describe_security_groups(MaxResults=5)
        account.ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["a"]}])


def test_changes_have_fifty_tokens_and_endpoints_four() -> None:
    with strict_account(THROTTLED) as account:
        vpc = account.ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]

        def create_endpoint() -> None:
            account.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="x", DryRun=True)

        def create_endpoint_for_what_it_is_worth() -> None:
            assert refusal(create_endpoint) == ("DryRunOperation", 412)

        for _ in range(4):
            create_endpoint_for_what_it_is_worth()
        assert refusal(create_endpoint) == TOO_FAST
        account.clock.now = 3.3
        assert refusal(create_endpoint) == TOO_FAST
        account.clock.now = 3.4
        create_endpoint_for_what_it_is_worth()
        tables = lambda: account.ec2.create_route_table(VpcId=vpc)  # noqa: E731
        assert successes(tables, 100) == 50


def test_what_is_throttled_is_not_carried_out() -> None:
    with strict_account(THROTTLED) as account:
        vpc = account.ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        assert successes(lambda: account.ec2.create_route_table(VpcId=vpc), 100) == 50
        filters = [{"Name": "vpc-id", "Values": [vpc]}]
        tables = account.ec2.describe_route_tables(Filters=filters)["RouteTables"]  # type: ignore[arg-type]
        assert len(tables) == 51


def test_actions_and_regions_have_buckets_of_their_own() -> None:
    with strict_account(THROTTLED) as account:
        successes(account.ec2.describe_vpcs, 200)
        assert refusal(account.ec2.describe_vpcs) == TOO_FAST
        account.ec2.describe_subnets()
        elsewhere = ec2("eu-west-1")
        elsewhere.describe_vpcs()


def test_nothing_is_throttled_unless_it_is_asked_for() -> None:
    with strict_account() as account:
        assert successes(account.ec2.describe_vpcs, 120) == 120


def test_without_the_rule_nothing_is_throttled() -> None:
    with strict_account(THROTTLED, without=["throttle"]) as account:
        assert successes(account.ec2.describe_vpcs, 120) == 120
