"""Fault class: between two runs something happens to the state file.

After a run that died at a writing call, and after a whole one: the file is cut in half, emptied,
deleted, or replaced by the backup of the run before. What cannot be read must be refused with an
explanation; the harness then does what that says, and moves the file away.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.torture.ending import judge
from tests.torture.misfortune import Death
from tests.torture.stand import COMMANDS, Stand
from tests.torture.verdict import Verdict

HALVED, EMPTIED, DELETED, RESTORED = "half-written", "truncated", "deleted", "from the backup"
DAMAGES = (HALVED, EMPTIED, DELETED, RESTORED)
UNREADABLE = (HALVED, EMPTIED)

REFUSAL = "StateError"


def schedules(stand: Stand) -> Sequence[int]:
    """`(call * 4 + damage) * 2 + command`, for each writing call, and one after the last call."""
    return [
        (call * len(DAMAGES) + damage) * len(COMMANDS) + variant
        for variant, command in enumerate(COMMANDS)
        for call in _writing_calls(stand, command)
        for damage in range(len(DAMAGES))
    ]


def attempt(stand: Stand, number: int, _chance: Random) -> Verdict:
    """One death, one damage."""
    rest, variant = divmod(number, len(COMMANDS))
    call, which = divmod(rest, len(DAMAGES))
    command, damage = COMMANDS[variant], DAMAGES[which]
    stand.begin(command)
    stand.attempt_to_death(command, Death(call, True, stand.read_state))
    if _damage(stand, damage):
        said = stand.attempt(command)
        if REFUSAL not in said:
            return Verdict(False, said=f"a {damage} state file was not refused: {said or 'whole'}")
        stand.write_state(None)
    return judge(stand, command)


def _damage(stand: Stand, damage: str) -> bool:
    """Do it; whether the file is now one that cannot be read."""
    content, backup = stand.read_state(), stand.deployment.store.backup_path
    if damage == RESTORED:
        stand.write_state(backup.read_bytes() if backup.exists() else None)
    elif damage == DELETED or content is None:
        stand.write_state(None)
    else:
        stand.write_state(content[: len(content) // 2] if damage == HALVED else b"")
        return True
    return False


def _writing_calls(stand: Stand, command: str) -> list[int]:
    stand.begin(command)
    if said := stand.attempt(command):
        raise AssertionError(f"without any fault: {said}")
    calls = stand.deployment.line.wire.calls
    return [*(place for place, call in enumerate(calls) if call.writes), len(calls)]
