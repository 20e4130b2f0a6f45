"""Any service's reading operations, by the names that the API reference has for them.

What a client can and may do is decided in `session.py`; this only speaks to it in AWS's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import xform_name

if TYPE_CHECKING:
    from umetrics.aws.translation import Translating

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """One service in one region, as one account sees it."""

    client: Translating

    def call(self, operation: str, parameters: Mapping[str, object]) -> Answer:
        """One answer; raises `AwsError` and `CredentialsError`."""
        answer: Answer = getattr(self.client, xform_name(operation))(**parameters)
        return answer

    def pages(
        self, operation: str, parameters: Mapping[str, object], size: int = 0
    ) -> Iterator[Answer]:
        """All pages, of `size` things each (0: as AWS likes); one, where AWS knows no pages."""
        method = xform_name(operation)
        if not self.client.can_paginate(method):
            yield self.call(operation, parameters)
            return
        config = {"PageSize": size} if size else {}
        paginator = self.client.get_paginator(method)
        yield from paginator.paginate(**parameters, PaginationConfig=config)
