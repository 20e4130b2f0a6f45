"""Lambda's dry runs: may a function be called, would its code be taken?

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (DryRun validates parameters and
permission) and https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html.
The first function is tried alone: should an endpoint not know DryRun, it is the last, too.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from umetrics.audit.catalogue.kind import Item, text
from umetrics.errors import AccessDenied, AwsError, CredentialsError, NotFound
from umetrics.pool import each
from umetrics.verify.catalogue import LAST_UPDATE, STATE
from umetrics.verify.probe.values import Outcome, Trial

if TYPE_CHECKING:
    from umetrics.aws import Aws, Reader
    from umetrics.patience import Pace

RATE = 5.0
"""Functions a second: code takes three calls each, and Lambda's control plane grants fifteen.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

TOGETHER = 5

INVOKE, UPDATE = "invoke", "update code"
WOULD_RUN = 204
"""The status by which AWS says that a call would go through, and that nothing was run."""

UNSETTLED = frozenset({"Pending", "Inactive", "Deactivating", "Activating"})
IN_PROGRESS = "InProgress"
BUSY = frozenset({"ResourceConflictException", "ResourceNotReadyException"})
"""Refusals that go away by themselves."""

COMPARED = (
    "Configuration.CodeSha256",
    "Configuration.RevisionId",
    "Configuration.LastModified",
    f"Configuration.{LAST_UPDATE}",
    "Code.ImageUri",
    "Code.ResolvedImageUri",
)
"""All that an update of code changes, of a package or of an image, by its path in GetFunction."""


def _package() -> bytes:
    """Code that nobody has: should it ever be deployed, its hash tells that it was us."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("umetrics-verify.txt"), "a dry run of `umetrics verify`\n")
    return packed.getvalue()


PACKAGE = _package()
PACKAGE_HASH = base64.b64encode(hashlib.sha256(PACKAGE).digest()).decode()
"""As Lambda tells it."""


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """Tries functions by name; made on the main thread, where clients are made.

    `known` are those that a look has found, by name.
    """

    reader: Reader
    rehearser: Reader
    pace: Pace
    known: Mapping[str, Item]

    @classmethod
    def of(cls, aws: Aws, listed: Sequence[Item]) -> Rehearsing:
        """With clients of its own."""
        known = {str(each["FunctionName"]): each for each in listed}
        return cls(aws.looker("lambda"), aws.rehearser("lambda"), aws.pace(RATE, RATE), known)

    def invocations(self, names: Sequence[str]) -> tuple[Trial, ...]:
        """May these credentials call the functions? None is run."""
        return tuple(_tried(partial(self._trial, INVOKE, self._invoke), names))

    def updates(self, names: Sequence[str]) -> tuple[Trial, ...]:
        """Would these credentials' code be taken? Hash and revision are compared around it."""
        return tuple(_tried(partial(self._trial, UPDATE, self._update), names))

    def _trial(self, what: str, act: Callable[[str], Trial], name: str) -> Trial:
        """A trial, with every refusal as what it means."""
        self.pace.wait()
        try:
            return act(name)
        except (AccessDenied, CredentialsError) as error:
            return Trial(what, name, Outcome.DENIED, error.message)
        except NotFound:
            return Trial(what, name, Outcome.FAILED, "there is no such function")
        except AwsError as error:
            outcome = Outcome.UNKNOWN if error.aws_code in BUSY else Outcome.FAILED
            return Trial(what, name, outcome, error.message)

    def _invoke(self, name: str) -> Trial:
        if unsettled := _unsettled(self.known.get(name, {})):
            return Trial(INVOKE, name, Outcome.UNKNOWN, unsettled)
        asked = {"FunctionName": name, "InvocationType": "DryRun"}
        status = self.rehearser.call("Invoke", asked)["StatusCode"]
        if status == WOULD_RUN:
            return Trial(INVOKE, name, Outcome.OK, "these credentials may call it")
        reason = f"DryRun was not honoured: it was run (status {status}). Nothing more was tried"
        return Trial(INVOKE, name, Outcome.DISTURBED, reason)

    def _update(self, name: str) -> Trial:
        before = self.reader.call("GetFunction", {"FunctionName": name})
        if unsettled := _unsettled(before["Configuration"]):
            return Trial(UPDATE, name, Outcome.UNKNOWN, unsettled)
        image = text(before, "Code.ImageUri")
        code = {"ImageUri": image} if image else {"ZipFile": PACKAGE}
        refusal = None
        try:
            self.rehearser.call(
                "UpdateFunctionCode", {"FunctionName": name, **code, "DryRun": True}
            )
        except (AwsError, CredentialsError) as error:
            refusal = error
        # Also where it was refused: nothing is believed that can be looked at.
        after = self.reader.call("GetFunction", {"FunctionName": name})
        is_busy = isinstance(refusal, AwsError) and refusal.aws_code in BUSY
        trial = _compared(name, before, after, is_busy=is_busy)
        if refusal is not None and trial.outcome is Outcome.OK:
            raise refusal
        return trial


def _unsettled(configuration: Item) -> str:
    """Why nothing can be said of a function now; empty where something can."""
    state, update = (text(configuration, field) for field in (STATE, LAST_UPDATE))
    if state in UNSETTLED or update == IN_PROGRESS:
        return f"it is {state}, its last update {update or 'unknown'}: this cannot be judged now"
    return ""


def _compared(name: str, before: Item, after: Item, *, is_busy: bool) -> Trial:
    """`is_busy` where Lambda refused, since somebody else's update was under way.

    Any other difference counts as ours: of an image, nothing tells whose update it was.
    """
    if text(after, "Configuration.CodeSha256") == PACKAGE_HASH:
        reason = "DryRun was not honoured: its code was overwritten. Deploy it again"
        return Trial(UPDATE, name, Outcome.DISTURBED, reason)
    changed = "; ".join(
        f"{path.rpartition('.')[2]} was {then or 'not told'}, is {now or 'not told'}"
        for path in COMPARED
        if (then := text(before, path)) != (now := text(after, path))
    )
    if changed and is_busy:
        reason = f"it was changed meanwhile, by no call of ours: {changed}"
        return Trial(UPDATE, name, Outcome.UNKNOWN, reason)
    if changed:
        reason = (
            f"it was changed during the dry run: {changed}. DryRun was not honoured, unless "
            "somebody deployed in that moment: stop using it. Nothing more was tried"
        )
        return Trial(UPDATE, name, Outcome.DISTURBED, reason)
    return Trial(UPDATE, name, Outcome.OK, "code hash and revision as before")


def _tried(act: Callable[[str], Trial], names: Sequence[str]) -> Iterator[Trial]:
    """The first alone; the others only if it was harmless."""
    if not names:
        return
    yield (first := act(names[0]))
    if first.outcome is not Outcome.DISTURBED:
        yield from each(act, names[1:], at_most=TOGETHER)
