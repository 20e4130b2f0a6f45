"""Progress in its three shapes: lines for logs, JSON for programs, a tree for people."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from umetrics.errors import AccessDenied, AwsError
from umetrics.provision.events import Done, Event, Failed, Heartbeat, Noticed, Skipped, Started
from umetrics.provision.plan import Action
from umetrics.render.as_json import event_json
from umetrics.render.document import Run
from umetrics.render.line import Look, compose
from umetrics.render.live import Board, LiveProgress, progress_for
from umetrics.render.progress import JsonLinesProgress, LineProgress, event_line
from umetrics.render.screen import Screen

ERROR = AwsError("the limit is reached\n\x1b[2J[red]x[/red]", operation="ec2:CreateNatGateway")
GATEWAY = Started("nat-gateway", "NAT gateway", Action.CREATE)
EVENTS: tuple[Event, ...] = (
    Started("vpc", "VPC", Action.CREATE),
    Done("vpc", "VPC", Action.CREATE, "vpc-1", 1.26),
    GATEWAY,
    Heartbeat(((GATEWAY, 65.0), (Started("role/grafana", "role", Action.UPDATE), 2.0))),
    Failed("nat-gateway", "NAT gateway", Action.CREATE, ERROR, 83.0),
    Skipped("route-table/private", "route table", Action.CREATE, "nat-gateway"),
    Skipped("endpoint/s3", "gateway endpoint", Action.CREATE, ""),
    Started("subnet/old", "subnet", Action.DELETE),
    Done("role/grafana", "role", Action.NONE, "AROA1", 0.0),
    Heartbeat(()),
)
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def written(screen: Screen) -> str:
    assert isinstance(screen.stderr, io.StringIO)
    return screen.stderr.getvalue()


def a_screen(look: Look | None = None, *, sandbox: bool = False) -> Screen:
    return Screen(io.StringIO(), io.StringIO(), talk_look=look or Look(width=40), sandbox=sandbox)


def told(screen: Screen) -> str:
    with LineProgress(screen) as progress:
        for event in EVENTS:
            progress(event)
    return written(screen)


LINES = """\
+ vpc: creating VPC
+ vpc: created VPC vpc-1 in 1.3 s
+ nat-gateway: creating NAT gateway, usually 1-3 min
= still nat-gateway for 1 min 5 s (NAT gateway, usually 1-3 min); \
role/grafana for 2.0 s (role)
! nat-gateway: failed after 1 min 23 s: error[U030]: the limit is reached\\n\\x1b[2J[red]x[/red]
! route-table/private: skipped, because nat-gateway did not succeed
! endpoint/s3: skipped, interrupted
- subnet/old: destroying subnet
"""


def test_a_log_gets_one_line_for_each_event_however_narrow_it_is() -> None:
    assert told(a_screen()) == LINES


def test_a_log_in_ascii_is_ascii_and_one_in_colour_has_codes() -> None:
    assert told(a_screen(Look(unicode=False))).isascii()
    coloured = told(a_screen(Look(colour=True)))
    assert "\x1b[32m+\x1b[0m vpc: creating VPC\n" in coloured
    assert "\x1b[2J" not in coloured


def test_the_sandbox_marks_the_log_once() -> None:
    assert told(a_screen(sandbox=True)).startswith("sandbox: ")
    assert told(a_screen(sandbox=True)).count("sandbox") == 1


def test_progress_writes_nothing_to_stdout() -> None:
    screen = a_screen(sandbox=True)
    told(screen)
    assert isinstance(screen.stdout, io.StringIO)
    assert screen.stdout.getvalue() == ""


def test_programs_get_a_json_object_for_each_event() -> None:
    stdout = io.StringIO()
    with JsonLinesProgress(stdout, Run("run-1"), now=lambda: AT) as progress:
        for event in EVENTS:
            progress(event)
    assert "\x1b" not in stdout.getvalue()
    objects = [json.loads(line) for line in stdout.getvalue().splitlines()]
    assert [each["event"] for each in objects[:6]] == [
        "started",
        "done",
        "started",
        "heartbeat",
        "failed",
        "skipped",
    ]
    assert objects[1] == {
        "schema_version": 1,
        "run_id": "run-1",
        "at": "2026-03-01T09:30:00Z",
        "event": "done",
        "key": "vpc",
        "label": "VPC",
        "action": "create",
        "id": "vpc-1",
        "seconds": 1.26,
    }
    assert objects[3]["running"][0] == {"key": "nat-gateway", "action": "create", "seconds": 65.0}
    assert objects[4]["error"]["operation"] == "ec2:CreateNatGateway"
    assert objects[5]["because"] == "nat-gateway"


def board(*timed: tuple[float, Event], total: int = 0) -> Board:
    now = Board(total)
    for at, event in timed:
        now = now.after(event, at)
    return now


BOARD = board(
    (0, EVENTS[0]),
    (1.5, EVENTS[1]),
    (2, GATEWAY),
    (2, Started("role/grafana", "role", Action.UPDATE)),
    (3, Failed("role/grafana", "role", Action.UPDATE, AccessDenied("not allowed"), 1.0)),
    (3, Skipped("policy/lambda-emf", "managed policy", Action.CREATE, "role/grafana")),
    (4, EVENTS[3]),
    (4, EVENTS[8]),
    total=5,
)


def test_the_tree_groups_by_layer_and_names_the_slow_step_with_its_usual_duration() -> None:
    assert (
        compose(BOARD.lines(67, 24), Look(width=0))
        == """\
Network · 1 done, 1 running
  + vpc          1.3 s      vpc-1
  + nat-gateway  1 min 5 s  NAT gateway, usually 1-3 min
IAM · 1 failed, 1 skipped
  ! role/grafana       1.0 s  failed: not allowed
  ! policy/lambda-emf         skipped, because role/grafana did not succeed
3 of 5 steps ended · 1 min 7 s
"""
    )


@pytest.mark.parametrize("height", range(3, 12))
def test_the_tree_never_grows_beyond_the_terminal_and_drops_what_is_finished_first(
    height: int,
) -> None:
    lines = BOARD.lines(67, height)
    assert len(lines) <= height
    assert lines[-1].text.startswith("3 of 5 steps ended")
    if height == 6:
        assert "vpc-1" not in compose(lines, Look())
        assert "nat-gateway" in compose(lines, Look())
    if height < 6:
        assert lines[-2].text == f"and {6 - 1 - (height - 2)} more"


def test_a_board_without_events_is_one_line() -> None:
    assert compose(Board().lines(0, 24), Look()) == "0 steps ended · 0.0 s\n"


def test_a_terminal_sees_the_tree_and_keeps_its_last_state() -> None:
    screen = a_screen(Look(colour=True, width=80))
    seconds = iter(range(1000))
    with LiveProgress(screen, total=2, clock=lambda: next(seconds)) as progress:
        for event in EVENTS:
            progress(event)
    shown = written(screen)
    assert "Network" in shown
    assert "nat-gateway" in shown
    assert r"failed: the limit is reached\n" in shown
    assert "\x1b[2J" not in shown
    assert shown.endswith("\x1b[?25h"), "the cursor comes back"


def test_without_colour_the_tree_moves_the_cursor_and_colours_nothing() -> None:
    screen = a_screen(Look(width=80))
    with LiveProgress(screen) as progress:
        progress(EVENTS[0])
    assert "m" not in {part[-1] for part in _sequences(written(screen))}


def _sequences(text: str) -> list[str]:
    import re

    return re.findall(r"\x1b\[[0-9;?]*[A-Za-z]", text)


def test_the_cursor_comes_back_when_a_run_is_broken_off() -> None:
    screen = a_screen(Look(width=80))
    with pytest.raises(KeyboardInterrupt), LiveProgress(screen):
        raise KeyboardInterrupt
    assert written(screen).endswith("\x1b[?25h")


def test_a_person_gets_the_tree_and_a_log_gets_lines() -> None:
    watched = Screen(io.StringIO(), io.StringIO(), interactive=True)
    assert isinstance(progress_for(watched), LiveProgress)
    assert isinstance(progress_for(a_screen()), LineProgress)


def test_plain_paths_do_not_import_rich() -> None:
    modules = ("plan", "live", "outcome", "audit", "receipts", "screen", "as_json", "price")
    script = "import sys\n" + "".join(f"import umetrics.render.{each}\n" for each in modules)
    script += "sys.exit([each for each in sys.modules if each.split('.')[0] in "
    script += "{'rich', 'boto3', 'botocore', 'typer'}] and 'heavy' or 0)"
    finished = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert finished.returncode == 0, finished.stderr


BROKEN = Noticed(
    "nat-gateway", "NAT gateway", Action.CREATE, "nat-1 failed: [b]no[/b]\x1b[2J; trying once more"
)


def test_what_is_noticed_about_a_step_is_a_line_in_the_log() -> None:
    line = event_line(BROKEN)
    assert line is not None
    text = compose([line], Look())
    assert "nat-gateway: nat-1 failed: [b]no[/b]" in text
    assert "\x1b" not in text


def test_what_is_noticed_about_a_step_is_an_event_for_programs() -> None:
    assert event_json(BROKEN) == {
        "event": "noticed",
        "key": "nat-gateway",
        "label": "NAT gateway",
        "action": "create",
        "text": BROKEN.text,
    }


def test_a_running_step_shows_what_was_noticed_last_and_its_time_goes_on() -> None:
    shown = compose(board((0, GATEWAY), (60, BROKEN)).lines(90, 40), Look())
    assert "nat-1 failed: [b]no[/b]" in shown
    assert "1 min 30 s" in shown
    assert "usually" not in shown
