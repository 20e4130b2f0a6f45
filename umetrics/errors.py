"""Every error umetrics raises on purpose, so that each can say what to do next.

    UmetricsError                     exit  meaning
    ├── UsageError                    2     the command line does not fit together
    ├── ConfigurationError            2     umetrics.toml has problems: all of them at once
    ├── StageUnknown                  2     no such stage, or none given where one is needed
    ├── CredentialsError              4     no usable credentials
    ├── NotPermitted                  4     permissions are missing; nothing was touched
    ├── LockHeld                      5     another umetrics works on this stage
    ├── Refused                       6     a safety rule says no; nothing was touched
    │   ├── Conflict                  6     AWS holds something that we may not change
    │   ├── Twins                     6     two resources carry one identity
    │   ├── WrongAccount              6     receipts or configuration name another account or region
    │   ├── Blocked                   6     foreign things stand in the way of a destroy
    │   ├── Protected                 6     a protected stage, not confirmed by name
    │   ├── NotOurs                   6     identity tags are gone or changed since the listing
    │   ├── StateTooNew               6     written by a newer umetrics
    │   ├── StalePlan                 6     a plan file is not the plan that would be drawn now
    │   ├── WouldOverwrite            6     a file stands where a new one was to be written
    │   ├── Undone                    6     a repair of tags that was taken back already
    │   └── Unfit                     6     an existing VPC cannot be used as the configuration says
    ├── StateError                    1     the state file cannot be read or written
    ├── SandboxError                  1     the local AWS cannot be started or reached
    ├── TimedOut                      1     a wait went on longer than is reasonable
    ├── Interrupted                   130   Ctrl-C, or 143 for SIGTERM
    └── AwsError                      1     AWS answered with an error
        ├── AccessDenied              4     the credentials lack a permission
        ├── NotFound                  1     no such resource
        ├── AlreadyExists             1     the name, address or rule is taken
        ├── InUse                     1     something still depends on the resource
        ├── NotYetPropagated          1     IAM has not spread a new principal yet
        ├── Throttled                 1     refused unexecuted, to be sent again
        └── AnswerLost                1     sent, but no answer: it may or may not have happened

This module holds no logic but the wording; which AWS code means which class is `aws.py`'s table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


def listed(entries: Iterable[object]) -> str:
    r"""Each entry on a line of its own; a line break within one is shown as `\n`.

    What others wrote, in a tag for one, cannot look like a line of ours.
    """
    return "".join("\n  " + "\\n".join(str(entry).splitlines()) for entry in entries)


class UmetricsError(Exception):
    """Base of all expected errors.

    `code` is stable and documented, `exit_code` follows the one table of docs/exit-codes.md, and
    `hint` is one sentence with a command or a setting to try next.
    """

    code = "U001"
    exit_code = 1
    hint = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint


class UsageError(UmetricsError):
    code = "U002"
    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the configuration: where it stands, what was found, what is allowed."""

    where: str
    found: str
    allowed: str
    suggestion: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: found {self.found}; allowed: {self.allowed}"
        return f"{text}. Did you mean {self.suggestion}?" if self.suggestion else text


class ConfigurationError(UmetricsError):
    code = "U003"
    exit_code = 2

    def __init__(
        self, source: str, problems: Sequence[Problem], *, hint: str | None = None
    ) -> None:
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        super().__init__(f"{count} in {source}{listed(problems)}", hint=hint)
        self.source = source
        self.problems = tuple(problems)


class StageUnknown(UmetricsError):
    code = "U004"
    exit_code = 2


class CredentialsError(UmetricsError):
    code = "U005"
    exit_code = 4


class NotPermitted(UmetricsError):
    """Permissions that a plan needs are missing; `policy` is the JSON policy that grants them.

    It is empty where no statement would help.
    """

    code = "U007"
    exit_code = 4
    policy = ""


class LockHeld(UmetricsError):
    code = "U006"
    exit_code = 5


class Refused(UmetricsError):
    code = "U010"
    exit_code = 6


class Conflict(Refused):
    code = "U011"


class Twins(Refused):
    code = "U012"


class WrongAccount(Refused):
    code = "U013"


class Blocked(Refused):
    code = "U014"


class Protected(Refused):
    code = "U015"


class NotOurs(Refused):
    code = "U016"


class StateTooNew(Refused):
    code = "U017"


class StalePlan(Refused):
    code = "U020"


class WouldOverwrite(Refused):
    code = "U023"


class Unfit(Refused):
    """An existing VPC or subnet is gone, or is not such that one could build in it."""

    code = "U024"


class Undone(Refused):
    code = "U025"


class StateError(UmetricsError):
    code = "U018"


class SandboxError(UmetricsError):
    code = "U019"


class TimedOut(UmetricsError):
    code = "U021"


class Interrupted(UmetricsError):
    code = "U022"
    exit_code = 130


class AwsError(UmetricsError):
    """AWS refused a call.

    `aws_code` is AWS's own error code, `operation` is `service:Operation`, `request_id` what AWS
    support asks for; all three are empty strings where AWS gave none.
    """

    code = "U030"

    def __init__(
        self,
        message: str,
        *,
        aws_code: str = "",
        operation: str = "",
        request_id: str = "",
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.aws_code = aws_code
        self.operation = operation
        self.request_id = request_id


@dataclass(frozen=True, slots=True)
class Denial:
    """What AWS said of a missing permission.

    `resources` are ARNs, none where AWS names none. `policy_type` is AWS's own word, such as
    `identity-based policy` or `service control policy`, empty where it does not say; `explicit`
    means that such a policy denies it, else none allows it. `condition` are keys of the request
    that limit the statement which allows it. `note` says what could not be found out.
    """

    action: str
    resources: tuple[str, ...] = ()
    policy_type: str = ""
    explicit: bool = False
    policy_arn: str = ""
    statement_ids: tuple[str, ...] = ()
    condition: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    note: str = ""

    @property
    def reason(self) -> str:
        """`no identity-based policy allows it`, `an explicit deny in a service control policy`."""
        if not self.explicit:
            return f"no {self.policy_type or 'policy'} allows it"
        ids = f", statement {', '.join(self.statement_ids)}" if self.statement_ids else ""
        article = "an" if self.policy_type.startswith("i") else "a"
        return f"an explicit deny in {article} {self.policy_type or 'policy'}{ids}"


class AccessDenied(AwsError):
    """A permission is missing; `statement` is the JSON policy statement that grants it.

    It is empty where none would help: against an explicit deny.
    """

    code = "U031"
    exit_code = 4
    statement = ""
    denial: Denial | None = None


class NotFound(AwsError):
    code = "U032"


class AlreadyExists(AwsError):
    code = "U033"


class InUse(AwsError):
    code = "U034"


class NotYetPropagated(AwsError):
    code = "U035"


class Throttled(AwsError):
    code = "U036"


class AnswerLost(AwsError):
    code = "U037"
