"""EC2's dry runs: the calls that need nothing to be there, each asked whether it would be done.

A dry run goes through every policy there is, so its answer is measured. It is harmless as long as
whoever answers knows DryRun, and not every emulator does. So they are sent one after the other, and
never again once one of them has done something. What that made carries our deployment and a key
that nothing wanted has: plans show it as an orphan, and `up --prune` or `destroy` takes it away. By
that key any stage knows it; without its tags nothing tells it from what others have.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from umetrics import tags
from umetrics.deployer import Need, Place
from umetrics.deployer.need import Guard, ec2
from umetrics.doctor.attempt import tried, unread
from umetrics.doctor.carried import full_tags
from umetrics.doctor.decision import Decision
from umetrics.doctor.finding import REFUSED, Certainty, Check, Finding, Status, Unread
from umetrics.doctor.permission import Measured, Refusal
from umetrics.errors import AccessDenied, AwsError, CredentialsError
from umetrics.pool import each as each_of
from umetrics.provision.resources.ec2 import filters, tag_list, tags_of

if TYPE_CHECKING:
    from umetrics.aws import Aws

WOULD_BE_DONE = "DryRunOperation"

TAKEN_AWAY = "`umetrics up --prune --skip-checks` takes it away"

KEY = "doctor/dry-run-{0}"
"""With letters of its own: two of one key would be twins, which forbid everything."""


@dataclass(frozen=True, slots=True)
class Call:
    """One create: the method, what it makes, where the answer has its id, and what it is given.

    `listing` describes all of the kind, and `listed` is where its answer has them.
    """

    method: str
    makes: str
    id_at: tuple[str, ...]
    given: Mapping[str, str]
    listing: str
    listed: str


CALLS: Mapping[str, Call] = {
    "ec2:CreateInternetGateway": Call(
        "create_internet_gateway",
        "internet-gateway",
        ("InternetGateway", "InternetGatewayId"),
        {},
        "describe_internet_gateways",
        "InternetGateways",
    ),
    "ec2:CreateVpc": Call(
        "create_vpc",
        "vpc",
        ("Vpc", "VpcId"),
        {"CidrBlock": "{cidr}"},
        "describe_vpcs",
        "Vpcs",
    ),
    "ec2:AllocateAddress": Call(
        "allocate_address",
        "elastic-ip",
        ("AllocationId",),
        {"Domain": "vpc"},
        "describe_addresses",
        "Addresses",
    ),
}
"""Those that name nothing that has to be there. What costs nothing comes first."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What was measured, what was not, and what was done all the same: `made` is an id.

    `tagged` says whether that was seen with the tags that it was to have.
    """

    measured: Measured = field(default_factory=Measured)
    unread: tuple[tuple[str, Unread], ...] = ()
    made: str = ""
    made_by: str = ""
    tagged: bool = False

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The alarm, where there is one."""
        if not self.made_by:
            return ()
        text = (
            f"ALARM: {self.made_by} with DryRun was carried out, and made {self.made}. Whatever "
            "answers at this endpoint does not know dry runs: none was sent after it"
        )
        away = f"it is tagged as an orphan of this stage: {TAKEN_AWAY}"
        if not self.tagged:
            away = "its tags are not to be seen, so that nothing will know it: delete it by its id"
        hint = f"{away}; find out what answers there before anything else"
        return (
            Finding(
                Check.PERMISSIONS, Status.PROBLEM, text, hint=hint, exit_code=REFUSED, alarm=True
            ),
        )


def rehearsed(aws: Aws, needs: Sequence[Need], place: Place) -> Rehearsed:
    """A dry run of each create that is needed; `aws.rehearsing` was made on the main thread."""
    wanted = {action for need in needs if need.guard is Guard.BORN for action in need.actions}
    if left := _made_before(aws):
        ours = left.deployment == place.config.deployment
        whose = "" if ours else f", run for the stage of {left.deployment or 'nobody known'}"
        reason = (
            f"a dry run made {left.what} here: none is sent while that stands; {TAKEN_AWAY}{whose}"
        )
        return Rehearsed(unread=(("EC2", Unread(Certainty.UNSUPPORTED, reason)),))
    allowed: set[str] = set()
    refused: list[Refusal] = []
    silent: list[tuple[str, Unread]] = []
    made = made_by = ""
    tagged = False
    for action in [each for each in CALLS if each in wanted]:
        answer = _answer(aws, action, place)
        if isinstance(answer, Refusal):
            refused.append(answer)
        elif isinstance(answer, Unread):
            silent.append((action, answer))
        elif answer:
            made, made_by = answer, action
            tagged = _left_by(aws, CALLS[action]) is not None
            break
        else:
            allowed.add(action)
    measured = Measured(frozenset(allowed), tuple(refused))
    return Rehearsed(measured, tuple(silent), made, made_by, tagged)


def _answer(aws: Aws, action: str, place: Place) -> Refusal | Unread | str:
    """What one dry run comes to; empty where it would be done, an id where it was."""
    call = CALLS[action]
    try:
        answer = getattr(aws.rehearsing, call.method)(DryRun=True, **_given(call, place))
    except AccessDenied as error:
        return refusal_of(error, action)
    except AwsError as error:
        return "" if error.aws_code == WOULD_BE_DONE else unread(error)
    except CredentialsError as error:
        return unread(error)
    return _id_in(answer, call.id_at)


@dataclass(frozen=True, slots=True)
class _Left:
    """What a dry run made, `internet-gateway igw-1`, and for which deployment."""

    what: str
    deployment: str


def _made_before(aws: Aws) -> _Left | None:
    """What a dry run made before, of whatever kind, for whatever stage.

    What may not be listed is not known to be there.
    """
    found = each_of(lambda call: _left_by(aws, call), tuple(CALLS.values()), at_most=len(CALLS))
    return next(filter(None, found), None)


def _left_by(aws: Aws, call: Call) -> _Left | None:
    start = KEY.format("")
    wanted = filters(**{f"tag:{tags.RESOURCE}": f"{start}*"})
    found = tried(
        lambda: [
            (each, tags_of(each))
            for each in getattr(aws.ec2, call.listing)(Filters=wanted)[call.listed]
        ]
    )
    for each, marks in [] if isinstance(found, Unread) else found:
        if marks.get(tags.RESOURCE, "").startswith(start):
            what = f"{call.makes} {each.get(call.id_at[-1], '')}"
            return _Left(what, marks.get(tags.DEPLOYMENT, ""))
    return None


def _given(call: Call, place: Place) -> dict[str, Any]:
    given = {name: text.format(cidr=place.config.network.cidr) for name, text in call.given.items()}
    marks = full_tags(place, ec2(call.makes)) | {tags.RESOURCE: KEY.format(uuid.uuid4().hex[:8])}
    tagged = {"ResourceType": call.makes, "Tags": tag_list(marks)}
    return {**given, "TagSpecifications": [tagged]}


def refusal_of(error: AccessDenied, action: str) -> Refusal:
    """AWS may name another action than the one that was called: tags need one of their own."""
    told = error.denial
    if told is None:
        return Refusal(action, (), Decision.LACKING, Certainty.MEASURED)
    decision = Decision.FORBIDDEN if told.explicit else Decision.LACKING
    if not told.explicit and told.policy_type == "service control policy":
        decision = Decision.ORGANISATION
    elif not told.explicit and told.policy_type == "permissions boundary":
        decision = Decision.BOUNDED
    return Refusal(told.action, told.resources, decision, Certainty.MEASURED)


def _id_in(answer: Mapping[str, Any], path: Sequence[str]) -> str:
    found: Any = answer
    for name in path:
        found = found.get(name, {})
    return str(found or "something")
