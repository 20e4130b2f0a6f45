"""Between what the engine finds and what the state file keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.toy import DEPLOYMENT, KINDS, Ground, House, Lamp, World
from umetrics.provision.journal import Journal
from umetrics.provision.model import Found, Phase, Snapshot
from umetrics.provision.observe import Known
from umetrics.provision.resources import KINDS as KINDS_OF_AWS
from umetrics.provision.resources.elastic_ip import ElasticIp
from umetrics.provision.resources.subnet import Subnet
from umetrics.receipts import StoreJournal, known_resources, receipts_of
from umetrics.state import Receipt, State, StateStore

LINEAGE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def store(tmp_path: Path) -> StateStore:
    """A store as a new run opens it."""
    return opened(tmp_path)


def opened(folder: Path) -> StateStore:
    store = StateStore(folder, "dev")
    store.open(deployment=DEPLOYMENT, account="123456789012", region="us-east-1")
    return store


@pytest.fixture
def journal(store: StateStore) -> Journal:
    return StoreJournal(store)


def state(*receipts: Receipt) -> State:
    by_key = {receipt.key: receipt for receipt in receipts}
    return State(DEPLOYMENT, "123456789012", "us-east-1", LINEAGE, 1, "0.1", by_key)


@pytest.fixture
def world() -> World:
    return World()


def test_without_a_state_nothing_is_known() -> None:
    assert known_resources(None) == {}


def test_a_receipt_is_known_by_kind_id_and_members() -> None:
    receipt = Receipt("house", "House", "house-1", "arn:x", ("ann",))
    assert known_resources(state(receipt)) == {"house": Known("House", "house-1", ("ann",))}


def test_everything_found_gets_a_receipt(world: World) -> None:
    ground = world.put("ground", Ground(), arn="arn:ground")
    house = world.put("house", House(ground.id))
    assert receipts_of(world.snapshot(), KINDS, state()) == {
        "ground": Receipt("ground", "Ground", ground.id, "arn:ground"),
        "house": Receipt("house", "House", house.id),
    }


def test_receipts_tell_the_zone_of_a_subnet_and_the_address_of_an_elastic_ip() -> None:
    specs = {
        "subnet/public-a": Subnet("vpc-1", "10.0.0.0/27", "use1-az1"),
        "elastic-ip/nat": ElasticIp("192.0.2.1"),
        "elastic-ip/nat-b": ElasticIp(),
    }
    found = {key: (Found(key, spec, {}),) for key, spec in specs.items()}
    receipts = receipts_of(Snapshot(DEPLOYMENT, found), KINDS_OF_AWS, state())
    assert {key: dict(receipt.attributes) for key, receipt in receipts.items()} == {
        "subnet/public-a": {"zone": "use1-az1"},
        "elastic-ip/nat": {"public_ip": "192.0.2.1"},
        "elastic-ip/nat-b": {},
    }


def test_the_living_one_of_a_key_gets_the_receipt(world: World) -> None:
    world.put("lamp", Lamp(), phase=Phase.LEAVING)
    new = world.put("lamp", Lamp())
    assert receipts_of(world.snapshot(), KINDS, state())["lamp"].id == new.id


def test_what_is_dying_keeps_its_receipt_until_it_is_gone(world: World) -> None:
    old = world.put("lamp", Lamp(), phase=Phase.LEAVING)
    assert receipts_of(world.snapshot(), KINDS, state())["lamp"].id == old.id


def test_receipts_name_the_members_that_are_ours_and_nothing_that_is_gone(world: World) -> None:
    house = world.put("house", House("ground-1"))
    before = state(
        Receipt("house", "House", "house-old"),
        Receipt("lamp", "Lamp", "lamp-1"),
    )
    snapshot = world.snapshot(owned={"house": frozenset({"ann"})})
    assert receipts_of(snapshot, KINDS, before) == {
        "house": Receipt("house", "House", house.id, members=("ann",))
    }


def test_what_carries_another_identity_keeps_its_receipt(world: World) -> None:
    stranger = world.put("lamp", Lamp(), tags={"umetrics:deployment": "other/dev"})
    receipt = Receipt("lamp", "Lamp", stranger.id)
    snapshot = world.snapshot(estranged={"lamp": stranger})
    assert receipts_of(snapshot, KINDS, state(receipt)) == {"lamp": receipt}


def test_an_intent_is_in_the_file_before_anything_is_sent(
    store: StateStore, journal: Journal
) -> None:
    assert journal.intend("ground", "Ground", "token-1") == "token-1"
    read = store.read()
    assert read is not None
    assert read.intents["ground"].token == "token-1"
    assert read.intents["ground"].kind == "Ground"


def test_an_unfinished_intent_is_resumed_with_its_token_by_the_next_run(
    journal: Journal, tmp_path: Path
) -> None:
    journal.intend("ground", "Ground", "token-1")
    next_run = StoreJournal(opened(tmp_path))
    assert next_run.intend("ground", "Ground", "token-2") == "token-1"


def test_the_intent_of_another_kind_is_not_resumed(journal: Journal) -> None:
    journal.intend("ground", "Lamp", "token-1")
    assert journal.intend("ground", "Ground", "token-2") == "token-2"


def test_a_renewed_token_is_the_one_to_resume_with(journal: Journal, store: StateStore) -> None:
    journal.intend("ground", "Ground", "token-1")
    journal.renew("ground", "Ground", "token-2")
    assert store.state.intents["ground"].token == "token-2"
    assert journal.intend("ground", "Ground", "token-3") == "token-2"


def test_recording_keeps_the_id_and_closes_the_intent(
    journal: Journal, store: StateStore, world: World
) -> None:
    journal.intend("house", "House", "token-1")
    house = world.put("house", House("ground-1"), arn="arn:house")
    journal.record("house", "House", house, frozenset({"bob", "ann"}))
    read = store.read()
    assert read is not None
    assert read.intents == {}
    made = read.receipts["house"].made
    assert made
    assert read.receipts == {
        "house": Receipt("house", "House", house.id, "arn:house", ("ann", "bob"), made)
    }


def test_what_is_recorded_again_was_still_made_when_it_was_made(
    journal: Journal, store: StateStore, world: World
) -> None:
    journal.intend("house", "House", "token-1")
    house = world.put("house", House("ground-1"))
    journal.record("house", "House", house, frozenset({"ann"}))
    made = store.state.receipts["house"].made
    journal.record("house", "House", house, frozenset())
    assert store.state.receipts["house"].made == made != ""


def test_what_was_there_before_was_not_made_now(
    journal: Journal, store: StateStore, world: World
) -> None:
    journal.record("house", "House", world.put("house", House("ground-1")), ())
    assert store.state.receipts["house"].made == ""


def test_a_token_is_not_used_again_once_its_create_is_recorded(
    journal: Journal, world: World
) -> None:
    journal.intend("ground", "Ground", "token-1")
    journal.record("ground", "Ground", world.put("ground", Ground()), ())
    assert journal.intend("ground", "Ground", "token-2") == "token-2"


def test_what_is_forgotten_has_neither_receipt_nor_intent(
    journal: Journal, store: StateStore, world: World
) -> None:
    journal.record("ground", "Ground", world.put("ground", Ground()), ())
    journal.intend("ground", "Ground", "token-1")
    journal.forget("ground")
    assert store.state.receipts == {}
    assert store.state.intents == {}
