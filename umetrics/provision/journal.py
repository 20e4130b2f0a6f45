"""Where intents and receipts are kept while a plan is carried out: what the engine asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from umetrics.provision.model import Found


class Journal(Protocol):
    """Every method is on the disk when it returns, and is safe to call from any worker."""

    def intend(self, key: str, kind: str, token: str) -> str:
        """Journal a create before it is sent; the token to use: that of an unfinished intent."""
        ...

    def renew(self, key: str, kind: str, token: str) -> None:
        """Replace the token of an intent that AWS refuses to resume."""
        ...

    def record(self, key: str, kind: str, found: Found[Any], members: Iterable[str]) -> None:
        """Keep the id at once; this closes the intent."""
        ...

    def forget(self, key: str) -> None:
        """It is gone."""
        ...
