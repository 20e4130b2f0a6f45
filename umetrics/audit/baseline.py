"""A baseline: findings that are known and do not count, so that a gate stops new debt only.

A JSON file, to be kept under version control. It names resource, key and problem, never a value:
another wrong value is the same debt. Reading and wording it is all that happens here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from umetrics.errors import UsageError

if TYPE_CHECKING:
    from umetrics.audit.values import Finding

KIND = "tag-baseline"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class Debt:
    """One finding, by all that stays the same until it is repaired."""

    account: str
    region: str
    kind: str
    id: str
    tag: str
    problem: str

    @classmethod
    def of(cls, finding: Finding) -> Debt:
        """The debt that a finding is."""
        subject = finding.subject
        place = subject.place
        return cls(
            place.account,
            place.region,
            subject.kind,
            subject.id,
            finding.tag,
            finding.problem.value,
        )


def baseline_text(findings: Iterable[Finding]) -> str:
    """The file's content, the same for the same findings in any order: it can be compared."""
    debts = sorted({Debt.of(finding) for finding in findings})
    content = {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "findings": [asdict(each) for each in debts],
    }
    return json.dumps(content, indent=2) + "\n"


def read_baseline(path: Path) -> frozenset[Debt]:
    """What a file holds; `UsageError` for one that cannot be read, or is no baseline of ours."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise _unusable(path, str(reason).lower()) from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise _unusable(path, "it is no baseline of tag findings")
    version = content.get("schema_version")
    if version != SCHEMA_VERSION:
        found = f"schema version {version!a} and this umetrics reads {SCHEMA_VERSION}"
        raise _unusable(path, f"it has {found}")
    try:
        return frozenset(map(_debt, content["findings"]))
    except (KeyError, TypeError) as error:
        raise _unusable(path, "its findings are not as umetrics writes them") from error


def _debt(row: dict[str, object]) -> Debt:
    values = {each.name: row[each.name] for each in fields(Debt)}
    if not all(isinstance(value, str) for value in values.values()):
        raise TypeError(row)
    return Debt(**{name: str(value) for name, value in values.items()})


def _unusable(path: Path, reason: str) -> UsageError:
    return UsageError(
        f"cannot use the baseline {path}: {reason}",
        hint=f"write it anew: umetrics audit-tags --write-baseline {path}",
    )
