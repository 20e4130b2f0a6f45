"""A local AWS that dies takes its world with it: that is noticed, said, and begun anew."""

from __future__ import annotations

import os
import signal

from tests.cli.command_line import TIMEOUT, Home
from tests.support.aging import let_an_hour_pass
from umetrics.sandbox import Options


def test_a_sandbox_killed_in_mid_command_is_noticed_and_the_next_run_begins_anew(
    lone: Home,
) -> None:
    running = lone.sandbox.start(Options(nat=60))
    with lone.started("-m", "umetrics", "up", "--yes", "--sandbox") as process:
        assert process.stderr is not None
        assert any(b"nat-gateway: creating" in line for line in process.stderr)
        os.kill(running.pid, signal.SIGKILL)
        result, talk = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 1
    assert b"Traceback" not in talk
    told = b" ".join(result.split())
    assert b"nat-gateway (NAT gateway) failed" in told
    assert b"`umetrics sandbox status` tells of the sandbox" in told

    let_an_hour_pass(lone.state)
    plan = lone.sandboxed("plan")
    assert plan.code == 0, plan
    said = " ".join(plan.talk.split())
    assert f"started at {running.since} ended without being stopped" in said
    assert "22 to create" in plan.result
