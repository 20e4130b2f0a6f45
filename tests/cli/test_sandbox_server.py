"""The sandbox's server as separate commands meet it: started, shared, killed, mistaken, ended."""

from __future__ import annotations

import http.client
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from umetrics.errors import SandboxError
from umetrics.patience import Patience
from umetrics.sandbox import Running, Sandbox
from umetrics.sandbox.identity import IDENTITY_PATH, LOOPBACK, birth
from umetrics.sandbox.record import RECORD_NAME, Record, read_record, write_record

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

STARTING = """
import sys
from pathlib import Path
from umetrics.sandbox import Sandbox
running = Sandbox(Path(sys.argv[1])).start()
print(running.pid, running.port)
"""


def starting_command(folder: Path) -> subprocess.Popen[str]:
    """Another command of the user's, which starts the sandbox and exits."""
    return subprocess.Popen(
        (sys.executable, "-c", STARTING, str(folder)),
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(place or "." for place in sys.path)},
        umask=0,
    )


def told_by(command: subprocess.Popen[str]) -> tuple[int, int]:
    """Pid and port as the command printed them; it has exited by then."""
    output, _ = command.communicate(timeout=60)
    assert command.returncode == 0
    pid, port = output.split()
    return int(pid), int(port)


def record_of(sandbox: Sandbox) -> Record:
    record = read_record(sandbox.folder)
    assert record is not None
    return record


def hurried() -> Patience:
    """Patience by a clock that runs ten times as fast as ours."""
    return Patience(
        clock=lambda: 10 * time.monotonic(),
        sleep=lambda seconds: time.sleep(seconds / 10),
    )


def vpc_ids(running: Running) -> set[str]:
    return {vpc["VpcId"] for vpc in ec2(running).describe_vpcs()["Vpcs"]}


def ec2(running: Running) -> EC2Client:
    return boto3.client(
        "ec2",
        region_name="us-east-1",
        endpoint_url=running.endpoint_url,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        config=Config(proxies={}),
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that two commands, now gone, have started at the same moment."""
    sandbox = Sandbox(tmp_path_factory.mktemp("home") / "not-yet-there")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path / "sandbox")
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="module")
def running(shared: Sandbox) -> Running:
    commands = [starting_command(shared.folder) for _ in range(2)]
    first, second = [told_by(command) for command in commands]
    assert first == second
    running = shared.status()
    assert running is not None
    assert (running.pid, running.port) == first
    return running


def test_two_commands_at_once_start_one_server_that_outlives_them(
    shared: Sandbox, running: Running
) -> None:
    assert shared.status() == running
    assert running.endpoint_url == f"http://127.0.0.1:{running.port}"
    assert os.getsid(running.pid) == running.pid != os.getsid(0)


def test_starting_again_finds_the_same_server(shared: Sandbox, running: Running) -> None:
    assert shared.start() == running


def test_what_one_client_creates_a_second_one_sees(running: Running) -> None:
    made = ec2(running).create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    assert made in vpc_ids(running)


def test_record_log_and_lock_are_private_without_any_umask(
    shared: Sandbox, running: Running
) -> None:
    files = list(shared.folder.iterdir())
    assert {file.name for file in files} == {RECORD_NAME, "sandbox.log", "sandbox.lock"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(shared.folder.stat().st_mode) == 0o700
    assert running.pid == record_of(shared).pid


def test_the_server_reads_no_aws_setting_of_the_users(running: Running) -> None:
    block = Path(f"/proc/{running.pid}/environ")
    if not block.exists():
        pytest.skip("only /proc shows the environment of a process")
    lines = block.read_text().split("\0")
    settings = dict(line.split("=", 1) for line in lines if line.startswith("AWS_"))
    assert settings == {
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_the_server_tells_its_instance_without_a_proxy(
    shared: Sandbox, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:9")
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:9")
    assert shared.status() == running
    connection = http.client.HTTPConnection(LOOPBACK, running.port, timeout=5)
    connection.request("GET", IDENTITY_PATH)
    told = json.loads(connection.getresponse().read())
    connection.close()
    record = record_of(shared)
    assert told == {"id": record.instance, "pid": running.pid, "since": running.since}


def test_a_port_that_is_now_anothers_is_said_and_not_believed(
    shared: Sandbox, running: Running, tmp_path: Path
) -> None:
    mistaken = Sandbox(tmp_path, hurried())
    myself = replace(record_of(shared), pid=os.getpid(), born=birth(os.getpid()))
    write_record(tmp_path, myself)
    with pytest.raises(SandboxError, match=f"not what answers at {running.endpoint_url}") as caught:
        mistaken.start()
    assert "umetrics sandbox stop" in caught.value.hint


def test_a_killed_server_is_noticed_and_replaced(sandbox: Sandbox) -> None:
    killed = sandbox.start()
    os.kill(killed.pid, signal.SIGKILL)
    assert sandbox.status() is None
    assert (sandbox.folder / RECORD_NAME).exists()
    successor = sandbox.start()
    assert successor.pid != killed.pid
    assert sandbox.status() == successor


def test_stopping_ends_the_server_and_stopping_twice_is_no_error(sandbox: Sandbox) -> None:
    running = sandbox.start()
    assert sandbox.stop()
    assert birth(running.pid) == ""
    assert not (sandbox.folder / RECORD_NAME).exists()
    assert not sandbox.stop()
    assert sandbox.status() is None


def test_a_server_whose_record_is_gone_ends_itself(sandbox: Sandbox) -> None:
    running = sandbox.start()
    (sandbox.folder / RECORD_NAME).unlink()
    Patience().until(
        lambda: birth(running.pid) == "", at_most=10, waiting_for="the orphan to end itself"
    )
    assert "the record is gone" in sandbox.log.read_text()


@pytest.mark.thorough
def test_a_server_that_hangs_is_ended_all_the_same(sandbox: Sandbox) -> None:
    running = sandbox.start()
    os.kill(running.pid, signal.SIGSTOP)
    assert Sandbox(sandbox.folder, hurried()).stop()
    assert birth(running.pid) == ""
