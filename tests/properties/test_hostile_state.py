"""State files that others have had in their hands: a state, or one explained error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from umetrics.errors import StateError, StateTooNew
from umetrics.state import Intent, Receipt, State, StateStore, from_json, to_json

VPC = Receipt("vpc", "Vpc", "vpc-1", "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1")
POLICY = Receipt("policy/lambda-emf", "ManagedPolicy", "ANPA1", members=("role-a",))
INTENT = Intent("nat-gateway", "NatGateway", "token-1", "2026-03-01T09:30:00Z")
STATE = State(
    "UserMetrics/dev",
    "111122223333",
    "us-east-1",
    "0d9f6c1e-5a43-4f0e-9f0b-0f6f4d1f2a11",
    7,
    "0.1.0",
    {VPC.key: VPC, POLICY.key: POLICY},
    {INTENT.key: INTENT},
)
TEXT = to_json(STATE)

texts = some.text(some.characters(exclude_categories=[]), max_size=12) | some.sampled_from(
    ["../x", "\x00", "\x1b]0;title\x07", "\u202e", "\ud800", "$(reboot)", "9999-12-31T23:59:59Z"]
)
values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | texts,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def places(value: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document, the whole of it first."""
    yield place
    if isinstance(value, dict):
        for key, part in value.items():
            yield from places(part, (*place, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from places(part, (*place, number))


PLACES = list(places(json.loads(TEXT)))


def changed(place: tuple[str | int, ...], value: object, key: str, what: str) -> object:
    """The document with one place replaced, left out, or put under another key."""
    document = json.loads(TEXT)
    if not place:
        return value
    *way, last = place
    parent = document
    for step in way:
        parent = parent[step]
    if what == "replace":
        parent[last] = value
    else:
        taken = parent.pop(last)
        if what == "rename" and isinstance(parent, dict):
            parent[key] = taken
    return document


def read_or_explained(text: str | bytes) -> State | None:
    """The state, or None once an error has named the file and said briefly what to do."""
    try:
        return from_json(text, source="state/dev.json")
    except (StateError, StateTooNew) as caught:
        error = caught
    assert error.message.startswith("state/dev.json: ")
    assert len(error.message) < 1000
    assert error.hint
    return None


@settings(max_examples=300)
@given(
    some.sampled_from(PLACES),
    values,
    texts,
    some.sampled_from(["replace", "remove", "rename"]),
)
def test_whatever_is_changed_by_hand_is_a_state_or_an_explained_error(
    place: tuple[str | int, ...], value: object, key: str, what: str
) -> None:
    text = json.dumps(changed(place, value, key, what))
    state = read_or_explained(text)
    assert state is None or read_or_explained(to_json(state)) == state


@settings(max_examples=300)
@given(some.integers(0, len(TEXT) - 1), some.integers(0, len(TEXT) - 1), some.binary(max_size=8))
def test_whatever_bytes_stand_in_it_it_is_a_state_or_an_explained_error(
    start: int, end: int, bytes_: bytes
) -> None:
    content = TEXT.encode()
    read_or_explained(content[:start] + bytes_ + content[end:])


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


def test_a_file_cut_off_at_any_byte_is_refused_and_left_as_it_is(folder: Path) -> None:
    path = folder / "dev.json"
    content = TEXT.rstrip().encode()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(StateError) as caught:
            opened(folder)
        assert str(path) in caught.value.message
        assert "umetrics state rebuild" in caught.value.hint
        assert path.read_bytes() == content[:length]
    assert [each.name for each in folder.iterdir()] == ["dev.json"]


@pytest.mark.parametrize("since", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_what_was_written_under_another_clock_is_read_and_gone_on_from(
    folder: Path, since: str
) -> None:
    store = opened(folder)
    store.intend(Intent("vpc", "Vpc", "token-2", since))
    assert opened(folder).state.intents["vpc"].token == "token-2"
    store.record(Receipt("vpc", "Vpc", "vpc-2"))
    assert opened(folder).state.serial == 9
