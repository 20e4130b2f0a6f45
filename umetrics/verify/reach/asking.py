"""The question that no list answers: the targets of proxies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from umetrics.audit.catalogue.kind import Item, found
from umetrics.errors import AwsError, CredentialsError
from umetrics.pool import each

if TYPE_CHECKING:
    from umetrics.aws import Aws, Reader

TOGETHER = 30


def ask_targets(aws: Aws, proxies: Sequence[Item]) -> Mapping[str, tuple[Item, ...] | str]:
    """By proxy. On the main thread: clients are made here. What is denied is a reason."""
    names = [str(proxy["DBProxyName"]) for proxy in proxies]
    told = each(partial(_targets, aws.looker("rds")), names, at_most=TOGETHER)
    return dict(zip(names, told, strict=True))


def _targets(reader: Reader, name: str) -> tuple[Item, ...] | str:
    try:
        pages = reader.pages("DescribeDBProxyTargets", {"DBProxyName": name}, 100)
        return tuple(target for page in pages for target in found(page, "Targets"))
    except (AwsError, CredentialsError) as error:
        return error.message
