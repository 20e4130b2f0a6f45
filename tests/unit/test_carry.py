"""One step carried out: in which order, and what is done about each thing that can go wrong."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.unit.bench import Bench
from tests.unit.toy import (
    DEPLOYMENT,
    KINDS,
    OTHER,
    Door,
    Ground,
    House,
    Lamp,
    ToyHandler,
    full_tags,
    wanted,
)
from umetrics.errors import (
    AccessDenied,
    AlreadyExists,
    AnswerLost,
    AwsError,
    Conflict,
    Interrupted,
    InUse,
    NotFound,
    NotOurs,
    NotYetPropagated,
    Throttled,
    TimedOut,
    UmetricsError,
)
from umetrics.provision import carry
from umetrics.provision.absence import BELIEVED_ABSENT_AFTER
from umetrics.provision.attempts import Attempts
from umetrics.provision.create import CREATE_TRIES
from umetrics.provision.events import Noticed
from umetrics.provision.model import Found, Part, Phase, Ref, Where
from umetrics.provision.plan import Action, Plan, Step, plan_destroy, plan_up

if TYPE_CHECKING:
    from umetrics.aws import Aws

HOUSE = wanted("house", House(Ref("ground"), guests=frozenset({"ann"})))
GROUND = wanted("ground", Ground())
LOST = AnswerLost("no answer")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_create_is_journalled_then_recorded_then_settled_then_updated(bench: Bench) -> None:
    bench.world.put("ground", Ground())
    bench.world.comes_as = Phase.PENDING
    made = bench.up(GROUND, HOUSE)
    assert bench.world.history == [
        ("intend", "house"),
        ("create", "house"),
        ("record", "house"),
        ("settle", "house"),
        ("update", "house"),
    ]
    assert bench.world.of("house").id == made
    assert bench.journal.ids == {"house": made}
    assert bench.is_settled(GROUND, HOUSE)


def test_references_become_the_ids_that_were_made_just_before(bench: Bench) -> None:
    bench.up(GROUND, HOUSE)
    assert bench.world.of("house").spec.ground == bench.world.of("ground").id


def test_what_is_complete_when_created_is_not_updated(bench: Bench) -> None:
    bench.up(GROUND)
    assert bench.world.done("settle", "update", "retag") == []


def test_a_create_that_fails_later_leaves_its_receipt_behind(bench: Bench) -> None:
    bench.world.comes_as = Phase.PENDING
    bench.world.before["settle", "ground"] = [AwsError("it failed")]
    with pytest.raises(AwsError, match="it failed"):
        bench.up(GROUND)
    assert bench.journal.ids == {"ground": bench.world.of("ground").id}


def test_the_names_to_be_put_on_it_are_recorded_before_they_are_there(bench: Bench) -> None:
    bench.world.before["update", "house"] = [AwsError("lost power")]
    with pytest.raises(AwsError):
        bench.up(GROUND, HOUSE)
    assert bench.world.of("house").spec.guests == frozenset()
    assert bench.journal.members["house"] == {"ann"}


def test_a_name_that_is_to_go_stays_recorded_until_it_is_gone(bench: Bench) -> None:
    ground = bench.world.put("ground", Ground())
    bench.world.put("house", House(ground.id, guests=frozenset({"bob"})))
    bench.world.before["update", "house"] = [AwsError("lost power")]
    with pytest.raises(AwsError):
        bench.up(GROUND, HOUSE, owned=frozenset({"bob"}))
    assert bench.journal.members["house"] == {"ann", "bob"}


def test_a_name_that_we_took_away_is_no_longer_ours(bench: Bench) -> None:
    """Whoever puts it there again must find it kept."""
    ground = bench.world.put("ground", Ground())
    bench.world.put("house", House(ground.id, guests=frozenset({"bob"})))
    bench.up(GROUND, HOUSE, owned=frozenset({"bob"}))
    assert bench.world.of("house").spec.guests == {"ann"}
    assert bench.journal.members["house"] == {"ann"}


def test_drift_is_repaired_and_foreign_elements_stay(bench: Bench) -> None:
    theirs = Door("east", "forest", id="door-2")
    ground = bench.world.put("ground", Ground(size=9))
    bench.world.put("house", House(ground.id, floors=5, doors=frozenset({theirs})))
    bench.up(GROUND, HOUSE)
    house = bench.world.of("house").spec
    assert (house.floors, house.doors, house.guests) == (1, {theirs}, {"ann"})
    assert bench.world.of("ground").spec.size == 1
    assert bench.world.done("create") == []


def test_only_missing_tags_are_written_and_foreign_tags_stay(bench: Bench) -> None:
    tags = full_tags("ground") | {"Owner": "somebody", "Theirs": "stays"}
    bench.world.put("ground", Ground(), tags=tags)
    bench.up(GROUND)
    assert bench.world.of("ground").tags == full_tags("ground") | {"Theirs": "stays"}
    assert bench.world.done("update") == []


def test_parts_that_lack_a_tag_get_theirs_in_one_call(bench: Bench) -> None:
    parts = (Part("stone", "s1"), Part("stone", "s2"), Part("stone", "s3", {"Owner": "me"}))
    bench.world.put("ground", Ground(), parts=parts)
    bench.up(wanted("ground", Ground(), part_tags={"Owner": "me"}))
    assert bench.world.done("retag_parts", "retag") == [("retag_parts", "s1,s2")]
    assert all(part.tags == {"Owner": "me"} for part in bench.world.of("ground").parts)


def test_what_is_pending_is_waited_for_without_being_made_again(bench: Bench) -> None:
    ground = bench.world.put("ground", Ground(), phase=Phase.PENDING)
    assert bench.up(GROUND) == ground.id
    assert bench.world.done("create", "settle") == [("settle", "ground")]


@pytest.mark.parametrize("phase", [Phase.LEAVING, Phase.FAILED])
def test_what_is_dying_is_gone_before_its_successor_is_made(bench: Bench, phase: Phase) -> None:
    bench.world.put("ground", Ground(), phase=phase)
    bench.up(GROUND)
    assert bench.world.done("delete", "create") == [("delete", "ground"), ("create", "ground")]
    assert len(bench.world.things) == 1


def test_a_dying_thing_that_is_gone_meanwhile_needs_no_delete(bench: Bench) -> None:
    old = bench.world.put("ground", Ground(), phase=Phase.LEAVING)
    plan = plan_up(bench.blueprint(GROUND), bench.world.snapshot(), KINDS)
    del bench.world.things[old.id]
    bench.carry(plan)
    assert bench.world.done("delete", "create") == [("create", "ground")]


def test_what_settles_as_something_else_is_a_conflict(bench: Bench) -> None:
    bench.world.comes_as = Phase.PENDING

    def another_place() -> None:
        bench.world.change(bench.world.of("ground"), spec=Ground("valley"))

    bench.world.before["settle", "ground"] = [another_place]
    with pytest.raises(Conflict, match="place is valley"):
        bench.up(GROUND)


def test_a_step_without_a_wish_is_a_bug_and_says_so(bench: Bench) -> None:
    plan = Plan(DEPLOYMENT, (Step("ground", KINDS[Ground], Action.CREATE),))
    with pytest.raises(UmetricsError, match="a step without a wish: ground"):
        bench.carry(plan)


# ------------------------------------------------------------------------ tokens, lost answers


def test_each_create_has_a_token_of_its_own(bench: Bench) -> None:
    bench.up(GROUND, HOUSE)
    assert len(set(bench.world.tokens)) == 2
    assert all(bench.world.tokens)


@pytest.mark.parametrize("phase", [None, Phase.LEAVING, Phase.FAILED])
def test_a_resumed_token_that_stands_for_something_dead_is_used_no_more(
    bench: Bench, phase: Phase | None
) -> None:
    """AWS answers an old token with what it made then, and that may be gone since."""
    bench.journal.unfinished["ground"] = "token-of-last-run"

    def dies() -> None:
        old = bench.world.things["ground-0001"]
        if phase is None:
            bench.world.things.pop(old.id)
        else:
            bench.world.change(old, phase=phase)

    bench.world.after["create", "ground"] = [dies]
    bench.up(GROUND)
    assert bench.world.tokens[0] == "token-of-last-run"
    assert len(set(bench.world.tokens)) == 2
    assert bench.journal.ids == {"ground": "ground-0002"}
    assert ("renew", "ground") in bench.world.history


def test_an_unfinished_intent_is_resumed_with_its_token(bench: Bench) -> None:
    bench.journal.unfinished["ground"] = "token-of-last-run"
    bench.up(GROUND)
    assert bench.world.tokens == ["token-of-last-run"]
    assert bench.journal.unfinished == {}


def test_a_create_that_happened_although_its_answer_was_lost_is_adopted(bench: Bench) -> None:
    bench.world.after["create", "ground"] = [LOST]
    made = bench.up(GROUND)
    assert bench.world.done("create") == [("create", "ground")]
    assert bench.world.of("ground").id == made
    assert bench.journal.ids == {"ground": made}
    assert bench.clock.slept == []


def test_a_create_whose_trace_shows_late_is_adopted(bench: Bench) -> None:
    hidden: list[Found[object]] = []

    def hide() -> None:
        hidden.append(bench.world.of("ground"))
        bench.world.things.clear()
        raise LOST

    def show() -> None:
        for found in hidden:
            bench.world.things[found.id] = found

    bench.world.after["create", "ground"] = [hide]
    bench.world.before["find", "ground"] = [lambda: None, lambda: None, show]
    bench.up(GROUND)
    assert len(bench.world.done("create")) == 1
    assert bench.world.keys() == ["ground"]


def test_what_lies_within_another_is_looked_for_there(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the key that the plan gave to the other one, whatever its tags say by now."""
    monkeypatch.setattr(ToyHandler, "within", Ground)
    looked: list[Where] = []

    def find(handler: ToyHandler[object], aws: Aws, where: Where) -> Iterable[Found[object]]:
        looked.append(where)
        return original(handler, aws, where)

    original = ToyHandler[object].find
    monkeypatch.setattr(ToyHandler, "find", find)
    ground = bench.world.put("ground", Ground())
    snapshot = bench.world.snapshot()
    stripped = {"ground": (replace(ground, tags={"Theirs": "stays"}),)}
    plan = plan_up(bench.blueprint(GROUND, HOUSE), replace(snapshot, found=stripped), KINDS)
    bench.world.after["create", "house"] = [LOST]
    bench.carry(plan, "house")
    ((within,),) = (each.within for each in looked)
    assert (within.id, within.key, within.deployment) == (ground.id, "ground", DEPLOYMENT)
    assert within.tags["Theirs"] == "stays"


def test_a_create_that_did_not_happen_is_sent_again_with_the_same_token(bench: Bench) -> None:
    bench.world.before["create", "ground"] = [LOST]
    bench.up(GROUND)
    assert len(bench.world.tokens) == 2
    assert len(set(bench.world.tokens)) == 1
    assert bench.world.keys() == ["ground"]
    assert bench.clock.now >= BELIEVED_ABSENT_AFTER


def test_a_dying_thing_is_no_sign_of_a_lost_create(bench: Bench) -> None:
    def dying() -> None:
        bench.world.put("ground", Ground(), phase=Phase.LEAVING)
        raise LOST

    bench.world.before["create", "ground"] = [dying]
    bench.up(GROUND)
    assert len(bench.world.done("create")) == 2


def test_somebody_elses_thing_is_no_sign_of_a_lost_create(bench: Bench) -> None:
    foreign = full_tags("ground") | {"umetrics:deployment": OTHER}
    bench.world.put("ground", Ground(), tags=foreign)
    bench.world.before["create", "ground"] = [LOST]
    bench.up(GROUND)
    assert len(bench.world.done("create")) == 2
    assert len(bench.world.things) == 2


def test_when_aws_never_answers_the_intent_stays_for_the_next_run(bench: Bench) -> None:
    bench.world.before["create", "ground"] = [LOST] * CREATE_TRIES
    with pytest.raises(TimedOut, match="never answered") as late:
        bench.up(GROUND)
    assert "again" in late.value.hint
    assert set(bench.journal.unfinished) == {"ground"}
    assert bench.world.things == {}


def test_a_duplicate_that_is_ours_is_adopted(bench: Bench) -> None:
    def made_before() -> None:
        bench.world.put("ground", Ground())
        raise AlreadyExists("ground exists")

    bench.world.before["create", "ground"] = [made_before]
    made = bench.up(GROUND)
    assert bench.world.of("ground").id == made
    assert bench.journal.ids == {"ground": made}


def test_a_duplicate_that_is_not_ours_is_a_conflict(bench: Bench) -> None:
    bench.world.put("x", Ground(), tags={})
    bench.world.before["create", "ground"] = [AlreadyExists("ground exists")]
    with pytest.raises(Conflict, match="ground exists") as refusal:
        bench.up(GROUND)
    assert "rename or remove" in refusal.value.hint
    assert len(bench.world.done("create")) == 1


def test_a_token_that_aws_refuses_to_resume_is_renewed_in_the_journal_first(bench: Bench) -> None:
    bench.journal.unfinished["ground"] = "stale"
    mismatch = AwsError("no", aws_code="IdempotentParameterMismatch")
    bench.world.before["create", "ground"] = [mismatch]
    bench.up(GROUND)
    assert bench.world.tokens[0] == "stale"
    assert len(set(bench.world.tokens)) == 2
    assert bench.world.history[:4] == [
        ("intend", "ground"),
        ("create", "ground"),
        ("renew", "ground"),
        ("create", "ground"),
    ]


def test_the_token_that_is_sent_after_a_refusal_is_the_one_in_the_journal(bench: Bench) -> None:
    mismatch = AwsError("no", aws_code="IdempotentParameterMismatch")
    bench.world.before["create", "ground"] = [mismatch, AwsError("lost power")]
    with pytest.raises(AwsError, match="lost power"):
        bench.up(GROUND)
    first, second = (uuid.UUID(token) for token in bench.world.tokens)
    assert first != second
    assert bench.journal.unfinished == {"ground": str(second)}


def test_everything_in_the_journal_is_of_the_kind_that_is_made(bench: Bench) -> None:
    mismatch = AwsError("no", aws_code="IdempotentParameterMismatch")
    bench.world.before["create", "ground"] = [mismatch]
    bench.up(GROUND)
    methods = ("intend", "renew", "record")
    assert bench.journal.kinds == {(method, "ground", "Ground") for method in methods}


def test_any_other_refusal_of_a_create_comes_out_as_it_is(bench: Bench) -> None:
    bench.world.before["create", "ground"] = [AccessDenied("no", aws_code="UnauthorizedOperation")]
    with pytest.raises(AccessDenied):
        bench.up(GROUND)
    assert len(bench.world.tokens) == 1


# ----------------------------------------------------------------------------------- patience


def test_a_throttled_create_is_sent_again_with_the_same_token(bench: Bench) -> None:
    bench.world.before["create", "ground"] = [Throttled("slow down")] * 4
    bench.up(GROUND)
    assert len(bench.world.tokens) == 5
    assert len(set(bench.world.tokens)) == 1
    assert bench.world.done("find") == []


@pytest.mark.parametrize("method", ["update", "retag"])
def test_a_throttled_repair_is_sent_again(bench: Bench, method: str) -> None:
    bench.world.put("ground", Ground(size=9), tags=full_tags("ground") | {"Owner": "x"})
    bench.world.before[method, "ground"] = [Throttled("slow down")]
    bench.up(GROUND)
    assert bench.is_settled(GROUND)


@dataclass(frozen=True, slots=True)
class Named:
    """What AWS knows by a name that is not its id."""

    name: str


def not_found(name: str) -> NotFound:
    return NotFound(f"InvalidGroundID.NotFound: {name} does not exist")


def test_an_id_that_this_run_made_may_be_unknown_for_a_while(bench: Bench) -> None:
    def unknown() -> None:
        raise not_found(bench.world.of("ground").id)

    bench.world.before["create", "house"] = [unknown] * 3
    bench.up(GROUND, HOUSE)
    assert bench.world.keys() == ["ground", "house"]
    assert bench.clock.now > 0


def test_an_id_that_this_run_made_is_not_looked_for_for_ever(bench: Bench) -> None:
    def unknown() -> None:
        raise not_found(bench.world.of("ground").id)

    bench.world.before["create", "house"] = [unknown] * 10_000
    with pytest.raises(NotFound):
        bench.up(GROUND, HOUSE)
    assert 300 <= bench.clock.now < 310


def test_a_name_that_this_run_gave_may_be_unknown_for_a_while_too(bench: Bench) -> None:
    attempts = Attempts(bench.aws.patience)
    attempts.made(Found("AROA1", Named("reader"), {}))
    errors = [NotFound("The role with name reader cannot be found")] * 3

    def attach() -> str:
        if errors:
            raise errors.pop()
        return "attached"

    assert attempts.patiently(attach) == "attached"


def test_an_id_that_was_there_before_is_an_error_at_once(bench: Bench) -> None:
    ground = bench.world.put("ground", Ground())
    bench.world.before["create", "house"] = [not_found(ground.id)]
    with pytest.raises(NotFound):
        bench.up(GROUND, HOUSE)
    assert bench.clock.slept == []


def test_an_id_of_something_else_is_an_error_at_once_even_after_a_create(bench: Bench) -> None:
    bench.world.before["create", "house"] = [not_found("ground-9999")]
    with pytest.raises(NotFound):
        bench.up(GROUND, HOUSE)
    assert bench.clock.slept == []


def test_a_principal_that_has_not_spread_is_waited_for_two_minutes(bench: Bench) -> None:
    bench.world.before["update", "house"] = [NotYetPropagated("Invalid principal")] * 3
    bench.up(GROUND, HOUSE)
    assert bench.is_settled(GROUND, HOUSE)


def test_a_principal_that_never_spreads_is_the_error_that_comes_out(bench: Bench) -> None:
    bench.world.before["update", "house"] = [NotYetPropagated("Invalid principal")] * 10_000
    with pytest.raises(NotYetPropagated):
        bench.up(GROUND, HOUSE)
    assert 120 <= bench.clock.now < 130


def test_being_asked_to_stop_breaks_a_wait_off_and_keeps_the_receipt(bench: Bench) -> None:
    bench.world.comes_as = Phase.PENDING

    def slow() -> None:
        bench.aws.patience.stopping.set()
        raise Throttled("slow down")

    bench.world.before["settle", "ground"] = [slow]
    with pytest.raises(Interrupted):
        bench.up(GROUND)
    assert set(bench.journal.ids) == {"ground"}


# ----------------------------------------------------------------------------------- deleting


def test_a_delete_forgets_the_receipt_once_the_thing_is_gone(bench: Bench) -> None:
    lamp = bench.world.put("lamp", Lamp())
    bench.journal.ids["lamp"] = lamp.id
    assert bench.destroy() == lamp.id
    assert bench.world.things == {}
    assert bench.journal.ids == {}
    assert bench.world.history == [("tags_now", "lamp"), ("delete", "lamp"), ("forget", "lamp")]


def test_what_is_gone_already_is_a_success(bench: Bench) -> None:
    lamp = bench.world.put("lamp", Lamp())
    plan = plan_destroy(bench.world.snapshot(), KINDS)
    del bench.world.things[lamp.id]
    bench.journal.ids["lamp"] = lamp.id
    bench.carry(plan)
    assert bench.world.done("delete") == []
    assert bench.journal.ids == {}


def test_what_vanishes_while_it_is_deleted_is_a_success(bench: Bench) -> None:
    bench.world.put("lamp", Lamp())
    bench.world.before["delete", "lamp"] = [NotFound("no such lamp")]
    bench.destroy()
    assert bench.world.done("forget") == [("forget", "lamp")]


@pytest.mark.parametrize(
    "now",
    [
        {},
        full_tags("ground"),
        full_tags("lamp") | {"umetrics:deployment": OTHER},
    ],
    ids=["stripped", "another key", "another deployment"],
)
def test_what_is_no_longer_ours_at_the_last_moment_is_left_alone(
    bench: Bench, now: dict[str, str]
) -> None:
    lamp = bench.world.put("lamp", Lamp())
    plan = plan_destroy(bench.world.snapshot(), KINDS)
    bench.world.change(lamp, tags=now)
    bench.journal.ids["lamp"] = lamp.id
    with pytest.raises(NotOurs, match=f"lamp {lamp.id}") as refusal:
        bench.carry(plan)
    assert "umetrics up" in refusal.value.hint
    assert lamp.id in bench.world.things
    assert bench.journal.ids == {"lamp": lamp.id}


def test_what_others_changed_beside_the_identity_is_still_ours(bench: Bench) -> None:
    lamp = bench.world.put("lamp", Lamp())
    bench.world.change(lamp, tags=full_tags("lamp") | {"Owner": "them", "Theirs": "too"})
    bench.destroy()
    assert bench.world.things == {}


def test_what_is_in_use_is_tried_again_until_it_is_free(bench: Bench) -> None:
    bench.world.put("lamp", Lamp())
    bench.world.before["delete", "lamp"] = [InUse("held")] * 20
    bench.destroy()
    assert bench.world.things == {}


def test_what_stays_in_use_fails_with_what_aws_said(bench: Bench) -> None:
    bench.world.put("lamp", Lamp())
    refusal = InUse(
        "held by eni-1",
        aws_code="DependencyViolation",
        operation="ec2:DeleteLamp",
        request_id="request-1",
    )
    bench.world.before["delete", "lamp"] = [refusal] * 10_000
    with pytest.raises(InUse) as last:
        bench.destroy()
    for said in ("message", "aws_code", "operation", "request_id"):
        assert getattr(last.value, said) == getattr(refusal, said)
    assert 900 <= bench.clock.now < 910
    assert bench.world.done("forget") == []


def test_what_stays_in_use_is_told_once_it_drags_on(bench: Bench) -> None:
    bench.world.put("lamp", Lamp())
    bench.world.before["delete", "lamp"] = [InUse("held by eni-1")] * 10_000
    with pytest.raises(InUse):
        bench.destroy()
    assert bench.noticed == [Noticed("lamp", "lamp", Action.DELETE, "waiting: held by eni-1")]


def test_who_holds_it_is_said_beside_what_aws_said(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(aws: object, found: Found[object]) -> str:
        assert aws is bench.aws
        return f"the reader under {found.id}"

    monkeypatch.setattr(carry, "holders", told)
    lamp = bench.world.put("lamp", Lamp())
    bench.world.before["delete", "lamp"] = [InUse("in use")] * 10_000
    with pytest.raises(InUse) as last:
        bench.destroy()
    said = f"in use; held by the reader under {lamp.id}"
    assert last.value.message == said
    assert [each.text for each in bench.noticed] == [f"waiting: {said}"]


def test_a_short_wait_is_not_worth_a_word(bench: Bench) -> None:
    bench.world.put("lamp", Lamp())
    bench.world.before["delete", "lamp"] = [InUse("held")] * 20
    bench.destroy()
    assert bench.noticed == []


def test_a_kind_says_how_long_it_may_be_held(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ToyHandler, "free_within", 120)
    bench.world.put("lamp", Lamp())
    bench.world.before["delete", "lamp"] = [InUse("DeleteConflict")] * 10_000
    with pytest.raises(InUse):
        bench.destroy()
    assert 120 <= bench.clock.now < 130


def test_what_comes_out_broken_is_explained_taken_away_and_made_once_more(bench: Bench) -> None:
    bench.world.comes_as = Phase.PENDING
    bench.world.settles_as = [Phase.FAILED]
    bench.up(GROUND)
    assert bench.is_settled(GROUND)
    assert len(bench.world.things) == 1
    assert len(set(bench.world.tokens)) == 2
    (told,) = bench.noticed
    assert told.text == "ground-0001 failed: it broke; taking it away and trying once more"
    assert bench.journal.ids == {"ground": bench.world.of("ground").id}


def test_what_breaks_twice_is_an_error_with_the_reason_and_the_next_run_replaces_it(
    bench: Bench,
) -> None:
    bench.world.comes_as = Phase.PENDING
    bench.world.settles_as = [Phase.FAILED, Phase.FAILED]
    with pytest.raises(AwsError, match="ground-0002 is failed: it broke"):
        bench.up(GROUND)
    assert list(bench.world.things) == ["ground-0002"]
    bench.up(GROUND)
    assert list(bench.world.things) == ["ground-0003"]
    assert bench.is_settled(GROUND)


def test_what_broke_because_a_rivals_stands_is_taken_away_and_the_rivals_taken_over(
    bench: Bench,
) -> None:
    bench.world.comes_as = Phase.PENDING
    bench.world.settles_as = [Phase.FAILED]
    bench.world.after["settle", "ground"] = [
        lambda: bench.world.put("ground", Ground(), phase=Phase.READY)
    ]
    bench.up(GROUND)
    assert list(bench.world.things) == ["ground-0002"]
    assert bench.world.done("create") == [("create", "ground")]
    assert bench.journal.ids == {"ground": "ground-0002"}


def test_what_broke_beside_a_sound_one_is_taken_away(bench: Bench) -> None:
    bench.world.put("ground", Ground())
    bench.world.put("ground", Ground(), phase=Phase.FAILED)
    bench.up(GROUND)
    assert list(bench.world.things) == ["ground-0001"]
    assert bench.journal.ids == {"ground": "ground-0001"}
    assert bench.is_settled(GROUND)


def test_what_is_leaving_beside_a_sound_one_is_let_go(bench: Bench) -> None:
    bench.world.put("ground", Ground())
    bench.world.put("ground", Ground(), phase=Phase.LEAVING)
    assert bench.is_settled(GROUND)


def test_what_an_earlier_run_left_pending_and_breaks_is_made_once_more(bench: Bench) -> None:
    bench.world.put("ground", Ground(), phase=Phase.PENDING)
    bench.world.settles_as = [Phase.FAILED]
    bench.up(GROUND)
    assert list(bench.world.things) == ["ground-0002"]
    assert bench.is_settled(GROUND)


def test_any_other_error_of_a_delete_comes_out_at_once(bench: Bench) -> None:
    bench.world.put("lamp", Lamp())
    bench.world.before["delete", "lamp"] = [AccessDenied("no")]
    with pytest.raises(AccessDenied):
        bench.destroy()
    assert bench.clock.slept == []


def test_destroying_takes_the_living_and_the_dying_of_a_key(bench: Bench) -> None:
    bench.world.put("lamp", Lamp())
    bench.world.put("lamp", Lamp(), phase=Phase.LEAVING)
    bench.destroy()
    assert bench.world.things == {}


@pytest.mark.parametrize(
    ("moment", "error"),
    [
        ("before", LOST),
        ("before", Throttled("slow")),
        ("before", AwsError("crash")),
        ("after", LOST),
        ("after", AwsError("crash")),
    ],
    ids=["not sent", "throttled", "refused", "answer lost", "crash after"],
)
@pytest.mark.parametrize(
    ("method", "key"),
    [
        ("create", "ground"),
        ("create", "house"),
        ("settle", "house"),
        ("update", "house"),
        ("create", "lamp"),
    ],
)
def test_whatever_one_call_does_a_second_run_finishes_with_nothing_doubled(
    bench: Bench, moment: str, method: str, key: str, error: UmetricsError
) -> None:
    resources = (GROUND, HOUSE, wanted("lamp", Lamp()))
    bench.world.comes_as = Phase.PENDING
    getattr(bench.world, moment)[method, key] = [error]
    try:
        bench.up(*resources)
    except UmetricsError:
        bench.world.comes_as = Phase.READY
        bench.up(*resources)
    assert bench.world.keys() == ["ground", "house", "lamp"]
    assert bench.is_settled(*resources)
