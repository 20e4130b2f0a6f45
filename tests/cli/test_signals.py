"""Ctrl-C, SIGTERM and sudden death at chosen moments; the next run finishes, without twins."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from tests.cli.command_line import TIMEOUT, Home
from tests.support.aging import let_an_hour_pass
from tests.support.deployments import EVERY_KEY
from tests.support.worlds import shape_of

UP = ("-m", "umetrics", "up", "--yes", "--sandbox")


def receipts_are_true(home: Home) -> bool:
    """The state file can be read, and what it records is there."""
    world = home.outsider.look_around()
    ids = {receipt["id"] for receipt in home.receipts.values() if receipt["id"].count("-") == 1}
    assert {name.partition("/")[2] for name in world} >= {each for each in ids if "/" not in each}
    return True


@pytest.fixture(scope="session")
def undisturbed(built: Home) -> list[str]:
    """The shape of a world in which nobody interrupted anything."""
    return shape(built)


def shape(home: Home) -> list[str]:
    """The account without names that AWS gives, and without what moto makes up by itself."""
    # Which subnet of a zone moto takes for its default one hangs on the order of its first calls.
    return sorted(
        text.replace('"DefaultForAz": true', '"DefaultForAz": false')
        for text in shape_of(home.outsider.look_around())
    )


def the_next_run_finishes(home: Home, undisturbed: list[str]) -> bool:
    done = home.sandboxed("up", "--yes")
    assert done.code == 0, done
    assert set(home.receipts) == EVERY_KEY
    assert json.loads(home.state.read_bytes())["intents"] == {}
    assert shape(home) == undisturbed
    return True


def test_ctrl_c_ends_up_in_order_and_the_next_run_goes_on(
    home: Home, undisturbed: list[str]
) -> None:
    done = home.sandboxed("up", "--yes", STRIKE="SIGINT before-send CreateVpc")
    assert done.code == 130, done
    assert "Traceback" not in done.talk
    assert "Stopping: finishing the calls under way." in done.talk
    assert "Interrupted: " in done.result
    assert "Run the same command again to resume." in done.result
    assert "vpc" in home.receipts  # its call was under way, so it was finished
    assert "subnet/public-a" not in home.receipts
    assert receipts_are_true(home)
    assert the_next_run_finishes(home, undisturbed)


def test_sigterm_ends_up_in_the_same_order(home: Home) -> None:
    done = home.sandboxed("up", "--yes", STRIKE="SIGTERM before-send CreateVpc")
    assert done.code == 143, done
    assert "Interrupted: " in done.result
    assert "vpc" in home.receipts
    assert receipts_are_true(home)


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_during_the_look_interrupts_nothing(home: Home, name: str, code: int) -> None:
    world = home.outsider.look_around()
    done = home.sandboxed("up", "--yes", STRIKE=f"{name} before-send DescribeVpcs")
    assert done.code == code, done
    assert "Traceback" not in done.talk
    assert "Interrupted. Nothing was under way; nothing was lost." in done.talk
    assert home.outsider.look_around() == world


def test_a_second_ctrl_c_leaves_at_once(home: Home, undisturbed: list[str]) -> None:
    with home.started(*UP, STRIKE="HOLD response-received CreateVpc") as process:
        wait_for(process, b"HELD\n")
        process.send_signal(signal.SIGINT)
        wait_for(process, b"Stopping: ")
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 130
    assert "vpc" in json.loads(home.state.read_bytes())["intents"]
    assert receipts_are_true(home)
    let_an_hour_pass(home.state)
    assert the_next_run_finishes(home, undisturbed)


def wait_for(process: subprocess.Popen[bytes], text: bytes) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if text in line:
            return
    raise AssertionError(f"ended without {text!r}")


@pytest.mark.parametrize(
    "moment",
    [
        "response-received CreateVpc",
        pytest.param("response-received CreateNatGateway", marks=pytest.mark.thorough),
    ],
)
def test_a_killed_up_is_finished_by_the_next(
    home: Home, undisturbed: list[str], moment: str
) -> None:
    done = home.sandboxed("up", "--yes", STRIKE=f"SIGKILL {moment}")
    assert done.code == -signal.SIGKILL
    assert receipts_are_true(home)
    let_an_hour_pass(home.state)  # what was intended beside it would be looked for half a minute
    assert the_next_run_finishes(home, undisturbed)


def test_a_killed_destroy_is_finished_by_the_next(home: Home) -> None:
    before = home.outsider.look_around()
    assert home.sandboxed("up", "--yes").code == 0
    arguments = ("destroy", "--stage", "dev", "--yes")
    done = home.sandboxed(*arguments, STRIKE="SIGKILL response-received DeleteNatGateway")
    assert done.code == -signal.SIGKILL
    assert home.sandboxed(*arguments).code == 0
    assert home.outsider.look_around() == before
    assert home.receipts == {}


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_while_the_process_ends_leaves_without_a_word(
    bare: Home, name: str, code: int
) -> None:
    program = (
        "import os, signal, time; from umetrics.cli.app import run; run(['status']); "
        f"os.kill(os.getpid(), signal.{name}); time.sleep(9)"
    )
    done = bare.python("-c", program)
    assert done.code == code, done
    assert "Traceback" not in done.talk
