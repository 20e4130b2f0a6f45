"""A plan that is kept: written to a file, read back, and held against the plan of today.

The file is never carried out. `up --plan` draws its plan afresh and carries that one out, once it
equals the file in every step; so a file that was tampered with can do nothing but be refused. It
holds ids, settings and tags, and no secret.
"""

from umetrics.plan_file.comparison import Circumstances, KeptPlan, steps_json
from umetrics.plan_file.file import read_plan_file, write_plan_file

__all__ = ["Circumstances", "KeptPlan", "read_plan_file", "steps_json", "write_plan_file"]
