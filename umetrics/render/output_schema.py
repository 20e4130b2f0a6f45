"""The JSON Schema of what `umetrics output --format json` prints.

It is made from the table of standard names, so that no name is written down twice;
docs/output.schema.json is a copy for readers and editors. Draft 7, which all validators know.
https://json-schema.org/draft-07/json-schema-release-notes
"""

from __future__ import annotations

from collections.abc import Mapping

from umetrics.config.outputs import RUN_NAMES, STANDARD
from umetrics.outputs.values import ID
from umetrics.render.document import SCHEMA_VERSION, Json, JsonObject

_ONE: Json = {"$ref": "#/definitions/id"}
_SEVERAL: Json = {"type": "array", "items": _ONE}


def output_schema() -> JsonObject:
    """The whole schema. Fields are only ever added, so a document may have more than it names."""
    envelope: Mapping[str, Json] = {
        "schema_version": {"const": SCHEMA_VERSION},
        "kind": {"const": "outputs"},
        "tool_version": {"type": "string", "minLength": 1},
        "run_id": {"type": "string", "format": "uuid"},
        "created_at": {"type": "string", "format": "date-time"},
        "account": {"type": "string", "pattern": "^[0-9]{12}$"},
        "region": {"type": "string", "minLength": 1},
        "stage": {"type": "string", "pattern": "^[a-z][a-z0-9]{0,8}$"},
        "sandbox": {"type": "boolean"},
        "outputs": _names(),
        "shared": {
            "description": "Names of what others own: used, and never changed.",
            "type": "array",
            "items": {"type": "string"},
        },
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:umetrics:output:{SCHEMA_VERSION}",
        "title": f"umetrics output --format json, schema version {SCHEMA_VERSION}",
        "type": "object",
        "properties": envelope,
        "required": list(envelope),
        "definitions": {"id": {"type": "string", "pattern": f"^{ID.pattern}$"}},
    }


def _names() -> JsonObject:
    """Lists and the names of the run are always there; a single id is when its resource is."""
    lists = [name for name, source in STANDARD.items() if source.several]
    standard: Mapping[str, Json] = {
        **dict.fromkeys(RUN_NAMES, _ONE),
        **{name: _SEVERAL if name in lists else _ONE for name in STANDARD},
    }
    return {
        "type": "object",
        "properties": standard,
        "required": [*RUN_NAMES, *lists],
        "additionalProperties": {
            "description": "A name of the table [outputs].",
            "anyOf": [_ONE, _SEVERAL],
        },
    }
