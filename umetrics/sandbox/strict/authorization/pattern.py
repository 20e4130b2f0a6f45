"""IAM's patterns: `*`, `?`, `${variables}`, and ARNs that are compared part by part.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html and
reference_policies_elements_resource.html. Pure; what a variable stands for is the context's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from umetrics.sandbox.strict.authorization.context import NOTHING, Context

ARN_PARTS = 6

LITERALS = frozenset("*?$")
"""`${*}` is an asterisk: the only variables that need no context."""

VARIABLE_MARK = "${"

_VARIABLE = re.compile(r"\$\{(?P<name>[^},]+)(?:,\s*'(?P<default>[^']*)')?\}")
_COLON = re.compile(r":(?![^{}]*\})")
"""A colon that parts an ARN; the one in `${aws:username}` does not."""

_WILDCARDS = {"*": ".*", "?": "."}


def matches(
    pattern: str, text: str, context: Context = NOTHING, *, ignore_case: bool = False
) -> bool:
    """Whether a pattern with wildcards fits the whole text; an unknown variable fits nothing."""
    if VARIABLE_MARK not in pattern:
        return bool(_constant(pattern, ignore_case).fullmatch(text))
    written = _joined(pattern, context, _with_wildcards, re.escape)
    return written is not None and bool(_compiled(written, ignore_case).fullmatch(text))


def expanded(value: str, context: Context) -> str | None:
    """A value without wildcards, its variables replaced; None when one has no value."""
    return _joined(value, context, str, str)


def matches_arn(pattern: str, arn: str, context: Context = NOTHING) -> bool:
    """Whether each part of an ARN fits; parts that the pattern leaves out may be anything.

    What is no ARN, such as the `*` of actions without a resource, is fitted by `*` alone.
    """
    if not pattern.strip("*"):
        return True
    wanted = _COLON.split(pattern, maxsplit=ARN_PARTS - 1)
    parts = arn.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS:
        return False
    wanted += ["*"] * (ARN_PARTS - len(wanted))
    return all(matches(want, part, context) for want, part in zip(wanted, parts, strict=True))


def variables(text: str) -> Iterator[str]:
    """The context keys that a value or a resource refers to."""
    for found in _VARIABLE.finditer(text):
        if found["name"] not in LITERALS:
            yield found["name"]


def _joined(
    text: str, context: Context, literally: Callable[[str], str], meaning: Callable[[str], str]
) -> str | None:
    """What stands between variables, and what variables stand for, each in its own writing."""
    pieces, end = [], 0
    for found in _VARIABLE.finditer(text):
        value = _value(found, context)
        if value is None:
            return None
        pieces += [literally(text[end : found.start()]), meaning(value)]
        end = found.end()
    return "".join([*pieces, literally(text[end:])])


def _value(variable: re.Match[str], context: Context) -> str | None:
    name = variable["name"]
    if name in LITERALS:
        return name
    values = context.get(name)
    if values is None or len(values) != 1:
        default: str | None = variable["default"]
        return default
    return values[0]


def _with_wildcards(text: str) -> str:
    return "".join(_WILDCARDS.get(each) or re.escape(each) for each in text)


@lru_cache(maxsize=4096)
def _constant(pattern: str, ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001  # cached by it
    """The same for every request: no variables in it."""
    return _compiled(_with_wildcards(pattern), ignore_case)


def _compiled(written: str, ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001  # as above
    return re.compile(written, re.DOTALL | (re.IGNORECASE if ignore_case else re.NOFLAG))
