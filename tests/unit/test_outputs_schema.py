"""The JSON Schema of the ids, and that documents are as it says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import fastjsonschema
import pytest

from umetrics.config.outputs import STANDARD
from umetrics.render.document import Json, JsonObject, Run, document, dumps
from umetrics.render.output_schema import output_schema

COPY = Path(__file__).parents[2] / "docs" / "output.schema.json"
RUN = Run("0d9f6c1e-5a43-4f0e-9f0b-0f6f4d1f2a11", "111122223333", "us-east-1", "dev")


VALUES: JsonObject = {
    "deployment": "UserMetrics/dev",
    "account_id": "111122223333",
    "region": "us-east-1",
    "vpc_id": "vpc-1",
    "metrics_vpc": "vpc-1",
    "metrics_subnets": ["subnet-1", "subnet-2"],
    **{name: ["a-1", "b-2"] for name, source in STANDARD.items() if source.several},
}
"""As few as there may be, and two names of [outputs]."""


def of(**changes: Json) -> JsonObject:
    """A document with some of its outputs changed; None takes one away."""
    changed = {name: value for name, value in {**VALUES, **changes}.items() if value is not None}
    return document(
        "outputs", {"outputs": changed, "shared": ["vpc_id"]}, RUN, at=datetime.now(UTC)
    )


def test_the_copy_in_the_documentation_is_what_the_command_prints() -> None:
    assert COPY.read_text(encoding="utf-8") == dumps(output_schema())


def test_a_document_is_as_the_schema_says() -> None:
    fastjsonschema.compile(output_schema())(of())


@pytest.mark.parametrize(
    "changes",
    [
        {"vpc_id": ["vpc-1"]},
        {"vpc_id": "$(reboot)"},
        {"zone_ids": "use1-az1"},
        {"zone_ids": [1]},
        {"zone_ids": None},
        {"region": None},
        {"metrics_vpc": 5},
        {"metrics_subnets": [""]},
    ],
    ids=str,
)
def test_the_schema_refuses_what_a_document_never_is(changes: JsonObject) -> None:
    validate = fastjsonschema.compile(output_schema())
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validate(of(**changes))
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validate({**of(), "schema_version": 2})
