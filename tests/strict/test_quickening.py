"""The emulator answers sooner than moto would, and with the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.ec2.models.core import TaggedEC2Resource

from tests.support.built import Built
from tests.support.worlds import look_around

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

    monkeypatch.setattr(AttributePicker, "__call__", pick)
    monkeypatch.setattr(TaggedEC2Resource, "get_tags", among_all)
    assert look_around() == built.world
    assert {"VpcId", "Tags"} <= set(slowly_asked)
