"""Who may do what: by key, by kind of policy, and said as each service says it."""

from __future__ import annotations

import pytest

from tests.support.principals import (
    ACCOUNT,
    Administered,
    administered,
    allow,
    client,
    deny,
    document,
)
from tests.support.strict_account import refused
from tests.support.strict_calls import refusal
from umetrics.sandbox.strict import Settings

TRUST = document(
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
)
EVERYTHING = allow("*")


def test_a_user_without_policies_may_do_nothing() -> None:
    with administered() as administrator:
        key = administrator.user("joe", path="/team/")
        words = (
            "You are not authorized to perform this operation. "
            f"User: arn:aws:iam::{ACCOUNT}:user/team/joe is not authorized to perform: "
            "ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action"
        )
        with refused("UnauthorizedOperation", words):
            client("ec2", key).describe_vpcs()


def test_without_the_rule_he_may_do_everything() -> None:
    with administered("authorization") as administrator:
        assert client("ec2", administrator.user("joe")).describe_vpcs()["Vpcs"]


@pytest.mark.parametrize(
    ("service", "operation", "code", "status", "action"),
    [
        ("ec2", "describe_vpcs", "UnauthorizedOperation", 403, "ec2:DescribeVpcs"),
        ("iam", "list_roles", "AccessDenied", 403, "iam:ListRoles"),
        ("rds", "describe_db_clusters", "AccessDenied", 403, "rds:DescribeDBClusters"),
        ("elbv2", "describe_load_balancers", "AccessDenied", 403, "elasticloadbalancing:Describe"),
        ("route53", "list_hosted_zones", "AccessDenied", 403, "route53:ListHostedZones"),
        ("s3", "list_buckets", "AccessDenied", 403, "s3:ListAllMyBuckets"),
        ("lambda", "list_functions", "AccessDeniedException", 403, "lambda:ListFunctions"),
        ("resourcegroupstaggingapi", "get_resources", "AccessDeniedException", 400, "tag:GetRes"),
        ("ce", "list_cost_allocation_tags", "AccessDeniedException", 400, "ce:ListCostAllocation"),
        ("ecs", "list_clusters", "AccessDeniedException", 400, "ecs:ListClusters"),
        ("logs", "describe_log_groups", "AccessDeniedException", 400, "logs:DescribeLogGroups"),
    ],
)
def test_each_service_refuses_in_its_own_protocol(
    service: str, operation: str, code: str, status: int, action: str
) -> None:
    with administered() as administrator:
        call = getattr(client(service, administrator.user("joe")), operation)
        assert refusal(call) == (code, status)
        with refused(code, f"is not authorized to perform: {action}"):
            call()
        administrator.permit("joe", EVERYTHING)
        call()


def test_permissions_count_from_the_moment_they_are_given() -> None:
    with administered() as administrator:
        ec2 = client("ec2", administrator.user("joe"))
        administrator.permit("joe", allow("ec2:Describe*"))
        ec2.describe_vpcs()
        administrator.permit("joe", allow("ec2:Describe*"), deny("ec2:DescribeVpcs"))
        with refused("UnauthorizedOperation", "with an explicit deny in an identity-based policy"):
            ec2.describe_vpcs()


def test_attached_policies_and_those_of_groups_count() -> None:
    with administered() as administrator:
        iam, key = administrator.iam, administrator.user("joe")
        made = iam.create_policy(PolicyName="p", PolicyDocument=document(allow("ec2:Describe*")))
        arn = made["Policy"]["Arn"]
        iam.attach_user_policy(UserName="joe", PolicyArn=arn)
        client("ec2", key).describe_vpcs()
        iam.detach_user_policy(UserName="joe", PolicyArn=arn)
        assert refusal(client("ec2", key).describe_vpcs) == ("UnauthorizedOperation", 403)
        iam.create_group(GroupName="g")
        iam.attach_group_policy(GroupName="g", PolicyArn=arn)
        iam.add_user_to_group(GroupName="g", UserName="joe")
        client("ec2", key).describe_vpcs()


def test_only_the_default_version_of_a_policy_counts() -> None:
    with administered() as administrator:
        iam, key = administrator.iam, administrator.user("joe")
        made = iam.create_policy(PolicyName="p", PolicyDocument=document(allow("ec2:Describe*")))
        arn = made["Policy"]["Arn"]
        iam.attach_user_policy(UserName="joe", PolicyArn=arn)
        less = document(allow("s3:*"))
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=less, SetAsDefault=True)
        assert refusal(client("ec2", key).describe_vpcs) == ("UnauthorizedOperation", 403)


def role(administrator: Administered, **given: str) -> str:
    """A role that may do everything; its ARN."""
    made = administrator.iam.create_role(
        RoleName="r", Path="/team/", AssumeRolePolicyDocument=TRUST, **given
    )
    administrator.iam.put_role_policy(
        RoleName="r", PolicyName="p", PolicyDocument=document(EVERYTHING)
    )
    arn: str = made["Role"]["Arn"]
    return arn


def session(role_arn: str, **given: str) -> tuple[str, str]:
    """Key id and token of a session, which the administrator starts."""
    sts = client("sts", "administrator")
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="work", **given)["Credentials"]
    return answer["AccessKeyId"], answer["SessionToken"]


def test_a_session_may_do_what_its_role_may() -> None:
    with administered() as administrator:
        key, token = session(role(administrator))
        client("ec2", key, token).describe_vpcs()
        administrator.iam.delete_role_policy(RoleName="r", PolicyName="p")
        who = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/r/work is not authorized"
        with refused("UnauthorizedOperation", who):
            client("ec2", key, token).describe_vpcs()


def test_a_boundary_limits_a_role() -> None:
    with administered() as administrator:
        bounds = administrator.iam.create_policy(
            PolicyName="b", PolicyDocument=document(allow("ec2:*"))
        )
        key, token = session(role(administrator, PermissionsBoundary=bounds["Policy"]["Arn"]))
        client("ec2", key, token).describe_vpcs()
        words = "because no permissions boundary allows the iam:ListRoles action"
        with refused("AccessDenied", words):
            client("iam", key, token).list_roles()


def test_a_session_policy_limits_a_session() -> None:
    with administered() as administrator:
        key, token = session(role(administrator), Policy=document(allow("ec2:*")))
        client("ec2", key, token).describe_vpcs()
        with refused("AccessDenied", "because no session policy allows the iam:ListRoles action"):
            client("iam", key, token).list_roles()


def test_assuming_a_role_is_judged_on_the_role() -> None:
    with administered() as administrator:
        arn = role(administrator)
        key = administrator.user("joe", allow("sts:AssumeRole", f"{arn}x"))
        sts = client("sts", key)
        with refused("AccessDenied", f"sts:AssumeRole on resource: {arn}"):
            sts.assume_role(RoleArn=arn, RoleSessionName="work")
        administrator.permit("joe", allow("sts:AssumeRole", arn))
        sts.assume_role(RoleArn=arn, RoleSessionName="work")


def test_the_administrator_and_unknown_keys_may_do_everything() -> None:
    with administered():
        for key in ("administrator", "testing", "AKIAIOSFODNN7EXAMPLE"):
            client("ec2", key).describe_vpcs()


def test_unknown_keys_can_be_a_user_s() -> None:
    with administered(settings=Settings(caller="joe")) as administrator:
        administrator.user("joe")
        assert refusal(client("ec2", "testing").describe_vpcs) == ("UnauthorizedOperation", 403)
        client("ec2", "administrator").describe_vpcs()


def test_a_key_that_is_inactive_or_whose_owner_is_gone_is_no_key() -> None:
    with administered(settings=Settings(caller="nobody")) as administrator:
        key = administrator.user("joe", EVERYTHING)
        administrator.iam.update_access_key(UserName="joe", AccessKeyId=key, Status="Inactive")
        for each in (key, "testing"):
            assert refusal(client("ec2", each).describe_vpcs) == ("AuthFailure", 401)
            assert refusal(client("iam", each).list_roles) == ("InvalidClientTokenId", 403)
            assert refusal(client("ce", each).list_cost_allocation_tags) == (
                "UnrecognizedClientException",
                400,
            )


def test_authorization_is_judged_before_a_dry_run_is_answered() -> None:
    with administered() as administrator:
        ec2 = client("ec2", administrator.user("joe", allow("ec2:CreateVpc")))
        assert refusal(lambda: ec2.describe_vpcs(DryRun=True)) == ("UnauthorizedOperation", 403)
        dry = lambda: ec2.create_vpc(CidrBlock="10.0.0.0/24", DryRun=True)  # noqa: E731
        assert refusal(dry) == ("DryRunOperation", 412)


def test_what_is_refused_is_not_done() -> None:
    with administered() as administrator:
        key = administrator.user("joe", allow("s3:ListBucket"))
        owner, s3 = client("s3", "administrator"), client("s3", key)
        owner.create_bucket(Bucket="bucket")
        owner.put_object(Bucket="bucket", Key="a/b", Body=b"")
        with refused("AccessDenied", "s3:DeleteObject on resource: arn:aws:s3:::bucket/a/b"):
            s3.delete_object(Bucket="bucket", Key="a/b")
        assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 1
        assert refusal(lambda: s3.create_bucket(Bucket="other")) == ("AccessDenied", 403)
        assert len(owner.list_buckets()["Buckets"]) == 1


def test_policy_variables_speak_of_the_caller() -> None:
    with administered() as administrator:
        mine = f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"
        key = administrator.user("joe", allow("iam:GetUser", mine))
        administrator.user("ann")
        iam = client("iam", key)
        assert iam.get_user()["User"]["UserName"] == "joe"
        with refused("AccessDenied", "iam:GetUser on resource: user ann because"):
            iam.get_user(UserName="ann")
