"""moto without what it does for nobody here: no answer changes, and most tests take half the time.

What is left of a test's time is moto writing XML and botocore reading it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import moto.core.models
import moto.core.responses
import xmltodict  # type: ignore[import-untyped]

if TYPE_CHECKING:
    import pytest


def quicken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the patch is undone."""
    # Each account begins with 1,300 machine images, which no test starts.
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    # Each account prepares 1,300 addresses for clients that are not botocore's.
    monkeypatch.setattr(moto.core.models, "RESPONSES_METHODS", ())
    # Each call inspects a class of a thousand methods.
    monkeypatch.setattr(moto.core.responses, "method_names_from_class", _remembered_names())
    # Each element of each answer has its name examined letter by letter.
    monkeypatch.setattr(xmltodict, "_validate_name", functools.cache(xmltodict._validate_name))


def _remembered_names() -> Callable[[type], Iterable[str]]:
    """The names of a class's methods, until the strict rules add one or take one back."""
    inspect: Callable[[type], Iterable[str]] = moto.core.responses.method_names_from_class  # type: ignore[attr-defined]

    @functools.cache
    def names(of: type, _attributes: frozenset[str]) -> Iterable[str]:
        return inspect(of)

    return lambda of: names(of, frozenset(vars(of)))
