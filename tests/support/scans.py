"""Scans of an account on moto, and what they told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from tests.support.deployments import Line
from tests.support.tagged_account import ACCOUNT
from tests.support.wire import Call, Moment
from umetrics.audit.scan import Progress, ScanOptions, scan
from umetrics.audit.values import Place, Scope, Subject, Unseen

HERE = Place(ACCOUNT, "us-east-1")
NOWHERE = Place(ACCOUNT, "global")
OTHER_ACCOUNT = "210987654321"

UNSERVED = {"rest-api", "http-api", "grafana-workspace"}
"""Kinds that the stand-in has no model of."""


@dataclass
class Seen:
    """What a scan told."""

    subjects: list[Subject] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    def names(self, kind: str) -> list[str]:
        return sorted(each.id for each in self.subjects if each.kind == kind)

    def one(self, kind: str, name: str) -> Subject:
        (subject,) = (each for each in self.subjects if (each.kind, each.id) == (kind, name))
        return subject

    def gaps(self) -> dict[str, str]:
        """Reasons by kind, but for those that are never served here."""
        return {each.kind: each.reason for each in self.unseen if each.kind not in UNSERVED}


def look(connection: Line, scope: Scope = Scope.ACCOUNT, **others: object) -> Seen:
    seen = Seen()
    options = ScanOptions(scope, "UserMetrics", **others)  # type: ignore[arg-type]
    for event in scan(connection.aws, options):
        match event:
            case Subject():
                seen.subjects.append(event)
            case Unseen():
                seen.unseen.append(event)
            case Progress():
                seen.progress.append(event)
    return seen


@dataclass
class Refusing:
    """These operations are refused with a code, whoever asks."""

    operations: Collection[str]
    code: str = "AccessDenied"
    when: str = ""
    words: str = "no"

    def __call__(self, call: Call, moment: Moment) -> None:
        if moment is Moment.BEFORE_SENDING and call.operation in self.operations:
            if self.when and self.when not in call.body:
                return
            error = {"Error": {"Code": self.code, "Message": self.words}}
            raise ClientError(error, call.operation)  # type: ignore[arg-type]
