"""Security groups: names, birth, and rules that come and go all or none."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.plain import Client, account
from tests.support.strict_account import refused


def vpc(ec2: Client) -> str:
    return str(ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"])


def group(ec2: Client, name: str = "web", network: str | None = None) -> str:
    made = ec2.create_security_group(GroupName=name, Description="d", VpcId=network or vpc(ec2))
    return str(made["GroupId"])


def port(number: int, cidr: str = "0.0.0.0/0", **more: str) -> dict[str, Any]:
    ranges = [{"CidrIp": cidr, **more}]
    return {"IpProtocol": "tcp", "FromPort": number, "ToPort": number, "IpRanges": ranges}


def ports(ec2: Client, group_id: str) -> list[int]:
    (shown,) = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    return sorted(each["FromPort"] for each in shown["IpPermissions"])


def test_a_group_is_made_in_a_vpc_that_is_there() -> None:
    with account("ec2") as ec2, refused("InvalidVpcID.NotFound"):
        group(ec2, "web", "vpc-0123456789abcdef0")


def test_without_the_rule_a_group_is_made_in_a_vpc_that_is_gone() -> None:
    with account("ec2", "group-needs-its-vpc") as ec2:
        group(ec2, "web", "vpc-0123456789abcdef0")


def test_a_name_is_taken_whatever_its_case() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        group(ec2, "Web", network)
        with refused("InvalidGroup.Duplicate"):
            group(ec2, "wEB", network)
        group(ec2, "wEB", vpc(ec2))


def test_a_name_does_not_look_like_an_id() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        with refused("InvalidParameterValue", "may not be in the format sg-"):
            group(ec2, "sg-web", network)


def test_without_the_rule_names_are_anything() -> None:
    with account("ec2", "group-names") as ec2:
        network = vpc(ec2)
        for name in ("Web", "wEB", "sg-web"):
            group(ec2, name, network)


TAGS = [{"ResourceType": "security-group", "Tags": [{"Key": "Owner", "Value": "me"}]}]


def test_the_answer_to_a_creation_has_the_tags() -> None:
    with account("ec2") as ec2:
        made = ec2.create_security_group(
            GroupName="g", Description="d", VpcId=vpc(ec2), TagSpecifications=TAGS
        )
        assert made["Tags"] == [{"Key": "Owner", "Value": "me"}]


def test_without_the_rule_the_answer_has_no_tags() -> None:
    with account("ec2", "new-group-shows-its-tags") as ec2:
        made = ec2.create_security_group(
            GroupName="g", Description="d", VpcId=vpc(ec2), TagSpecifications=TAGS
        )
        assert "Tags" not in made


def default_ingress(ec2: Client) -> tuple[str, Any]:
    of_vpc = [{"Name": "vpc-id", "Values": [vpc(ec2)]}]
    (found,) = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"]
    return found["GroupId"], found["IpPermissions"]


def test_the_default_group_lets_itself_in_until_that_is_revoked_by_id() -> None:
    with account("ec2") as ec2:
        itself, (permission,) = default_ingress(ec2)
        assert permission["IpProtocol"] == "-1"
        assert [each["GroupId"] for each in permission["UserIdGroupPairs"]] == [itself]
        of_group = [{"Name": "group-id", "Values": [itself]}]
        rules = ec2.describe_security_group_rules(Filters=of_group)["SecurityGroupRules"]
        (mine,) = [each for each in rules if not each["IsEgress"]]
        assert mine["ReferencedGroupInfo"]["GroupId"] == itself
        ec2.revoke_security_group_ingress(
            GroupId=itself, SecurityGroupRuleIds=[mine["SecurityGroupRuleId"]]
        )
        assert ports(ec2, itself) == []


def test_without_the_rule_the_default_group_lets_nobody_in() -> None:
    with account("ec2", "default-group-lets-itself-in") as ec2:
        assert default_ingress(ec2)[1] == []


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_the_answer_has_every_new_rule(direction: str) -> None:
    with account("ec2") as ec2:
        authorize = getattr(ec2, f"authorize_security_group_{direction}")
        made = authorize(GroupId=group(ec2), IpPermissions=[port(80), port(443), port(5432)])
        answered = [each["FromPort"] for each in made["SecurityGroupRules"]]
        assert answered == [80, 443, 5432]


def test_without_the_rule_the_answer_has_the_last_rule_only() -> None:
    with account("ec2", "answer-has-all-new-rules") as ec2:
        made = ec2.authorize_security_group_ingress(
            GroupId=group(ec2), IpPermissions=[port(80), port(443)]
        )
        assert [each["FromPort"] for each in made["SecurityGroupRules"]] == [443]


def test_a_rule_that_is_there_refuses_the_whole_call_whatever_its_description() -> None:
    with account("ec2") as ec2:
        mine = group(ec2)
        ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=[port(443)])
        batch = [port(80), port(443, Description="again")]
        with refused("InvalidPermission.Duplicate"):
            ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=batch)
        assert ports(ec2, mine) == [443]


def test_a_rule_asked_for_twice_refuses_the_whole_call() -> None:
    with account("ec2") as ec2:
        mine = group(ec2)
        with refused("InvalidParameterValue", "must not appear multiple times"):
            batch = [port(80), port(443), port(80)]
            ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=batch)
        assert ports(ec2, mine) == []


def test_whatever_else_is_wrong_with_a_batch_nothing_of_it_is_added() -> None:
    with account("ec2") as ec2:
        mine = group(ec2)
        batch = [port(80), port(443, "not-a-cidr")]
        with pytest.raises(ClientError):
            ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=batch)
        assert ports(ec2, mine) == []


def test_without_the_rule_half_a_batch_is_added() -> None:
    with account("ec2", "new-rules-all-or-none") as ec2:
        mine = group(ec2)
        ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=[port(443)])
        with refused("InvalidPermission.Duplicate"):
            batch = [port(80), port(443)]
            ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=batch)
        assert ports(ec2, mine) == [80, 443]


def test_an_unknown_rule_id_has_a_code_of_its_own_and_revokes_nothing() -> None:
    with account("ec2") as ec2:
        mine = group(ec2)
        made = ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=[port(443)])
        known = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        with refused("InvalidSecurityGroupRuleId.NotFound", "sgr-0123456789abcdef0"):
            ec2.revoke_security_group_ingress(
                GroupId=mine, SecurityGroupRuleIds=[known, "sgr-0123456789abcdef0"]
            )
        assert ports(ec2, mine) == [443]


def test_without_the_rule_an_unknown_rule_id_has_the_code_of_permissions() -> None:
    with account("ec2", "unknown-rule-id") as ec2, refused("InvalidPermission.NotFound"):
        ec2.revoke_security_group_ingress(
            GroupId=group(ec2), SecurityGroupRuleIds=["sgr-0123456789abcdef0"]
        )


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_an_unknown_permission_revokes_nothing(direction: str) -> None:
    with account("ec2") as ec2:
        mine = group(ec2)
        made = getattr(ec2, f"authorize_security_group_{direction}")(
            GroupId=mine, IpPermissions=[port(80)]
        )
        (added,) = [each["SecurityGroupRuleId"] for each in made["SecurityGroupRules"]]
        with refused("InvalidPermission.NotFound"):
            batch = [port(80), port(443)]
            revoke = getattr(ec2, f"revoke_security_group_{direction}")
            revoke(GroupId=mine, IpPermissions=batch)
        assert ec2.describe_security_group_rules(SecurityGroupRuleIds=[added])


def test_a_rule_with_a_description_is_revoked_without_it() -> None:
    with account("ec2") as ec2:
        network = vpc(ec2)
        mine, other = group(ec2, "mine", network), group(ec2, "other", network)
        pair = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other, "Description": "x"}]}
        batch = [port(80, Description="x"), pair]
        ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=batch)
        plain = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other}]}
        ec2.revoke_security_group_ingress(GroupId=mine, IpPermissions=[port(80), plain])
        (shown,) = ec2.describe_security_groups(GroupIds=[mine])["SecurityGroups"]
        assert shown["IpPermissions"] == []


def test_the_ipv6_rule_that_a_vpc_without_ipv6_never_had_is_not_found() -> None:
    with account("ec2") as ec2:
        mine = group(ec2)
        with refused("InvalidPermission.NotFound"):
            everywhere = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
            ec2.revoke_security_group_egress(GroupId=mine, IpPermissions=[everywhere])


def test_without_the_rule_half_a_batch_is_revoked() -> None:
    with account("ec2", "revoked-all-or-none") as ec2:
        mine = group(ec2)
        ec2.authorize_security_group_ingress(GroupId=mine, IpPermissions=[port(80)])
        with refused("InvalidPermission.NotFound"):
            batch = [port(80), port(443)]
            ec2.revoke_security_group_ingress(GroupId=mine, IpPermissions=batch)
        assert ports(ec2, mine) == []
