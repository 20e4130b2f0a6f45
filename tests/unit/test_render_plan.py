"""A plan on paper: at 80 columns, without colour, in ASCII, and with hostile texts in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from umetrics.provision.model import Blueprint, Found, Part, Phase, Ref, Resource, Shared, Snapshot
from umetrics.provision.plan import Plan, plan_destroy, plan_up
from umetrics.provision.policy_document import EMPTY, PolicyDocument
from umetrics.provision.references import resolve
from umetrics.provision.resources import KINDS
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.internet_gateway import InternetGateway
from umetrics.provision.resources.nat_gateway import NatGateway
from umetrics.provision.resources.policy import ManagedPolicy
from umetrics.provision.resources.role import Role
from umetrics.provision.resources.route_table import Route, RouteTable
from umetrics.provision.resources.rule import tcp
from umetrics.provision.resources.security_group import SecurityGroup
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.provision.resources.subnet import Subnet
from umetrics.provision.resources.vpc import Vpc
from umetrics.render.line import Look, compose
from umetrics.render.plan import plan_lines, plan_summary
from umetrics.render.price import plan_price
from umetrics.tags import identity_tags

DEPLOYMENT = "UserMetrics/dev"

READ = PolicyDocument.of(
    {"Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
READ_MORE = PolicyDocument.of(
    {
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": "*",
            }
        ]
    }
)


def wanted(key: str, spec: object) -> Resource[Any]:
    tags = {"Owner": "team@example.org", **identity_tags(DEPLOYMENT, key)}
    if isinstance(spec, SecurityGroupRules):
        identity = identity_tags(DEPLOYMENT, key)
        return Resource(key, spec, identity, part_tags={"Owner": "team@example.org", **identity})
    return Resource(key, spec, tags, part_tags={"Owner": "team@example.org"})


BLUEPRINT = Blueprint(
    DEPLOYMENT,
    (
        wanted("vpc", Vpc("10.0.0.0/24")),
        wanted("internet-gateway", InternetGateway(Ref("vpc"))),
        wanted("subnet/public-a", Subnet(Ref("vpc"), "10.0.0.0/27", "use1-az1")),
        wanted("elastic-ip/nat", ElasticIp()),
        wanted("nat-gateway", NatGateway(Ref("subnet/public-a"), Ref("elastic-ip/nat"))),
        wanted(
            "route-table/private",
            RouteTable(Ref("vpc"), frozenset({Route("0.0.0.0/0", Ref("nat-gateway"))})),
        ),
        wanted("security-group/alb", SecurityGroup(Ref("vpc"), "alb", "load balancer")),
        wanted(
            "rules/alb",
            SecurityGroupRules(
                Ref("security-group/alb"), frozenset({tcp("ingress", 443, "0.0.0.0/0")})
            ),
        ),
        wanted("role/grafana", Role("grafana", "/", EMPTY, READ)),
        wanted(
            "policy/lambda-emf",
            ManagedPolicy("emf", "/", READ, attached_roles=frozenset({"orders"})),
        ),
    ),
)
IDS = {
    "vpc": "vpc-1",
    "internet-gateway": "igw-1",
    "subnet/public-a": "subnet-1",
    "elastic-ip/nat": "eipalloc-1",
    "nat-gateway": "nat-1",
    "route-table/private": "rtb-1",
    "security-group/alb": "sg-1",
    "rules/alb": "sg-1/rules",
    "role/grafana": "AROA1",
    "policy/lambda-emf": "ANPA1",
}


def as_wanted(key: str) -> Found[Any]:
    resource = next(each for each in BLUEPRINT.resources if each.key == key)
    return Found(IDS[key], resolve(resource.spec, IDS), resource.tags)


def with_found(changed: Mapping[str, tuple[Found[Any], ...]]) -> Snapshot:
    complete = {resource.key: (as_wanted(resource.key),) for resource in BLUEPRINT.resources}
    return Snapshot(DEPLOYMENT, {**complete, **changed})


def up(changed: Mapping[str, tuple[Found[Any], ...]], *, prune: bool = False) -> Plan:
    return plan_up(BLUEPRINT, with_found(changed), KINDS, prune=prune)


def text(
    plan: Plan,
    look: Look | None = None,
    *,
    warnings: tuple[str, ...] = (),
    details: bool = False,
) -> str:
    lines = plan_lines(
        plan, price=plan_price(plan, "us-east-1"), warnings=warnings, details=details
    )
    return compose(lines, look or Look())


def body(plan: Plan) -> str:
    """Without the summary and the blank line after it."""
    return text(plan).partition("\n\n")[2]


NOTHING_YET = plan_up(BLUEPRINT, Snapshot(DEPLOYMENT, {}), KINDS)

CREATION = """\
10 to create, 0 to change, 0 to destroy · $36.50/month + $0.045/GB

Network
  + vpc                  VPC
  + internet-gateway     internet gateway
  + subnet/public-a      subnet
  + elastic-ip/nat       Elastic IP
  + nat-gateway          NAT gateway       usually 1-3 min
  + route-table/private  route table

Security groups
  + security-group/alb  security group
  + rules/alb           security group rules

IAM
  + role/grafana       role
  + policy/lambda-emf  managed policy

warning: tasks may reach port 5432 in all private ranges (10.0.0.0/8,
      172.16.0.0/12, 192.168.0.0/16): set `cidrs` in [database]
"""
WARNING = (
    "tasks may reach port 5432 in all private ranges (10.0.0.0/8, 172.16.0.0/12, "
    "192.168.0.0/16): set `cidrs` in [database]"
)


def test_creating_everything_is_a_short_list_with_the_price_first() -> None:
    assert text(NOTHING_YET, warnings=(WARNING,)) == CREATION


def test_in_ascii_only_the_separator_differs() -> None:
    plain = text(NOTHING_YET, Look(unicode=False), warnings=(WARNING,))
    assert plain == CREATION.replace(" · ", " | ")
    assert plain.isascii()


def test_colour_adds_codes_and_nothing_else() -> None:
    coloured = text(NOTHING_YET, Look(colour=True), warnings=(WARNING,))
    assert "  \x1b[32m+\x1b[0m vpc" in coloured
    for code in ("1", "32", "33", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == CREATION
    assert "\x1b" not in CREATION


def test_no_changes_is_one_line() -> None:
    assert text(up({})) == "No changes. 10 resources as wanted · $36.50/month + $0.045/GB\n"


def test_details_show_what_is_created_field_by_field_with_what_does_not_exist_yet() -> None:
    shown = text(NOTHING_YET, details=True)
    assert "      + cidr: 10.0.0.0/27\n" in shown
    assert "      + routes: 0.0.0.0/0 -> (nat-gateway, to be created)\n" in shown
    assert "      + rules: ingress tcp 443 from 0.0.0.0/0\n" in shown
    assert "      + permissions: Read: Allow s3:GetObject on *\n" in shown
    assert "      + tags Owner=team@example.org, umetrics:deployment=UserMetrics/dev,\n" in shown


def test_an_update_shows_each_difference_and_names_parts_and_keeps_what_is_foreign() -> None:
    table, vpc, rules, role = map(
        as_wanted, ("route-table/private", "vpc", "rules/alb", "role/grafana")
    )
    routes = frozenset({Route("0.0.0.0/0", "nat-0", blackhole=True), Route("10.1.0.0/16", "pcx-1")})
    plan = up(
        {
            "route-table/private": (
                replace(
                    table,
                    spec=replace(table.spec, routes=routes),
                    tags={**table.tags, "Owner": "somebody"},
                ),
            ),
            "vpc": (
                replace(
                    vpc,
                    spec=replace(vpc.spec, dns_hostnames=False),
                    tags={key: value for key, value in vpc.tags.items() if key != "Owner"},
                    parts=(Part("main route table", "rtb-9"),),
                ),
            ),
            "rules/alb": (
                replace(
                    rules, parts=tuple(Part("security group rule", f"sgr-{n}") for n in range(5))
                ),
            ),
            "role/grafana": (
                replace(
                    role,
                    spec=replace(
                        role.spec, permissions=READ_MORE, foreign_policies=frozenset({"extra"})
                    ),
                ),
            ),
        }
    )
    assert (
        text(plan)
        == """\
0 to create, 4 to change, 0 to destroy · $36.50/month + $0.045/GB

Network
  ~ vpc                  VPC          vpc-1
      ~ dns hostnames: off becomes on
      + tag Owner = team@example.org
      + main route table rtb-9: tag Owner = team@example.org
  ~ route-table/private  route table  rtb-1
      ~ routes: 0.0.0.0/0 -> nat-0 (blackhole) becomes 0.0.0.0/0 -> nat-1
      ~ tag Owner = team@example.org (was somebody)
      = kept: 10.1.0.0/16 -> pcx-1, not ours

Security groups
  ~ rules/alb  security group rules  sg-1/rules
      < 5 security group rules (sgr-0, sgr-1, sgr-2 and 2 more): tags
        Owner=team@example.org, umetrics:deployment=UserMetrics/dev,
        umetrics:resource=rules/alb

IAM
  ~ role/grafana  role  AROA1
      - permissions: Read: Action s3:ListBucket
      = kept: foreign policies extra, not ours

= 6 unchanged
"""
    )


def test_a_rule_that_goes_and_one_that_comes_have_a_line_each() -> None:
    rules = as_wanted("rules/alb")
    surplus = replace(tcp("ingress", 22, "0.0.0.0/0"), ours=True)
    changed = replace(rules, spec=replace(rules.spec, rules=frozenset({surplus})))
    assert (
        body(up({"rules/alb": (changed,)}))
        == """\
Security groups
  ~ rules/alb  security group rules  sg-1/rules
      + rules: ingress tcp 443 from 0.0.0.0/0
      - rules: ingress tcp 22 from 0.0.0.0/0

= 9 unchanged
"""
    )


def test_a_conflict_gives_its_reason_and_says_that_nothing_will_be_done() -> None:
    subnet = as_wanted("subnet/public-a")
    moved = replace(subnet, spec=replace(subnet.spec, cidr="10.9.0.0/24"))
    assert (
        text(up({"subnet/public-a": (moved,)}))
        == """\
0 to create, 0 to change, 0 to destroy, 1 conflict · $36.50/month + $0.045/GB

Network
  ! subnet/public-a  subnet  subnet-1
      AWS cannot change this in place: cidr is 10.9.0.0/24, wanted 10.0.0.0/27

= 9 unchanged

A conflict forbids the whole plan: nothing will be done.
"""
    )


def test_predecessors_are_waited_for_or_replaced_by_name() -> None:
    gateway = as_wanted("nat-gateway")
    failed = replace(gateway, phase=Phase.FAILED, note="Gateway.NotAttached: no gateway")
    leaving = replace(gateway, id="nat-0", phase=Phase.LEAVING)
    shown = body(up({"nat-gateway": (failed, leaving)}))
    assert shown.startswith(
        "Network\n"
        "  + nat-gateway          NAT gateway  usually 1-3 min\n"
        "      replaces nat-1: failed: Gateway.NotAttached: no gateway\n"
        "      waits for nat-0, deleting\n"
        "  ~ route-table/private  route table  rtb-1\n"
    ), shown
    assert "becomes 0.0.0.0/0 -> (nat-gateway, to be created)" in " ".join(shown.split())


def test_what_is_pending_is_waited_for() -> None:
    pending = replace(as_wanted("nat-gateway"), phase=Phase.PENDING)
    shown = body(up({"nat-gateway": (pending,)}))
    assert "      nat-1 is still pending: waits until it is ready\n" in shown


def test_things_of_others_and_orphans_are_shown_even_when_nothing_changes() -> None:
    policy, subnet = as_wanted("policy/lambda-emf"), as_wanted("subnet/public-a")
    spec = replace(policy.spec, attached_roles=frozenset({"orders", "billing"}))
    orphan = replace(subnet, id="subnet-9", tags=identity_tags(DEPLOYMENT, "subnet/public-z"))
    plan = up(
        {"policy/lambda-emf": (replace(policy, spec=spec),), "subnet/public-z": (orphan,)},
    )
    assert (
        text(plan)
        == """\
No changes. 10 resources as wanted · $36.50/month + $0.045/GB
= policy/lambda-emf ANPA1: kept: attached roles billing, not ours
= orphan: subnet/public-z subnet-9 is ours but no longer wanted: kept; --prune
  removes it
"""
    )


IN_A_SHARED_VPC = replace(
    BLUEPRINT,
    resources=tuple(
        each for each in BLUEPRINT.resources if each.key in {"elastic-ip/nat", "subnet/public-a"}
    ),
    shared=(
        Shared("vpc", "Vpc", "VPC", "vpc-9", ("DNS hostnames are off",)),
        Shared("internet-gateway", "InternetGateway", "internet gateway", "igw-9"),
    ),
)


def test_what_is_shared_is_named_as_such_where_anything_is_to_be_done() -> None:
    plan = plan_up(IN_A_SHARED_VPC, Snapshot(DEPLOYMENT, {}), KINDS)
    assert (
        body(plan)
        == """\
Network
  + subnet/public-a  subnet
  + elastic-ip/nat   Elastic IP

Shared: used, and never changed
  = vpc               VPC               vpc-9
  = internet-gateway  internet gateway  igw-9

warning: vpc-9: DNS hostnames are off
"""
    )


def test_a_kept_orphan_is_billed_and_a_pruned_one_is_not() -> None:
    orphan = replace(as_wanted("nat-gateway"), tags=identity_tags(DEPLOYMENT, "nat-gateway/b"))
    changed = {"nat-gateway/b": (replace(orphan, id="nat-9"),)}
    assert "$69.35/month" in plan_summary(up(changed), plan_price(up(changed), "us-east-1"))
    pruned = up(changed, prune=True)
    assert "$36.50/month" in plan_summary(pruned, plan_price(pruned, "us-east-1"))


def test_destroying_lists_everything_and_what_it_saves() -> None:
    attached = as_wanted("role/grafana")
    snapshot = with_found(
        {
            "role/grafana": (
                replace(
                    attached, spec=replace(attached.spec, foreign_policies=frozenset({"extra"}))
                ),
            ),
            "nat-gateway": (replace(as_wanted("nat-gateway"), phase=Phase.LEAVING),),
        }
    )
    assert (
        text(plan_destroy(snapshot, KINDS))
        == """\
0 to create, 0 to change, 10 to destroy · saves $36.50/month + $0.045/GB

Network
  - elastic-ip/nat       Elastic IP        eipalloc-1
  - internet-gateway     internet gateway  igw-1
  - nat-gateway          NAT gateway       nat-1
      waits for nat-1, which is already deleting
  - route-table/private  route table       rtb-1
  - subnet/public-a      subnet            subnet-1
  - vpc                  VPC               vpc-1

Security groups
  - rules/alb           security group rules  sg-1/rules
  - security-group/alb  security group        sg-1

IAM
  - policy/lambda-emf  managed policy  ANPA1
  - role/grafana       role            AROA1
      = goes too: foreign policies extra, not ours
"""
    )


def test_destroying_nothing_says_so() -> None:
    plan = plan_destroy(Snapshot(DEPLOYMENT, {}), KINDS)
    assert text(plan) == "Nothing to destroy: nothing of UserMetrics/dev was found.\n"


def test_an_unknown_price_is_said_and_never_guessed() -> None:
    summary = plan_summary(NOTHING_YET, plan_price(NOTHING_YET, "eu-west-1"))
    assert summary == ("10 to create, 0 to change, 0 to destroy · price unknown in eu-west-1")
    assert plan_summary(NOTHING_YET) == "10 to create, 0 to change, 0 to destroy"


def test_hostile_tag_values_are_shown_and_never_obeyed() -> None:
    vpc = as_wanted("vpc")
    hostile = replace(vpc, tags={**vpc.tags, "Owner": "\x1b[31m[red]x[/red]\x1b[2J\n+ forged"})
    for look in (Look(), Look(colour=True), Look(unicode=False)):
        shown = text(up({"vpc": (hostile,)}), look)
        assert r"(was \x1b[31m[red]x[/red]\x1b[2J\n+ forged)" in " ".join(shown.split())
        assert "\x1b[2J" not in shown
        assert look.colour or "\x1b" not in shown


def test_every_line_fits_80_columns() -> None:
    identifiers = {key: f"{id.partition('-')[0]}-0123456789abcdef0" for key, id in IDS.items()}
    found = {
        key: (replace(as_wanted(key), id=identifier),) for key, identifier in identifiers.items()
    }
    plan = plan_destroy(Snapshot(DEPLOYMENT, found), KINDS)
    assert max(map(len, text(plan).splitlines())) <= 80
    assert max(map(len, text(NOTHING_YET, details=True).splitlines())) <= 80
