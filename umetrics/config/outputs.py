"""Names under which later work finds ids: the standard ones, and those of the table [outputs].

A name stands for a *source*: the key of a resource, or a pattern for several (`subnet/private-*`),
each with or without an attribute behind a dot (`role/grafana.name`). What a source is in a living
deployment is for `umetrics.outputs` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from umetrics.config.kind import Text, near
from umetrics.config.setting import Setting
from umetrics.errors import Problem

OUTPUTS = "outputs"

_ID = ("id",)
_SUBNET = ("id", "zone")
_ELASTIC_IP = ("id", "public_ip")
_IAM = ("arn", "name", "id")
"""Attributes of a kind. The first is what a source without an attribute means."""

_ZONES = ("a", "b", "c")
_ROLES = ("ecs_task_execution", "openreplay_task", "umami_task", "grafana")
_GROUPS = ("alb", "openreplay", "umami")

SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "vpc": _ID,
        "internet-gateway": _ID,
        **{f"subnet/public-{zone}": _SUBNET for zone in (*_ZONES, "*")},
        **{f"subnet/private-{zone}": _SUBNET for zone in (*_ZONES, "*")},
        "route-table/public": _ID,
        **{f"route-table/private{zone}": _ID for zone in ("", "-b", "-c", "*")},
        **{f"elastic-ip/nat{zone}": _ELASTIC_IP for zone in ("", "-b", "-c", "*")},
        **{f"nat-gateway{zone}": _ID for zone in ("", "/b", "/c", "*")},
        "endpoint/s3": _ID,
        **{f"security-group/{name}": _ID for name in _GROUPS},
        **{f"role/{name.replace('_', '-')}": _IAM for name in _ROLES},
        "policy/lambda-emf": _IAM,
        "log-group/flow-logs": _ID,
        "role/flow-logs": _IAM,
        "flow-log/vpc": _ID,
        "budget/monthly": _ID,
    }
)
"""Every key and pattern that a name may stand for, with the attributes it has."""


def is_source(text: str) -> bool:
    """Whether it is a key or pattern of `SOURCES`, or one with a dot and one of its attributes."""
    key, dot, attribute = text.partition(".")
    return attribute in SOURCES.get(key, ()) if dot else key in SOURCES


@dataclass(frozen=True, slots=True)
class Source:
    """What a name stands for. A `key` with `*` in it is all resources that fit."""

    key: str
    attribute: str

    @property
    def several(self) -> bool:
        """Whether it is a list, however many there are."""
        return "*" in self.key

    @classmethod
    def parse(cls, text: str) -> Source:
        """Raises `ValueError` for what is no source."""
        if not is_source(text):
            raise ValueError(f"{text!r} is no source of an output")
        key, _, attribute = text.partition(".")
        return cls(key, attribute or SOURCES[key][0])


_STANDARD = {
    "vpc_id": "vpc",
    "internet_gateway_id": "internet-gateway",
    "public_subnet_ids": "subnet/public-*",
    "private_subnet_ids": "subnet/private-*",
    "zone_ids": "subnet/public-*.zone",
    "public_route_table_id": "route-table/public",
    "private_route_table_id": "route-table/private",
    "private_route_table_ids": "route-table/private*",
    "nat_gateway_id": "nat-gateway",
    "nat_gateway_ids": "nat-gateway*",
    "nat_elastic_ip_id": "elastic-ip/nat",
    "nat_elastic_ip_ids": "elastic-ip/nat*",
    "nat_public_ips": "elastic-ip/nat*.public_ip",
    "s3_endpoint_id": "endpoint/s3",
    **{f"{name}_security_group_id": f"security-group/{name}" for name in _GROUPS},
    **{
        f"{name}_role_{attribute}": f"role/{name.replace('_', '-')}.{attribute}"
        for name in _ROLES
        for attribute in _IAM
    },
    "lambda_emf_policy_arn": "policy/lambda-emf",
    "flow_log_id": "flow-log/vpc",
    "flow_log_group_name": "log-group/flow-logs",
}

STANDARD: Mapping[str, Source] = MappingProxyType(
    {name: Source.parse(text) for name, text in _STANDARD.items()}
)
"""The names that always are there. They are only ever added to: other people's code holds them."""

RUN_NAMES = ("deployment", "account_id", "region")
"""Names of what is no resource."""

_NAME = re.compile(r"(?!(aws|ld|tf|umetrics)_)[a-z][a-z0-9]*(_[a-z][a-z0-9]*)+")
_LONGEST_NAME = 64
_NAME_ALLOWED = (
    "two or more words joined by _, each a letter and then a-z or 0-9, at most 64 characters, the "
    "first word neither aws, ld, tf nor umetrics"
)
"""One word could be PATH or HOME to a shell, and those first words mean something to programs."""


def _meant(text: str) -> str:
    """The source that was probably meant; empty when none is near."""
    key, dot, attribute = text.partition(".")
    known = key if key in SOURCES else near(key, tuple(SOURCES))
    meant = near(attribute, SOURCES.get(known, ()))
    return f"{known}.{meant}" if known and dot and meant else known


SOURCE = Text(
    "the key of a resource, such as vpc, subnet/private-a or subnet/private-*, or "
    "key.attribute (docs/outputs.md)",
    is_source,
    _meant,
)


def is_name(text: str) -> bool:
    """Whether a name of [outputs] may be written so."""
    return _NAME.fullmatch(text) is not None and len(text) <= _LONGEST_NAME


def setting_of(name: str) -> Setting:
    """A name of [outputs] as a setting, to be looked for wherever one may stand."""
    return Setting(SOURCE, "an id for later work", key=f"{OUTPUTS}.{name}")


def problems_with(name: str, raw: object, where: str) -> Iterable[Problem]:
    """What is wrong with one line of [outputs]."""
    if name in STANDARD or name in RUN_NAMES:
        yield Problem(where, f"the standard name {name}", "a name that is not taken")
    elif not is_name(name):
        yield Problem(where, f"the name {name!a}", _NAME_ALLOWED, _respelt(name))
    yield from SOURCE.judge(raw, where).problems


def _respelt(name: str) -> str:
    """`appVpc` and `app-vpc` as `app_vpc`; empty when that does not help."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower()
    return words if is_name(words) and words not in STANDARD else ""
