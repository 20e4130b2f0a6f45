"""Whether a record speaks of a living server: by its process, and by what answers on its port.

A process is known by its number *and* its moment of birth, because the system hands numbers out
again; a server by the instance it tells, because ports change hands too. This module ends nothing.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
from pathlib import Path

from umetrics.sandbox.record import Record

LOOPBACK = "127.0.0.1"
IDENTITY_PATH = "/umetrics-sandbox"
"""Where a server answers `{"id": ..., "pid": ..., "since": ...}` to unsigned requests."""

ANSWER_TIMEOUT = 5
"""Seconds; the server tells its instance without waiting for the AWS call in progress."""

ANSWER_SIZE = 4096
"""Bytes; ours is a tenth of it, and what else may listen there shall not flood us."""

PS_TIMEOUT = 5
"""Seconds; `ps` for one process answers in milliseconds."""

STATE_FIELD = 0
BIRTH_FIELD = 19
"""Places in /proc/<pid>/stat counted after the command name, which may hold blanks itself:
https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""

ENDED = ("Z", "X", "x")
"""States of a process that has ended but was not yet collected by its parent."""


def endpoint_url(port: int) -> str:
    """Where AWS clients find a server: always on the loopback interface."""
    return f"http://{LOOPBACK}:{port}"


def is_alive(record: Record) -> bool:
    """Whether the recorded process, not merely one with its number, is running."""
    return bool(record.born) and birth(record.pid) == record.born


def answers(record: Record) -> bool:
    """Whether what listens on the recorded port is the recorded instance.

    `http.client` by choice: it knows no proxies and follows no redirects.
    """
    connection = http.client.HTTPConnection(LOOPBACK, record.port, timeout=ANSWER_TIMEOUT)
    try:
        connection.request("GET", IDENTITY_PATH)
        answer = json.loads(connection.getresponse().read(ANSWER_SIZE))
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return False
    finally:
        connection.close()
    expected = (record.instance, record.pid)
    return isinstance(answer, dict) and (answer.get("id"), answer.get("pid")) == expected


def birth(pid: int) -> str:
    """A text that no other process with this number shares; empty when none is running."""
    if pid <= 0:
        return ""
    if Path("/proc/self/stat").exists():
        return _birth_from_proc(pid)
    return _birth_from_ps(pid)


def _birth_from_proc(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    # Ticks count from the boot: without naming the boot they would come round again.
    return "" if fields[STATE_FIELD] in ENDED else f"{boot}:{fields[BIRTH_FIELD]}"


def _birth_from_ps(pid: int) -> str:
    """For macOS and the BSDs; to the second, which process numbers do not come round in."""
    command = ("ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid))
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    try:
        done = subprocess.run(  # noqa: S603  # a fixed command and a number
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=PS_TIMEOUT,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    state, _, born = done.stdout.strip().partition(" ")
    return "" if state.startswith(ENDED) else " ".join(born.split())
