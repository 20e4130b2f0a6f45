"""IAM: names, quotas, tag keys, and policies that are still in use."""

from __future__ import annotations

from tests.support.plain import Client, account
from tests.support.strict_account import refused

TRUST = '{"Version": "2012-10-17", "Statement": []}'


def document(characters: int) -> str:
    """A policy of so many characters without white space, and some white space."""
    filler = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"%s","Resource":"*"}]}'
    )
    return " \n " + filler % ("s3:" + "x" * (characters - len(filler) - 1))


def trust(characters: int) -> str:
    """A trust document of so many characters without white space, and some white space."""
    filler = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Sid":"%s","Principal":'
        '{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    )
    return "  " + filler % ("x" * (characters - len(filler) + 2))


def role(iam: Client, name: str = "worker", **more: object) -> str:
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, **more)
    return name


def policy(iam: Client, name: str = "emf", **more: object) -> str:
    made = iam.create_policy(PolicyName=name, PolicyDocument=document(200), **more)
    return str(made["Policy"]["Arn"])


def tags(answer: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def test_names_are_taken_whatever_their_case() -> None:
    with account("iam") as iam:
        role(iam, "Worker")
        iam.create_user(UserName="Deployer")
        iam.create_group(GroupName="Admins")
        with refused("EntityAlreadyExists", "Role with name wORKER already exists"):
            role(iam, "wORKER")
        with refused("EntityAlreadyExists"):
            iam.create_user(UserName="deployer")
        with refused("EntityAlreadyExists"):
            iam.create_group(GroupName="ADMINS")


def test_a_policy_name_is_taken_whatever_its_path() -> None:
    with account("iam") as iam:
        policy(iam, "emf", Path="/one/")
        with refused("EntityAlreadyExists", "A policy called EMF already exists"):
            policy(iam, "EMF", Path="/two/")


def test_without_the_rule_names_differ_by_case() -> None:
    with account("iam", "iam-names") as iam:
        for name in ("Worker", "wORKER"):
            role(iam, name)
        for path in ("/one/", "/two/"):
            policy(iam, "emf", Path=path)


def test_an_attached_policy_stays_until_it_is_detached() -> None:
    with account("iam") as iam:
        arn, worker = policy(iam), role(iam)
        iam.attach_role_policy(RoleName=worker, PolicyArn=arn)
        with refused("DeleteConflict", "Cannot delete a policy attached to entities"):
            iam.delete_policy(PolicyArn=arn)
        iam.detach_role_policy(RoleName=worker, PolicyArn=arn)
        iam.delete_policy(PolicyArn=arn)


def test_a_policy_with_two_versions_stays_until_one_is_left() -> None:
    with account("iam") as iam:
        arn = policy(iam)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(300), SetAsDefault=True)
        with refused("DeleteConflict", "more than one version"):
            iam.delete_policy(PolicyArn=arn)
        iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
        iam.delete_policy(PolicyArn=arn)


def test_without_the_rule_an_attached_policy_is_deleted() -> None:
    with account("iam", "policy-in-use") as iam:
        arn, worker = policy(iam), role(iam)
        iam.attach_role_policy(RoleName=worker, PolicyArn=arn)
        iam.delete_policy(PolicyArn=arn)


def test_a_role_stays_with_a_policy_inline_or_attached_or_an_instance_profile() -> None:
    with account("iam") as iam:
        inline, attached, profiled = role(iam, "inline"), role(iam, "attached"), role(iam, "prof")
        iam.put_role_policy(RoleName=inline, PolicyName="p", PolicyDocument=document(200))
        iam.attach_role_policy(RoleName=attached, PolicyArn=policy(iam))
        iam.create_instance_profile(InstanceProfileName="profile")
        iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=profiled)
        for name in (inline, attached, profiled):
            with refused("DeleteConflict"):
                iam.delete_role(RoleName=name)


def test_a_role_takes_ten_policies_and_the_tenth_once_more() -> None:
    with account("iam") as iam:
        worker = role(iam)
        arns = [policy(iam, f"p{number}") for number in range(11)]
        for arn in [*arns[:10], arns[9]]:
            iam.attach_role_policy(RoleName=worker, PolicyArn=arn)
        with refused("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10"):
            iam.attach_role_policy(RoleName=worker, PolicyArn=arns[10])


def test_without_the_rule_a_role_takes_eleven_policies() -> None:
    with account("iam", "policies-per-role") as iam:
        worker = role(iam)
        for number in range(11):
            iam.attach_role_policy(RoleName=worker, PolicyArn=policy(iam, f"p{number}"))


def test_a_trust_document_has_2048_characters_at_most() -> None:
    with account("iam") as iam:
        iam.create_role(RoleName="fits", AssumeRolePolicyDocument=trust(2048))
        with refused("LimitExceeded", "ACLSizePerRole: 2048"):
            iam.create_role(RoleName="long", AssumeRolePolicyDocument=trust(2049))
        with refused("LimitExceeded", "ACLSizePerRole: 2048"):
            iam.update_assume_role_policy(RoleName="fits", PolicyDocument=trust(2049))


def test_a_managed_policy_has_6144_characters_at_most() -> None:
    with account("iam") as iam:
        made = iam.create_policy(PolicyName="fits", PolicyDocument=document(6144))["Policy"]
        with refused("LimitExceeded", "PolicySize: 6144"):
            iam.create_policy(PolicyName="long", PolicyDocument=document(6145))
        with refused("LimitExceeded", "PolicySize: 6144"):
            iam.create_policy_version(PolicyArn=made["Arn"], PolicyDocument=document(6145))


def test_the_inline_policies_of_a_role_have_10240_characters_together() -> None:
    with account("iam") as iam:
        worker = role(iam)
        iam.put_role_policy(RoleName=worker, PolicyName="a", PolicyDocument=document(10000))
        with refused("LimitExceeded", "10240 bytes exceeded for role worker"):
            iam.put_role_policy(RoleName=worker, PolicyName="b", PolicyDocument=document(241))
        iam.put_role_policy(RoleName=worker, PolicyName="b", PolicyDocument=document(240))
        iam.put_role_policy(RoleName=worker, PolicyName="a", PolicyDocument=document(9999))


def test_without_the_rule_documents_have_any_size() -> None:
    with account("iam", "policy-sizes") as iam:
        iam.create_role(RoleName="long", AssumeRolePolicyDocument=trust(2049))


def test_a_key_in_another_case_updates_the_tag_that_the_role_has() -> None:
    with account("iam") as iam:
        worker = role(iam, Tags=[{"Key": "project", "Value": "one"}])
        iam.tag_role(RoleName=worker, Tags=[{"Key": "Project", "Value": "two"}])
        assert tags(iam.list_role_tags(RoleName=worker)) == {"project": "two"}
        iam.untag_role(RoleName=worker, TagKeys=["PROJECT"])
        assert tags(iam.list_role_tags(RoleName=worker)) == {}


def test_without_the_rule_a_role_has_the_key_in_both_cases() -> None:
    with account("iam", "role-tag-keys") as iam:
        worker = role(iam, Tags=[{"Key": "project", "Value": "one"}])
        iam.tag_role(RoleName=worker, Tags=[{"Key": "Project", "Value": "two"}])
        assert len(tags(iam.list_role_tags(RoleName=worker))) == 2


def test_keys_of_a_policy_differ_by_case() -> None:
    with account("iam") as iam:
        both = [{"Key": "Project", "Value": "one"}, {"Key": "project", "Value": "two"}]
        arn = policy(iam, Tags=both)
        assert tags(iam.list_policy_tags(PolicyArn=arn)) == {"Project": "one", "project": "two"}
        assert len(iam.get_policy(PolicyArn=arn)["Policy"]["Tags"]) == 2
        iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "PROJECT", "Value": "three"}])
        iam.untag_policy(PolicyArn=arn, TagKeys=["project", "Owner"])
        kept = tags(iam.list_policy_tags(PolicyArn=arn))
        assert kept == {"Project": "one", "PROJECT": "three"}


def test_a_key_twice_is_refused_for_a_policy() -> None:
    with account("iam") as iam, refused("InvalidInput"):
        policy(iam, Tags=[{"Key": "Project", "Value": "one"}, {"Key": "Project", "Value": "two"}])


def test_without_the_rule_a_key_in_another_case_overwrites_the_tag_of_a_policy() -> None:
    with account("iam", "policy-tag-keys") as iam:
        arn = policy(iam, Tags=[{"Key": "Project", "Value": "one"}])
        iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "project", "Value": "two"}])
        assert tags(iam.list_policy_tags(PolicyArn=arn)) == {"project": "two"}


def users_of(iam: Client, arn: str, **more: str) -> list[str]:
    listed = iam.list_entities_for_policy(PolicyArn=arn, **more)["PolicyRoles"]
    return sorted(each["RoleName"] for each in listed)


def used_both_ways(iam: Client) -> str:
    arn = policy(iam)
    role(iam, "bounded", PermissionsBoundary=arn)
    iam.attach_role_policy(RoleName=role(iam, "attached"), PolicyArn=arn)
    return arn


def test_the_usage_filter_tells_attached_from_bounded() -> None:
    with account("iam") as iam:
        arn = used_both_ways(iam)
        assert users_of(iam, arn) == ["attached", "bounded"]
        assert users_of(iam, arn, PolicyUsageFilter="PermissionsPolicy") == ["attached"]
        assert users_of(iam, arn, PolicyUsageFilter="PermissionsBoundary") == ["bounded"]
        assert users_of(iam, arn, EntityFilter="User") == []


def test_without_the_rule_the_usage_filter_does_nothing() -> None:
    with account("iam", "policy-usage") as iam:
        arn = used_both_ways(iam)
        assert users_of(iam, arn, PolicyUsageFilter="PermissionsBoundary") == ["attached"]


def test_a_policy_shows_how_many_roles_it_bounds() -> None:
    with account("iam") as iam:
        arn = used_both_ways(iam)
        (listed,) = iam.list_policies(Scope="Local")["Policies"]
        for shown in (iam.get_policy(PolicyArn=arn)["Policy"], listed):
            assert shown["PermissionsBoundaryUsageCount"] == 1


def test_without_the_rule_a_policy_shows_no_bounded_roles() -> None:
    with account("iam", "boundary-count") as iam:
        arn = used_both_ways(iam)
        shown = iam.get_policy(PolicyArn=arn)["Policy"]
        assert shown.get("PermissionsBoundaryUsageCount", 0) == 0
