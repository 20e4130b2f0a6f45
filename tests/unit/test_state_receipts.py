"""The values of the state file and its JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from umetrics.errors import StateError, StateTooNew
from umetrics.state import Intent, Receipt, State, from_json, to_json, utc_now
from umetrics.state.clock import age, parse_utc

LINEAGE = "0d9f6c1e-5a43-4f0e-9f0b-0f6f4d1f2a11"
VPC = Receipt("vpc", "vpc", "vpc-1", "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1")
POLICY = Receipt("policy/lambda-emf", "policy", "ANPA1", members=("role-b", "role-a"))
SUBNET = Receipt("subnet/public-a", "Subnet", "subnet-1", attributes={"zone": "use1-az1"})
NAT = Intent("nat-gateway", "nat-gateway", "token-1", "2026-03-01T09:30:00Z")
STATE = State(
    "UserMetrics/dev",
    "111122223333",
    "us-east-1",
    LINEAGE,
    7,
    "0.1.0",
    {VPC.key: VPC, POLICY.key: POLICY},
    {NAT.key: NAT},
)

texts = some.text(min_size=1, max_size=8)
receipts = some.builds(
    Receipt,
    texts,
    texts,
    texts,
    some.text(max_size=8),
    some.lists(texts, max_size=3).map(tuple),
    attributes=some.dictionaries(texts, texts, max_size=2),
)
intents = some.builds(
    Intent,
    texts,
    texts,
    some.text(max_size=8),
    some.datetimes().map(lambda moment: f"{moment.isoformat(timespec='microseconds')}Z"),
)
states = some.builds(
    State,
    texts,
    texts,
    texts,
    some.uuids().map(str),
    some.integers(min_value=0),
    texts,
    some.lists(receipts, max_size=4).map(lambda all_of: {each.key: each for each in all_of}),
    some.lists(intents, max_size=4).map(lambda all_of: {each.key: each for each in all_of}),
)


def read(text: str | bytes) -> State:
    return from_json(text, source="state/dev.json")


def with_change(path: list[str], value: object) -> str:
    """The JSON of STATE with one value replaced."""
    document = json.loads(to_json(STATE))
    place = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return json.dumps(document)


@given(states)
def test_what_is_written_is_read_back_equal(state: State) -> None:
    assert read(to_json(state)) == state
    assert read(to_json(state).encode()) == state


def of_version(version: int) -> dict[str, Any]:
    """STATE as an earlier umetrics wrote it, without the fields that came later."""
    document: dict[str, Any] = json.loads(to_json(STATE))
    document["schema_version"] = version
    del document["shared"]
    for receipt in document["receipts"].values():
        for name in ("made", "attributes")[version - 1 :]:
            del receipt[name]
    return document


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_of_an_earlier_schema_version_is_read(version: int) -> None:
    assert read(json.dumps(of_version(version))) == STATE


@pytest.mark.parametrize(("version", "name"), [(1, "made"), (2, "attributes")])
def test_a_field_of_a_later_schema_version_is_unknown_to_an_earlier(
    version: int, name: str
) -> None:
    document = of_version(version)
    document["receipts"]["vpc"][name] = ""
    with pytest.raises(StateError, match=f"'{name}' is unknown"):
        read(json.dumps(document))


def test_attributes_cannot_be_changed_from_outside() -> None:
    with pytest.raises(TypeError):
        SUBNET.attributes["zone"] = "use1-az2"  # type: ignore[index]
    assert read(to_json(STATE.recorded(SUBNET))).receipts[SUBNET.key] == SUBNET


def test_members_are_a_set_so_their_order_makes_no_difference() -> None:
    assert replace(POLICY, members=("role-a", "role-b", "role-a")) == POLICY
    assert POLICY.members == ("role-a", "role-b")


def test_a_state_cannot_be_changed_from_outside() -> None:
    mine = {VPC.key: VPC}
    state = replace(STATE, receipts=mine)
    mine.clear()
    assert state.receipts == {VPC.key: VPC}
    with pytest.raises(TypeError):
        state.receipts["vpc"] = VPC  # type: ignore[index]


def test_a_receipt_under_another_key_is_refused() -> None:
    with pytest.raises(ValueError, match="stands under the key 'subnet'"):
        replace(STATE, receipts={"subnet": VPC})


@pytest.mark.parametrize(
    ("key", "kind", "id"), [("", "vpc", "vpc-1"), ("vpc", "", "vpc-1"), ("vpc", "vpc", "")]
)
def test_a_receipt_without_key_kind_or_id_is_refused(key: str, kind: str, id: str) -> None:
    with pytest.raises(ValueError, match="a receipt has"):
        Receipt(key, kind, id)


def test_an_intent_without_key_or_time_is_refused() -> None:
    with pytest.raises(ValueError, match="an intent has"):
        Intent("", "vpc", "", utc_now())
    with pytest.raises(ValueError, match="not a UTC time"):
        Intent("vpc", "vpc", "", "2026-03-01 09:30")


def test_a_state_that_could_not_be_read_back_is_refused() -> None:
    for change in ({"account": ""}, {"lineage": "x"}, {"serial": -1}):
        with pytest.raises(ValueError, match="a state has"):
            replace(STATE, **change)


def test_recording_strikes_out_the_intent_of_its_key_only() -> None:
    nat = Receipt("nat-gateway", "nat-gateway", "nat-1")
    after = STATE.recorded(nat)
    assert after.receipts == {**STATE.receipts, "nat-gateway": nat}
    assert after.intents == {}
    assert STATE.recorded(replace(VPC, id="vpc-2")).intents == STATE.intents


def test_forgetting_drops_both_and_abandoning_only_the_intent() -> None:
    both = STATE.recorded(Receipt("nat-gateway", "nat-gateway", "nat-1")).intended(NAT)
    assert "nat-gateway" in both.abandoned("nat-gateway").receipts
    assert both.abandoned("nat-gateway").intents == {}
    assert both.forgotten("nat-gateway").receipts == STATE.receipts
    assert both.forgotten("nat-gateway").intents == {}


def test_replacing_receipts_keeps_the_journal() -> None:
    after = STATE.with_receipts({VPC.key: VPC})
    assert after.receipts == {VPC.key: VPC}
    assert after.intents == STATE.intents


def test_a_change_that_changes_nothing_gives_the_very_same_state() -> None:
    assert STATE.recorded(VPC) is STATE
    assert STATE.intended(NAT) is STATE
    assert STATE.forgotten("subnet/public-a") is STATE
    assert STATE.abandoned("vpc") is STATE
    assert STATE.with_receipts({POLICY.key: POLICY, VPC.key: VPC}) is STATE


@pytest.mark.parametrize("length", [1, 40, 200, len(to_json(STATE)) - 3])
def test_a_truncated_file_is_refused_with_line_and_column(length: int) -> None:
    with pytest.raises(StateError) as caught:
        read(to_json(STATE)[:length])
    assert "state/dev.json: line " in caught.value.message
    assert "umetrics state rebuild" in caught.value.hint


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["serial"], "7", 'serial: expected a whole number, 0 or more, found "7"'),
        (["serial"], True, "serial: expected a whole number, 0 or more, found true"),
        (["serial"], -1, "serial: expected a whole number"),
        (["serial"], 1.5, "serial: expected a whole number"),
        (["account"], 111122223333, "account: expected a text that is not empty"),
        (["region"], "", "region: expected a text that is not empty"),
        (["lineage"], "mine", 'lineage: expected a UUID in lower case, found "mine"'),
        (["receipts"], [], "receipts: expected an object { ... }, found a list"),
        (["receipts", "vpc"], "vpc-1", 'receipts["vpc"]: expected an object { ... }'),
        (["receipts", "vpc", "id"], None, 'receipts["vpc"].id: expected a text'),
        (["receipts", "vpc", "arn"], 5, 'receipts["vpc"].arn: expected a text, found 5'),
        (["receipts", "vpc", "members"], {}, 'receipts["vpc"].members: expected a list'),
        (["receipts", "vpc", "members"], ["a", 1], 'receipts["vpc"].members[1]: expected a text'),
        (["receipts", "vpc", "ids"], "x", 'receipts["vpc"]: expected the fields arn, attributes'),
        (["receipts", ""], {}, 'receipts[""]: expected a resource key that is not empty'),
        (["intents", "nat-gateway", "since"], "today", ".since: expected a UTC time such as"),
        (["intents", "nat-gateway", "since"], "2026-13-01T00:00:00Z", ".since: expected a UTC"),
        (["receipts", "vpc", "made"], "today", 'receipts["vpc"].made: expected a UTC time'),
        (["receipts", "vpc", "made"], 5, 'receipts["vpc"].made: expected a text, found 5'),
        (["intents", "nat-gateway", "token"], [], ".token: expected a text, found a list"),
        (["schema_version"], 0, "schema_version: expected a schema version from 1 to 3"),
        (["receipts", "vpc", "attributes"], [], 'receipts["vpc"].attributes: expected an object'),
        (["receipts", "vpc", "attributes"], {"": "x"}, 'attributes[""]: expected a name that is'),
        (["receipts", "vpc", "attributes"], {"zone": ""}, 'attributes["zone"]: expected a text'),
        (["schema_version"], "1", "schema_version: expected a whole number"),
        (["lineages"], "x", "'lineages' is unknown"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(path: list[str], value: object, message: str) -> None:
    with pytest.raises(StateError) as caught:
        read(with_change(path, value))
    assert caught.value.message.startswith("state/dev.json: ")
    assert message in caught.value.message


def test_the_place_of_a_field_of_the_whole_file_is_its_name() -> None:
    with pytest.raises(StateError, match=r"^state/dev\.json: serial: expected"):
        read(with_change(["serial"], "7"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a whole JSON document"),
        ("null", "the whole file: expected an object { ... }, found null"),
        ("{}", "expected the field schema_version"),
        ('{"schema_version": 1}', "'account' is missing"),
        (b"\xff\xfe{}", "byte 1: expected UTF-8 text"),
        ("[" * 100_000, "expected a JSON document"),
        ('{"serial": ' + "1" * 5000 + "}", "expected a JSON document"),
        ('{"vpc": 1, "vpc": 2}', "the key 'vpc' stands twice in one object"),
        (f"<<<<<<< HEAD\n{to_json(STATE)}", "line 1, column 1"),
    ],
)
def test_what_is_no_state_at_all_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(StateError) as caught:
        read(text)
    assert message in caught.value.message


@pytest.mark.parametrize(("length", "shown"), [(38, '"'), (39, "...")])
def test_a_wrong_value_is_shown_whole_up_to_forty_characters(length: int, shown: str) -> None:
    with pytest.raises(StateError) as caught:
        read(with_change(["lineage"], "x" * length))
    assert caught.value.message.endswith(f'found "{"x" * length}{shown}')


def test_a_long_wrong_value_is_shown_shortened() -> None:
    with pytest.raises(StateError) as caught:
        read(with_change(["lineage"], "x" * 1000))
    assert len(caught.value.message) < 200


def test_the_file_of_a_newer_umetrics_is_refused_whatever_else_it_holds() -> None:
    newer = '{"schema_version": 4, "written_by": "3.1.4", "stacks": []}'
    with pytest.raises(StateTooNew, match=r"written by umetrics 3\.1\.4") as caught:
        read(newer)
    assert caught.value.exit_code == 6
    with pytest.raises(StateTooNew, match="a newer umetrics"):
        read('{"schema_version": 4, "written_by": {}}')


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2026-03-03T09:59:20Z", "40 s"),
        ("2026-03-03T09:59:00Z", "1 min"),
        ("2026-03-03T09:48:00Z", "12 min"),
        ("2026-03-03T09:00:00Z", "1 h 0 min"),
        ("2026-03-03T06:55:00Z", "3 h 5 min"),
        ("2026-03-02T10:00:00Z", "1 d 0 h"),
        ("2026-03-01T06:00:00Z", "2 d 4 h"),
        ("2026-03-04T00:00:00Z", "0 s"),
    ],
)
def test_an_age_is_said_in_the_two_units_that_matter(since: str, expected: str) -> None:
    assert age(since, "2026-03-03T10:00:00Z") == expected


@pytest.fixture
def far_from_greenwich() -> Iterator[None]:
    """A machine whose clock on the wall is nine hours ahead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


def test_the_present_is_a_utc_time_wherever_one_is(far_from_greenwich: None) -> None:
    late = datetime.now(UTC) - parse_utc(utc_now())
    assert abs(late.total_seconds()) < 60
