"""Asking: only on a terminal, default no, `d` for details; never where --no-input forbids it."""

from __future__ import annotations

import sys
from collections.abc import Callable

from umetrics.cli.options import Consent
from umetrics.errors import Protected, UsageError
from umetrics.render.line import visible
from umetrics.render.screen import Screen, is_terminal

YES = {"y", "yes"}
DETAILS = {"d", "details"}


def agreed(screen: Screen, question: str, consent: Consent, *, details: Callable[[], None]) -> bool:
    """Whether to go on. Raises `UsageError` where nobody can be asked."""
    if consent.yes:
        return True
    refuse_without_terminal(question, consent, "--yes")
    while True:
        answer = read_line(screen, f"{question} [y/N/d] ").lower()
        if answer in DETAILS:
            details()
            continue
        return answer in YES


def agreed_by_name(screen: Screen, stage: str, consent: Consent, confirmed: str | None) -> bool:
    """A protected stage wants its name, typed or given. Raises `Protected` for a wrong one."""
    if consent.yes or confirmed is not None:
        if confirmed == stage and consent.yes:
            return True
        raise Protected(
            f"stage {stage} is protected: destroying it needs its name",
            hint=f"in CI: --yes --confirm {stage}; else leave out --yes and type it",
        )
    refuse_without_terminal(f"destroy {stage}?", consent, f"--yes --confirm {stage}")
    typed = read_line(screen, f"Stage {stage} is protected. Type its name to destroy it: ")
    return typed == stage


def refuse_without_terminal(question: str, consent: Consent, flag: str) -> None:
    """Raise `UsageError` when a question cannot or must not be asked."""
    if consent.no_input or not can_ask():
        why = "--no-input is set" if consent.no_input else "this is no terminal"
        raise UsageError(
            f"cannot ask ({why}): {question}", hint=f"add {flag} to go on without asking"
        )


def can_ask() -> bool:
    """Whether a person is there to answer."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def read_line(screen: Screen, prompt: str) -> str:
    """One line from the terminal; empty at its end."""
    screen.mark("stderr")
    screen.stderr.write(visible(prompt, ascii_only=not screen.talk_look.unicode))
    screen.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        screen.stderr.write("\n")
    return line.strip()
