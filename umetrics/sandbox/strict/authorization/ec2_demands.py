"""What EC2's actions touch: the thing that is made, and the things that the request names.

Each thing is judged by itself: one that is made has request tags only, one that is there has
resource tags only. What the reference calls optional counts when it is named. Actions that are not
in `ec2_actions` are judged on `*`, which is coarser than AWS for those that change something.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from umetrics.sandbox.strict.authorization import context
from umetrics.sandbox.strict.authorization.context import Context
from umetrics.sandbox.strict.authorization.demand import EVERYTHING, Demand
from umetrics.sandbox.strict.authorization.ec2_actions import KINDS, TOUCHED, Kind, Touched

if TYPE_CHECKING:
    from umetrics.sandbox.strict.rule import Call

CREATE_TAGS = "ec2:CreateTags"


def ec2_demands(call: Call, operation: str) -> Iterator[Demand]:
    """The permissions that a call of EC2 needs; tags in a create need CreateTags besides."""
    action, touched = f"ec2:{operation}", TOUCHED.get(operation, Touched())
    tags = _tags_to_make(call, touched.makes)
    here = context.of({"ec2:Region": call.response.region})
    made = bool(touched.makes) and (bool(tags) or not touched.only_if_tagged)
    new = f"{_prefix(call)}:{touched.makes}/*"
    if made:
        yield Demand(action, new, here | context.requested_tags(tags) | _new_keys(call, operation))
    named = list(dict.fromkeys(_ids(call, touched.named)))
    for each in named:
        keys = here | _known(call, each) | _tags_to_change(call, operation)
        yield Demand(action, _arn(call, each), keys)
    if not (made or named):
        yield Demand(action, EVERYTHING, here)
    if made and tags:
        creating = context.of({"ec2:CreateAction": operation})
        yield Demand(CREATE_TAGS, new, here | creating | context.requested_tags(tags))


def _tags_to_make(call: Call, kind: str) -> dict[str, str]:
    """What TagSpecifications say for the kind of thing that is made."""
    return {
        tag["Key"]: tag.get("Value", "")
        for each in call.parameter("TagSpecifications") or ()
        if each.get("ResourceType") == kind
        for tag in each.get("Tags") or ()
    }


def _tags_to_change(call: Call, operation: str) -> Context:
    if operation not in {"CreateTags", "DeleteTags"}:
        return context.NOTHING
    given = call.parameter("Tags") or ()
    values = {tag["Key"]: tag["Value"] for tag in given if tag.get("Value") is not None}
    return context.requested_tags(values) | context.tag_keys(tag["Key"] for tag in given)


def _new_keys(call: Call, operation: str) -> Context:
    if operation != "CreateVpcEndpoint":
        return context.NOTHING
    return context.of({"ec2:VpceServiceName": call.parameter("ServiceName")})


def _known(call: Call, name: str) -> Context:
    """The tags of a thing that is there, its id, and the VPC in which it lies."""
    vpc = _vpc_of(call.backend, name)
    id_key = _kind(name).id_key
    keys = {
        "ec2:Vpc": _arn(call, vpc) if vpc else None,
        f"ec2:{id_key}": name if id_key else None,
    }
    tags = call.backend.tags.get(name, {})
    return context.of(keys) | context.resource_tags(tags, service="ec2")


def _ids(call: Call, parameters: Iterable[str]) -> Iterator[str]:
    """The things that a request names; an association stands for what it joins."""
    for parameter in parameters:
        given = call.parameter(parameter)
        for each in given if isinstance(given, list) else [given] if given else []:
            if isinstance(each, Mapping):
                yield each["SecurityGroupRuleId"]
            elif parameter == "AssociationId":
                yield from _joined(call, each)
            else:
                yield each


def _joined(call: Call, association: str) -> Iterator[str]:
    """The subnet of an association; its table too, unless the request names another instead."""
    for table in list(call.backend.route_tables.values()):
        targets = table._associations  # noqa: SLF001  # moto's only list by association
        if association in targets or association == table.main_association_id:
            if not call.parameter("RouteTableId"):
                yield table.id
            if association in targets:
                yield targets[association]


def _kind(name: str) -> Kind:
    prefix = name.partition("-")[0]
    return KINDS.get(prefix, Kind(prefix))


def _arn(call: Call, name: str) -> str:
    return f"{_prefix(call)}:{_kind(name).name}/{name}"


def _prefix(call: Call) -> str:
    answering = call.response
    return f"arn:{answering.partition}:ec2:{answering.region}:{answering.current_account}"


def _vpc_of(backend: Any, name: str) -> str | None:  # noqa: ANN401  # moto's model of EC2
    """The VPC of a thing for which the reference has the key `ec2:Vpc`."""
    match _kind(name).name:
        case "route-table":
            things = backend.route_tables
        case "network-acl":
            things = backend.network_acls
        case "network-interface":
            things = backend.enis
        case "subnet" | "security-group" as kind:
            groups = backend.subnets if kind == "subnet" else backend.groups
            things = dict(itertools.chain.from_iterable(each.items() for each in groups.values()))
        case _:
            return None
    found = things.get(name)
    place: str | None = getattr(found, "vpc_id", None)
    return place
