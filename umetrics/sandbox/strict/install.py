"""Rules around moto: where moto is about to carry an action out, the rules of that action stand.

The in-process emulator and the server answer through the same response classes, so both are
corrected. What a rule raises is written by moto in the protocol of the service.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto.core.utils import camelcase_to_underscores
from moto.ec2.responses import EC2Response
from moto.iam.responses import IamResponse

from umetrics.sandbox.strict.catalogue import RULES
from umetrics.sandbox.strict.rule import EVERY_ACTION, Call, Rule
from umetrics.sandbox.strict.world import World

if TYPE_CHECKING:
    from moto.core.responses import BaseResponse

RESPONSES: dict[str, type[BaseResponse]] = {"ec2": EC2Response, "iam": IamResponse}

BACKENDS: dict[str, Callable[[Any], Any]] = {
    "ec2": lambda response: response.ec2_backend,
    "iam": lambda response: response.backend,
}
"""moto's model of a service, in the account and region of a request."""


@contextmanager
def strict(
    world: World | None = None,
    *,
    rules: Sequence[Rule] = RULES,
    without: Iterable[str] = (),
) -> Iterator[World]:
    """Make moto as strict as the rules while this is entered; gives the world they remember.

    `without` are names of rules to leave out; an unknown one is a `KeyError`.
    """
    world = world or World()
    omitted = set(without)
    if unknown := omitted - {rule.name for rule in rules}:
        raise KeyError(f"no such rule: {', '.join(sorted(unknown))}")
    chosen = [rule for rule in rules if rule.name not in omitted]
    for service, response in RESPONSES.items():
        _surround(response, service, chosen, world)
    try:
        yield world
    finally:
        for response in RESPONSES.values():
            del response.call_action


def _surround(
    response: type[BaseResponse], service: str, rules: Sequence[Rule], world: World
) -> None:
    """Have each request of a service pass through the rules of its action."""
    inherited = response.call_action
    of_service = [rule for rule in rules if rule.service == service]

    @functools.wraps(inherited)
    def call_action(self: BaseResponse) -> Any:  # noqa: ANN401  # whatever moto answers
        action = camelcase_to_underscores(self._get_action() or "")
        around = [rule for rule in of_service if {action, EVERY_ACTION} & rule.actions]
        method = getattr(self, action, None)
        if around and method is not None:
            call = Call(action, self, BACKENDS[service](self), world)
            for rule in reversed(around):
                method = functools.partial(rule.around, call, method)
            # On the instance, which lives for one request: moto calls this instead of its own.
            setattr(self, action, method)
        return inherited(self)

    response.call_action = call_action  # type: ignore[method-assign]
