"""The JSON Schema of what `umetrics audit-tags --format json` prints.

docs/tag-audit.schema.json is a copy for readers and editors. Draft 7, which all validators know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from umetrics.audit.values import Problem, Scope, Standing
from umetrics.render.document import SCHEMA_VERSION, Json, JsonObject

_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "integer", "minimum": 0}
_PERCENT: Json = {"type": "number", "minimum": 0, "maximum": 100}
_SCORE: Json = {"anyOf": [_PERCENT, {"type": "null"}]}
"""None where nothing was judged."""

_COUNT: Json = {"$ref": "#/definitions/count"}
_COUNTS: Json = {"type": "object", "additionalProperties": _COUNT}
_TEXTS: Json = {"type": "array", "items": _TEXT}

_COUNTED = ("judged", "failing", "findings")
_COUNTED_BESIDE = (
    "implicit",
    "not_judged",
    "known",
    "excepted",
    "expired",
    "unseen",
    "missing_resources",
)
_PLACE = ("account", "region")


def report_schema() -> JsonObject:
    """The whole schema. Fields are only ever added, so a document may have more than it names."""
    content: Mapping[str, Json] = {
        "schema_version": {"const": SCHEMA_VERSION},
        "kind": {"const": "findings"},
        "tool_version": {"type": "string", "minLength": 1},
        "run_id": {"type": "string", "format": "uuid"},
        "created_at": {"type": "string", "format": "date-time"},
        "account": _TEXT,
        "region": _TEXT,
        "stage": _TEXT,
        "sandbox": {"type": "boolean"},
        "clean": {"type": "boolean"},
        "scope": _one_of(Scope),
        "fail_under": {"anyOf": [_PERCENT, {"type": "null"}]},
        "repair": _TEXT,
        "summary": _object({**_count(), **dict.fromkeys(_COUNTED_BESIDE, _NUMBER)}),
        "by_kind": _COUNTS,
        "by_owner": _COUNTS,
        "by_place": _COUNTS,
        "missing_resources": _TEXTS,
        "remarks": _TEXTS,
        "findings": _list_of("finding"),
        "known": _list_of("finding"),
        "excepted": _list_of("excepted"),
        "expired": _list_of("exception"),
        "unseen": {"type": "array", "items": _texts(*_PLACE, "kind", "reason")},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"urn:umetrics:findings:{SCHEMA_VERSION}",
        "title": f"umetrics audit-tags --format json, schema version {SCHEMA_VERSION}",
        **_object(content),
        "definitions": {
            "count": _object(_count()),
            "finding": _finding(),
            "exception": _object(
                {**dict.fromkeys(("pattern", "reason", "owner", "expires"), _TEXT), "tags": _TEXTS}
            ),
            "excepted": {
                "allOf": [
                    {"$ref": "#/definitions/finding"},
                    _object({"exception": {"$ref": "#/definitions/exception"}}),
                ]
            },
        },
    }


def _finding() -> JsonObject:
    subject = (*_PLACE, "kind", "id", "arn", "deployment", "key", "parent")
    texts = (*subject, "tag", "expected", "allowed", "actual", "found", "fix")
    return _object(
        {
            **dict.fromkeys(texts, _TEXT),
            "standing": _one_of(Standing),
            "problem": _one_of(Problem),
        }
    )


def _count() -> JsonObject:
    return {**dict.fromkeys(_COUNTED, _NUMBER), "score": _SCORE}


def _one_of(values: Iterable[str]) -> Json:
    return {"enum": [str(each) for each in values]}


def _list_of(name: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/definitions/{name}"}}


def _texts(*names: str) -> Json:
    return _object(dict.fromkeys(names, _TEXT))


def _object(properties: Mapping[str, Json]) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(properties)}
