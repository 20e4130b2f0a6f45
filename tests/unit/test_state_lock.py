"""The stage's lock between real processes."""

from __future__ import annotations

import errno
import fcntl
import getpass
import json
import os
import signal
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest

import umetrics
from umetrics.errors import LockHeld, StateError, UsageError
from umetrics.state import StageLock

SOURCES = Path(umetrics.__file__).parents[1]
HOLD = """
import subprocess, sys
from pathlib import Path
from umetrics.state import StageLock
with StageLock(Path(sys.argv[1]), "dev", "umetrics up --stage dev"):
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    child = subprocess.Popen(command, close_fds=False)
    print(child.pid, flush=True)
    sys.stdin.read()
child.wait()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@contextmanager
def holder(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that holds the lock, and the pid of a child that it started meanwhile."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, folder],
        cwd=SOURCES,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())


def content(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "dev.lock").read_text())
    return found


def test_the_second_process_is_told_who_holds_the_lock(folder: Path) -> None:
    with holder(folder) as (process, _child):
        with pytest.raises(LockHeld) as caught, StageLock(folder, "dev", "umetrics destroy"):
            pass
        told = content(folder)
    assert caught.value.exit_code == 5
    assert told["pid"] == process.pid
    for fact in (
        folder / "dev.lock",
        told["who"],
        told["pid"],
        "umetrics up --stage dev",
        told["since"],
        " s ago",
        told["id"],
    ):
        assert str(fact) in caught.value.message
    host = str(told["who"]).rpartition("@")[2]
    assert caught.value.hint == (
        f"wait, or stop that process with `kill {process.pid}` on {host}; the lock ends with it"
    )


def test_the_lock_dies_with_a_killed_holder_even_when_a_child_of_it_lives(folder: Path) -> None:
    with holder(folder) as (process, child):
        process.kill()
        assert process.wait() == -signal.SIGKILL
        os.kill(child, 0)  # still there
        with StageLock(folder, "dev", "umetrics up"):
            assert content(folder)["pid"] == os.getpid()


def test_the_lock_is_free_after_the_block_while_a_child_of_ours_lives(folder: Path) -> None:
    with StageLock(folder, "dev", "umetrics up"):
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"],
            stdin=subprocess.PIPE,
            close_fds=False,
        )
    with child, StageLock(folder, "dev", "umetrics up"):
        assert child.poll() is None


def test_the_lock_is_free_after_an_error_in_the_block(folder: Path) -> None:
    def fail() -> None:
        with StageLock(folder, "dev", "umetrics up"):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with StageLock(folder, "dev", "umetrics up"):
        pass


def test_two_locks_of_one_process_exclude_each_other(folder: Path) -> None:
    with (
        StageLock(folder, "dev", "umetrics up"),
        pytest.raises(LockHeld, match=str(os.getpid())),
        StageLock(folder, "dev", "umetrics up"),
    ):
        pass


def test_stages_do_not_exclude_each_other(folder: Path) -> None:
    with StageLock(folder, "dev", "umetrics up"), StageLock(folder, "prod", "umetrics up"):
        assert (folder / "prod.lock").exists()


def test_making_a_lock_touches_nothing_and_holding_it_makes_private_files(folder: Path) -> None:
    lock = StageLock(folder, "dev", "umetrics up")
    assert not folder.exists()
    with lock:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(lock.path.stat().st_mode) == 0o600
        assert content(folder).keys() == {"id", "who", "pid", "command", "since"}


def test_a_file_that_cannot_be_made_private_is_made_so_that_it_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(descriptor: int, mode: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "fchmod", refused)
    before = os.umask(0)
    try:
        with StageLock(folder, "dev", "umetrics up") as lock:
            assert stat.S_IMODE(lock.path.stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_the_file_stays_and_names_nobody_who_has_left(folder: Path) -> None:
    lock = StageLock(folder, "dev", "umetrics up")
    with lock:
        inode = lock.path.stat().st_ino
    assert lock.path.stat().st_ino == inode
    assert lock.path.read_bytes() == b""


def left_by_a_killed_run(folder: Path) -> dict[str, object]:
    """What stands in the file of a lock whose holder could not say that it left."""
    with holder(folder) as (process, _child):
        process.kill()
    return content(folder)


def test_what_a_killed_holder_left_is_told_and_cleared(folder: Path) -> None:
    left = left_by_a_killed_run(folder)
    lock = StageLock(folder, "dev", "umetrics state unlock")
    cleared = lock.clear()
    assert cleared is not None
    assert asdict(cleared) == left
    assert lock.path.read_bytes() == b""
    assert lock.clear() is None
    with lock:
        pass


def test_only_the_holding_that_is_named_is_cleared(folder: Path) -> None:
    left = left_by_a_killed_run(folder)
    lock = StageLock(folder, "dev", "umetrics state unlock")
    with pytest.raises(UsageError, match=str(left["id"])) as caught:
        lock.clear("another")
    assert caught.value.hint == f"umetrics state unlock {left['id']}"
    assert content(folder) == left
    cleared = lock.clear(str(left["id"]))
    assert cleared is not None
    assert cleared.id == left["id"]


def test_a_lock_that_a_process_holds_is_not_cleared(folder: Path) -> None:
    with holder(folder) as (process, _child):
        told = content(folder)
        for id in (None, str(told["id"])):
            with pytest.raises(LockHeld, match=f"process {process.pid}"):
                StageLock(folder, "dev", "umetrics state unlock").clear(id)
        assert content(folder) == told


def test_clearing_a_lock_that_never_was_makes_no_file(folder: Path) -> None:
    assert StageLock(folder, "dev", "umetrics state unlock").clear() is None
    assert not folder.exists()


def test_a_lock_that_cannot_be_cleared_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = left_by_a_killed_run(folder)

    def refused(descriptor: int, length: int) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "ftruncate", refused)
    with pytest.raises(StateError, match="cannot write"):
        StageLock(folder, "dev", "umetrics state unlock").clear()
    assert content(folder) == left


def test_each_holding_has_an_id_of_its_own(folder: Path) -> None:
    ids = []
    for _ in range(2):
        with StageLock(folder, "dev", "umetrics up"):
            ids.append(uuid.UUID(str(content(folder)["id"])))
    assert len(set(ids)) == 2


@pytest.mark.parametrize(("module", "function"), [(os, "ftruncate"), (fcntl, "flock")])
def test_a_lock_that_cannot_be_left_properly_is_left_by_closing_its_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, function: str
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch, StageLock(folder, "dev", "umetrics up"):
        patch.setattr(module, function, broken)
    with StageLock(folder, "dev", "umetrics up"):
        pass


def test_a_shorter_description_leaves_nothing_of_a_longer_one(folder: Path) -> None:
    folder.mkdir()
    (folder / "dev.lock").write_text("x" * 5000)
    with StageLock(folder, "dev", "umetrics up"):
        assert content(folder)["command"] == "umetrics up"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", "{}", '{"id":"","who":"","pid":"x","command":"","since":""}']
)
def test_a_holder_that_cannot_be_read_still_holds(folder: Path, text: str) -> None:
    folder.mkdir()
    with (folder / "dev.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(text)
        file.flush()
        with (
            pytest.raises(LockHeld, match="has not yet said who it is"),
            StageLock(folder, "dev", "umetrics up"),
        ):
            pass


def test_a_user_without_a_name_is_named_by_number(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    with StageLock(folder, "dev", "umetrics up"):
        assert str(content(folder)["who"]).startswith(f"uid-{os.getuid()}@")


def test_a_file_system_without_locks_is_an_error_and_not_a_held_lock(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with (
        pytest.raises(StateError, match=f"cannot lock {folder / 'dev.lock'}"),
        StageLock(folder, "dev", "umetrics up"),
    ):
        pass


def test_a_description_that_cannot_be_written_gives_the_lock_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, text: bytes, offset: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(StateError) as caught, StageLock(folder, "dev", "umetrics up"):
            pass
    assert f"cannot write {folder / 'dev.lock'}" in caught.value.message
    assert "make room" in caught.value.hint
    with StageLock(folder, "dev", "umetrics up"):
        pass


def test_a_file_in_the_place_of_the_folder_is_explained(folder: Path) -> None:
    folder.write_text("not a folder")
    with pytest.raises(StateError, match="cannot lock"), StageLock(folder, "dev", "umetrics up"):
        pass


def test_a_stage_that_is_no_file_name_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError):
        StageLock(folder, "../dev", "umetrics up")
