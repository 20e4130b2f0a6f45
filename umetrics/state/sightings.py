"""Since when each cost allocation key is in use and known to Cost Explorer, as runs have seen it.

Kept beside the receipts, in `<stage>.cost-tags.json`: a memory for telling people how long AWS
still takes. Nothing is decided by it, so a file that is lost or spoilt is begun anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from umetrics.state import disk
from umetrics.state.clock import parse_utc

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a run first saw a key on a resource, and when first in Cost Explorer (None: not yet)."""

    used: datetime
    listed: datetime | None = None


class Sightings:
    """What is remembered of one stage in one account."""

    def __init__(self, folder: Path, stage: str, account: str) -> None:
        self.path = disk.stage_file(folder, stage, ".cost-tags.json")
        self._account = account

    def read(self) -> Mapping[str, Sighting]:
        """By key; nothing where the file is of another account, or makes no sense."""
        try:
            content = disk.read_file(self.path)
        except OSError as error:
            raise disk.failure("read", self.path, error) from error
        try:
            document = json.loads(content or b"{}")
            if document["account"] != self._account or document["schema"] != SCHEMA_VERSION:
                return {}
            return {
                key: Sighting(parse_utc(kept["used"]), _moment(kept["listed"]))
                for key, kept in document["keys"].items()
            }
        except (ValueError, LookupError, TypeError, AttributeError):
            return {}

    def note(
        self, carried: Collection[str], listed: Collection[str], now: datetime
    ) -> Mapping[str, Sighting]:
        """Remember what is seen for the first time; everything that is remembered.

        Raises `StateError` when it cannot be written.
        """
        known = self.read()
        seen = dict(known)
        for key in carried:
            seen.setdefault(key, Sighting(now))
        for key, sighting in seen.items():
            if key in listed and sighting.listed is None:
                seen[key] = Sighting(sighting.used, now)
        if seen != known:
            self._write(seen)
        return seen

    def _write(self, seen: Mapping[str, Sighting]) -> None:
        keys = {
            key: {"used": _text(each.used), "listed": each.listed and _text(each.listed)}
            for key, each in sorted(seen.items())
        }
        content = {"schema": SCHEMA_VERSION, "account": self._account, "keys": keys}
        try:
            disk.make_folder(self.path.parent)
            disk.replace_file(self.path, f"{json.dumps(content, indent=2)}\n".encode())
            disk.sync_folder(self.path.parent)
        except OSError as error:
            raise disk.failure("write", self.path, error) from error


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_utc(text)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
