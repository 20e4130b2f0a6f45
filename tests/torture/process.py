"""umetrics as processes of their own on the account under torture, through a server in this one.

What happens to their calls is still the gate's to say; the faults here reach the process itself.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import Any

from tests.cli.command_line import ROOT, TIMEOUT, Finished, Home
from tests.torture.stand import AT_ONCE, Stand
from umetrics.sandbox.strict.rule import Call, Proceed

HOOK = Path(__file__).parent / "hook"

EXPLAINED = frozenset({0, 1, 5, 6})
"""Exit codes that a run may have that met another one; what went wrong is told with its code."""


@dataclass
class Strike:
    """Signals for a process when its n-th call arrives; `acts`: AWS carries that call out."""

    signals: Mapping[int, Signals]
    acts: bool = True
    process: int = 0
    seen: int = 0
    struck: bool = False

    def __call__(self, _call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
        """Answer, and strike when it is time."""
        signal = self.signals.get(self.seen)
        self.seen += 1
        if signal is None:
            return proceed()
        answer = proceed() if self.acts else None
        self.struck = True
        with contextlib.suppress(ProcessLookupError):  # nobody said that it waits for its answer
            os.kill(self.process, signal)
        if not self.acts:
            raise ConnectionResetError("nobody is there any more")
        return answer


@dataclass
class Milestone:
    """Tells when so many calls have been made, and lets all of them through."""

    number: int
    reached: threading.Event = field(default_factory=threading.Event)
    seen: int = 0

    def __call__(self, _call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
        """Count."""
        self.seen += 1
        if self.seen >= self.number:
            self.reached.set()
        return proceed()


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who runs umetrics on the account, in a folder of their own."""

    stand: Stand
    home: Home

    def start(self, command: str, **environment: str) -> subprocess.Popen[bytes]:
        """A process, which is asked nothing."""
        return subprocess.Popen(
            (
                *(sys.executable, "-m", "umetrics", command, "--stage", "dev", "--yes"),
                *("--endpoint-url", self.stand.endpoint_url),
            ),
            cwd=self.home.folder,
            env=self.home.settings(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, command: str, strike: Strike | None = None, **environment: str) -> Finished:
        """A process to its end, struck on its way."""
        self.stand.gate.fault = strike
        with self.start(command, **environment) as process:
            if strike is not None:
                strike.process = process.pid
            done = end(process)
        self.stand.gate.fault = None
        return done

    def run_dying(self, command: str, moment: int) -> tuple[Finished, int]:
        """A process that kills itself at its n-th moment of writing state; how many it came to."""
        notes = self.home.folder / "notes"
        notes.unlink(missing_ok=True)
        done = self.run(
            command,
            PYTHONPATH=os.pathsep.join(map(str, (HOOK, ROOT))),
            DIES_AT=str(moment),
            NOTES=str(notes),
        )
        return done, len(notes.read_text().splitlines())

    def attempt(self, command: str) -> str:
        """A whole run; empty when it says that it is one."""
        done = self.run(command)
        return "" if done.code == 0 else f"{command}: exit {done.code}: {done.talk[-600:]}"


def end(process: subprocess.Popen[bytes]) -> Finished:
    """Wait for it; one that hangs is ended, which its code then tells."""
    try:
        result, talk = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        result, talk = process.communicate()
    return Finished(process.returncode, result.decode(), talk.decode())


def unexplained(done: Finished) -> str:
    """Why this is not how a run may end that met another one; empty when it is."""
    told = done.result + done.talk
    if "Traceback" in told or "U001" in told or done.code not in EXPLAINED:
        return f"exit {done.code}: {told[-600:]}"
    return ""


def operator(stand: Stand, folder: str = "") -> Operator:
    """The stand's own folder, unless another is named."""
    stand.strict.settings = AT_ONCE
    place = stand.deployment.folder / folder
    place.mkdir(exist_ok=True)
    (place / "umetrics.toml").touch()
    dummy = {
        "AWS_ACCESS_KEY_ID": "torture",
        "AWS_SECRET_ACCESS_KEY": "torture",
        "AWS_REGION": "us-east-1",
    }
    return Operator(stand, Home(place, dummy))
