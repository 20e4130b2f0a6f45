"""Pages of EC2's describes, as the service model has them; moto answers with all there is.

Without MaxResults everything comes at once, as the API reference says of most describes; a client
that needs pages asks for them. What moto pages by itself (instances, launch templates) is left
to it.
"""

from __future__ import annotations

import base64
import binascii
import functools
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import get_service_model

from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Proceed, Rule, refuse, rule

MODEL = "EC2 API reference, Pagination, and the service model's MaxResults (min 5, max 1000)"


@dataclass(frozen=True, slots=True)
class Paged:
    """A describe that can be had in pages: what it lists, and the sizes that a page may have.

    Where the service model has no limits (`DescribeTags`, `DescribeVpcEndpoints`), none are kept.
    """

    listed: str
    least: int
    most: int | None


@dataclass(slots=True)
class Order:
    """The order in which things were first listed, so that no page skips one when others go."""

    ranks: dict[str, int] = field(default_factory=dict)

    def of(self, thing: Any) -> int:  # noqa: ANN401  # moto's models and dicts
        """A number that stays the thing's; later ones have greater numbers."""
        name = str(getattr(thing, "id", None) or thing)
        return self.ranks.setdefault(name, len(self.ranks) + 1)


@functools.cache
def paged(operation: str) -> Paged | None:
    """What the service model says of an operation; None when it has no pages."""
    model = get_service_model("ec2").operation_model(operation)
    takes = model.input_shape.members if model.input_shape else {}
    gives = model.output_shape.members if model.output_shape else {}
    lists = [name for name, shape in gives.items() if shape.type_name == "list"]
    if not {"MaxResults", "NextToken"} <= takes.keys() or len(lists) != 1:
        return None
    limits = takes["MaxResults"].metadata
    return Paged(lists[0], limits.get("min", 1), limits.get("max"))


@rule("paging", service="ec2", actions=EVERY_ACTION, source=MODEL)
def paging(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401  # what moto answers
    """At most MaxResults come back, and a NextToken when there are more."""
    operation = call.response._get_action()  # noqa: SLF001  # moto's only way
    pages = paged(operation) if operation.startswith("Describe") else None
    if pages is None:
        return proceed()
    size = _size(call, pages)
    answer = proceed()
    if "NextToken" in answer.result:
        return answer
    order = call.world.memory(call.backend, Order)
    things = sorted(answer.result[pages.listed], key=order.of)
    token = call.parameter("NextToken")
    if token is not None:
        last = _opened(token, operation)
        things = [each for each in things if order.of(each) > last]
    if size is not None and len(things) > size:
        things = things[:size]
        answer.result["NextToken"] = _token(operation, order.of(things[-1]))
    answer.result[pages.listed] = things
    return answer


def _size(call: Call, pages: Paged) -> int | None:
    asked = call.parameter("MaxResults")
    if asked is None:
        return None
    size = int(asked)
    message = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value "
    if size < pages.least:
        refuse("InvalidParameterValue", f"{message}greater than {pages.least}.")
    if pages.most is not None and size > pages.most:
        refuse("InvalidParameterValue", f"{message}smaller than {pages.most}.")
    return size


def _token(operation: str, rank: int) -> str:
    return base64.urlsafe_b64encode(f"{operation}:{rank}".encode()).decode()


def _opened(token: str, operation: str) -> int:
    """The last rank of the page before; tokens of other operations are none."""
    try:
        name, _, rank = base64.urlsafe_b64decode(token).decode().partition(":")
    except (binascii.Error, ValueError):
        name, rank = "", ""
    if name != operation or not rank.isdecimal():
        refuse("InvalidNextToken", "The specified NextToken is not valid.")
    return int(rank)


RULES: tuple[Rule, ...] = (paging,)
