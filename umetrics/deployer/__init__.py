"""What whoever runs umetrics must be allowed to do: needs, and the policy that they come to.

    need.py            actions on resources, for one task, under a guard
    kind_needs.py      the table: a row for each kind of resource
    command_needs.py   the same for commands, and the modes
    concern.py         which kinds a configuration concerns
    arn.py, condition.py  resources and guards of one deployment
    grant.py           the statements; policy.py: documents that are not too long

Pure: nothing here asks AWS, and nothing judges whether somebody is allowed.
"""

from umetrics.deployer.arn import Place
from umetrics.deployer.command_needs import Mode, in_production
from umetrics.deployer.concern import standing_kinds, wanted_kinds
from umetrics.deployer.grant import Grant, granted, grants, needs
from umetrics.deployer.need import Need
from umetrics.deployer.policy import DeployerPolicy, policies

__all__ = [
    "DeployerPolicy",
    "Grant",
    "Mode",
    "Need",
    "Place",
    "granted",
    "grants",
    "in_production",
    "needs",
    "policies",
    "standing_kinds",
    "wanted_kinds",
]
