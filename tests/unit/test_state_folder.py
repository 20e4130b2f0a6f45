"""State folders in which nothing is as it should be: links, pipes, others' files, a full disk.

Nothing is followed, nothing is believed, and what was there before is still there afterwards.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import umetrics
from umetrics.errors import LockHeld, StateError, UsageError
from umetrics.state import Receipt, StageLock, State, StateStore, to_json

SOURCES = Path(umetrics.__file__).parents[1]
NOBODY = 65534

VPC = Receipt("vpc", "Vpc", "vpc-1")
LINEAGE = "0d9f6c1e-5a43-4f0e-9f0b-0f6f4d1f2a11"
STATE = State("UserMetrics/dev", "111122223333", "us-east-1", LINEAGE, 7, "0.1.0", {VPC.key: VPC})
TEXT = to_json(STATE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a good state file in it."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    (folder / "dev.json").write_text(TEXT)
    return folder


def opened(folder: Path) -> StateStore:
    store = StateStore(folder, "dev")
    store.open(deployment=STATE.deployment, account=STATE.account, region=STATE.region)
    return store


def test_a_link_in_place_of_the_file_is_neither_read_nor_replaced(folder: Path) -> None:
    theirs = folder.parent / "theirs.json"
    path = (folder / "dev.json").rename(theirs)
    (folder / "dev.json").symlink_to(theirs)
    with pytest.raises(StateError, match="it is a symbolic link") as caught:
        opened(folder)
    assert "make the whole folder a link" in caught.value.hint
    assert path.read_text() == TEXT
    assert (folder / "dev.json").is_symlink()


def test_the_folder_may_be_a_link(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    opened(link).record(Receipt("vpc", "Vpc", "vpc-2"))
    assert opened(folder).state.receipts["vpc"].id == "vpc-2"


def test_a_link_in_place_of_the_backup_is_replaced_and_what_it_leads_to_stays(
    folder: Path,
) -> None:
    theirs = folder.parent / "theirs"
    theirs.write_text("precious")
    (folder / "dev.json.bak").symlink_to(theirs)
    opened(folder).forget("vpc")
    assert theirs.read_text() == "precious"
    assert (folder / "dev.json.bak").read_text() == TEXT


def test_a_link_in_place_of_the_lock_leads_nobody_to_overwrite_a_file(folder: Path) -> None:
    theirs = folder.parent / "theirs"
    theirs.write_text("precious")
    (folder / "dev.lock").symlink_to(theirs)
    with pytest.raises(StateError, match="it is a symbolic link"), StageLock(folder, "dev", "up"):
        pass
    assert theirs.read_text() == "precious"


def test_a_pipe_in_place_of_the_file_does_not_hold_us_up(folder: Path) -> None:
    (folder / "dev.json").unlink()
    os.mkfifo(folder / "dev.json")
    with pytest.raises(StateError, match="is not a plain file"):
        opened(folder)


def test_a_pipe_in_place_of_the_lock_does_not_hold_us_up(folder: Path) -> None:
    os.mkfifo(folder / "dev.lock")
    with pytest.raises(StateError, match="cannot write"), StageLock(folder, "dev", "up"):
        pass


@pytest.mark.parametrize("name", ["dev.json", "dev.lock", "dev.json.bak"])
def test_a_folder_in_place_of_a_file_is_said(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()
    with pytest.raises(StateError) as caught, StageLock(folder, "dev", "up"):
        opened(folder).forget("vpc")
    assert name.removesuffix(".bak") in caught.value.message
    assert "move it away" in caught.value.hint


def test_a_file_that_another_user_has_put_there_is_not_believed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "dev.json"
    if os.getuid() == 0:
        os.chown(path, NOBODY, NOBODY)
    owner = path.stat().st_uid
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: owner + 1)
        with pytest.raises(StateError, match=f"belongs to user {owner}, and this is user") as told:
            opened(folder)
    assert "chown" in told.value.hint
    assert opened(folder).state == STATE  # ours, or we are root


def test_new_folders_are_private_without_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with StageLock(tmp_path / "state" / "sandbox", "dev", "up") as lock:
            opened(tmp_path / "state" / "sandbox").record(VPC)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"state": 0o700, "sandbox": 0o700, lock.path.name: 0o600, "dev.json": 0o600}


@contextmanager
def an_ordinary_user(folder: Path) -> Iterator[None]:
    """Root may write anywhere; so where the tests run as root, somebody else has that folder."""
    if os.geteuid():
        yield
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that any user can reach."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    yield place
    place.chmod(0o700)
    shutil.rmtree(place)


def test_a_folder_that_cannot_be_written_is_said_and_its_file_stays(open_place: Path) -> None:
    path = open_place / "dev.json"
    path.write_text(TEXT)
    with an_ordinary_user(open_place):
        open_place.chmod(0o500)
        with pytest.raises(StateError, match="cannot lock") as locking:
            StageLock(open_place, "dev", "up").__enter__()
        store = opened(open_place)
        with pytest.raises(StateError, match="cannot write") as writing:
            store.forget("vpc")
        assert store.state == STATE
    assert all("the right to read and write" in each.value.hint for each in (locking, writing))
    assert path.read_text() == TEXT


def test_a_file_that_cannot_be_read_is_said(open_place: Path) -> None:
    (open_place / "dev.json").write_text(TEXT)
    with an_ordinary_user(open_place):
        (open_place / "dev.json").chmod(0)
        with pytest.raises(StateError, match="cannot read") as caught:
            opened(open_place)
    assert "the right to read" in caught.value.hint


WRITING = """
import resource, sys
from pathlib import Path
from umetrics.errors import StateError
from umetrics.state import Receipt, StateStore
store = StateStore(Path(sys.argv[1]), "dev")
store.open(deployment="UserMetrics/dev", account="111122223333", region="us-east-1")
store.record(Receipt("vpc", "Vpc", "vpc-2"))
resource.setrlimit(resource.RLIMIT_FSIZE, (len(store.path.read_bytes()), resource.RLIM_INFINITY))
try:
    store.record(Receipt("subnet/public-a", "Subnet", "subnet-1"))
except StateError as error:
    print(error.message, error.hint, store.state.serial)
"""


def test_a_write_that_the_system_breaks_off_half_way_leaves_the_last_whole_file(
    folder: Path,
) -> None:
    """A limit on the size of files is as good as a full disk: some bytes go in, the rest do not."""
    done = subprocess.run(
        (sys.executable, "-c", WRITING, folder),
        cwd=SOURCES,
        capture_output=True,
        text=True,
        check=True,
    )
    assert os.strerror(errno.EFBIG) in done.stdout
    assert "ulimit -f" in done.stdout
    assert done.stdout.endswith(" 8\n")
    assert opened(folder).state.receipts["vpc"].id == "vpc-2"
    assert {each.name for each in folder.iterdir()} == {"dev.json", "dev.json.bak"}


def test_a_holder_who_writes_nonsense_is_a_holder_all_the_same(folder: Path) -> None:
    nonsense = (
        '{"id": "1", "who": "\\u001b[2J", "pid": Infinity, "command": "", "since": ""}',
        '{"id": "1", "who": "a", "pid": 1, "command": "x", "since": "9999-99-99T00:00:00Z"}',
        "[" * 10_000,
        "\x00" * 20_000,
    )
    with StageLock(folder, "dev", "up") as lock:
        for text in nonsense:
            lock.path.write_text(text)
            with pytest.raises(LockHeld, match="another process"), StageLock(folder, "dev", "up"):
                pass


MAKERS: tuple[Callable[[Path, str], object], ...] = (
    StateStore,
    lambda folder, stage: StageLock(folder, stage, "up"),
)
LOOK_ALIKES = ("d\N{CYRILLIC SMALL LETTER IE}v", "\N{FULLWIDTH LATIN SMALL LETTER D}ev")


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("stage", ["dev\x00", *LOOK_ALIKES, "d" * 300, ".", "..", "x.json", "-x"])
def test_no_stage_leads_out_of_the_folder(
    folder: Path, make: Callable[[Path, str], object], stage: str
) -> None:
    with pytest.raises(UsageError, match="cannot be a stage"):
        make(folder, stage)
