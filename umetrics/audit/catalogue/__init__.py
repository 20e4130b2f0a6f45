"""The kinds of resources that an audit knows, one row each; a new kind is one new row.

See docs/tag-audit-kinds.md for how a row is added.
"""

from umetrics.audit.catalogue import account_wide, computing, data, ec2
from umetrics.audit.catalogue.kind import Kind

KINDS: tuple[Kind, ...] = (
    *ec2.KINDS,
    *account_wide.KINDS,
    *computing.KINDS,
    *data.KINDS,
)

__all__ = ["KINDS", "Kind"]
