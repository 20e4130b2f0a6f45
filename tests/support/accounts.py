"""The account in memory itself: keeping a copy of it, and putting that back.

With `emulator.py` the only module of the tests that reaches into moto's models.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

from moto.ec2.models import EC2Backend, ec2_backends
from moto.iam.models import IAMBackend, iam_backends

from tests.support.deployments import line

ACCOUNT = "123456789012"
REGION = "us-east-1"
EVERYWHERE = "aws"


@dataclass(frozen=True, slots=True)
class Copy:
    """The account as it was at one moment; can be put back as often as one likes.

    What was under way then is under way again, so the time is put back as well.
    """

    ec2: EC2Backend
    iam: IAMBackend
    now: float

    def put_back(self) -> None:
        """What happened since did not happen."""
        ec2, iam = _copied(self.ec2, self.iam)
        ec2_backends[ACCOUNT][REGION] = ec2
        iam_backends[ACCOUNT][EVERYWHERE] = iam
        line().clock.now = self.now


def copy_account() -> Copy:
    """The network of the region, IAM, and what the strict rules remember of both."""
    ec2, iam = _copied(ec2_backends[ACCOUNT][REGION], iam_backends[ACCOUNT][EVERYWHERE])
    return Copy(ec2, iam, line().clock.now)


def _copied(ec2: EC2Backend, iam: IAMBackend) -> tuple[EC2Backend, IAMBackend]:
    """Security group rules hold on to their old account."""
    copied = copy.deepcopy((ec2, iam))
    for groups in copied[0].groups.values():
        for group in groups.values():
            for rule in (*group.ingress_rules, *group.egress_rules):
                rule.ec2_backend = copied[0]
    return copied
