"""Both services of an account on strict moto, the time there, and what AWS says no with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tests.support.strict_account import ONE_TRY, SESSION, Clock, account

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient

    from umetrics.sandbox.strict import Settings


@dataclass(frozen=True, slots=True)
class StrictAccount:
    """Clients that try nothing twice, and the clock that the rules go by."""

    ec2: EC2Client
    iam: IAMClient
    clock: Clock


@contextmanager
def strict_account(
    settings: Settings | None = None, *, without: Iterable[str] = ()
) -> Iterator[StrictAccount]:
    """An account that is empty but for its default VPC, until the end of the block."""
    clock = Clock()
    with account(clock, settings, without=without) as ec2:
        yield StrictAccount(ec2, SESSION.client("iam", config=ONE_TRY), clock)


def refusal(call: Callable[[], object]) -> tuple[str, int]:
    """The code and HTTP status of AWS's no; an `AssertionError` when it says yes."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError("not refused")
