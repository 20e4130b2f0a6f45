"""Rules around moto: where moto is about to carry an action out, the rules of that action stand.

The in-process emulator and the server answer through the same response classes, so both are
corrected. What a rule raises is written by moto in the protocol of the service.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn

from moto.awslambda.responses import LambdaResponse
from moto.backends import get_backend
from moto.budgets.responses import BudgetsResponse
from moto.ce.responses import CostExplorerResponse
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core import errors
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.ec2.responses import EC2Response
from moto.iam.responses import IamResponse
from moto.logs.responses import LogsResponse
from moto.resourcegroupstaggingapi.responses import ResourceGroupsTaggingAPIResponse
from moto.servicequotas.responses import ServiceQuotasResponse
from moto.ssm.responses import SimpleSystemManagerResponse
from moto.sts.responses import TokenResponse

from umetrics.sandbox.strict import object_storage
from umetrics.sandbox.strict.catalogue import RULES
from umetrics.sandbox.strict.failure import COMMON_ERRORS
from umetrics.sandbox.strict.rule import EVERY_ACTION, EVERY_SERVICE, Call, Rule
from umetrics.sandbox.strict.unserved import unserved_is_said
from umetrics.sandbox.strict.world import World

RESPONSES: dict[str, type[BaseResponse]] = {
    "awslambda": LambdaResponse,
    "budgets": BudgetsResponse,
    "ce": CostExplorerResponse,
    "cloudtrail": CloudTrailResponse,
    "ec2": EC2Response,
    "iam": IamResponse,
    "logs": LogsResponse,
    "resourcegroupstaggingapi": ResourceGroupsTaggingAPIResponse,
    "service-quotas": ServiceQuotasResponse,
    "ssm": SimpleSystemManagerResponse,
    "sts": TokenResponse,
}
"""The services that rules correct, by moto's names."""

GLOBAL = frozenset({"budgets", "ce", "iam", "sts"})
"""Services that are one for all regions of a partition."""


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
    with ExitStack() as taken_back:
        taken_back.enter_context(unserved_is_said())
        for service, response in RESPONSES.items():
            _add_operations(response, [r for r in rules if r.service == service], taken_back)
        _surround(chosen, world, taken_back)
        errors.COMMON_ERROR_CODES.extend(COMMON_ERRORS)
        taken_back.callback(_forget_common_errors)
        yield world


def _forget_common_errors() -> None:
    for code in COMMON_ERRORS:
        errors.COMMON_ERROR_CODES.remove(code)


def _add_operations(
    response: type[BaseResponse], rules: Sequence[Rule], taken_back: ExitStack
) -> None:
    """Operations that only the rules know: moto asks the class whether there is such a thing.

    Those of rules that are left out as well: they proceed to moto's word that it has none.
    """
    for action in {action for rule in rules for action in rule.actions} - {EVERY_ACTION}:
        if not hasattr(response, action):
            setattr(response, action, _not_implemented)
            taken_back.callback(delattr, response, action)


def _not_implemented(response: BaseResponse) -> NoReturn:
    """What an operation of the rules' own proceeds to, as moto says it."""
    raise NotImplementedError(f"{response.service_name} has no such operation in moto")


def _surround(rules: Sequence[Rule], world: World, taken_back: ExitStack) -> None:
    """Have each request pass through the rules of its service and action."""
    everywhere = [rule for rule in rules if rule.service == EVERY_SERVICE]
    object_storage.guard(everywhere, world, taken_back)
    of_services = {
        service: [rule for rule in rules if rule.service in {service, EVERY_SERVICE}]
        for service in RESPONSES
    }
    inherited = BaseResponse.call_action

    @functools.wraps(inherited)
    def call_action(self: BaseResponse) -> Any:  # noqa: ANN401  # whatever moto answers
        service = self.service_name or ""
        action = camelcase_to_underscores(self._get_action() or "")
        of_service = of_services.get(service, everywhere)
        around = [rule for rule in of_service if {action, EVERY_ACTION} & rule.actions]
        method = getattr(self, action, None)
        if around and method is not None:
            backend = _backend(service, self) if service in RESPONSES else None
            call = Call(action, self, backend, world)
            for rule in reversed(around):
                method = functools.partial(rule.around, call, method)
            # On the instance, which lives for one request: moto calls this instead of its own.
            setattr(self, action, method)
        return inherited(self)

    taken_back.callback(setattr, BaseResponse, "call_action", inherited)
    BaseResponse.call_action = call_action  # type: ignore[method-assign]


def _backend(service: str, response: BaseResponse) -> Any:  # noqa: ANN401  # a model of moto's
    """The model of a service, in the account and region of a request."""
    backend: Any = get_backend  # an overload for each service: here it may be any of them
    place = response.partition if service in GLOBAL else response.region
    return backend(service)[response.current_account][place]
