"""umetrics for programs: one stage, and all that can be done with it, as plain typed calls.

    values.py      what is proposed, what happens meanwhile, how it ended
    foundation.py  `Foundation`: plan, up, destroy, audit, drift, outputs
    connecting.py  how it gets at AWS
    drawing.py     a plan as it was wished for, or as it was kept; carrying.py carries it out
    checking.py    whether it may be carried out, and whether all is such that it can be
    auditing.py, repairing.py  tags judged in every scope, put right, and put back
    cost_allocation.py  cost allocation keys on their way to active
    publishing.py  outputs as SSM parameters

The command line is its first user. Nothing here prints or asks a person. `__all__` is what
`umetrics` itself exports; docs/library.md tells what each is for.
"""

from umetrics.audit.drift import Deviation, Drift
from umetrics.audit.tag_audit import Audit
from umetrics.audit.values import Finding
from umetrics.config import Config
from umetrics.errors import (
    AccessDenied,
    AwsError,
    Blocked,
    ConfigurationError,
    Conflict,
    CredentialsError,
    LockHeld,
    NotPermitted,
    Protected,
    Refused,
    StalePlan,
    StateError,
    Twins,
    UmetricsError,
    UsageError,
)
from umetrics.library.foundation import Foundation
from umetrics.library.values import (
    Approve,
    Begun,
    Ended,
    Happening,
    Notify,
    Planned,
    Proposal,
    Result,
)
from umetrics.provision.events import Done, Failed, Heartbeat, Noticed, Skipped, Started
from umetrics.provision.plan import Action, Plan, Step
from umetrics.provision.selection import Selection, Wish

__all__ = [
    "AccessDenied",
    "Action",
    "Approve",
    "Audit",
    "AwsError",
    "Begun",
    "Blocked",
    "Config",
    "ConfigurationError",
    "Conflict",
    "CredentialsError",
    "Deviation",
    "Done",
    "Drift",
    "Ended",
    "Failed",
    "Finding",
    "Foundation",
    "Happening",
    "Heartbeat",
    "LockHeld",
    "NotPermitted",
    "Noticed",
    "Notify",
    "Plan",
    "Planned",
    "Proposal",
    "Protected",
    "Refused",
    "Result",
    "Selection",
    "Skipped",
    "StalePlan",
    "Started",
    "StateError",
    "Step",
    "Twins",
    "UmetricsError",
    "UsageError",
    "Wish",
]
