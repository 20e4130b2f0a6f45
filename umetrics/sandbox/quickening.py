"""moto without what it does for nobody here: no answer changes, and all come sooner."""

from __future__ import annotations

import copy
import functools
import os
import re
from collections.abc import Callable
from typing import Any

import moto.core.models
import moto.core.responses
import xmltodict  # type: ignore[import-untyped]
from moto.core.constants import MISSING
from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.core.utils import get_value
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.tags import TagBackend
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

_WILDCARD = re.compile(r"[*?\[\\]")


@functools.cache
def quicken() -> None:
    """Once for each process, before the first answer; for good."""
    # Each account begins with 1,300 machine images, which nobody starts here.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    # Each account prepares 1,300 addresses for clients that are not botocore's.
    moto.core.models.RESPONSES_METHODS = ()  # type: ignore[assignment]
    # Each call inspects a class of a thousand methods.
    inspected = moto.core.responses.method_names_from_class  # type: ignore[attr-defined]
    moto.core.responses.method_names_from_class = _remembered_names(inspected)  # type: ignore[assignment,attr-defined]
    # Each element of each answer has its name examined letter by letter,
    xmltodict._validate_name = functools.cache(xmltodict._validate_name)  # noqa: SLF001  # only there
    # and a dozen names formed under which its value might be found.
    AttributePicker.__call__ = _remembering_names(AttributePicker.__call__)  # type: ignore[method-assign]
    # Each resource looks for its tags among those of all others.
    TaggedEC2Resource.get_tags = _own_tags  # type: ignore[assignment,method-assign]
    # Each tag of each resource is held against each id that is asked about.
    TagBackend.describe_tags = _of_those_named(TagBackend.describe_tags)  # type: ignore[method-assign]


def _remembered_names(inspected: Callable[[object], list[str]]) -> Callable[[object], list[str]]:
    """The names of a class's methods, until the strict rules add one or take one back."""

    @functools.cache
    def names(of: object, _attributes: frozenset[str]) -> list[str]:
        return inspected(of)

    return lambda of: names(of, frozenset(vars(of)))


def _remembering_names(picked: Callable[..., Any]) -> Callable[..., Any]:
    """The value of a member: what it may be called depends on classes and models alone."""
    known: dict[tuple[object, ...], tuple[list[str], list[str]]] = {}

    @functools.wraps(picked)
    def pick(picker: AttributePicker, context: AttributePickerContext) -> Any:  # noqa: ANN401  # any member
        transformers = picker.response_transformers
        # Those of a service are one dictionary for good; all others are empty.
        place = (id(transformers), type(context.obj), context.shape, context.key)
        if place not in known:
            names = list(dict.fromkeys(picker.get_possible_keys(context)))
            known[place] = names, [each for each in transformers if _may_end(each, context.key)]
        names, endings = known[place]
        values = (get_value(context.obj, name, MISSING) for name in names)
        value = next((each for each in values if each is not MISSING), None)
        path = f"{context.key_path}.{context.key}"
        ending = next((each for each in endings if path.endswith(each)), None)
        return value if ending is None else transformers[ending](value)

    return pick


def _may_end(ending: str, key: str) -> bool:
    """Whether some path that ends in the key can end so."""
    return key.endswith(ending) or ending.endswith(f".{key}")


def _own_tags(resource: Any) -> list[dict[str, str]]:  # noqa: ANN401  # whatever of EC2 has tags
    if not resource.id:
        return []
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "")
    tags = resource.ec2_backend.tags.get(resource.id, {})
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind}
        for key, value in tags.items()
    ]


def _of_those_named(described: Callable[..., Any]) -> Callable[..., Any]:
    """The tags of ids that are given in full are found among theirs alone."""

    @functools.wraps(described)
    def describe_tags(backend: TagBackend, filters: dict[str, list[str]] | None = None) -> Any:  # noqa: ANN401  # a list of tags
        others = dict(filters or {})
        ids = frozenset(others.pop("resource-id", ()))
        if not ids or any(map(_WILDCARD.search, ids)):
            return described(backend, filters)
        few = copy.copy(backend)
        few.tags = {id_: tags for id_, tags in backend.tags.items() if id_ in ids}
        return described(few, others)

    return describe_tags
