"""How a foundation gets at AWS. boto3 is imported when somebody asks, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.config import Config


class Connect(Protocol):
    """A way to AWS; `read_only` forbids every call that writes."""

    def __call__(self, *, read_only: bool) -> Aws:
        """Called on the main thread, at most once for each of the two."""
        ...


def connecting(config: Config, endpoint_url: str | None) -> Connect:
    """The way with the credentials that the AWS CLI would take."""

    def connect(*, read_only: bool) -> Aws:
        from umetrics import aws  # noqa: PLC0415  # it imports boto3

        return aws.connect(
            profile=config.profile,
            region=config.region,
            endpoint_url=endpoint_url,
            read_only=read_only,
        )

    return connect
