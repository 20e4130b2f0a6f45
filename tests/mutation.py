"""`python -m tests.mutation`: mutmut, target by target, and a table of what came of it.

Which mutants are made, and which tests may kill them, stands in `[tool.mutmut]` (pyproject.toml);
what survives is explained in docs/mutation.md. Names of targets as arguments run only those.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

MUTMUT = str(Path(sys.executable).with_name("mutmut"))

CHILDREN = "2"

WITHOUT_AWS = {"PYTEST_ADDOPTS": "--deselect=tests/aws --deselect=tests/lifecycle"}
"""A survivor has met every test that reaches it: against an emulator that takes a minute each."""

PROVISION = "umetrics.provision."
KINDS = f"{PROVISION}resources.*"


@dataclass(frozen=True, slots=True)
class Target:
    """Mutants by patterns of their names, and whether only tests with an AWS can kill them."""

    title: str
    patterns: tuple[str, ...]
    needs_aws: bool = False

    def has(self, mutant: str) -> bool:
        return any(fnmatchcase(mutant, pattern) for pattern in self.patterns)


TARGETS = (
    Target("planner", tuple(f"{PROVISION}{name}.*" for name in ("plan", "diff", "model"))),
    Target(
        "executor",
        (
            *(
                f"{PROVISION}{name}.*"
                for name in ("execute", "carry", "create", "attempts", "absence")
            ),
            "umetrics.patience.*",
        ),
    ),
    Target("state", ("umetrics.state.*", "umetrics.receipts.*")),
    Target(
        "delete-paths",
        (
            # What finds a resource, looks at it once more, and takes it away.
            *(f"{KINDS}{name}__mutmut_*" for name in ("delete", "now", "find", "describe_ids")),
            *(
                f"{KINDS}.x_{name}__mutmut_*"
                for name in (
                    "_detach",
                    "_old_versions",
                    "_remove_policies",
                    "_request_deletion",
                    "_revoke*",
                    "_strip",
                    "insist_on_identity",
                )
            ),
        ),
        needs_aws=True,
    ),
)


HEADINGS = ("target", "mutants", "killed", "timeout", "survived", "no test", "other", "score")


def main() -> int:
    """0 when every chosen target was run; survivors are for people to judge."""
    chosen = [target for target in TARGETS if not sys.argv[1:] or target.title in sys.argv[1:]]
    for target in chosen:
        environment = os.environ | ({} if target.needs_aws else WITHOUT_AWS)
        command = [MUTMUT, "run", "--max-children", CHILDREN, *target.patterns]
        subprocess.run(command, env=environment, check=True)
    verdicts = _verdicts()
    rows = [_row(target, verdicts) for target in chosen]
    table = [HEADINGS, ("---",) * len(HEADINGS), *rows]
    sys.stdout.write("\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in table))
    return 0


def _verdicts() -> dict[str, str]:
    """What mutmut says of each mutant, by name."""
    command = [MUTMUT, "results", "--all", "true"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = (line.strip().rpartition(": ") for line in listed.splitlines() if ": " in line)
    return {name: verdict for name, _, verdict in lines}


def _row(target: Target, verdicts: Mapping[str, str]) -> tuple[str, ...]:
    """A mutant that never comes to an end has been noticed too."""
    counted = Counter(verdict for mutant, verdict in verdicts.items() if target.has(mutant))
    total = counted.total()
    known = [counted.pop(name, 0) for name in ("killed", "timeout", "survived", "no tests")]
    score = (known[0] + known[1]) / total if total else 0.0
    return (target.title, *map(str, (total, *known, counted.total())), f"{score:.1%}")


if __name__ == "__main__":
    sys.exit(main())
