"""Whose credentials they are, from the ARN that STS gives, and who of them can be simulated. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html: the ARN of a session
has the name of its role and not its path, which the simulator wants.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, replace

from umetrics.doctor.finding import Certainty, Check, Finding, Status


class Kind(enum.StrEnum):
    """What can call AWS."""

    USER = "IAM user"
    ROLE = "session of a role"
    ROOT = "root user"
    FEDERATED = "federated user"
    OTHER = "principal of an unknown kind"


_USER = re.compile(r"arn:[\w-]+:iam::\d{12}:user/(?:\S*/)?(?P<name>[^/\s]+)")
_ROOT = re.compile(r"arn:[\w-]+:iam::\d{12}:root")
_SESSION = re.compile(
    r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d{12}):assumed-role/(?P<name>[^/\s]+)/\S+"
)
_FEDERATED = re.compile(r"arn:[\w-]+:sts::\d{12}:federated-user/(?P<name>\S+)")

UNSIMULATED = {
    Kind.ROOT: "the root user has no policies, and IAM's simulator does not take it",
    Kind.FEDERATED: "IAM's simulator does not take federated users",
    Kind.OTHER: "IAM's simulator takes users and roles",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `entity` is the user or role whose policies count; empty for neither.

    Of a session it is a guess until `path_known`: the role's path was read.
    """

    arn: str
    kind: Kind
    name: str = ""
    entity: str = ""
    path_known: bool = True

    @property
    def why_unsimulated(self) -> str:
        """Why nothing can be simulated; empty where it can."""
        return UNSIMULATED.get(self.kind, "")

    def with_role(self, arn: str) -> Caller:
        """The same, once the role's own ARN is known."""
        return replace(self, entity=arn, path_known=True)


def caller_of(arn: str) -> Caller:
    """From `Arn` of GetCallerIdentity."""
    if match := _USER.fullmatch(arn):
        return Caller(arn, Kind.USER, match["name"], arn)
    if match := _SESSION.fullmatch(arn):
        guess = f"arn:{match['partition']}:iam::{match['account']}:role/{match['name']}"
        return Caller(arn, Kind.ROLE, match["name"], guess, path_known=False)
    if _ROOT.fullmatch(arn):
        return Caller(arn, Kind.ROOT)
    if match := _FEDERATED.fullmatch(arn):
        return Caller(arn, Kind.FEDERATED, match["name"])
    return Caller(arn, Kind.OTHER)


def identity_finding(caller: Caller) -> Finding:
    """Who calls, and whether that is somebody who should."""
    text = f"{caller.kind} {caller.arn}"
    if caller.kind is Kind.ROLE and caller.path_known:
        text = f"{text}, of {caller.entity}"
    if caller.kind is Kind.ROOT:
        hint = "use a user or role that has only what `umetrics policy` prints"
        return Finding(Check.IDENTITY, Status.ADVICE, f"{text} may do everything", hint=hint)
    if caller.kind is Kind.ROLE and not caller.path_known:
        text = f"{text}; its role's path is not known"
        return Finding(Check.IDENTITY, Status.UNKNOWN, text, Certainty.UNDECIDABLE)
    return Finding(Check.IDENTITY, Status.OK, text)
