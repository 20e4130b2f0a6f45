"""Judging finds all that was seeded, and nothing else: precision and recall are 1.0."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings

from tests.support.tag_worlds import DEPLOYMENT, REQUIRED_OF_OURS, World, worlds
from umetrics.audit.findings import judge
from umetrics.audit.tag_policy import policy_of
from umetrics.config import Tagging

POLICY = policy_of(
    replace(Tagging(), forbidden=("temp*",), extra=("Owners",)), {DEPLOYMENT: REQUIRED_OF_OURS}
)


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_everything_that_is_wrong_is_found_once_and_nothing_else(world: World) -> None:
    found = Counter(
        (subject.id, finding.tag, finding.problem.value, finding.found)
        for subject in world.subjects
        for finding in judge(subject, POLICY)
    )
    assert found == Counter(world.expected)
