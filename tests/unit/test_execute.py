"""A plan carried out by several workers: order, failures, stopping, signs of life."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.unit.toy import (
    KINDS,
    Clock,
    FakeAws,
    Ground,
    House,
    Lamp,
    Notebook,
    World,
    blueprint,
    handlers,
    village,
    wanted,
)
from umetrics.errors import AwsError, InUse, Throttled, UmetricsError
from umetrics.pool import Workers
from umetrics.provision import execute as execution
from umetrics.provision.events import (
    Done,
    Event,
    Failed,
    Heartbeat,
    Noticed,
    Outcome,
    Skipped,
    Started,
)
from umetrics.provision.execute import execute
from umetrics.provision.model import Blueprint, Phase, Ref
from umetrics.provision.plan import Action, Plan, plan_destroy, plan_up

PATIENCE = 10.0
"""Seconds after which a test that hangs fails instead."""

WORKERS = [1, 8]


@dataclass
class Site:
    """A world in which plans are carried out, and everything that was told about it."""

    world: World = field(default_factory=World)
    clock: Clock = field(default_factory=Clock)
    events: list[Event] = field(default_factory=list)
    threads: set[threading.Thread] = field(default_factory=set)
    on_event: Callable[[Event], None] | None = None

    def __post_init__(self) -> None:
        self.aws = FakeAws(self.clock.patience())
        self.stopping = self.aws.patience.stopping

    def notify(self, event: Event) -> None:
        self.events.append(event)
        self.threads.add(threading.current_thread())
        if self.on_event is not None:
            self.on_event(event)

    def run(self, plan: Plan, workers: int = 8) -> tuple[Outcome, ...]:
        return execute(
            plan,
            handlers(self.world),
            self.aws.as_aws,
            journal=Notebook(self.world),
            notify=self.notify,
            workers=workers,
        )

    def up(self, desired: Blueprint, workers: int = 8) -> tuple[Outcome, ...]:
        return self.run(plan_up(desired, self.world.snapshot(), KINDS), workers)

    def destroy(self, workers: int = 8) -> tuple[Outcome, ...]:
        return self.run(plan_destroy(self.world.snapshot(), KINDS), workers)

    def order(self, method: str) -> list[str]:
        return [key for _, key in self.world.done(method)]


@pytest.fixture
def site() -> Site:
    return Site()


def by_key(outcomes: tuple[Outcome, ...]) -> dict[str, type]:
    return {outcome.key: type(outcome) for outcome in outcomes}


@pytest.mark.parametrize("workers", WORKERS)
def test_everything_is_made_after_what_it_needs(site: Site, workers: int) -> None:
    outcomes = site.up(village("a", "b", "c"), workers)
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    order = site.order("create")
    assert (order[0], order[-1]) == ("ground", "lamp")
    assert sorted(order[1:-1]) == ["house/a", "house/b", "house/c"]


@pytest.mark.parametrize("workers", WORKERS)
def test_everything_is_taken_away_before_what_it_needs(site: Site, workers: int) -> None:
    site.up(village("a", "b"))
    outcomes = site.destroy(workers)
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    order = site.order("delete")
    assert (order[0], order[-1]) == ("lamp", "ground")
    assert site.world.things == {}


@pytest.mark.parametrize("workers", WORKERS)
def test_up_again_does_nothing(site: Site, workers: int) -> None:
    site.up(village("a"), workers)
    site.world.history.clear()
    site.events.clear()
    assert site.up(village("a"), workers) == ()
    assert site.world.history == []
    assert site.events == []


def test_a_single_worker_does_one_thing_at_a_time(site: Site) -> None:
    others_are_started = threading.Event()

    def wait_for_the_others() -> None:
        assert others_are_started.wait(PATIENCE)

    def listen(event: Event) -> None:
        if isinstance(event, Started) and event.key == "house/f":
            others_are_started.set()

    site.on_event = listen
    site.world.before["create", "house/a"] = [wait_for_the_others]
    site.up(village(*"abcdef"), workers=1)
    assert site.world.most_at_once == 1


def test_what_does_not_depend_on_each_other_runs_at_the_same_time(site: Site) -> None:
    meeting = threading.Barrier(4, timeout=PATIENCE)

    def meet() -> None:
        meeting.wait()

    for name in "abcd":
        site.world.before["create", f"house/{name}"] = [meet]
    outcomes = site.up(village(*"abcd"), workers=4)
    assert set(by_key(outcomes).values()) == {Done}


def test_a_step_starts_as_soon_as_its_own_needs_are_met(site: Site) -> None:
    """There are no waves: the quick branch ends while the slow one has hardly begun."""
    quick_is_done = threading.Event()

    def slow() -> None:
        assert quick_is_done.wait(PATIENCE)

    site.world.before["create", "slow"] = [slow]
    site.world.after["create", "quick/house"] = [quick_is_done.set]
    outcomes = site.up(
        blueprint(
            wanted("slow", Ground()),
            wanted("quick", Ground()),
            wanted("quick/house", House(Ref("quick"))),
        ),
        workers=2,
    )
    assert set(by_key(outcomes).values()) == {Done}


def test_the_longest_chain_is_started_first(site: Site) -> None:
    site.up(
        blueprint(
            wanted("a-plain-ground", Ground()),
            wanted("b-ground-of-a-shed", Ground()),
            wanted("c-ground-of-slow-houses", Ground()),
            wanted("house/1", House(Ref("c-ground-of-slow-houses"))),
            wanted("house/2", House(Ref("house/1"))),
            wanted("house/shed", House(Ref("b-ground-of-a-shed"))),
        ),
        workers=1,
    )
    started = [event.key for event in site.events if isinstance(event, Started)]
    assert started[:3] == ["c-ground-of-slow-houses", "b-ground-of-a-shed", "a-plain-ground"]


def test_one_slow_thing_outweighs_several_quick_ones(site: Site) -> None:
    site.up(
        blueprint(
            wanted("quick/1", Ground()),
            wanted("quick/2", Ground(Ref("quick/1"))),
            wanted("quick/3", Ground(Ref("quick/2"))),
            wanted("under-a-slow-house", Ground()),
            wanted("house", House(Ref("under-a-slow-house"))),
        ),
        workers=1,
    )
    assert site.order("create")[0] == "under-a-slow-house"


def test_outcomes_come_in_the_order_of_the_plan_with_what_was_made(site: Site) -> None:
    outcomes = site.up(village("b", "a"))
    assert [outcome.key for outcome in outcomes] == ["ground", "house/b", "house/a", "lamp"]
    for outcome in outcomes:
        assert isinstance(outcome, Done)
        assert outcome.id == site.world.of(outcome.key).id
        assert outcome.action is Action.CREATE
        assert 0 <= outcome.seconds < PATIENCE
    assert outcomes[1].label == "house"


@pytest.mark.parametrize("workers", WORKERS)
def test_a_failure_skips_what_depends_on_it_and_nothing_else(site: Site, workers: int) -> None:
    site.world.before["create", "ground"] = [AwsError("no room")]
    outcomes = site.up(
        blueprint(
            wanted("ground", Ground()),
            wanted("house/a", House(Ref("ground"))),
            wanted("house/b", House(Ref("house/a"))),
            wanted("other", Ground()),
            wanted("house/other", House(Ref("other"))),
        ),
        workers,
    )
    assert by_key(outcomes) == {
        "ground": Failed,
        "house/a": Skipped,
        "house/b": Skipped,
        "other": Done,
        "house/other": Done,
    }


def test_whatever_is_skipped_names_the_first_cause(site: Site) -> None:
    site.world.before["create", "house/a"] = [AwsError("no room")]
    outcomes = site.up(
        blueprint(
            wanted("ground", Ground()),
            wanted("house/a", House(Ref("ground"))),
            wanted("house/b", House(Ref("house/a"))),
            wanted("house/c", House(Ref("house/b"))),
        )
    )
    because = {each.key: each.because for each in outcomes if isinstance(each, Skipped)}
    assert because == {"house/b": "house/a", "house/c": "house/a"}


def test_a_failed_step_carries_its_error(site: Site) -> None:
    error = AwsError("no room")
    site.world.before["create", "ground"] = [error]
    (failed,) = site.up(blueprint(wanted("ground", Ground())))
    assert isinstance(failed, Failed)
    assert failed.error is error
    assert (failed.label, failed.action) == ("ground", Action.CREATE)
    assert 0 <= failed.seconds < PATIENCE


def test_a_bug_in_a_handler_is_a_failed_step_and_not_the_end(site: Site) -> None:
    bug = RuntimeError("never thought of that")
    site.world.before["create", "ground"] = [bug]
    outcomes = site.up(blueprint(wanted("ground", Ground()), wanted("other", Ground())))
    assert by_key(outcomes) == {"ground": Failed, "other": Done}
    failed = outcomes[0]
    assert isinstance(failed, Failed)
    assert type(failed.error) is UmetricsError
    assert failed.error.message == "RuntimeError: never thought of that"
    assert failed.error.__cause__ is bug
    assert (failed.label, failed.action) == ("ground", Action.CREATE)
    assert 0 <= failed.seconds < PATIENCE


def test_a_second_run_finishes_what_a_failure_left(site: Site) -> None:
    site.world.before["create", "house/a"] = [AwsError("no room")]
    site.up(village("a", "b"))
    assert site.world.keys() == ["ground", "house/b"]
    outcomes = site.up(village("a", "b"))
    assert by_key(outcomes) == {"house/a": Done, "lamp": Done}
    assert site.world.keys() == ["ground", "house/a", "house/b", "lamp"]


# ----------------------------------------------------------------------------------- stopping


@pytest.mark.parametrize("workers", WORKERS)
def test_asked_to_stop_it_starts_nothing_more_and_finishes_what_it_began(
    site: Site, workers: int
) -> None:
    site.world.before["create", "ground"] = [site.stopping.set]
    outcomes = site.up(village("a", "b"), workers)
    assert by_key(outcomes) == {
        "ground": Done,
        "house/a": Skipped,
        "house/b": Skipped,
        "lamp": Skipped,
    }
    assert [each.because for each in outcomes if isinstance(each, Skipped)] == ["", "", ""]
    assert site.world.keys() == ["ground"]


def test_asked_to_stop_it_breaks_waits_off(site: Site) -> None:
    site.world.comes_as = Phase.PENDING

    def slow() -> None:
        site.stopping.set()
        raise Throttled("slow down")

    site.world.before["settle", "ground"] = [slow]
    outcomes = site.up(village("a"))
    assert [each.because for each in outcomes if isinstance(each, Skipped)] == ["", "", ""]
    assert [each.label for each in outcomes] == ["ground", "house", "lamp"]
    assert {each.action for each in outcomes} == {Action.CREATE}
    assert site.world.keys() == ["ground"]


def test_asked_to_stop_before_the_start_it_touches_nothing(site: Site) -> None:
    site.stopping.set()
    outcomes = site.up(village("a"))
    assert set(by_key(outcomes).values()) == {Skipped}
    assert site.world.history == []


# ------------------------------------------------------------------------------------- events


def test_each_step_is_started_and_then_ended_on_the_callers_thread(site: Site) -> None:
    site.up(village("a", "b"))
    assert site.threads == {threading.current_thread()}
    for key in ("ground", "house/a", "house/b", "lamp"):
        told = [type(event) for event in site.events if getattr(event, "key", "") == key]
        assert told == [Started, Done]


def test_every_event_says_what_is_done_to_which_kind_of_thing(site: Site) -> None:
    site.world.before["create", "house/a"] = [AwsError("no room")]
    site.up(village("a"))
    told = {
        (type(event), getattr(event, "label", ""), getattr(event, "action", ""))
        for event in site.events
    }
    assert told == {
        (Started, "ground", Action.CREATE),
        (Done, "ground", Action.CREATE),
        (Started, "house", Action.CREATE),
        (Failed, "house", Action.CREATE),
        (Skipped, "lamp", Action.CREATE),
    }


def test_what_is_skipped_is_told_without_a_start(site: Site) -> None:
    site.world.before["create", "ground"] = [AwsError("no room")]
    site.up(village("a"))
    told = [type(event) for event in site.events if getattr(event, "key", "") == "house/a"]
    assert told == [Skipped]


def test_what_drags_on_is_told_between_start_and_end(site: Site) -> None:
    site.world.put("lamp", Lamp())
    site.world.before["delete", "lamp"] = [InUse("somebody reads by it")] * 100
    site.destroy()
    assert [type(event) for event in site.events] == [Started, Noticed, Done]
    noticed = site.events[1]
    assert isinstance(noticed, Noticed)
    assert (noticed.key, noticed.label, noticed.action) == ("lamp", "lamp", Action.DELETE)


def test_what_needs_nothing_done_is_not_told(site: Site) -> None:
    site.world.put("ground", Ground())
    site.up(village("a"))
    assert "ground" not in {getattr(event, "key", "") for event in site.events}


def test_silence_is_broken_by_a_sign_of_life(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "TICK", 0.001)
    monkeypatch.setattr(execution, "HEARTBEAT", 0.0)
    heard = threading.Event()

    def until_heard() -> None:
        assert heard.wait(PATIENCE)

    def listen(event: Event) -> None:
        if isinstance(event, Heartbeat):
            heard.set()

    site.on_event = listen
    site.world.before["create", "ground"] = [until_heard]
    outcomes = site.up(blueprint(wanted("ground", Ground())))
    assert set(by_key(outcomes).values()) == {Done}
    beat = next(event for event in site.events if isinstance(event, Heartbeat))
    ((started, seconds),) = beat.running
    assert (started.key, started.action) == ("ground", Action.CREATE)
    assert 0 <= seconds < PATIENCE


def test_a_sign_of_life_names_only_what_is_still_running(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "TICK", 0.001)
    monkeypatch.setattr(execution, "HEARTBEAT", 0.0)
    named: list[list[str]] = []
    heard = threading.Event()

    def until_heard() -> None:
        assert heard.wait(PATIENCE)

    def listen(event: Event) -> None:
        if isinstance(event, Heartbeat):
            named.append([started.key for started, _ in event.running])
            if "house" in named[-1]:
                heard.set()

    site.on_event = listen
    site.world.before["create", "house"] = [until_heard]
    site.up(blueprint(wanted("ground", Ground()), wanted("house", House(Ref("ground")))))
    assert ["house"] in named


def test_a_silence_that_has_not_lasted_long_gives_no_sign(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "TICK", 0.001)
    silent = threading.Event()

    class Crew(Workers):
        def next_report(self, timeout: float) -> object | None:
            report = super().next_report(timeout)
            if report is None:
                silent.set()
            return report

    def until_silent() -> None:
        assert silent.wait(PATIENCE)

    monkeypatch.setattr(execution, "Workers", Crew)
    site.world.before["create", "ground"] = [until_silent]
    site.up(blueprint(wanted("ground", Ground())))
    assert [type(event) for event in site.events] == [Started, Done]


def test_a_run_that_is_not_silent_long_enough_gives_no_sign(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "TICK", 0.001)
    site.up(village("a"))
    assert not any(isinstance(event, Heartbeat) for event in site.events)


def test_an_error_of_the_listener_waits_for_the_workers_before_it_comes_out(site: Site) -> None:
    begun, allowed = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        assert allowed.wait(PATIENCE)

    def broken(event: Event) -> None:
        if isinstance(event, Started) and event.key == "other":
            assert begun.wait(PATIENCE)
            allowed.set()
            raise KeyboardInterrupt

    site.on_event = broken
    site.world.before["create", "ground"] = [slow]
    with pytest.raises(KeyboardInterrupt):
        site.up(blueprint(wanted("ground", Ground()), wanted("other", Ground())))
    assert site.world.keys() == ["ground"]
    assert site.world.running == 0


@pytest.mark.parametrize("workers", WORKERS)
def test_a_circle_is_refused_before_anything_happens(site: Site, workers: int) -> None:
    circle = blueprint(wanted("a", House(Ref("b"))), wanted("b", House(Ref("a"))))
    with pytest.raises(ValueError, match="cycle"):
        site.up(circle, workers)
    assert site.world.history == []


@pytest.mark.parametrize("workers", WORKERS)
def test_the_same_village_comes_out_whatever_the_number_of_workers(
    site: Site, workers: int
) -> None:
    desired = village(*"abcdefgh")
    site.up(desired, workers)
    house = site.world.of("house/c")
    site.world.change(house, spec=House(house.spec.ground, floors=9))
    outcomes = site.up(desired, workers)
    assert by_key(outcomes) == {"house/c": Done}
    assert plan_up(desired, site.world.snapshot(), KINDS).is_empty
    assert isinstance(site.world.of("lamp").spec, Lamp)
