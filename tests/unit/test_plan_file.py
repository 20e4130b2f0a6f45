"""A kept plan is applied only while it is the plan of today; a file is believed in nothing."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.toy import KINDS, Door, Ground, House, Lamp, World, village
from umetrics.config import Config, load
from umetrics.errors import StalePlan, UmetricsError, UsageError, WouldOverwrite
from umetrics.plan_file import Circumstances, KeptPlan, read_plan_file, write_plan_file
from umetrics.plan_file.comparison import digest
from umetrics.provision.model import Shared
from umetrics.provision.plan import Plan, plan_up
from umetrics.provision.selection import Selection, Wish

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ACCOUNT, REGION = "111111111111", "us-east-1"


def config(folder: Path, text: str = "", stage: str = "dev") -> Config:
    path = folder / "umetrics.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return load(stage, path=path, environment={})


def here(folder: Path, text: str = "") -> Circumstances:
    return Circumstances.of(config(folder, text), ACCOUNT, REGION, sandbox=False)


def drawn(world: World, *houses: str, prune: bool = False) -> Plan:
    return plan_up(village(*houses), world.snapshot(), KINDS, prune=prune)


def write(path: Path, plan: Plan, now: Circumstances, selection: Selection | None = None) -> None:
    write_plan_file(path, plan, now, wish=Wish(selection=selection or Selection()), at=NOON)


@pytest.fixture
def world() -> World:
    """A village with a door too many and without its lamp."""
    world = World()
    ground = world.put("ground", Ground())
    doors = frozenset({Door("south", "garden", "door-1", ours=True)})
    world.put("house/a", House(ground.id, doors=doors))
    return world


@pytest.fixture
def path(tmp_path: Path, world: World) -> Path:
    """A plan of two houses, kept."""
    path = tmp_path / "dev.plan"
    write(path, drawn(world, "a", "b"), here(tmp_path))
    return path


def insist(kept: KeptPlan, now: Circumstances, plan: Plan) -> None:
    kept.insist_on_circumstances(now)
    kept.insist_on_steps(plan)


def refusal(kept: KeptPlan, now: Circumstances, plan: Plan) -> list[str]:
    """The differences that are told."""
    with pytest.raises(StalePlan) as refused:
        insist(kept, now, plan)
    first, *differences = refused.value.message.splitlines()
    assert first.endswith("is not the plan that is drawn now, nothing was touched:")
    assert "umetrics plan --out" in refused.value.hint
    return [each.strip() for each in differences]


def test_the_same_plan_drawn_again_is_the_plan_in_the_file(path: Path, world: World) -> None:
    insist(read_plan_file(path), here(path.parent), drawn(world, "a", "b"))


def test_a_plan_file_is_private_and_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "dev.plan"
    write(path, drawn(World(), "a", "b"), here(tmp_path))
    path.write_text(path.read_text().replace("house/b", "house/c"))
    path.chmod(0o644)
    write(path, drawn(World(), "a"), here(tmp_path))
    assert "house/c" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["created_at"] == "2026-03-14T12:00:00Z"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["dev.plan", "umetrics.toml"]


def test_a_file_keeps_how_its_plan_was_asked_for(tmp_path: Path) -> None:
    path, selection = tmp_path / "dev.plan", Selection(("house/*",), ("lamp",))
    for wish in (Wish(prune=True, selection=selection), Wish(prune_rules=True)):
        write_plan_file(path, drawn(World(), "a"), here(tmp_path), wish=wish, at=NOON)
        assert read_plan_file(path).wish == wish


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account", "222222222222"),
        ("region", "eu-west-1"),
        ("stage", "prod"),
        ("deployment", "Other/dev"),
        ("umetrics", "9.9.9"),
    ],
)
def test_a_plan_of_another_place_or_version_is_refused(
    path: Path, world: World, field: str, value: str
) -> None:
    then = here(path.parent)
    now = Circumstances(**{**dataclasses.asdict(then), field: value})
    (told,) = refusal(read_plan_file(path), now, drawn(world, "a", "b"))
    assert told == f"{field} {getattr(then, field)} then, {value} now"


def test_a_plan_of_the_sandbox_is_refused_outside(path: Path, world: World) -> None:
    now = dataclasses.replace(here(path.parent), sandbox=True)
    told = refusal(read_plan_file(path), now, drawn(world, "a", "b"))
    assert told == ["sandbox false then, true now"]


def test_a_setting_that_changed_since_refuses_the_plan(path: Path, world: World) -> None:
    now = here(path.parent, 'owner = "team@example.org"')
    (told,) = refusal(read_plan_file(path), now, drawn(world, "a", "b"))
    assert "the configuration has changed since" in told


def test_another_folder_profile_or_way_of_writing_the_same_settings_refuses_nothing(
    path: Path, world: World
) -> None:
    elsewhere = here(path.parent / "elsewhere", '# the default\nproject = "UserMetrics"')
    assert elsewhere == here(path.parent)
    profile = here(path.parent, 'profile = "ci"\nregion = "us-east-1"')
    insist(read_plan_file(path), profile, drawn(world, "a", "b"))


def _moved(world: World) -> None:
    world.change(world.of("ground"), spec=Ground(size=3))


def _gone(world: World) -> None:
    world.things.pop(world.of("house/a").id)


def _made(world: World) -> None:
    world.put("lamp", Lamp())


def _made_again(world: World) -> None:
    ground, house = world.of("ground"), world.of("house/a")
    world.things.pop(house.id)
    world.put("house/a", House(ground.id, doors=house.spec.doors))


def _untagged(world: World) -> None:
    house = world.of("house/a")
    world.change(house, tags={key: text for key, text in house.tags.items() if key != "Owner"})


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (_moved, ["ground: none in the file, update now (size 3 becomes 1)"]),
        (_gone, ["house/a: update in the file, create now"]),
        (_made, ["lamp: create in the file, none now"]),
        (_made_again, ["house/a: update as in the file, but with other id"]),
        (_untagged, ["house/a: update as in the file, but with other missing_tags"]),
    ],
)
def test_what_changed_since_is_told_and_nothing_is_done(
    path: Path, world: World, happens: Callable[[World], None], told: list[str]
) -> None:
    happens(world)
    assert refusal(read_plan_file(path), here(path.parent), drawn(world, "a", "b")) == told


def test_steps_that_came_or_went_are_told(path: Path, world: World) -> None:
    told = refusal(read_plan_file(path), here(path.parent), drawn(world, "a", "c"))
    assert told == [
        "house/b: create in the file, and no part of the plan now",
        "house/c: create now, and not in the file",
        "lamp: create as in the file, but with other requires",
    ]


def test_another_thing_in_the_place_of_one_that_is_shared_refuses_the_plan(tmp_path: Path) -> None:
    road, detour = (Shared("road", "Road", "road", id_) for id_ in ("road-1", "road-2"))
    plan = dataclasses.replace(drawn(World(), "a"), shared=(road,))
    write(tmp_path / "dev.plan", plan, here(tmp_path))
    kept = read_plan_file(tmp_path / "dev.plan")
    insist(kept, here(tmp_path), plan)
    moved = dataclasses.replace(plan, shared=(detour,))
    assert refusal(kept, here(tmp_path), moved) == [
        "road: shared as in the file, but with other id"
    ]


def test_what_others_put_beside_ours_meanwhile_refuses_nothing(path: Path, world: World) -> None:
    house = world.of("house/a")
    doors = house.spec.doors | {Door("north", "street", "door-2")}
    world.change(house, spec=dataclasses.replace(house.spec, doors=doors, mood="loud"))
    insist(read_plan_file(path), here(path.parent), drawn(world, "a", "b"))


def edited(path: Path, change: Callable[[dict[str, Any]], object], *, sealed: bool) -> None:
    """Somebody edits the file, and perhaps knows how to compute the digest."""
    content = json.loads(path.read_text())
    change(content)
    if sealed:
        content.pop("digest")
        content["digest"] = digest(content)
    path.write_text(json.dumps(content))


def test_a_file_edited_by_hand_is_refused_by_its_digest(path: Path) -> None:
    edited(path, lambda c: c["steps"]["lamp"].update(action="delete"), sealed=False)
    with pytest.raises(StalePlan, match="was changed since it was written"):
        read_plan_file(path)


def test_a_file_forged_whole_is_refused_by_the_plan_of_today(path: Path, world: World) -> None:
    edited(path, lambda c: c["steps"]["lamp"].update(action="delete"), sealed=True)
    told = refusal(read_plan_file(path), here(path.parent), drawn(world, "a", "b"))
    assert told == ["lamp: delete in the file, create now"]


def test_a_forged_step_may_say_more_and_say_it_at_length(path: Path, world: World) -> None:
    edited(path, lambda c: c["steps"]["lamp"].update(more=1), sealed=True)
    told = refusal(read_plan_file(path), here(path.parent), drawn(world, "a", "b"))
    assert told == ["lamp: create as in the file, but with other more"]
    edited(path, lambda c: c["drawn_for"].update(account="1" * 999), sealed=True)
    told = refusal(read_plan_file(path), here(path.parent), drawn(world, "a", "b"))
    assert told == [f"account {'1' * 60}... then, {ACCOUNT} now"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda c: c.update(steps=[]), "steps: expected an object"),
        (lambda c: c["steps"].update(lamp=7), 'steps["lamp"]: expected an object'),
        (lambda c: c.update(prune="yes"), "prune: expected true or false"),
        (lambda c: c.update(targets="vpc"), "targets: expected a list"),
        (lambda c: c.update(excluded=[1]), "excluded[0]: expected a text"),
        (lambda c: c.update(drawn_for=None), "drawn_for: expected an object"),
        (lambda c: c.update(more=1), "'more' is unknown"),
        (lambda c: c.pop("steps"), "'steps' is missing"),
        (lambda c: c.update(kind="plan"), "expected a plan file"),
    ],
)
def test_a_forged_file_of_another_shape_is_explained(
    path: Path, change: Callable[[dict[str, Any]], object], problem: str
) -> None:
    edited(path, change, sealed=True)
    with pytest.raises(UsageError) as refused:
        read_plan_file(path)
    assert problem in refused.value.message


def test_a_file_of_another_schema_says_so(path: Path) -> None:
    edited(path, lambda c: c.update(schema_version=2), sealed=True)
    with pytest.raises(StalePlan, match="schema version 2, and this umetrics"):
        read_plan_file(path)


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 900, b"\xff", b"{}", b"7", b"null"])
def test_what_is_no_plan_file_is_one_error(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError):
        read_plan_file(path)


def test_a_deep_value_in_a_forged_file_is_one_error(path: Path) -> None:
    for depth in range(600, 1000, 40):
        text = path.read_text().replace('"created_at": "', f'"created_at": {"[" * depth}')
        text = text.replace('Z",', f"1{']' * depth},", 1).replace("2026-03-14T12:00:00", "")
        path.with_name("deep").write_text(text)
        with pytest.raises(UmetricsError):
            read_plan_file(path.with_name("deep"))


def test_a_truncated_file_is_one_error_wherever_it_was_cut(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, len(whole) // 50):
        path.write_bytes(whole[:length])
        with pytest.raises(UsageError):
            read_plan_file(path)


def test_an_empty_file_says_that_it_is_empty(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(UsageError, match=r"dev\.plan is empty"):
        read_plan_file(path)


def test_a_huge_file_is_not_even_read(path: Path) -> None:
    os.truncate(path, 1 << 40)
    with pytest.raises(UsageError, match="1099511627776 bytes"):
        read_plan_file(path)


def test_a_link_a_folder_a_pipe_and_nothing_are_each_explained(tmp_path: Path, path: Path) -> None:
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(path)
    os.mkfifo(pipe)
    for wrong, why in (
        (link, "it is a symbolic link"),
        (tmp_path, "is not a plain file"),
        (pipe, "is not a plain file"),
        (tmp_path / "none", "No such file"),
    ):
        with pytest.raises(UsageError, match=why) as refused:
            read_plan_file(wrong)
        assert refused.value.hint


def test_where_no_file_can_be_written_the_reason_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        write(tmp_path / "none" / "dev.plan", drawn(World(), "a"), here(tmp_path))


def test_what_is_no_plan_file_is_never_replaced(tmp_path: Path, path: Path) -> None:
    config(tmp_path, 'owner = "team@example.org"')
    link, dangling, pipe = (tmp_path / name for name in ("link", "dangling", "pipe"))
    link.symlink_to(path)
    dangling.symlink_to(tmp_path / "none")
    os.mkfifo(pipe)
    (tmp_path / "empty").touch()
    before = {each: (each.lstat().st_mode, each.lstat().st_ino) for each in tmp_path.iterdir()}
    for wrong in (*before.keys() - {path}, tmp_path, Path("/dev/null")):
        with pytest.raises(WouldOverwrite, match="is no plan file; it was left alone"):
            write(wrong, drawn(World(), "a"), Circumstances("", "", "", "", False, ""))
    assert before == {
        each: (each.lstat().st_mode, each.lstat().st_ino) for each in tmp_path.iterdir()
    }
