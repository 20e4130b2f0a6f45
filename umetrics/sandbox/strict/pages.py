"""Pages of lists that rules answer with; those of EC2's describes are `paging_rules.py`'s."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from umetrics.sandbox.strict.rule import refuse

T = TypeVar("T")


def page_of(
    things: Sequence[T], name: Callable[[T], str], size: int, token: str | None, refusal: str
) -> tuple[Sequence[T], str | None]:
    """The page after the one that gave the token, and the token of the next, if there is one.

    A token tells the last thing of its page by name, so that none is skipped when others come
    before it. One that names nothing is refused with the code `refusal`.
    """
    rest = things
    if token:
        names = [name(each) for each in things]
        last = _opened(token)
        if last not in names:
            refuse(refusal, "The pagination token is not valid.")
        rest = things[names.index(last) + 1 :]
    if len(rest) <= size:
        return rest, None
    return rest[:size], base64.b64encode(name(rest[size - 1]).encode()).decode()


def _opened(token: str) -> str | None:
    try:
        return base64.b64decode(token).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
