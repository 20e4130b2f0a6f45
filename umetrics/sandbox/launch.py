"""Launching the sandbox's server as a process that outlives the command.

What it needs is checked before, what it printed is told when it fails. Nothing here waits.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from umetrics.errors import SandboxError
from umetrics.sandbox.options import Options

LOG_NAME = "sandbox.log"

LOG_TAIL_SIZE = 8192
LOG_TAIL_LINES = 12
"""Bytes and lines: the end of a Python traceback, and what led to it."""

NEEDED = ("moto", "flask", "flask_cors", "werkzeug")

SERVER_SETTINGS: Mapping[str, str] = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",
    "MOTO_DISABLE_GLOBAL_CORS": "true",  # no web page may read the sandbox's answers
    "AWS_ACCESS_KEY_ID": "sandbox",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""moto reads its settings when it is imported. The server calls no AWS; should a part of moto ever
try to, it has nothing to sign with."""


def require_moto() -> None:
    """Raise `SandboxError` when the optional packages are missing; imports none of them."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise SandboxError(
            f"the sandbox needs {', '.join(missing)}, not installed here",
            hint="pip install 'umetrics[sandbox]'",
        )


def launch(folder: Path, instance: str, options: Options) -> subprocess.Popen[bytes]:
    """The server's process, detached from the terminal, printing to the folder's log."""
    whole = str(folder.resolve())
    module = ("-m", "umetrics.sandbox.entry", "--folder", whole, "--instance", instance)
    command = (sys.executable, "-P", *module, *options.arguments)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(folder / LOG_NAME, flags, 0o600), "wb") as log:
            return subprocess.Popen(  # noqa: S603  # our own interpreter and module
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=whole,
                env=server_environment(os.environ, sys.path),
                start_new_session=True,
            )
    except OSError as error:
        raise SandboxError(
            f"cannot start the sandbox: {error}", hint=f"check the permissions of {folder}"
        ) from error


HANDED_ON = frozenset(
    {
        "HOME",
        "LANG",
        "LC_ALL",
        "LD_LIBRARY_PATH",
        "LOGNAME",
        "PATH",
        "PYTHONHASHSEED",
        "PYTHONUTF8",
        "TMPDIR",
        "TZ",
        "USER",
    }
)
"""What any Python program may need; the server gets nothing else of the user's environment."""


def server_environment(ours: Mapping[str, str], search_path: Sequence[str]) -> dict[str, str]:
    """Nothing of the user's but what any program needs; the modules that we found, found again."""
    kept = {name: value for name, value in ours.items() if name in HANDED_ON}
    modules = os.pathsep.join(str(Path(place).absolute()) for place in search_path)
    return {**kept, **SERVER_SETTINGS, "PYTHONPATH": modules}


def last_lines(folder: Path) -> str:
    """The end of the log, each line on a line of its own and indented; empty without a log."""
    try:
        tail = (folder / LOG_NAME).read_bytes()[-LOG_TAIL_SIZE:].decode(errors="replace")
    except OSError:
        return ""
    return "".join(f"\n  {line}" for line in tail.strip().splitlines()[-LOG_TAIL_LINES:])
