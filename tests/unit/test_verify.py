"""What was foreign before and is now: every difference is told, and laid at the right door."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from hypothesis import given
from hypothesis import strategies as st

from umetrics.audit.catalogue.kind import found
from umetrics.errors import StateError, StateTooNew
from umetrics.render.verify.text import summary_line
from umetrics.verify.attribution import (
    ATTACHING,
    DETACHING,
    ONLY_NAMED,
    Standing,
    Verdict,
    attribute,
)
from umetrics.verify.catalogue import BY_NAME, ROWS, Row
from umetrics.verify.compare import Manner, compare
from umetrics.verify.document import from_json, to_json
from umetrics.verify.normal import facts_of
from umetrics.verify.ownership import ours_in, ours_of
from umetrics.verify.snapshot_file import read_snapshot, snapshot_in, write_snapshot
from umetrics.verify.values import Gap, NamingCall, Record, Snapshot, Thing

MODELS = botocore.session.get_session()
LONG_AGO = datetime(2026, 3, 14, tzinfo=UTC)
SALT = "0" * 32
POLICY = "arn:aws:iam::111111111111:policy/umetrics/UserMetrics/dev/UserMetrics-dev-Observability"
METRICS_POLICY = f"{POLICY}LambdaEmf"

Path_ = tuple[str | int, ...]


def example(shape: Shape) -> Any:  # noqa: ANN401  # any JSON that AWS may answer
    """A value of a shape with every field in it."""
    match shape:
        case StructureShape():
            return {name: example(member) for name, member in shape.members.items()}
        case ListShape():
            return [example(shape.member)]
        case MapShape():
            return {"key": example(shape.value)}
    plain = {"integer": 1, "long": 1, "float": 1.5, "double": 1.5, "boolean": True}
    return LONG_AGO if shape.type_name == "timestamp" else plain.get(shape.type_name, "text")


def whole(row: Row) -> dict[str, Any]:
    """A thing with every field that AWS's own model of the service knows, and our answers."""
    model = MODELS.get_service_model(row.kind.service)
    (item,) = found(answer(model, row.kind.listing.operation), row.kind.listing.result)
    told = {
        name: at(answer(model, each.operation), path)
        for each in row.asked
        for path, name in each.answers.items()
    }
    beside = {}
    if row.beside is not None:
        (other,) = found(answer(model, row.beside.listing.operation), row.beside.listing.result)
        beside = {name: other[name] for name in row.beside.fields}
    return {**item, **beside, **told}


def at(told: Any, path: str) -> Any:  # noqa: ANN401  # any JSON
    for name in path.split("."):
        told = told[name]
    return told


def answer(model: ServiceModel, operation: str) -> Any:  # noqa: ANN401  # any JSON
    shape = model.operation_model(operation).output_shape
    assert shape is not None
    return example(shape)


def leaves(value: Any, path: Path_ = ()) -> Iterator[Path_]:  # noqa: ANN401  # any JSON
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from leaves(each, (*path, number))
    else:
        yield path


WHOLE = {row.name: whole(row) for row in ROWS}
FIELDS = [(name, path) for name, item in WHOLE.items() for path in leaves(item)]


def changed(item: dict[str, Any], path: Path_, data: st.DataObject) -> dict[str, Any]:
    """The same thing with another value in one place."""
    other = copy.deepcopy(item)
    place: Any = other
    for step in path[:-1]:
        place = place[step]
    was = place[path[-1]]
    if isinstance(was, bool):
        place[path[-1]] = not was
    elif isinstance(was, datetime):
        place[path[-1]] = was + timedelta(seconds=data.draw(st.integers(1, 10**6)))
    elif isinstance(was, int | float):
        place[path[-1]] = was + data.draw(st.integers(1, 10**6))
    else:
        place[path[-1]] = data.draw(st.text(min_size=1).filter(lambda text: text != was))
    return other


def thing(kind: str, item: dict[str, Any], id_: str = "it") -> Thing:
    return Thing(kind, id_, f"arn:aws:{id_}", facts_of(BY_NAME[kind], item, SALT))


def seen(*things: Thing, **others: Any) -> Snapshot:  # noqa: ANN401  # a snapshot's fields
    snapshot = Snapshot(
        "UserMetrics/dev",
        "111111111111",
        "us-east-1",
        "2026-03-14T12:00:00Z",
        {each.key: each for each in things},
        salt=SALT,
    )
    return replace(snapshot, **others)


def call(operation: str, **named: str) -> NamingCall:
    return NamingCall(operation, frozenset(named.items()))


def judged(before: Snapshot, after: Snapshot, *calls: NamingCall) -> Verdict:
    return attribute(compare(before, after, ours_of(before, after)), before, Record(calls))


@given(st.data())
def test_any_one_field_of_anything_that_changes_is_told_and_not_blamed_on_us(
    data: st.DataObject,
) -> None:
    kind, path = data.draw(st.sampled_from(FIELDS))
    before, after = WHOLE[kind], changed(WHOLE[kind], path, data)
    ours = call("ec2:CreateTags", Resources="vpc-ours")

    verdict = judged(seen(thing(kind, before)), seen(thing(kind, after)), ours)

    dotted = ".".join(each for each in path if isinstance(each, str))
    volatile = BY_NAME[kind].volatile
    if any(dotted == each or dotted.startswith(f"{each}.") for each in volatile):
        assert verdict.judged == ()
    else:
        (told,) = verdict.judged
        assert told.standing is Standing.OTHERS
        assert told.alteration.manner is Manner.CHANGED
        assert verdict.exit_code == 0


def test_every_volatile_and_secret_field_is_one_that_aws_tells_and_has_a_reason() -> None:
    known = {
        (kind, ".".join(each for each in path[:depth] if isinstance(each, str)))
        for kind, path in FIELDS
        for depth in range(1, len(path) + 1)
    }
    for row in ROWS:
        assert {(row.name, path) for path in (*row.volatile, *row.secret)} <= known
        assert all(row.volatile.values())


def test_what_is_secret_is_kept_nowhere_and_a_change_of_it_is_seen() -> None:
    def function(password: str) -> Thing:
        return thing("lambda-function", {"Environment": {"Variables": {"PASSWORD": password}}})

    before, after = seen(function("hunter2")), seen(function("hunter3"))
    assert "hunter" not in to_json(before)
    (told,) = judged(before, after).judged
    assert [each.path for each in told.alteration.differences] == ["Environment"]


@pytest.mark.parametrize("field", ["Environment", "PolicyDocument", "AssumeRolePolicyDocument"])
def test_no_hash_of_a_secret_is_the_same_in_another_snapshot(field: str) -> None:
    row = BY_NAME["lambda-function"]
    first, again, other = (
        facts_of(row, {field: {"PASSWORD": "hunter2"}}, salt) for salt in ("a", "a", "b")
    )
    assert first == again
    assert first != other


def test_another_order_and_another_spelling_of_a_policy_are_no_change() -> None:
    def endpoint(*subnets: str, action: str | list[str]) -> Thing:
        statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        return thing("vpc-endpoint", {"SubnetIds": [*subnets], "PolicyDocument": document})

    one = endpoint("subnet-1", "subnet-2", action="s3:GetObject")
    other = endpoint("subnet-2", "subnet-1", action=["S3:getobject"])
    assert judged(seen(one), seen(other)).judged == ()


@given(st.data())
def test_no_order_of_a_list_is_a_change_unless_it_means_something(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(ROWS))

    def doubled(value: Any, path: str, *, other: bool) -> Any:  # noqa: ANN401  # any JSON
        """Each list with a second, different element, in another order."""
        if isinstance(value, dict):
            inner = f"{path}." if path else ""
            return {key: doubled(each, f"{inner}{key}", other=other) for key, each in value.items()}
        if not isinstance(value, list):
            return value
        first = doubled(value[0], path, other=other)
        second = {**first, "Key": "b", "b": "b"} if isinstance(first, dict) else "b"
        return [second, first] if other and path not in row.ordered else [first, second]

    one, another = (
        thing(row.name, doubled(WHOLE[row.name], "", other=other)) for other in (False, True)
    )
    assert judged(seen(one), seen(another)).judged == ()


def test_the_order_of_a_list_in_which_it_means_something_is_compared_and_told_whole() -> None:
    def function(*layers: str) -> Thing:
        return thing("lambda-function", {"Layers": [{"Arn": each} for each in layers]})

    (told,) = judged(seen(function("a", "b")), seen(function("b", "a"))).judged
    (difference,) = told.alteration.differences
    assert (difference.path, difference.before, difference.after) == (
        "Layers",
        '[{"Arn": "a"}, {"Arn": "b"}]',
        '[{"Arn": "b"}, {"Arn": "a"}]',
    )
    known = {(kind, ".".join(e for e in path if isinstance(e, str))) for kind, path in FIELDS}
    for row in ROWS:
        for ordered in row.ordered:
            assert any(kind == row.name and path.startswith(ordered) for kind, path in known)


def test_of_a_list_only_what_was_put_in_or_taken_out_is_told() -> None:
    def group(*cidrs: str) -> Thing:
        return thing("security-group", {"IpPermissions": [{"IpRanges": cidr} for cidr in cidrs]})

    (told,) = judged(seen(group("a", "b")), seen(group("b", "c"))).judged
    (difference,) = told.alteration.differences
    assert difference.path == "IpPermissions"
    assert difference.before == '[{"IpRanges": "a"}]'
    assert difference.after == '[{"IpRanges": "c"}]'


def test_what_appears_and_what_goes_is_told() -> None:
    one, other = thing("vpc", {}, "vpc-1"), thing("vpc", {}, "vpc-2")
    verdict = judged(seen(one), seen(other))
    assert {each.alteration.id: each.alteration.manner for each in verdict.judged} == {
        "vpc-1": Manner.GONE,
        "vpc-2": Manner.APPEARED,
    }
    assert (verdict.compared, verdict.untouched) == (2, 0)


def test_what_a_call_of_ours_acted_upon_was_disturbed_by_us() -> None:
    before = seen(thing("route-table", {"Routes": []}, "rtb-1"))
    after = seen(thing("route-table", {"Routes": [{"GatewayId": "igw-1"}]}, "rtb-1"))
    (told,) = judged(before, after, call("ec2:CreateRoute", RouteTableId="rtb-1")).judged
    assert (told.standing, told.call) == (Standing.OURS, "ec2:CreateRoute")
    gone = judged(before, seen(), call("ec2:DeleteRouteTable", RouteTableId="rtb-1"))
    assert gone.exit_code == 7


@pytest.mark.parametrize(("operation", "path"), sorted(ONLY_NAMED))
def test_what_a_call_names_only_in_passing_is_not_blamed_on_it(operation: str, path: str) -> None:
    kind, id_ = "vpc", "vpc-1"
    before = seen(thing(kind, {"CidrBlock": "10.0.0.0/16"}, id_))
    after = seen(thing(kind, {"CidrBlock": "10.0.0.0/17"}, id_))
    (told,) = judged(before, after, NamingCall(operation, frozenset({(path, id_)}))).judged
    assert told.standing is Standing.OTHERS
    acting = NamingCall(operation, frozenset({("Resources", id_)}))
    assert judged(before, after, acting).exit_code == (
        0 if operation in (ATTACHING, DETACHING) else 7
    )


def test_a_name_that_means_something_else_in_a_call_is_not_the_thing() -> None:
    before, after = (
        seen(thing("lambda-function", {"Timeout": seconds}, "umami")) for seconds in (3, 4)
    )
    (told,) = judged(before, after, call("ec2:CreateSecurityGroup", GroupName="umami")).judged
    assert told.standing is Standing.OTHERS


def role(*policies: str, path: str = "/") -> Thing:
    attached = [{"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in policies]
    return thing("iam-role", {"AttachedManagedPolicies": attached, "Path": path}, "orders")


ATTACHED = call(ATTACHING, RoleName="orders", PolicyArn=METRICS_POLICY)


def test_our_metrics_policy_on_a_role_that_was_named_is_as_documented() -> None:
    before = seen(role("arn:x"), lambda_roles=frozenset({"orders"}))
    verdict = judged(before, seen(role("arn:x", METRICS_POLICY)), ATTACHED)
    assert [each.standing for each in verdict.judged] == [Standing.DOCUMENTED]
    assert verdict.exit_code == 0
    detached = call(DETACHING, RoleName="orders", PolicyArn=METRICS_POLICY)
    verdict = judged(seen(role(METRICS_POLICY)), seen(role()), detached)
    assert [each.standing for each in verdict.judged] == [Standing.DOCUMENTED]


def test_any_other_attachment_of_ours_is_a_disturbance() -> None:
    before, after = seen(role()), seen(role(METRICS_POLICY))
    assert judged(before, after, ATTACHED).exit_code == 7  # the role was not named
    named = replace(before, lambda_roles=frozenset({"orders"}))
    other = call(ATTACHING, RoleName="orders", PolicyArn=f"{POLICY}Other")
    verdict = judged(named, seen(role(METRICS_POLICY, f"{POLICY}Other")), ATTACHED, other)
    assert {each.standing for each in verdict.judged} == {Standing.DOCUMENTED, Standing.OURS}
    assert verdict.exit_code == 7


@pytest.mark.parametrize(
    "after",
    [
        seen(role("arn:x", METRICS_POLICY, "arn:theirs")),
        seen(role(METRICS_POLICY)),
        seen(role("arn:x", "arn:theirs")),
        seen(),
    ],
    ids=["attached theirs", "detached theirs", "detached ours, attached theirs", "deleted it"],
)
def test_the_owner_of_a_role_that_was_named_goes_on_working_and_we_are_not_blamed(
    after: Snapshot,
) -> None:
    before = seen(role("arn:x"), lambda_roles=frozenset({"orders"}))
    verdict = judged(before, after, ATTACHED)
    assert verdict.exit_code == 0
    assert Standing.OTHERS in {each.standing for each in verdict.judged}


def test_what_others_did_to_the_same_role_meanwhile_is_told_apart() -> None:
    before = seen(role(), lambda_roles=frozenset({"orders"}))
    verdict = judged(before, seen(role(METRICS_POLICY, path="/x/")), ATTACHED)
    assert [each.standing for each in verdict.judged] == [Standing.DOCUMENTED, Standing.OTHERS]
    assert [each.alteration.differences[0].path for each in verdict.judged] == [
        "AttachedManagedPolicies",
        "Path",
    ]
    assert verdict.untouched == 0


def test_where_our_calls_are_not_all_known_only_what_one_names_is_laid_at_our_door() -> None:
    tag = {"Tags": [{"Key": "Owner", "Value": "us"}]}
    before = seen(role(), thing("subnet", {}, "subnet-1"), thing("vpc", {}, "vpc-1"))
    after = seen(role(path="/x/"), thing("subnet", tag, "subnet-1"))
    record = Record((call("ec2:CreateTags", Resources="subnet-1"),), is_whole=False)
    verdict = attribute(compare(before, after, frozenset()), before, record)
    assert {each.alteration.id: each.standing for each in verdict.judged} == {
        "orders": Standing.UNTOLD,
        "subnet-1": Standing.OURS,
        "vpc-1": Standing.UNTOLD,
    }
    nothing = attribute(compare(before, after, frozenset()), before, Record(is_whole=False))
    assert {each.standing for each in nothing.judged} == {Standing.UNTOLD}
    assert nothing.exit_code == 3


def test_of_what_could_not_be_seen_both_times_nothing_is_said_but_that() -> None:
    gap = Gap("vpc", "not allowed", denied=True)
    before, after = seen(thing("vpc", {}, "vpc-1")), seen(gaps=(gap,))
    verdict = judged(before, after)
    assert (verdict.judged, verdict.gaps, verdict.compared) == ((), (gap,), 0)


def test_where_nothing_at_all_may_be_seen_that_is_no_clean_verdict() -> None:
    gaps = tuple(Gap(row.name, "not allowed", denied=True) for row in ROWS)
    verdict = judged(seen(gaps=gaps), seen(gaps=gaps))
    assert verdict.exit_code == 4
    assert summary_line(verdict).text.startswith("Partial: nothing that others have could be seen.")
    empty = judged(seen(), seen())
    assert empty.exit_code == 0
    assert summary_line(empty).text == "Nothing of others was there to be disturbed."


@pytest.mark.parametrize("blind", ["before", "after"])
def test_a_field_that_one_look_could_not_see_is_no_change_and_all_others_are_compared(
    blind: str,
) -> None:
    gap = Gap("lambda-function", "not allowed", denied=True, part="Tags")
    looks = {
        "before": seen(thing("lambda-function", {"Timeout": 3, "Tags": {"Team": "shop"}})),
        "after": seen(thing("lambda-function", {"Timeout": 4, "Tags": {"Team": "shop"}})),
    }
    timeout = {"before": 3, "after": 4}[blind]
    looks[blind] = seen(thing("lambda-function", {"Timeout": timeout}), gaps=(gap,))
    verdict = judged(looks["before"], looks["after"])
    (told,) = verdict.judged
    assert [each.path for each in told.alteration.differences] == ["Timeout"]
    assert (verdict.gaps, verdict.compared) == ((gap,), 1)


PAIR = [
    {"Key": "umetrics:deployment", "Value": "UserMetrics/dev"},
    {"Key": "umetrics:resource", "Value": "subnet/private"},
]
WITH_PAIR = {"CidrBlock": "10.0.0.0/24", "Tags": PAIR}


def test_what_is_proven_or_was_ours_when_it_was_first_seen_is_not_reported() -> None:
    ours, bare = thing("subnet", WITH_PAIR, "subnet-1"), thing("subnet", {}, "subnet-1")
    receipt = {"receipts": frozenset({"subnet-1"})}
    for before, after in (
        (seen(ours), seen()),  # destroyed
        (seen(), seen(ours)),  # built
        (seen(ours), seen(bare)),  # somebody took the tags off
        (seen(bare, **receipt), seen(ours, **receipt)),  # and we put them on again
        (seen(bare, **receipt), seen()),
    ):
        verdict = judged(before, after, call("ec2:CreateTags", Resources="subnet-1"))
        assert (verdict.judged, verdict.compared) == ((), 0)


def test_something_foreign_that_gets_our_pair_is_told_and_laid_at_the_right_door() -> None:
    before = seen(thing("subnet", {"CidrBlock": "10.0.0.0/24"}, "subnet-1"))
    after = seen(thing("subnet", WITH_PAIR, "subnet-1"))
    disturbed = judged(before, after, call("ec2:CreateTags", Resources="subnet-1"))
    assert [each.standing for each in disturbed.judged] == [Standing.OURS]
    others = judged(before, after, call("ec2:CreateTags", Resources="subnet-2"))
    assert [each.standing for each in others.judged] == [Standing.OTHERS]


def test_a_receipt_that_was_written_because_of_the_pair_proves_nothing() -> None:
    before = seen(thing("subnet", {}, "subnet-1"))
    after = seen(thing("subnet", WITH_PAIR, "subnet-1"), receipts=frozenset({"subnet-1"}))
    assert len(judged(before, after).judged) == 1


def test_a_role_of_ours_that_had_lost_its_tags_and_receipt_is_healed_and_not_reported() -> None:
    def role_at(path: str, **others: Any) -> Thing:  # noqa: ANN401  # any JSON
        arn = f"arn:aws:iam::111111111111:role{path}x"
        return Thing("iam-role", "x", arn, {"RoleId": "AROA1", **others})

    pair = {each["Key"]: each["Value"] for each in PAIR}
    for path, told in (("/umetrics/UserMetrics/dev/", 0), ("/umetrics/Other/dev/", 1), ("/", 1)):
        after = seen(role_at(path, Tags=pair), receipts=frozenset({"AROA1"}))
        assert len(judged(seen(role_at(path)), after).judged) == told


def test_tags_that_the_first_look_could_not_see_are_judged_by_the_second() -> None:
    policy = {"PolicyId": "ANPA1", "PolicyName": "p"}
    blind = seen(
        thing("iam-policy", policy, "p"),
        gaps=(Gap("iam-policy", "no", denied=True, part="Tags"),),
    )
    assert judged(blind, seen(thing("iam-policy", {**policy, "Tags": PAIR}, "p"))).compared == 0
    another = {"PolicyId": "ANPA2", "PolicyName": "p", "Tags": PAIR}
    assert len(judged(blind, seen(thing("iam-policy", another, "p"))).judged) == 1


def test_what_others_had_under_a_name_that_is_ours_now_has_not_vanished_unseen() -> None:
    theirs = seen(thing("iam-role", {"RoleId": "AROA1"}, "grafana"))
    ours = seen(thing("iam-role", {"RoleId": "AROA2"}, "grafana"), receipts=frozenset({"AROA2"}))
    (told,) = judged(theirs, ours).judged
    assert [each.path for each in told.alteration.differences] == ["RoleId"]


def test_ours_is_what_carries_our_pair_has_a_receipt_or_came_with_our_vpc() -> None:
    vpc = thing("vpc", {"VpcId": "vpc-1"}, "vpc-1")

    def is_ours(deployment: str = "", id_: str = "sg-1", **others: str) -> bool:
        tags = {"umetrics:deployment": deployment, "umetrics:resource": "security-group/alb"}
        listed = [{"Key": key, "Value": value} for key, value in tags.items() if deployment]
        fields = {"GroupName": "g", "GroupId": id_, "VpcId": "vpc-1", "Tags": listed, **others}
        group = thing("security-group", fields, id_)
        return group.key in ours_in(seen(vpc, group, receipts=frozenset({"sg-2", "vpc-1"})))

    assert is_ours("UserMetrics/dev")
    assert is_ours(id_="sg-2")
    assert is_ours(GroupName="default")
    assert not is_ours("UserMetrics/dev2")
    assert not is_ours()
    assert not is_ours(GroupName="default", VpcId="vpc-2")


def test_what_came_with_somebodys_vpc_is_told_also_after_the_vpc_got_our_pair() -> None:
    def looks(tags: list[dict[str, str]], name: str) -> Snapshot:
        group = {"GroupName": "default", "VpcId": "vpc-1", "Description": name}
        return seen(thing("vpc", {"Tags": tags}, "vpc-1"), thing("security-group", group, "sg-1"))

    verdict = judged(looks([], "a"), looks(PAIR, "b"))
    assert {each.alteration.id for each in verdict.judged} == {"vpc-1", "sg-1"}


def test_our_subnets_in_somebodys_network_acl_are_not_a_change_of_it() -> None:
    def look(tags: list[dict[str, str]], *guests: str) -> Snapshot:
        listed = [{"SubnetId": each, "NetworkAclAssociationId": f"as-{each}"} for each in guests]
        return seen(
            thing("network-acl", {"Associations": listed}, "acl-1"),
            thing("subnet", {"Tags": tags}, "subnet-2"),
        )

    assert judged(look(PAIR, "subnet-1"), look(PAIR, "subnet-1", "subnet-2")).judged == ()
    # One answer for both looks: a subnet of ours whose tags were taken off was a guest all along.
    assert judged(look(PAIR, "subnet-1", "subnet-2"), look([], "subnet-1")).judged == ()
    assert len(judged(look([], "subnet-1"), look([], "subnet-1", "subnet-2")).judged) == 1


def test_a_snapshot_is_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "state" / "dev.before.json"
    things = [thing(kind, item) for kind, item in WHOLE.items()]
    snapshot = seen(
        *things,
        gaps=(Gap("vpc", "no", denied=True, part="Tags"),),
        receipts=frozenset({"vpc-1"}),
        lambda_roles=frozenset({"orders"}),
        concluded=True,
    )
    write_snapshot(path, snapshot)
    assert read_snapshot(path) == snapshot
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", StateError),
        ("{}", StateError),
        ('{"schema_version": 2}', StateTooNew),
        (to_json(seen(role())).replace('"iam-role"', '"iam-rule"'), StateError),
        (to_json(seen(receipts=frozenset({"vpc-1"}))).replace('"vpc-1"', "1"), StateError),
        (to_json(seen(gaps=(Gap("nonsense", "denied"),))), StateError),
        ("[" * 100_000, StateError),
        (to_json(seen(role("arn:x"))).replace('"arn:x"', "[" * 300 + "]" * 300), StateError),
        (to_json(seen(role("arn:x"))).replace('"arn:x"', "NaN"), StateError),
    ],
    ids=[
        "nothing",
        "something else",
        "newer",
        "unknown kind",
        "a number for an id",
        "unknown kind of gap",
        "too deep for JSON",
        "too deep for a thing",
        "no number",
    ],
)
def test_a_file_that_makes_no_sense_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        from_json(text, source="dev.before.json")


def test_where_no_snapshot_is_it_is_said_how_one_is_taken(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="there is no snapshot") as caught:
        snapshot_in(tmp_path / "dev.before.json")
    assert "--save" in caught.value.hint


def test_a_tag_without_a_key_is_compared_as_a_whole() -> None:
    tagged = {"Tags": [{"Value": "x"}, {"Value": "y"}, {"Key": "a", "Value": "b"}]}
    facts = facts_of(BY_NAME["subnet"], tagged, SALT)
    assert facts == {"Tags": {'{"Value": "x"}': "x", '{"Value": "y"}': "y", "a": "b"}}


@pytest.mark.parametrize(
    "odd", [None, "odd", 1, True, [], {}, [None], ["odd"], [{}], [{"Value": 1}]]
)
def test_what_is_told_oddly_of_a_thing_is_compared_and_not_ours(odd: object) -> None:
    pair = {"umetrics:deployment": "UserMetrics/dev", "umetrics:resource": "vpc"}
    tags = [{"Key": key, "Value": value} for key, value in pair.items()]
    vpc = thing("vpc", {"VpcId": "vpc-1", "Tags": tags}, "vpc-1")
    for row in ROWS:
        usual = thing(row.name, WHOLE[row.name])
        before, after = [vpc], [vpc]
        for name in WHOLE[row.name]:
            others = {each: fact for each, fact in usual.facts.items() if each != name}
            told = facts_of(row, {name: odd}, SALT)
            before.append(replace(usual, id=name))
            after.append(replace(usual, id=name, facts={**others, **told}))
        looks = seen(*before), seen(*after)
        assert ours_of(*looks) == {vpc.key}
        compare(*looks, {vpc.key})
