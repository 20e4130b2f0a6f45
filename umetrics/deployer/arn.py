"""ARN templates of what a deployment owns or names, and how they become ARNs.

Fields of templates: `{partition}`, `{region}`, `{account}`, `{project}`, `{stage}`; braces stand
for nothing else. Which resources have ARNs of which form is the Service Authorization Reference's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from umetrics.provision.scope import Scope

if TYPE_CHECKING:
    from umetrics.config import Config

_IAM = "arn:{partition}:iam::{account}"
_OURS = "umetrics/{project}/{stage}"
_NAMED = "{project}-{stage}-*"

ROLES = f"{_IAM}:role/{_OURS}/*"
POLICIES = f"{_IAM}:policy/{_OURS}/*"
FLOW_LOG_ROLE = f"{_IAM}:role/{_OURS}/{{project}}-{{stage}}-ObservabilityFlowLogs"
LAMBDA_ROLES = "lambda roles"
"""No template: the roles that the configuration or the receipts name, in whatever path."""

ROLE_NAMES = (f"{_IAM}:role/{_NAMED}", f"{_IAM}:role/*/{_NAMED}")
POLICY_NAMES = (f"{_IAM}:policy/{_NAMED}", f"{_IAM}:policy/*/{_NAMED}")
PROFILE_NAMES = (f"{_IAM}:instance-profile/{_NAMED}", f"{_IAM}:instance-profile/*/{_NAMED}")
"""Names of ours in any path: who else holds one is looked up by name, which tells no path."""

LOG_GROUPS = f"arn:{{partition}}:logs:{{region}}:{{account}}:log-group:/{_OURS}/*"
ANY_LOG_GROUP = "arn:{partition}:logs:{region}:{account}:log-group:*"
BUDGETS = f"arn:{{partition}}:budgets::{{account}}:budget/{_NAMED}"
ANY_BUDGET = "arn:{partition}:budgets::{account}:budget/*"
PARAMETERS = "parameters"
"""No template: the paths and names under which outputs are published."""

PRINCIPALS = (f"{_IAM}:role/*", f"{_IAM}:user/*")
"""Whoever runs umetrics: a policy is printed for people and roles that it does not know."""
TRAILS = "arn:{partition}:cloudtrail:*:{account}:trail/*"

VPC = "arn:{partition}:ec2:{region}:{account}:vpc/*"


@dataclass(frozen=True, slots=True)
class Place:
    """What a deployment's ARNs are made of.

    `lambda_roles` are names of roles, without path. `parameters` are names of SSM parameters,
    which begin with a slash and may end in `/*`.
    """

    scope: Scope
    config: Config
    lambda_roles: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()

    def arns(self, template: str) -> Iterator[str]:
        """The ARNs that a template stands for; none where it stands for nothing here."""
        if template == LAMBDA_ROLES:
            for name in sorted(self.lambda_roles):
                yield self.filled(f"{_IAM}:role/{name}")
                yield self.filled(f"{_IAM}:role/*/{name}")
        elif template == PARAMETERS:
            for name in sorted(self.parameters):
                yield self.scope.arn("ssm", f"parameter{name}")
        else:
            yield self.filled(template)

    def inside(self, template: str) -> str:
        """Something that is there and in which we make things: a VPC may be somebody else's.

        One that is shared with this account has its owner's number in its ARN, hence the `*`; its
        id is given once in all of AWS.
        """
        if self.shares(template):
            return f"arn:{self.scope.partition}:ec2:{self.scope.region}:*:vpc/{self._vpc_id}"
        return self.filled(template)

    def shares(self, template: str) -> bool:
        """Whether that is somebody else's here, and so carries no tags of ours."""
        return template == VPC and self._vpc_id is not None

    @property
    def _vpc_id(self) -> str | None:
        return self.config.network.vpc_id

    def filled(self, template: str) -> str:
        """The ARN of one template."""
        scope, config = self.scope, self.config
        return template.format(
            partition=scope.partition,
            region=scope.region,
            account=scope.account,
            project=config.project,
            stage=config.stage,
        )
