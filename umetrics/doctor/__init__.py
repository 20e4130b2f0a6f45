"""Can this very configuration be applied, by these credentials, in this account? Writes nothing.

    finding.py, report.py   what a check came to, and how sure that is
    caller.py               whose credentials they are
    planned.py              what a plan tells of its calls
    carried.py, question.py from needs to questions; decision.py, permission.py what answers mean
    quota.py, address.py, neighbour.py, judgement.py, later.py  the other checks
    surroundings.py         what is seen of the account; all above is pure
    simulator.py, rehearsal.py, reading.py  the edge: IAM's simulator, dry runs, lists
    examination.py          all checks together
    gate.py                 the few that `up` makes, of what its plan calls: step_needs.py and
                            mending.py

What must be allowed is said by `umetrics.deployer`, and by nobody else.
"""

from umetrics.doctor.examination import Examination
from umetrics.doctor.finding import Certainty, Check, Finding, Status
from umetrics.doctor.permission import Permissions, Refusal
from umetrics.doctor.question import Known
from umetrics.doctor.report import Report

__all__ = [
    "Certainty",
    "Check",
    "Examination",
    "Finding",
    "Known",
    "Permissions",
    "Refusal",
    "Report",
    "Status",
]
