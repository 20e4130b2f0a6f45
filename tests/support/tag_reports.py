"""One tag report that has everything in it, for the tests of its forms; hostile texts included."""

from __future__ import annotations

from datetime import UTC, date, datetime

from umetrics.audit.baseline import Debt
from umetrics.audit.tag_policy import TagException
from umetrics.audit.tally import TagReport, Tally
from umetrics.audit.values import Finding, Place, Problem, Scope, Standing, Subject, Unseen
from umetrics.render.document import Run

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
RUN = Run("0d9f6c1e-5a43-4f0e-9f0b-0f6f4d1f2a11", "111122223333", "us-east-1", "dev")
HOSTILE = "\x1b[31m[red]x[/red]\n::error::forged|`<b>&%0A@all"
FORMULA = '=HYPERLINK("http://x.example","x")'

HOME = Place("111122223333", "us-east-1")
EVERYWHERE = Place("111122223333", "global")

OWNED = {"Owner": "team@example.org"}
VPC = Subject("vpc", "vpc-1", "", OWNED, HOME, Standing.OURS, "vpc", "", "UserMetrics/dev")
GROUP = Subject(
    "security-group", "sg-1", "", {}, HOME, Standing.IMPLICIT, "vpc", "vpc-1", "UserMetrics/dev"
)
ROLE = Subject(
    "iam-role", "ci", "arn:aws:iam::111122223333:role/ci", {"owner": "me@x.example"}, EVERYWHERE
)
BUCKET = Subject("s3-bucket", "logs", "arn:aws:s3:::logs", {"Owner": FORMULA}, HOME)
LEGACY = Subject("s3-bucket", "legacy", "arn:aws:s3:::legacy", {}, HOME)
INTERFACE = Subject("network-interface", "eni-1", "", {}, HOME, Standing.AWS)

AN_ADDRESS = "an e-mail address"
KNOWN = Finding(LEGACY, "CostCenter", Problem.MISSING, allowed="any value")

JUDGED: dict[str, tuple[Subject, tuple[Finding, ...]]] = {
    "vpc": (
        VPC,
        (
            Finding(VPC, "Environment", Problem.WRONG_VALUE, "dev", HOSTILE),
            Finding(VPC, "Purpose", Problem.EMPTY, "LoadBalancer", " "),
        ),
    ),
    "group": (GROUP, (Finding(GROUP, "Owner", Problem.MISSING, "team@example.org"),)),
    "role": (
        ROLE,
        (
            Finding(ROLE, "Owner", Problem.WRONG_CASE, "me@x.example", "me@x.example", "owner"),
            Finding(ROLE, "Project", Problem.MISSPELT, "Shop", "shop", "Porject"),
            Finding(ROLE, "password", Problem.FORBIDDEN, actual="hunter2"),
        ),
    ),
    "bucket": (
        BUCKET,
        (Finding(BUCKET, "Owner", Problem.WRONG_VALUE, "", FORMULA, allowed=AN_ADDRESS),),
    ),
    "legacy": (LEGACY, (KNOWN, Finding(LEGACY, "Owner", Problem.MISSING, allowed=AN_ADDRESS))),
    "interface": (INTERFACE, ()),
    **{f"subnet {n}": (Subject("subnet", f"subnet-{n}", "", OWNED, HOME), ()) for n in range(4)},
}

EXCEPTIONS = (
    TagException("*:legacy", "goes with the old shop", "ops@x.example", date(2026, 6, 30)),
    TagException("i-*", "no reason", "it@x.example", date(2026, 2, 28)),
)
UNSEEN = (Unseen(HOME, "sqs-queue", "AccessDenied: sqs:ListQueues"),)
REMARKS = ("the organisation's required tags were not read",)


def full_report(*, fail_under: float | None = None) -> TagReport:
    """Every sort of finding, one that is known, one that is excepted, and all that lies beside."""
    exceptions = tuple(
        TagException(each.pattern, each.reason, each.owner, each.expires, ("Owner",))
        for each in EXCEPTIONS
    )
    tally = Tally(
        Scope.PROJECT,
        today=AT.date(),
        exceptions=exceptions,
        baseline=frozenset({Debt.of(KNOWN)}),
    )
    for subject, findings in JUDGED.values():
        tally.add(subject, findings)
    return tally.report(unseen=UNSEEN, remarks=REMARKS, fail_under=fail_under)


def clean_report() -> TagReport:
    """Nothing wrong, and one thing that is AWS's."""
    tally = Tally(Scope.DEPLOYMENT, today=AT.date())
    for name, (subject, _) in JUDGED.items():
        if name.startswith(("subnet", "interface")):
            tally.add(subject, ())
    return tally.report()
