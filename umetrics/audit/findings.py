"""Judging: one subject against the policy, as findings. Pure; nothing is kept from one to the next.

One finding for each key: a near miss stands in place of "missing". To IAM, keys in another case are
the same key, and still no good: reports, conditions and bills tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from umetrics.audit.spelling import near_misses
from umetrics.audit.tag_policy import CASE_BLIND_KINDS, SCHEME_KEYS, Rule, TagPolicy
from umetrics.audit.values import Finding, Problem, Subject
from umetrics.tags import IDENTITY_PREFIX, Tags

RESERVED = ("aws:", IDENTITY_PREFIX)
"""Keys that begin so are AWS's or our own: never a slip for another one, and never forbidden."""


def judge(subject: Subject, policy: TagPolicy, wanted: Tags | None = None) -> tuple[Finding, ...]:
    """Every tag that is not as it should be, in the order of the scheme, the forbidden last.

    `wanted` are exact values that are known already, from a blueprint. What belongs to AWS has no
    findings.
    """
    if not subject.is_judged:
        return ()
    rules = policy.rules_for(subject, wanted)
    missing = [rule for rule in rules if rule.required and rule.key not in subject.tags]
    wrong = [
        finding
        for rule in rules
        if rule.key in subject.tags
        for finding in _wrong_value(subject, rule)
    ]
    if not missing and not wrong and not policy.forbidden:
        return ()
    found = [*_absent(subject, missing, rules, policy), *wrong]
    order = {rule.key: place for place, rule in enumerate(rules)}
    settled = order.keys() | {each.found for each in found}
    forbidden = (each for each in _forbidden(subject, policy) if each.tag not in settled)
    return (*sorted(found, key=lambda each: order[each.tag]), *forbidden)


def _wrong_value(subject: Subject, rule: Rule) -> Iterator[Finding]:
    actual = subject.tags[rule.key]
    if not rule.allows(actual):
        problem = Problem.WRONG_VALUE if actual.strip() else Problem.EMPTY
        yield _finding(subject, rule, problem, actual)


def _finding(
    subject: Subject, rule: Rule, problem: Problem, actual: str, found: str = ""
) -> Finding:
    expected = rule.right_value(actual)
    allowed = "" if expected else rule.allowed
    return Finding(subject, rule.key, problem, expected, actual, found, allowed)


def _absent(
    subject: Subject, missing: list[Rule], rules: tuple[Rule, ...], policy: TagPolicy
) -> Iterator[Finding]:
    """Missing keys, or what stands there in their place."""
    same = _same_keys(subject, missing)
    legitimate = SCHEME_KEYS | policy.extra | {rule.key for rule in rules} | set(same.values())
    strange = [
        key
        for key in subject.tags
        if key not in legitimate
        and not key.casefold().startswith(RESERVED)
        and not _is_forbidden(key, subject, policy)
    ]
    near = {
        **near_misses([rule.key for rule in missing if rule.key not in same], strange),
        **{wanted: (key, Problem.WRONG_CASE) for wanted, key in same.items()},
    }
    for rule in missing:
        key, problem = near.get(rule.key, ("", Problem.MISSING))
        yield _finding(subject, rule, problem, subject.tags.get(key, ""), key)


def _same_keys(subject: Subject, missing: list[Rule]) -> dict[str, str]:
    """What IAM takes for a missing key, by that: to set the one is to lose the other's value.

    So it stands in its place whatever the configuration calls it.
    """
    if subject.kind not in CASE_BLIND_KINDS:
        return {}
    alike = {
        rule.key: [key for key in subject.tags if key.casefold() == rule.key.casefold()]
        for rule in missing
    }
    return {wanted: keys[0] for wanted, keys in alike.items() if len(keys) == 1}


def _forbidden(subject: Subject, policy: TagPolicy) -> Iterator[Finding]:
    for key, value in subject.tags.items():
        if _is_forbidden(key, subject, policy):
            yield Finding(subject, key, Problem.FORBIDDEN, actual=value)


def _is_forbidden(key: str, subject: Subject, policy: TagPolicy) -> bool:
    patterns = policy.forbidden
    if subject.kind in CASE_BLIND_KINDS:
        key, patterns = key.casefold(), tuple(pattern.casefold() for pattern in patterns)
    return not key.casefold().startswith(RESERVED) and any(
        fnmatchcase(key, pattern) for pattern in patterns
    )
