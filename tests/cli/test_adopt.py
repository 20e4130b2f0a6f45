"""`umetrics adopt` as a process of its own: in front of a person, and what it imports."""

from __future__ import annotations

from tests.cli.command_line import Home
from tests.support.landlord import Landlord

FILE = 'owner = "team@example.org"\n'


def test_a_file_that_changed_while_somebody_thought_is_left_alone(
    home: Home, lent: Landlord
) -> None:
    home.configure(FILE)
    with home.on_terminal("adopt", lent.vpc) as terminal:
        terminal.wait_for("[y/N/d] ")
        home.configure(f"{FILE}user = 'other'\n")
        terminal.type("y")
        assert terminal.end() == 6
    assert "error[U023]" in terminal.shown
    assert (home.folder / "umetrics.toml").read_text() == f"{FILE}user = 'other'\n"


def test_what_edits_the_file_is_not_imported_before_something_is_written(bare: Home) -> None:
    program = "import sys, umetrics.cli.adopt; print({'tomlkit', 'boto3'} & set(sys.modules))"
    assert bare.python("-c", program).result == "set()\n"
