"""Two runs that make the same thing at once: at most one is left, and nobody's is taken away."""

from __future__ import annotations

import pytest

from tests.unit.bench import Bench
from tests.unit.toy import OTHER, Ground, ToyHandler, full_tags, wanted
from umetrics.errors import AnswerLost, InUse, LockHeld, NotFound, Twins, UmetricsError
from umetrics.provision.model import Phase
from umetrics.tags import DEPLOYMENT

GROUND = wanted("ground", Ground())


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(ToyHandler, "may_be_doubled", True)
    return Bench()


def a_rival_makes_one_too(bench: Bench) -> None:
    bench.world.after["create", "ground"] = [lambda: bench.world.put("ground", Ground())]


def test_who_sees_the_rivals_takes_its_own_away_and_stops(bench: Bench) -> None:
    a_rival_makes_one_too(bench)

    with pytest.raises(LockHeld, match="ground-0002") as caught:
        bench.up(GROUND)

    assert "ground-0001" in str(caught.value)
    assert list(bench.world.things) == ["ground-0002"]
    assert bench.journal.ids == {}
    assert bench.journal.unfinished == {}


def test_the_next_run_takes_the_rivals_over(bench: Bench) -> None:
    a_rival_makes_one_too(bench)
    with pytest.raises(LockHeld):
        bench.up(GROUND)

    bench.up(GROUND)

    assert list(bench.world.things) == ["ground-0002"]
    assert bench.is_settled(GROUND)


def test_the_id_is_on_record_before_the_look_that_may_break_off(bench: Bench) -> None:
    bench.world.before["find", "ground"] = [UmetricsError("power cut")]
    with pytest.raises(UmetricsError, match="power cut"):
        bench.up(GROUND)
    assert bench.journal.ids == {"ground": "ground-0001"}


def test_what_is_used_already_stays_and_both_are_named(bench: Bench) -> None:
    a_rival_makes_one_too(bench)
    bench.world.before["delete", "ground"] = [InUse("somebody builds on it")]

    with pytest.raises(Twins, match="ground-0002, ground-0001"):
        bench.up(GROUND)

    assert sorted(bench.world.things) == ["ground-0001", "ground-0002"]
    assert bench.journal.ids == {"ground": "ground-0001"}


def test_a_delete_that_does_not_find_what_was_just_made_is_sent_again(bench: Bench) -> None:
    a_rival_makes_one_too(bench)
    bench.world.before["delete", "ground"] = [NotFound("ground-0001 does not exist")] * 3

    with pytest.raises(LockHeld):
        bench.up(GROUND)

    assert list(bench.world.things) == ["ground-0002"]


def test_what_no_delete_finds_is_not_said_to_be_gone(bench: Bench) -> None:
    a_rival_makes_one_too(bench)
    bench.world.before["delete", "ground"] = [NotFound("ground-0001 does not exist")] * 10_000

    with pytest.raises(Twins, match="ground-0002, ground-0001"):
        bench.up(GROUND)

    assert bench.journal.ids == {"ground": "ground-0001"}


@pytest.mark.parametrize("phase", [Phase.LEAVING, Phase.FAILED])
def test_what_is_on_its_way_out_is_no_rivals(bench: Bench, phase: Phase) -> None:
    bench.world.after["create", "ground"] = [
        lambda: bench.world.put("ground", Ground(), phase=phase)
    ]
    bench.up(GROUND)
    assert bench.world.things["ground-0001"].phase is Phase.READY


def test_what_belongs_to_another_deployment_is_no_rivals(bench: Bench) -> None:
    tags = full_tags("ground") | {DEPLOYMENT: OTHER}
    bench.world.after["create", "ground"] = [lambda: bench.world.put("ground", Ground(), tags=tags)]
    bench.up(GROUND)
    assert len(bench.world.things) == 2


def test_a_lost_answer_between_two_is_never_a_choice(bench: Bench) -> None:
    bench.world.after["create", "ground"] = [lambda: _put_and_lose(bench)]

    with pytest.raises(Twins, match="ground-0001, ground-0002"):
        bench.up(GROUND)

    assert sorted(bench.world.things) == ["ground-0001", "ground-0002"]


def _put_and_lose(bench: Bench) -> None:
    bench.world.put("ground", Ground())
    raise AnswerLost("no answer")


def test_a_kind_that_aws_itself_keeps_single_costs_no_look(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ToyHandler, "may_be_doubled", False)
    bench.up(GROUND)
    assert bench.world.done("find") == []
