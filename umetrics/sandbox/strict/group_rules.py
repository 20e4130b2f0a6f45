"""Security groups: their names, their birth, and rules that come and go all or none.

A permission of a request is several rules (one for each range, group and prefix list); what makes
two rules the same is their traffic, never their description.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, cast

from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses.security_groups import parse_sg_attributes_from_dict

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.dependency_rules import named_group
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, refuse, rule

AUTHORIZE = ("authorize_security_group_ingress", "authorize_security_group_egress")
REVOKE = ("revoke_security_group_ingress", "revoke_security_group_egress")


@rule(
    "group-needs-its-vpc",
    service="ec2",
    actions="create_security_group",
    source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: "
    "InvalidVpcID.NotFound, the specified VPC does not exist",
)
def needs_vpc(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A group is made in a VPC that is there."""
    vpc = call.parameter("VpcId")
    if vpc and vpc not in call.backend.vpcs:
        refuse("InvalidVpcID.NotFound", f"The vpc ID '{vpc}' does not exist")
    return proceed()


@rule(
    "group-names",
    service="ec2",
    actions="create_security_group",
    source="EC2 API reference, CreateSecurityGroup.GroupName; words: pulumi/pulumi-awsx#328",
)
@alone
def names(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """Names are unique in a VPC whatever their case, and never look like an id."""
    name = call.parameter("GroupName") or ""
    if name.startswith("sg-"):
        refuse(
            "InvalidParameterValue",
            f"Value ({name}) for parameter GroupName is invalid. "
            "Group names may not be in the format sg-*.",
        )
    vpc = call.parameter("VpcId") or getattr(call.backend.get_default_vpc(), "id", None)
    if any(
        group.name.casefold() == name.casefold()
        for group in list(call.backend.groups.get(vpc, {}).values())
    ):
        refuse(
            "InvalidGroup.Duplicate",
            f"The security group '{name}' already exists for VPC '{vpc}'",
        )
    return proceed()


@rule(
    "new-group-shows-its-tags",
    service="ec2",
    actions="create_security_group",
    source="EC2 API reference, CreateSecurityGroup: Tags in the answer",
)
def shows_tags(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The answer to a creation has the tags of the group."""
    answer = proceed()
    group = call.backend.get_security_group_from_id(answer.result["GroupId"])
    answer.result["Tags"] = group.get_tags()
    return answer


@rule(
    "default-group-lets-itself-in",
    service="ec2",
    actions=("create_vpc", "create_default_vpc"),
    source="EC2 API reference, CreateSecurityGroup: access to each other; aws-facts A6",
)
@alone
def lets_itself_in(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The default group of a new VPC allows everything in from itself."""
    answer = proceed()
    group = call.backend.get_default_security_group(answer.result["Vpc"].id)
    itself = {"GroupId": group.id, "OwnerId": group.owner_id, "UserId": group.owner_id}
    if not group.ingress_rules:
        group.ingress_rules.append(
            SecurityGroupRule(
                call.backend, "-1", group.id, None, None, None, itself, is_egress=False
            )
        )
    return answer


@rule(
    "new-rules-all-or-none",
    service="ec2",
    actions=AUTHORIZE,
    source="EC2 API reference, IpRange.CidrIp: duplicate rule error; terraform-provider-aws#2587",
)
@alone
def all_or_none(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """One rule that is there already, or is asked for twice, refuses the call: nothing is added."""
    group = named_group(call)
    if group is None:
        return proceed()
    asked = list(_asked(call, group))
    there = [_traffic(each) for each in _rules(call, group)]
    if len(set(asked)) != len(asked):
        refuse("InvalidParameterValue", "The same permission must not appear multiple times")
    if not set(asked).isdisjoint(there):
        refuse("InvalidPermission.Duplicate", "The specified rule already exists")
    before = list(_rules(call, group))
    try:
        return proceed()
    except Exception:
        _rules(call, group)[:] = before
        raise


@rule(
    "answer-has-all-new-rules",
    service="ec2",
    actions=AUTHORIZE,
    source="EC2 API reference, AuthorizeSecurityGroupIngress: the rules that were added",
)
@alone
def has_all_rules(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """The answer names every rule that was added, not only those of the last permission."""
    group = named_group(call)
    before = {each.id for each in _rules(call, group)} if group is not None else set()
    answer = proceed()
    answer.result["SecurityGroupRules"] = [
        each for each in _rules(call, group) if each.id not in before
    ]
    return answer


@rule(
    "unknown-rule-id",
    service="ec2",
    actions=REVOKE,
    source="EC2 API error codes, InvalidSecurityGroupRuleId.NotFound; seen: turbot/"
    "steampipe-plugin-aws, vpc_security_group_rule; alchemy-run/alchemy, live tests of rules",
)
@alone
def unknown_rule_id(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """A rule id that no rule has is refused by its own code, and nothing is revoked."""
    known = {
        each.id
        for groups in list(call.backend.groups.values())
        for group in list(groups.values())
        for each in (*group.ingress_rules, *group.egress_rules)
    }
    for unknown in set(call.parameter("SecurityGroupRuleIds", [])) - known:
        refuse(
            "InvalidSecurityGroupRuleId.NotFound",
            f"The security group rule ID '{unknown}' does not exist",
        )
    return proceed()


@rule(
    "revoked-all-or-none",
    service="ec2",
    actions=REVOKE,
    source="EC2 API reference, RevokeSecurityGroupIngress: NotFound, and no rules are revoked",
)
@alone
def revoked_all_or_none(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """In a VPC that is not the default one, one permission without its rule refuses the call.

    What is found is revoked by id: AWS does not compare the descriptions, moto does.
    """
    group = named_group(call)
    if group is None or not call.parameter("IpPermissions"):
        return proceed()
    if call.backend.get_vpc(group.vpc_id).is_default:
        return proceed()
    there = {_traffic(each): each.id for each in _rules(call, group)}
    asked = list(_asked(call, group))
    if not set(asked) <= there.keys():
        refuse(
            "InvalidPermission.NotFound",
            "The specified rule does not exist in this security group.",
        )
    parameters = cast("Any", call.response).params
    parameters.pop("IpPermissions")
    parameters["SecurityGroupRuleIds"] = [there[each] for each in asked]
    return proceed()


def _rules(call: Call, group: Any) -> list[Any]:  # noqa: ANN401  # moto's security group
    """The rules of a group in the direction of the call; moto's own list."""
    egress = call.action.endswith("_egress")
    return cast("list[Any]", group.egress_rules if egress else group.ingress_rules)


def _asked(call: Call, group: Any) -> Iterator[Hashable]:  # noqa: ANN401  # moto's group
    """The traffic of each rule that the request names."""
    for permission in call.parameter("IpPermissions", []):
        protocol, first, last, ranges, groups, lists = parse_sg_attributes_from_dict(permission)
        sources = call.backend._add_source_group(groups, None)  # noqa: SLF001  # names to ids
        for each in call.backend._iterate_security_rules(  # noqa: SLF001  # moto's only way
            protocol, group.id, first, last, ranges, sources, lists
        ):
            yield _traffic(each)


def _traffic(each: Any) -> Hashable:  # noqa: ANN401  # moto's rule
    """What a rule lets through; two rules of one direction with the same are duplicates."""
    return (
        each.ip_protocol,
        each.from_port,
        each.to_port,
        each.cidr_ipv4,
        each.cidr_ipv6,
        each.source_group.get("GroupId"),
        each.prefix_list_id,
    )


RULES: tuple[Rule, ...] = (
    needs_vpc,
    names,
    shows_tags,
    lets_itself_in,
    all_or_none,
    has_all_rules,
    unknown_rule_id,
    revoked_all_or_none,
)
