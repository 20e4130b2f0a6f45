"""What a tag audit speaks of: subjects that carry tags, findings on them, and what was not seen.

Values only: the catalogue and the scan make subjects, the tag policy makes findings of them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from umetrics.tags import Tags

GLOBAL = "global"
"""The region of what lives in none."""

WHOLE_ACCOUNT = "account"
"""What stands for a kind where nothing at all of an account could be looked at."""


WHOLE_REGION = "region"
"""The same of a region of it."""

WHOLE_STAGE = "stage"
"""The same of a stage: what is missing of it, and what only its blueprint knows."""


class Scope(enum.StrEnum):
    """How far an audit looks."""

    DEPLOYMENT = "deployment"
    PROJECT = "project"
    ACCOUNT = "account"


class Standing(enum.StrEnum):
    """What a subject is to us."""

    OURS = "ours"
    """It carries the identity pair of a deployment of ours, or stands in a receipt."""

    IMPLICIT = "implicit"
    """AWS made it with a VPC of ours: no pair, but our tags."""

    AWS = "aws"
    """AWS's own (the interface of a NAT gateway): listed, never judged or changed."""

    FOREIGN = "foreign"
    """Anybody else's."""


class Problem(enum.StrEnum):
    """What is wrong with one tag."""

    MISSING = "missing"
    EMPTY = "empty"
    WRONG_VALUE = "wrong value"
    WRONG_CASE = "wrong case"
    """The key in another case, or with blanks around it: `owner`, `Owner `."""

    MISSPELT = "misspelt"
    """A key that is nearly the required one: `Onwer`."""

    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Place:
    """An account (twelve digits) and a region; `global` for what lives in none."""

    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"


@dataclass(frozen=True, slots=True)
class Home:
    """A deployment, and where it lives: of its name there may be one in every place."""

    deployment: str
    place: Place


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that can carry tags.

    `kind` is a name of the catalogue (`vpc`, `security-group-rule`, `iam-role`), `id` what its
    owner calls it, `arn` what the tagging API takes (empty where a kind has none). `key` is the
    resource key of what is ours, `deployment` where that belongs (`UserMetrics/dev`); an implicit
    child has both from its parent, whose id is `parent`. `region` is where the deployment of what
    lives in no region lives; empty where nobody knows, and for all else.
    """

    kind: str
    id: str
    arn: str
    tags: Tags
    place: Place
    standing: Standing = Standing.FOREIGN
    key: str = ""
    parent: str = ""
    deployment: str = ""
    region: str = ""

    @property
    def home(self) -> Home:
        """The deployment that it belongs to; an unknown one's region is `global`."""
        return Home(self.deployment, Place(self.place.account, self.region or self.place.region))

    @property
    def is_judged(self) -> bool:
        """Whether its tags are anybody's business: not those of what belongs to AWS."""
        return self.standing is not Standing.AWS


@dataclass(frozen=True, slots=True)
class Finding:
    """One tag that is not as it should be.

    `tag` is the key that is required (or forbidden), `found` the key that was there instead of it,
    for a wrong case or spelling; `actual` its value, `expected` the right one, empty where the
    scheme knows only what is allowed: then `allowed` says that in words.
    """

    subject: Subject
    tag: str
    problem: Problem
    expected: str = ""
    actual: str = ""
    found: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What could not be looked at: a kind in a place (or all of an account), and why.

    `denied` tells a permission that is missing from what AWS does not offer or answer.
    """

    place: Place
    kind: str
    reason: str
    denied: bool = False
