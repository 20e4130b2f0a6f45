"""The emulator answers sooner than moto would, and with the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.tags import TagBackend

from tests.support.built import Built
from tests.support.worlds import ec2, look_around

if TYPE_CHECKING:
    import pytest


def test_no_answer_is_another(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = vars(AttributePicker.__call__)["__wrapped__"]
    slowly_asked = []

    def pick(picker: AttributePicker, context: AttributePickerContext) -> object:
        slowly_asked.append(context.key)
        return slow(picker, context)

    def among_all(resource: TaggedEC2Resource) -> object:
        identity = getattr(resource, "id", "")
        backend = vars(resource)["ec2_backend"]
        return backend.describe_tags(filters={"resource-id": [identity]})

    monkeypatch.setattr(TagBackend, "describe_tags", vars(TagBackend.describe_tags)["__wrapped__"])
    monkeypatch.setattr(AttributePicker, "__call__", pick)
    monkeypatch.setattr(TaggedEC2Resource, "get_tags", among_all)
    assert look_around() == built.world
    assert {"VpcId", "Tags"} <= set(slowly_asked)


def test_tags_are_found_by_ids_as_ever(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    vpc = built.others.vpc
    asked: list[Any] = [
        {"resource-id": [vpc, "vpc-0123456789abcdef0"]},
        {"resource-id": [vpc, built.others.subnet], "key": ["Name", "umetrics:*"]},
        {"resource-id": [f"{vpc[:-2]}*"], "resource-type": ["vpc", "subnet"]},
        {"resource-id": [vpc[:-1]]},
        {"key": ["Name"]},
    ]

    def answers() -> list[object]:
        filters: Any = ([{"Name": k, "Values": v} for k, v in each.items()] for each in asked)
        return [ec2().describe_tags(Filters=each)["Tags"] for each in filters]

    quickly = answers()
    monkeypatch.setattr(TagBackend, "describe_tags", vars(TagBackend.describe_tags)["__wrapped__"])
    assert quickly == answers()
    assert [bool(each) for each in quickly] == [True, True, True, False, True]
