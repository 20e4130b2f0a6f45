"""What a command may not write a report over: what umetrics itself keeps in files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from umetrics.errors import UsageError

if TYPE_CHECKING:
    from umetrics.cli.session import Session

HINT = "give a file of another name or in another folder"


def is_one(path: Path, other: Path | None) -> bool:
    """Whether two names are of one file: through links of both kinds, from whatever folder."""
    if other is None:
        return False
    if path.exists() and other.exists():
        return path.samefile(other)
    return os.path.realpath(path) == os.path.realpath(other)


def refuse_existing_file(path: Path) -> None:
    """Raise `UsageError` for what is there already: a snapshot cannot be taken again later."""
    if os.path.lexists(path):
        raise UsageError(f"{path} is there already, and is not replaced", hint=HINT)


def refuse_names_of_stage(session: Session, path: Path) -> None:
    """Raise `UsageError` for a name under which runs of the stage keep files."""
    stage, folder = session.config.stage, session.foundation.state_folder
    if is_one(path.parent, folder) and path.name.startswith(f"{stage}."):
        raise UsageError(f"{path} is a name of the files of stage {stage}", hint=HINT)


def refuse_kept_files(session: Session, paths: Iterable[Path]) -> None:
    """Raise `UsageError` for the configuration in use, and for what lies in the state folder.

    Not where one works in the state folder itself: then reports lie there as well.
    """
    source, folder = session.config.source, session.config.state_folder.resolve()
    is_apart = not Path.cwd().resolve().is_relative_to(folder)
    for path in paths:
        if is_one(path, source):
            raise UsageError(f"{path} is the configuration in use", hint=HINT)
        if is_apart and path.exists() and path.resolve().is_relative_to(folder):
            raise UsageError(f"{path} is a file of the state folder, {folder}", hint=HINT)
        if is_apart:
            refuse_names_of_stage(session, path)
