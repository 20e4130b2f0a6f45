"""The scheme that tags are judged by: what each key must be, on what is ours and on all else. Pure.

What is ours has exact values, from `umetrics.tags`. Everything else has the keys that the table
[tags] and the organisation require, with what they allow. It judges nothing: that is `findings.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from umetrics import tags
from umetrics.audit.pattern import matches
from umetrics.audit.values import Finding, Standing, Subject
from umetrics.tags import Tags

if TYPE_CHECKING:
    from umetrics.config import Tagging

SCHEME_KEYS = frozenset(
    {
        "Name",
        *tags.required_tags("", ""),
        *(key for functional in tags.COMPONENT_TAGS.values() for key in functional),
    }
)
"""Every key that a resource of ours may carry, besides those that begin with `umetrics:`."""

CASE_BLIND_KINDS = frozenset({"iam-role", "iam-user"})
"""IAM takes `owner` and `Owner` on these for one key; customer policies tell them apart.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one tag must be: not blank, and as far as these say so.

    `values` are all that is allowed; a `pattern` must match the whole value; `mail` wants an
    e-mail address. One that is not `required` is judged where the tag is there. `types` are the
    resource types (`ec2:subnet`) that it is for; none means all.
    """

    key: str
    values: tuple[str, ...] = ()
    pattern: str = ""
    mail: bool = False
    required: bool = True
    types: frozenset[str] = frozenset()

    def allows(self, value: str) -> bool:
        """Whether a value is right; blank ones never are."""
        if not value.strip() or (self.values and value not in self.values):
            return False
        if self.pattern and not matches(self.pattern, value):
            return False
        return not self.mail or tags.MAIL.fullmatch(value) is not None

    def right_value(self, value: str = "") -> str:
        """The value that belongs there: `value` itself, the only one allowed, or the nearest.

        Nearest is what differs in case or in blanks around it. Empty where nobody can know.
        """
        if self.allows(value):
            return value
        right = [each for each in self.values if self.allows(each)]
        if len(self.values) == 1:
            return next(iter(right), "")
        bare = value.strip()
        if self.allows(bare):
            return bare
        alike = [each for each in right if each.casefold() == bare.casefold()]
        return alike[0] if len(alike) == 1 else ""

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        parts = [" or ".join(self.values)] if self.values else []
        if self.pattern:
            parts.append(f"what matches {self.pattern}")
        if self.mail:
            parts.append("an e-mail address")
        return ", ".join(parts) or "any value"


@dataclass(frozen=True, slots=True)
class TagException:
    """Findings that do not count, until the end of a day.

    `pattern` is an id, an ARN or a glob on either; `tags` are the keys it is for, none means all.
    """

    pattern: str
    reason: str
    owner: str
    expires: date
    tags: tuple[str, ...] = ()

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this finding, expired or not."""
        if self.tags and finding.tag not in self.tags:
            return False
        subject = finding.subject
        return any(name and fnmatchcase(name, self.pattern) for name in (subject.id, subject.arn))


@dataclass(frozen=True, slots=True)
class TagPolicy:
    """All that tags are judged by.

    `deployments` are the required tags of each deployment of ours, by its name. `forbidden` are
    keys or globs on keys. `extra` are keys that are right as they are and no misspelling.
    """

    rules: tuple[Rule, ...] = ()
    deployments: Mapping[str, Tags] = field(default_factory=dict)
    forbidden: tuple[str, ...] = ()
    extra: frozenset[str] = frozenset()
    exceptions: tuple[TagException, ...] = ()

    def rules_for(self, subject: Subject, wanted: Tags | None = None) -> tuple[Rule, ...]:
        """What each tag of a subject must be; `wanted` are exact values that are known already.

        Of keys that IAM takes for one the first counts, which is the scheme's: no role can have
        both, and one that was renamed for the second would lack the first.
        """
        rules = self._rules_for(subject, wanted)
        if subject.kind not in CASE_BLIND_KINDS:
            return rules
        first: dict[str, Rule] = {}
        for rule in rules:
            first.setdefault(rule.key.casefold(), rule)
        return tuple(first.values())

    def _rules_for(self, subject: Subject, wanted: Tags | None) -> tuple[Rule, ...]:
        exact = self._scheme(subject) if wanted is None else wanted
        if not exact and not any(rule.types for rule in self.rules):
            return self.rules
        type_ = resource_type(subject.arn)
        others = (rule for rule in self.rules if not rule.types or _is_among(type_, rule.types))
        # One rule for each key: what is exact, else what the organisation adds, which comes last.
        of_scheme = {key: Rule(key, (value,)) for key, value in exact.items()}
        configured = {rule.key: rule for rule in others if rule.key not in exact}
        return (*of_scheme.values(), *configured.values())

    def _scheme(self, subject: Subject) -> Tags:
        """The exact tags of what is ours; empty for what belongs to others."""
        required = self.deployments.get(subject.deployment)
        if required is None or subject.standing not in (Standing.OURS, Standing.IMPLICIT):
            return {}
        try:
            if subject.standing is Standing.OURS:
                return tags.observability_tags(subject.deployment, subject.key, required)
            return tags.implicit_tags(subject.deployment, subject.key, required)
        except KeyError:  # a key of an older or newer umetrics
            return required


def resource_type(arn: str) -> str:
    """`ec2:subnet`, as tag policies name the type of an ARN; empty for no ARN.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html
    """
    parsed = _ARN.fullmatch(arn)
    if parsed is None:
        return ""
    service, type_ = parsed["service"], parsed["type"]
    return f"{service}:{type_ or _LONE_TYPES.get(service, '')}"


_ARN = re.compile(r"arn:[^:]*:(?P<service>[^:]*):[^:]*:[^:]*:/?((?P<type>[^:/]*)[:/])?.*")
_LONE_TYPES = {"s3": "bucket", "sns": "topic", "sqs": "queue"}
"""Of services whose ARNs name no type, since they have but one."""


ALL_TYPES = "ALL_SUPPORTED"
"""What tag policies say for every type of a service: `ec2:ALL_SUPPORTED`."""


def _is_among(type_: str, types: Collection[str]) -> bool:
    return type_ in types or (f"{type_.partition(':')[0]}:{ALL_TYPES}" in types and type_ != "")


def policy_of(
    tagging: Tagging, deployments: Mapping[str, Tags], organisation: Iterable[Rule] = ()
) -> TagPolicy:
    """The policy that the table [tags] describes, and what the organisation requires besides.

    A key that both require is judged as [tags] says.
    """
    configured = {rule.key: rule for rule in _configured(tagging)}
    added = (
        replace(configured.get(rule.key, rule), required=True, types=rule.types)
        for rule in organisation
        if rule.key not in tagging.required
    )
    return TagPolicy(
        (*configured.values(), *added),
        deployments,
        tagging.forbidden,
        frozenset(tagging.extra),
        tuple(_exceptions(tagging)),
    )


def _configured(tagging: Tagging) -> Iterator[Rule]:
    allowed, patterns = dict(tagging.allowed.rows), dict(tagging.patterns.rows)
    for key in dict.fromkeys((*tagging.required, *allowed, *patterns, *tagging.emails)):
        yield Rule(
            key,
            tagging.allowed.texts(key),
            str(patterns.get(key, "")),
            mail=key in tagging.emails,
            required=key in tagging.required,
        )


def _exceptions(tagging: Tagging) -> Iterator[TagException]:
    for pattern, columns in tagging.exceptions.tables():
        yield TagException(
            pattern,
            reason=str(columns.get("reason")),
            owner=str(columns.get("owner")),
            expires=date.fromisoformat(str(columns.get("expires"))),
            tags=columns.texts("tags"),
        )
