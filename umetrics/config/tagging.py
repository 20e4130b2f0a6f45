"""The table [tags]: what tags are judged by, declared as in `values.py`.

What umetrics itself puts on what is ours does not stand here, but in `umetrics.tags`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from umetrics import tags
from umetrics.config import rules
from umetrics.config.kind import Table
from umetrics.config.setting import Setting

REQUIRED = tuple(tags.required_tags("", ""))
ANY_ENVIRONMENT = Table((("Environment", rules.ENVIRONMENTS),))
NOTHING = Table()


@dataclass(frozen=True, slots=True)
class Tagging:
    """What `audit-tags` wants of tags, beyond what umetrics itself puts on what is ours."""

    required: Annotated[
        tuple[str, ...], Setting(rules.RULED_TAG_KEYS, "keys that everything must carry")
    ] = REQUIRED
    allowed: Annotated[
        Table, Setting(rules.TAG_VALUES, "all values that a key may have, key by key")
    ] = ANY_ENVIRONMENT
    patterns: Annotated[
        Table, Setting(rules.TAG_PATTERNS, "what a key's whole value must match, key by key")
    ] = NOTHING
    emails: Annotated[
        tuple[str, ...], Setting(rules.RULED_TAG_KEYS, "keys whose value must be an e-mail address")
    ] = ("Owner",)
    forbidden: Annotated[
        tuple[str, ...], Setting(rules.TAG_KEY_GLOBS, "keys that nothing may carry")
    ] = ()
    extra: Annotated[
        tuple[str, ...],
        Setting(rules.TAG_KEYS, "other keys that are right, and no misspelling of these"),
    ] = ()
    exceptions: Annotated[
        Table, Setting(rules.TAG_EXCEPTIONS, "what is allowed to deviate, by whom and until when")
    ] = NOTHING
