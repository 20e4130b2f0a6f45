"""What is believed of a record, and what a start that cannot succeed says. Starts no server."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from umetrics.errors import SandboxError, TimedOut
from umetrics.patience import Patience
from umetrics.sandbox import Options, Sandbox
from umetrics.sandbox.identity import birth
from umetrics.sandbox.launch import LOG_NAME, server_environment
from umetrics.sandbox.process import LOCK_NAME
from umetrics.sandbox.record import RECORD_NAME, Record, read_record, remove_record, write_record


def record(*, pid: int = 1, port: int = 1, born: str = "then", instance: str = "one") -> Record:
    return Record(pid, port, born, instance, "2026-01-01T00:00:00Z", "5.2.5", Options())


def test_without_a_record_nothing_runs_and_nothing_is_made(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "absent")
    assert sandbox.status() is None
    assert not sandbox.stop()
    assert not sandbox.folder.exists()


def test_a_process_that_merely_has_the_recorded_number_is_neither_believed_nor_ended(
    tmp_path: Path,
) -> None:
    bystander = subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE)
    try:
        write_record(tmp_path, record(pid=bystander.pid, born=f"{birth(bystander.pid)}0"))
        sandbox = Sandbox(tmp_path)
        assert sandbox.status() is None
        assert not sandbox.stop()
        assert bystander.poll() is None
        assert not (tmp_path / RECORD_NAME).exists()
    finally:
        bystander.communicate(b"\n")
    assert bystander.returncode == 0


def test_a_process_has_one_birth_and_after_its_end_none() -> None:
    child = subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE)
    born = birth(child.pid)
    assert born
    assert born == birth(child.pid)
    assert child.stdin is not None
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert birth(child.pid) == ""  # ended, though its number is still taken: a zombie
    child.wait()
    assert birth(child.pid) == ""


@pytest.mark.parametrize("pid", [0, -1])
def test_a_number_that_means_a_group_of_processes_is_no_process(pid: int) -> None:
    assert birth(pid) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        "{}",
        '{"pid": 1}',
        '{"pid": "1", "port": 1, "born": "", "instance": "", "since": "", "version": ""}',
        '{"pid": 1, "port": 65536, "born": "", "instance": "", "since": "", "version": ""}',
        '{"pid": 1, "port": 9, "born": "", "instance": "", "since": "", "version": ""}',
    ],
)
def test_a_record_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD_NAME).write_text(text)
    assert read_record(tmp_path) is None


def test_a_record_is_read_as_written_and_another_servers_is_not_removed(tmp_path: Path) -> None:
    write_record(tmp_path, record(instance="new"))
    remove_record(tmp_path, record(instance="old"))
    assert read_record(tmp_path) == record(instance="new")
    remove_record(tmp_path, record(instance="new"))
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / RECORD_NAME).mkdir()
    with pytest.raises(SandboxError, match=r"cannot read .*sandbox\.json"):
        Sandbox(tmp_path).start()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SandboxError, match="cannot open"):
        Sandbox(tmp_path / "file" / "sandbox").start()


@pytest.mark.parametrize("name", [LOCK_NAME, LOG_NAME])
def test_a_link_in_place_of_a_file_leads_nobody_to_overwrite_another(
    tmp_path: Path, name: str
) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("precious")
    (tmp_path / name).symlink_to(theirs)
    with pytest.raises(SandboxError, match="cannot"):
        Sandbox(tmp_path).start()
    assert theirs.read_text() == "precious"


def test_a_server_that_died_is_known_to_be_lost_and_one_that_was_stopped_is_not(
    tmp_path: Path,
) -> None:
    sandbox = Sandbox(tmp_path)
    assert sandbox.lost() is None
    write_record(tmp_path, record(born="long ago"))
    assert sandbox.lost() == record(born="long ago")
    assert not sandbox.stop()
    assert sandbox.lost() is None


def test_without_moto_the_extra_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "moto", None)
    with pytest.raises(SandboxError, match="needs moto") as caught:
        Sandbox(tmp_path).start()
    assert caught.value.hint == "pip install 'umetrics[sandbox]'"


def test_a_server_that_ends_while_it_starts_leaves_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "no number")
    with pytest.raises(SandboxError, match=r"(?s)ended while it started.*PYTHONHASHSEED") as caught:
        Sandbox(tmp_path).start()
    assert str(tmp_path / "sandbox.log") in caught.value.hint


def test_a_start_that_takes_too_long_is_given_up_and_leaves_no_server(tmp_path: Path) -> None:
    minutes = itertools.count(step=60)
    hurried = Patience(clock=lambda: float(next(minutes)), sleep=lambda _seconds: None)
    with pytest.raises(TimedOut, match="60 s for the sandbox to start") as caught:
        Sandbox(tmp_path, hurried).start()
    assert str(tmp_path / "sandbox.log") in caught.value.hint
    assert read_record(tmp_path) is None


def test_settings_for_aws_and_moto_stay_with_the_user() -> None:
    ours = {"PATH": "/bin", "AWS_PROFILE": "prod", "MOTO_PORT": "1", "UMETRICS_SANDBOX": "1"}
    environment = server_environment(ours, ["/a", "/b"])
    assert environment["PATH"] == "/bin"
    assert environment["PYTHONPATH"] == "/a:/b"
    assert not {"AWS_PROFILE", "MOTO_PORT", "UMETRICS_SANDBOX"} & environment.keys()


def test_asking_for_the_sandbox_imports_neither_moto_nor_boto3() -> None:
    code = (
        "import sys, umetrics.sandbox; print(sorted({'moto', 'boto3', 'flask'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(place or "." for place in sys.path)}
    done = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "[]"
