"""What the surroundings come to, check by check. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from umetrics.audit.cost_tags.activation import LINKED
from umetrics.audit.cost_tags.state import KEYS
from umetrics.audit.organisation import TOO_OLD, Organisation
from umetrics.audit.tag_policy import SCHEME_KEYS
from umetrics.doctor.address import address_findings
from umetrics.doctor.finding import Certainty, Check, Finding, Status, Unread
from umetrics.doctor.quota import Count, quota_findings
from umetrics.doctor.surroundings import Surroundings, Trails

if TYPE_CHECKING:
    from umetrics.config import Config

NOTICEABLE = 60.0
TOO_FAR = 300.0
"""Seconds: AWS takes a signature for five minutes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
"""

OUR_TYPES = frozenset(
    {
        *(
            f"ec2:{kind}"
            for kind in (
                *("vpc", "subnet", "internet-gateway", "route-table", "elastic-ip", "natgateway"),
                *("vpc-endpoint", "security-group", "security-group-rule", "vpc-flow-log"),
            )
        ),
        *("iam:role", "iam:policy", "logs:log-group", "budgets:budget", "ssm:parameter"),
    }
)
"""As tag policies call what we build."""


def judged(
    seen: Surroundings, config: Config, added: Count | None, *, production: bool
) -> Iterator[Finding]:
    """Everything but who we are, what we may, and whether there is a plan."""
    yield from quota_findings(seen.used, seen.nat_by_zone, seen.limits, added)
    yield from _addresses(seen, config)
    yield _zones(seen.zones, config)
    yield from _tag_policy(seen.organisation)
    yield _cost_tags(seen.active_cost_keys)
    yield from _advice(seen, config, production=production)


def clock_finding(offset: float | None) -> Finding:
    """Whether this machine knows what time it is; `offset` is by how much AWS is ahead."""
    if offset is None:
        text = "no answer of AWS told its time"
        return Finding(Check.CLOCK, Status.UNKNOWN, text, Certainty.UNDECIDABLE)
    seconds = round(abs(offset))
    if abs(offset) < NOTICEABLE:
        return Finding(Check.CLOCK, Status.OK, "as AWS's, to the minute")
    text = f"this machine is {seconds} s {'behind' if offset > 0 else 'ahead of'} AWS"
    hint = "have the clock set by NTP: AWS takes a signature for five minutes"
    status = Status.PROBLEM if abs(offset) >= TOO_FAR else Status.ADVICE
    return Finding(Check.CLOCK, status, text, hint=hint)


def _addresses(seen: Surroundings, config: Config) -> Iterator[Finding]:
    network = config.network
    if network.vpc_id is not None:
        text = f"{network.vpc_id} has its addresses, which `plan` holds against the subnets"
        yield Finding(Check.ADDRESSES, Status.OK, text)
        return
    for name, why in seen.unread_neighbours:
        yield why.finding(Check.ADDRESSES, f"{name} were not compared")
    unread = [name for name, _ in seen.unread_neighbours]
    yield from address_findings(
        network.cidr, seen.neighbours, stands=seen.vpc_stands, unread=unread
    )


def _zones(zones: tuple[str, ...] | Unread, config: Config) -> Finding:
    if isinstance(zones, Unread):
        return zones.finding(Check.ZONES, "zones are not known")
    wanted = config.network.zones
    text = f"{len(zones)} usable ({', '.join(zones)}), {wanted} wanted"
    if len(zones) < wanted and not config.network.has_shared_subnets:
        hint = "shorten `denied_zones` in [network], or use another region"
        return Finding(Check.ZONES, Status.PROBLEM, text, hint=hint)
    return Finding(Check.ZONES, Status.OK, text)


def _tag_policy(organisation: Organisation) -> Iterator[Finding]:
    if organisation.remark:
        unsupported = TOO_OLD in organisation.remark or "NotImplemented" in organisation.remark
        sure = Certainty.UNSUPPORTED if unsupported else Certainty.UNDECIDABLE
        yield Finding(Check.TAG_POLICY, Status.UNKNOWN, organisation.remark, sure)
        return
    demanded = {
        rule.key: sorted(rule.types & OUR_TYPES)
        for rule in organisation.rules
        if rule.key not in SCHEME_KEYS and (not rule.types or rule.types & OUR_TYPES)
    }
    for key, types in demanded.items():
        text = f"the organisation requires {key} on {', '.join(types) or 'everything'}"
        text = f"{text}, which umetrics does not put there"
        hint = "have an exception made, or put the tag there by hand: umetrics keeps it"
        yield Finding(Check.TAG_POLICY, Status.ADVICE, text, hint=hint)
    if not demanded:
        count = len(organisation.rules)
        text = f"all {count} required keys are ours" if count else "no key is required"
        yield Finding(Check.TAG_POLICY, Status.OK, text)


def _cost_tags(active: frozenset[str] | Unread) -> Finding:
    if isinstance(active, Unread):
        if LINKED in active.reason:
            text = "this account is not the payer, who alone may activate the keys"
            hint = "after `up`, `umetrics cost-tags status` prints what to hand over to the payer"
            return Finding(Check.COST_TAGS, Status.ADVICE, text, hint=hint)
        return active.finding(Check.COST_TAGS, "whether this account pays for itself is not known")
    text = f"this account may activate keys; {len(active)} of {len(KEYS)} are active"
    return Finding(Check.COST_TAGS, Status.OK, text)


def _advice(seen: Surroundings, config: Config, *, production: bool) -> Iterator[Finding]:
    trails = seen.trails
    if isinstance(trails, Unread):
        yield trails.finding(Check.ADVICE, "whether CloudTrail writes is not known")
    elif not trails.logging:
        yield _advised(_silence_of(trails), "create a trail, so that it stays known who did what")
    if config.network.vpc_id is None and not config.flow_logs.enabled:
        yield _advised("flow logs are off", "set `enabled = true` in [flow_logs]; billed by use")
    if not production or seen.web_acls is None:
        return
    if isinstance(seen.web_acls, Unread):
        yield seen.web_acls.finding(Check.ADVICE, "whether there is a web ACL is not known")
    elif not seen.web_acls:
        group = f"{config.project}-{config.stage}-alb"
        yield _advised(
            f"{group} lets everybody in, and there is no WAF web ACL in this region",
            "make one, and associate it with the load balancer that will use the group",
        )


def _silence_of(trails: Trails) -> str:
    return "CloudTrail has no trail" if not trails.there else "no trail of CloudTrail is logging"


def _advised(text: str, hint: str) -> Finding:
    return Finding(Check.ADVICE, Status.ADVICE, text, hint=hint)
