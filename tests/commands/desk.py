"""umetrics as its users type it, but in this process, on the account in memory.

What a command says, writes and exits with is the same here as in a process of its own, and comes
in a fraction of the time. Processes, terminals, signals and the sandbox's server are `tests/cli`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.cli.command_line import Finished, Home
from tests.cli.outsider import Outsider
from tests.support import worlds
from tests.support.commands import Commands
from umetrics.cli.session import Session


@dataclass
class Desk(Home):
    """A folder in which commands are run in this process; in the sandbox or not, on one account."""

    commands: Commands | None = None

    @classmethod
    def of(cls, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> Desk:
        """What leads to a sandbox's server leads to the account in memory."""
        monkeypatch.setattr(Session, "_connect_to_sandbox", lambda _self, **_way: commands.line.aws)
        monkeypatch.delenv("COLUMNS", raising=False)
        return cls(commands.folder, commands=commands)

    def run(self, *arguments: str, **environment: str) -> Finished:
        """A command without a terminal, to its end."""
        return self._run(None, arguments, environment)

    def asked(self, answers: str, *arguments: str, **environment: str) -> Finished:
        """A command in the sandbox, in front of a person who types these lines."""
        return self._run(answers, (*arguments, "--sandbox"), environment)

    def _run(
        self, answers: str | None, arguments: tuple[str, ...], environment: dict[str, str]
    ) -> Finished:
        assert self.commands is not None
        with pytest.MonkeyPatch.context() as patched:
            patched.chdir(self.folder)
            for name, value in {**self.environment, **environment}.items():
                patched.setenv(name, value)
            return self.commands.run(*arguments, answers=answers)

    @property
    def outsider(self) -> Outsider:
        """Somebody else in that account."""
        return Outsider("in memory", worlds.ec2(), worlds.iam(), worlds.logs(), worlds.budgets())
