"""What a rule is: something that stands around calls, and refuses, delays or corrects them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from moto.core.exceptions import ServiceException

if TYPE_CHECKING:
    from moto.core.responses import BaseResponse

    from umetrics.sandbox.strict.world import World

EVERY_ACTION = "*"
EVERY_SERVICE = "*"


class Refusal(ServiceException):
    """An AWS error; moto writes it in the protocol of the service."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


def refuse(code: str, message: str) -> NoReturn:
    """Answer the call with an AWS error instead of carrying it out."""
    raise Refusal(code, message)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a rule sees it.

    `action` is moto's name for the operation (`create_nat_gateway`), `backend` moto's model of the
    service in this account and region, whose objects a rule may read and correct; None where only
    rules of every service stand.
    """

    action: str
    response: BaseResponse
    backend: Any
    world: World

    def parameter(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  # the wire's value
        """A request parameter by its AWS name, parsed as the service model has it."""
        return self.response._get_param(name, default)  # noqa: SLF001  # moto's only way


Proceed = Callable[[], Any]
"""Carry the call out (through the rules that come after) and return moto's result."""

Around = Callable[[Call, Proceed], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which AWS is stricter than moto.

    `source` names the AWS page, the service model or the field report that states it. `actions`
    are moto's names of the operations it stands around, or `EVERY_ACTION` of the service; `service`
    is moto's name of it, or `EVERY_SERVICE`.
    """

    name: str
    service: str
    actions: frozenset[str]
    source: str
    around: Around


def rule(
    name: str, *, service: str, actions: str | tuple[str, ...], source: str
) -> Callable[[Around], Rule]:
    """Make a rule of a function that stands around calls."""
    names = frozenset((actions,) if isinstance(actions, str) else actions)

    def made(around: Around) -> Rule:
        return Rule(name, service, names, source, around)

    return made
