"""The state store on a real file system, with faults put into it."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import umetrics
from umetrics.errors import StateError, StateTooNew, UsageError, WrongAccount
from umetrics.state import Intent, Receipt, StateStore, disk

ACCOUNT = "111122223333"
VPC = Receipt("vpc", "vpc", "vpc-1")
SUBNET = Receipt("subnet/public-a", "subnet", "subnet-1")
INTENT = Intent("vpc", "vpc", "", "2026-03-01T09:30:00Z")
SOURCES = Path(umetrics.__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


def opened(folder: Path) -> StateStore:
    """A store as a new run opens it."""
    store = StateStore(folder, "dev")
    store.open(deployment="UserMetrics/dev", account=ACCOUNT, region="us-east-1")
    return store


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@dataclass
class Fault:
    """Lets a function of `os` fail while `armed`."""

    patch: pytest.MonkeyPatch

    def arm(self, function: str, code: int, *, on_folders_only: bool = False) -> None:
        original = getattr(os, function)

        def failing(target: object, *others: object, **named: object) -> object:
            if on_folders_only and not (
                isinstance(target, int) and stat.S_ISDIR(os.fstat(target).st_mode)
            ):
                return original(target, *others, **named)
            raise OSError(code, os.strerror(code))

        self.patch.setattr(os, function, failing)

    def disarm(self) -> None:
        self.patch.undo()


@pytest.fixture
def fault() -> Iterator[Fault]:
    with pytest.MonkeyPatch.context() as patch:
        yield Fault(patch)


def test_making_reading_and_opening_a_store_touches_nothing(folder: Path) -> None:
    store = opened(folder)
    assert StateStore(folder, "dev").read() is None
    assert store.path == folder / "dev.json"
    assert store.state.serial == 0
    assert not folder.exists()


def test_the_state_is_not_to_be_had_before_the_store_is_opened(folder: Path) -> None:
    with pytest.raises(RuntimeError):
        _ = StateStore(folder, "dev").state


def test_what_is_recorded_is_there_for_the_next_run(folder: Path) -> None:
    store = opened(folder)
    store.intend(INTENT)
    assert opened(folder).state.intents == {"vpc": INTENT}
    store.record(VPC)
    again = opened(folder).state
    assert again == store.state
    assert again.receipts == {"vpc": VPC}
    assert again.intents == {}
    assert again.serial == 2
    assert again.written_by == umetrics.__version__


def test_whoever_writes_last_has_written_the_file(folder: Path) -> None:
    store = opened(folder)
    store.record(VPC)
    older = store.path.read_text().replace(f'"{umetrics.__version__}"', '"0.0.1"')
    store.path.write_text(older)
    assert opened(folder).state.written_by == "0.0.1"
    opened(folder).record(SUBNET)
    assert opened(folder).state.written_by == umetrics.__version__


def test_lineage_outlives_the_last_receipt(folder: Path) -> None:
    store = opened(folder)
    store.record(VPC)
    store.forget("vpc")
    again = opened(folder)
    assert again.state.lineage == store.state.lineage
    assert again.state.receipts == {}
    again.record(SUBNET)
    assert again.state.serial == 3


def test_abandoning_and_replacing_reach_the_disk(folder: Path) -> None:
    store = opened(folder)
    store.intend(INTENT)
    store.replace_receipts({SUBNET.key: SUBNET})
    assert opened(folder).state.receipts == {SUBNET.key: SUBNET}
    store.abandon("vpc")
    assert opened(folder).state.intents == {}


def test_a_change_that_changes_nothing_writes_nothing(folder: Path) -> None:
    store = opened(folder)
    store.record(VPC)
    inode, serial = store.path.stat().st_ino, store.state.serial
    store.record(VPC)
    store.forget("subnet/public-a")
    store.abandon("vpc")
    store.replace_receipts({"vpc": VPC})
    assert (store.path.stat().st_ino, store.state.serial) == (inode, serial)
    opened(folder).record(VPC)
    assert files(folder) == {"dev.json"}


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_files_are_private_whatever_the_umask(folder: Path, umask: int) -> None:
    folder.mkdir()
    before = os.umask(umask)
    try:
        opened(folder).record(VPC)
        opened(folder).record(SUBNET)
    finally:
        os.umask(before)
    assert mode(folder / "dev.json") == 0o600
    assert mode(folder / "dev.json.bak") == 0o600


def test_a_new_folder_is_private(folder: Path) -> None:
    opened(folder).record(VPC)
    assert mode(folder) == 0o700


def test_a_folder_that_another_run_makes_at_the_same_moment_will_do(
    folder: Path, fault: Fault
) -> None:
    look = Path.is_dir

    def look_too_early(path: Path) -> bool:
        if path != folder or folder.exists():
            return look(path)
        folder.mkdir()
        return False

    fault.patch.setattr(Path, "is_dir", look_too_early)
    opened(folder).record(VPC)
    assert files(folder) == {"dev.json"}


def test_a_folder_above_that_cannot_be_synced_keeps_nobody_from_making_one(
    folder: Path, fault: Fault
) -> None:
    fault.arm("fsync", errno.EACCES, on_folders_only=True)
    disk.make_folder(folder)
    assert folder.is_dir()


def test_a_file_that_others_could_read_is_private_after_the_next_write(folder: Path) -> None:
    opened(folder).record(VPC)
    (folder / "dev.json").chmod(0o644)
    opened(folder).record(SUBNET)
    assert mode(folder / "dev.json") == mode(folder / "dev.json.bak") == 0o600


def test_the_backup_is_the_file_as_it_was_before_the_run(folder: Path) -> None:
    first = opened(folder)
    first.record(VPC)
    assert files(folder) == {"dev.json"}
    before = first.path.read_bytes()
    second = opened(folder)
    second.record(SUBNET)
    second.forget("vpc")
    assert second.backup_path.read_bytes() == before
    before = second.path.read_bytes()
    opened(folder).forget(SUBNET.key)
    assert second.backup_path.read_bytes() == before
    assert files(folder) == {"dev.json", "dev.json.bak"}


@pytest.mark.parametrize(
    ("function", "code", "hint"),
    [
        ("replace", errno.EIO, "check the disk"),
        ("fsync", errno.ENOSPC, "make room"),
        ("open", errno.EROFS, "read-only"),
    ],
)
def test_a_failed_write_leaves_disk_and_memory_as_they_were(
    folder: Path, fault: Fault, function: str, code: int, hint: str
) -> None:
    opened(folder).record(VPC)
    store = opened(folder)
    store.record(replace(VPC, id="vpc-2"))
    before = store.state
    fault.arm(function, code)
    with pytest.raises(StateError) as caught:
        store.record(SUBNET)
    fault.disarm()
    assert caught.value.message == f"cannot write {store.path}: {os.strerror(code)}"
    assert hint in caught.value.hint
    assert store.state == before == opened(folder).state
    assert files(folder) == {"dev.json", "dev.json.bak"}
    store.record(SUBNET)
    assert opened(folder).state.receipts == {"vpc": replace(VPC, id="vpc-2"), SUBNET.key: SUBNET}


def test_what_comes_out_is_what_failed_and_not_the_tidying_up_after_it(
    folder: Path, fault: Fault
) -> None:
    store = opened(folder)
    store.record(VPC)

    def fail_and_then_fail_to_tidy_up(*_: object) -> None:
        fault.arm("unlink", errno.EROFS)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    fault.patch.setattr(os, "replace", fail_and_then_fail_to_tidy_up)
    with pytest.raises(StateError) as caught:
        store.record(SUBNET)
    fault.disarm()
    assert os.strerror(errno.EIO) in caught.value.message


def test_a_fault_that_the_system_does_not_number_is_said_in_its_own_words() -> None:
    unnumbered = disk.failure("read", Path("dev.json"), OSError("the disk fell off"))
    assert unnumbered.message == "cannot read dev.json: the disk fell off"
    assert "check the disk" in unnumbered.hint


def test_what_looks_like_a_leftover_and_cannot_be_removed_is_in_nobodys_way(folder: Path) -> None:
    (folder / "dev.json.1.tmp").mkdir(parents=True)
    opened(folder).record(VPC)
    assert files(folder) == {"dev.json", "dev.json.1.tmp"}


def test_a_failed_backup_stops_the_first_write(folder: Path, fault: Fault) -> None:
    opened(folder).record(VPC)
    store = opened(folder)
    fault.arm("replace", errno.EIO)
    with pytest.raises(StateError):
        store.record(SUBNET)
    fault.disarm()
    assert opened(folder).state.receipts == {"vpc": VPC}
    store.record(SUBNET)
    assert json.loads(store.backup_path.read_text())["receipts"].keys() == {"vpc"}


def test_memory_follows_the_disk_when_only_the_folder_cannot_be_synced(
    folder: Path, fault: Fault
) -> None:
    store = opened(folder)
    store.record(VPC)
    fault.arm("fsync", errno.EIO, on_folders_only=True)
    with pytest.raises(StateError):
        store.record(SUBNET)
    fault.disarm()
    assert store.state == opened(folder).state
    assert SUBNET.key in store.state.receipts


def test_a_file_system_that_cannot_sync_folders_is_good_enough(folder: Path, fault: Fault) -> None:
    fault.arm("fsync", errno.EINVAL, on_folders_only=True)
    opened(folder).record(VPC)
    assert opened(folder).state.receipts == {"vpc": VPC}


def test_a_process_that_dies_before_the_rename_leaves_the_old_file(folder: Path) -> None:
    opened(folder).record(VPC)
    program = (
        "import os, sys; from pathlib import Path; from umetrics.state import *\n"
        "store = StateStore(Path(sys.argv[1]), 'dev')\n"
        f"store.open(deployment='UserMetrics/dev', account='{ACCOUNT}', region='us-east-1')\n"
        "store.record(Receipt('vpc', 'vpc', 'vpc-2'))\n"
        "os.replace = lambda *_: os._exit(9)\n"
        "store.record(Receipt('vpc', 'vpc', 'vpc-3'))\n"
    )
    died = subprocess.run([sys.executable, "-c", program, folder], cwd=SOURCES, check=False)
    assert died.returncode == 9
    assert any(name.endswith(".tmp") for name in files(folder))
    store = opened(folder)
    assert store.state.receipts["vpc"].id == "vpc-2"
    store.record(SUBNET)
    assert files(folder) == {"dev.json", "dev.json.bak"}


def test_records_of_eight_threads_all_land(folder: Path) -> None:
    store = opened(folder)
    start = threading.Barrier(8)

    def work(worker: int) -> None:
        start.wait()
        for number in range(10):
            key = f"subnet/{worker}-{number}"
            store.intend(replace(INTENT, key=key))
            store.record(Receipt(key, "subnet", f"subnet-{worker}-{number}"))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = opened(folder).state
    assert len(state.receipts) == 80
    assert state.intents == {}
    assert state.serial == 160
    assert state == store.state


@pytest.mark.parametrize(
    ("deployment", "account", "region", "named"),
    [
        (
            "UserMetrics/dev",
            "444455556666",
            "us-east-1",
            (f"account {ACCOUNT}", "account 444455556666"),
        ),
        ("UserMetrics/dev", ACCOUNT, "eu-west-1", ("region us-east-1", "region eu-west-1")),
        ("Other/dev", ACCOUNT, "us-east-1", ("deployment UserMetrics/dev", "deployment Other/dev")),
    ],
)
def test_the_file_of_another_account_region_or_deployment_is_refused_naming_both(
    folder: Path, deployment: str, account: str, region: str, named: tuple[str, str]
) -> None:
    opened(folder).record(VPC)
    store = StateStore(folder, "dev")
    with pytest.raises(WrongAccount) as caught:
        store.open(deployment=deployment, account=account, region=region)
    assert caught.value.exit_code == 6
    assert all(name in caught.value.message for name in named)
    with pytest.raises(RuntimeError):
        store.record(SUBNET)


def test_a_broken_file_is_refused_left_alone_and_its_backup_pointed_to(folder: Path) -> None:
    opened(folder).record(VPC)
    path = folder / "dev.json"
    path.write_text("{")
    with pytest.raises(StateError) as caught:
        opened(folder)
    assert str(path) in caught.value.message
    assert "umetrics state rebuild" in caught.value.hint
    assert ".bak" not in caught.value.hint
    (folder / "dev.json.bak").write_text("{}")
    with pytest.raises(StateError) as caught:
        StateStore(folder, "dev").read()
    assert "umetrics state rebuild" in caught.value.hint
    assert str(folder / "dev.json.bak") in caught.value.hint
    assert path.read_text() == "{"


def test_a_broken_file_is_set_aside_and_its_backup_kept(folder: Path) -> None:
    opened(folder).record(VPC)
    opened(folder).record(SUBNET)
    backup = (folder / "dev.json.bak").read_bytes()
    (folder / "dev.json").write_text("{")
    store = StateStore(folder, "dev")
    store.set_aside()
    assert store.read() is None
    assert files(folder) == {"dev.json.bak", "dev.json.unreadable"}
    assert (folder / "dev.json.unreadable").read_text() == "{"
    assert (folder / "dev.json.bak").read_bytes() == backup


def test_a_file_that_cannot_be_set_aside_stays(folder: Path, fault: Fault) -> None:
    opened(folder).record(VPC)
    before = (folder / "dev.json").read_bytes()
    fault.arm("replace", errno.EACCES)
    with pytest.raises(StateError, match="cannot move"):
        StateStore(folder, "dev").set_aside()
    fault.disarm()
    assert (folder / "dev.json").read_bytes() == before


def test_the_file_of_a_newer_umetrics_is_refused(folder: Path) -> None:
    folder.mkdir()
    (folder / "dev.json").write_text('{"schema_version": 99}')
    with pytest.raises(StateTooNew):
        opened(folder)


def test_a_file_in_the_place_of_the_folder_is_explained(folder: Path) -> None:
    store = opened(folder)
    folder.write_text("not a folder")
    with pytest.raises(StateError, match="cannot write") as caught:
        store.record(VPC)
    assert "move it away" in caught.value.hint
    assert store.state.receipts == {}
    with pytest.raises(StateError, match=f"cannot read {store.path}"):
        opened(folder)


@pytest.mark.parametrize("stage", ["", "../x", "Dev", "dev\n", "dév", "1st", "abcdefghij", "a/b"])
def test_a_stage_that_is_no_file_name_is_refused(folder: Path, stage: str) -> None:
    with pytest.raises(UsageError, match="cannot be a stage"):
        StateStore(folder, stage)
