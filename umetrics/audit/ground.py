"""What is ours of the things in a place: by their tags, by receipts, by what they lie in. Pure.

What AWS makes with a VPC of ours has no tags of ours to know it by, and neither has what others put
there: for these one has to know our VPCs and groups first (`audit/opening.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from umetrics.audit.catalogue.kind import Item, Kind, text
from umetrics.audit.values import GLOBAL, Place, Scope, Standing, Subject
from umetrics.tags import DEPLOYMENT, REGION, RESOURCE, Tags

VPC_KEY = "vpc"
"""The resource key of what the implicit children of a VPC belong to."""

RECORDED_KINDS: Mapping[str, str] = MappingProxyType(
    {
        **{
            each: each
            for each in (
                "vpc",
                "internet-gateway",
                "subnet",
                "route-table",
                "elastic-ip",
                "nat-gateway",
                "security-group",
                "flow-log",
            )
        },
        "endpoint": "vpc-endpoint",
        "role": "iam-role",
        "policy": "iam-policy",
    }
)
"""The kind of a resource key, by its beginning, where a receipt alone tells what is ours.

Log groups, budgets and parameters are not among them: their ids are names, which may be given again
by anybody, so these are ours by their tags only.
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a receipt says of something of ours, and in which account and region it lies."""

    deployment: str
    key: str
    account: str = ""
    region: str = ""

    @property
    def kind(self) -> str:
        """Its name in the catalogue; empty where a receipt proves nothing."""
        return RECORDED_KINDS.get(self.key.partition("/")[0], "")

    def is_about(self, place: Place) -> bool:
        """Whether it speaks of a place: names may be the same in two."""
        return self.account in {"", place.account} and (
            self.region in {"", place.region} or place.region == GLOBAL
        )


@dataclass(frozen=True, slots=True)
class Ground:
    """A place, and what is known of it before its resources are listed.

    `homes` are our VPCs and security groups by id, with the deployment of each. `strays` are the
    ARNs that the tagging API has with our tags; None where it was not asked, or did not answer.
    """

    place: Place
    partition: str
    scope: Scope
    project: str
    receipts: Mapping[str, Recorded]
    homes: Mapping[str, str] = field(default_factory=dict)
    strays: frozenset[str] | None = None

    def is_present(self, kind: Kind, item: Item) -> bool:
        """Whether a thing is this account's, and not deleted already."""
        owner = text(item, kind.owner)
        return owner in {"", self.place.account} and not kind.gone(item)

    def is_worth_asking(self, kind: Kind, item: Item, arn: str) -> bool:
        """Whether the tags of a thing, which take a call, can matter.

        Never where it is AWS's. For what belongs to the project, the tagging API knows which ones
        have its tags, though not of what lives in no region.
        """
        if kind.is_aws(item):
            return False
        if self.scope is Scope.ACCOUNT or kind.is_global or self.strays is None:
            return True
        return (
            arn in self.strays
            or self._home(kind, item) != ""
            or self._receipt(kind, item) is not None
        )

    def subject(self, kind: Kind, item: Item, arn: str, tags: Tags) -> Subject:
        """The thing, and what it is to us."""
        id_ = kind.id_of(item)
        if kind.is_aws(item):
            parent = self._home(kind, item)
            return Subject(kind.name, id_, arn, tags, self.place, Standing.AWS, parent=parent)
        deployment = tags.get(DEPLOYMENT)
        if deployment is not None:
            return self._claimed(kind, id_, arn, tags, deployment)
        recorded = self._recorded(kind, item)
        if recorded is not None:
            standing, key, owner = Standing.OURS, recorded.key, recorded.deployment
            region = recorded.region if self.place.region == GLOBAL else ""
            return Subject(kind.name, id_, arn, tags, self.place, standing, key, "", owner, region)
        home = self._home(kind, item)
        if home and kind.implicit(item):
            standing, owner = Standing.IMPLICIT, self.homes[home]
            return Subject(kind.name, id_, arn, tags, self.place, standing, VPC_KEY, home, owner)
        return Subject(kind.name, id_, arn, tags, self.place)

    def is_in_scope(self, kind: Kind, item: Item, subject: Subject) -> bool:
        """Whether an audit of this scope is about it."""
        return (
            self.scope is Scope.ACCOUNT
            or subject.standing in {Standing.OURS, Standing.IMPLICIT}
            or subject.tags.get("Project") == self.project
            or self._home(kind, item) != ""
        )

    def _claimed(self, kind: Kind, id_: str, arn: str, tags: Tags, deployment: str) -> Subject:
        """What names a deployment: ours, if that is one of our project."""
        if RESOURCE in tags and deployment.partition("/")[0] == self.project:
            standing, key = Standing.OURS, tags[RESOURCE]
            region = tags.get(REGION, "") if self.place.region == GLOBAL else ""
            return Subject(
                kind.name, id_, arn, tags, self.place, standing, key, "", deployment, region
            )
        return Subject(kind.name, id_, arn, tags, self.place)

    def _recorded(self, kind: Kind, item: Item) -> Recorded | None:
        """The receipt that makes it ours: of the same kind, since ids of two may be the same."""
        recorded = self._receipt(kind, item)
        return recorded if recorded is not None and recorded.kind == kind.name else None

    def _receipt(self, kind: Kind, item: Item) -> Recorded | None:
        recorded = self.receipts.get(text(item, kind.unique) if kind.unique else kind.id_of(item))
        return recorded if recorded is not None and recorded.is_about(self.place) else None

    def _home(self, kind: Kind, item: Item) -> str:
        """The VPC or group of ours that it lies in, if it does."""
        return next((each for each in kind.homes(item) if each in self.homes), "")
