"""`verify` in an account where an application is running already."""

from __future__ import annotations

from tests.cli.command_line import Home
from umetrics.sandbox import Options


def test_an_application_that_is_there_already_is_untouched_by_up_and_what_changes_it_is_told(
    lone: Home,
) -> None:
    lone.sandbox.start(Options(nat=0.0, brownfield=True))
    lone.configure('[lambda]\nroles = ["orders-lambda"]\n')

    done = lone.sandboxed("up", "--yes", UMETRICS_VERIFY_SNAPSHOT="true")

    assert done.code == 0, done
    assert "30 of 31 existing resources untouched; 1 changed by us as documented." in done.lines, (
        done
    )
    assert "Each of them: umetrics verify --stage dev --sandbox" in done.lines
    (group,) = lone.outsider.ec2.describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["orders-database"]}]
    )["SecurityGroups"]
    lone.outsider.ec2.revoke_security_group_ingress(
        GroupId=group["GroupId"], IpPermissions=group["IpPermissions"]
    )

    told = lone.sandboxed("verify", "--format", "json")

    assert told.code == 0, told
    assert told.document["kind"] == "verification"
    verdict, reach = told.document["verdict"], told.document["reach"]
    assert verdict["summary"]["compared"] == 31
    by_kind = {each["kind"]: each for each in verdict["altered"]}
    assert set(by_kind) == {"iam-role", "security-group"}
    assert by_kind["security-group"]["last_change"]["event"] == "RevokeSecurityGroupIngress"
    assert verdict["not_seen"] == []
    (way,) = reach["functions"]
    assert (way["from"], way["to"]) == ("orders-api, orders-worker", "proxy orders")
    wrong = [hop for hop in way["hops"] if hop["passage"] != "ok"]
    assert [hop["ids"] for hop in wrong] == [[group["GroupId"]]]
    assert wrong[0]["what"] == "into the groups of cluster orders, tcp 5432"
    assert {each["from"] for each in reach["tasks"]} == {"umami tasks", "openreplay tasks"}

    insisting = lone.sandboxed("verify", UMETRICS_VERIFY_FUNCTIONS="orders-api,gone")

    assert insisting.code == 3, insisting
    assert "function gone is configured, and not in us-east-1" in insisting.lines
    assert "- orders-api to proxy orders: blocked (12 hops)" in insisting.lines
