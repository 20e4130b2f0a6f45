"""The account in memory itself: keeping a copy of it, and putting that back.

The only module of `support` that reaches into the data of moto's models.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.budgets.models import budgets_backends
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends

from tests.support.deployments import line

ACCOUNT = "123456789012"
REGION = "us-east-1"
EVERYWHERE = "aws"

SERVICES: Mapping[str, tuple[Any, str]] = {
    "ec2": (ec2_backends, REGION),
    "iam": (iam_backends, EVERYWHERE),
    "logs": (logs_backends, REGION),
    "budgets": (budgets_backends, EVERYWHERE),
}
"""moto's models of what umetrics builds, and where each of them lies."""

Models = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Copy:
    """The account as it was at one moment; can be put back as often as one likes.

    What was under way then is under way again, so the time is put back as well.
    """

    models: Models
    now: float

    def put_back(self) -> None:
        """What happened since did not happen."""
        for service, model in _copied(self.models).items():
            backends, place = SERVICES[service]
            backends[ACCOUNT][place] = model
        line().clock.now = self.now


def copy_account() -> Copy:
    """The network of the region, IAM, logs, budgets, and what the strict rules remember of them."""
    models = {name: backends[ACCOUNT][place] for name, (backends, place) in SERVICES.items()}
    return Copy(_copied(models), line().clock.now)


def _copied(models: Models) -> Models:
    """Security group rules hold on to their old account."""
    copied = copy.deepcopy(models)
    for groups in copied["ec2"].groups.values():
        for group in groups.values():
            for rule in (*group.ingress_rules, *group.egress_rules):
                rule.ec2_backend = copied["ec2"]
    return copied
