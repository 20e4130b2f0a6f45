"""The two questions that no list answers: the state of functions, and the targets of proxies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from umetrics.audit.catalogue.kind import Item
from umetrics.errors import AwsError, CredentialsError
from umetrics.pool import both, each
from umetrics.verify.reach.place import Health

if TYPE_CHECKING:
    from umetrics.aws import Aws, Reader
    from umetrics.patience import Pace

RATE = 100.0
"""Calls a second that Lambda grants to GetFunction alone. GetFunctionConfiguration would do as
well, but shares 15 with all the rest of the control plane.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

TOGETHER = 30


def ask_health(aws: Aws, functions: Sequence[Item], proxies: Sequence[Item]) -> Health:
    """Of all of them. On the main thread: clients are made here. What is denied is a reason."""
    names = [str(each["FunctionName"]) for each in functions]
    proxy_names = [str(each["DBProxyName"]) for each in proxies]
    state = partial(_state, aws.looker("lambda"), aws.pace(RATE, RATE))
    targets = partial(_targets, aws.looker("rds"))
    states, targets_of = both(
        lambda: each(state, names, at_most=TOGETHER),
        lambda: each(targets, proxy_names, at_most=TOGETHER),
    )
    return Health(
        dict(zip(names, states, strict=True)), dict(zip(proxy_names, targets_of, strict=True))
    )


def _state(reader: Reader, pace: Pace, name: str) -> tuple[str, str] | str:
    pace.wait()
    try:
        told = reader.call("GetFunction", {"FunctionName": name})["Configuration"]
    except (AwsError, CredentialsError) as error:
        return error.message
    return str(told.get("State", "")), str(told.get("LastUpdateStatus", ""))


def _targets(reader: Reader, name: str) -> tuple[Item, ...] | str:
    try:
        pages = reader.pages("DescribeDBProxyTargets", {"DBProxyName": name}, 100)
        return tuple(target for page in pages for target in page["Targets"])
    except (AwsError, CredentialsError) as error:
        return error.message
