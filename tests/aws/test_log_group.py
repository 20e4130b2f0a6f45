"""Log groups in an account in memory: found by path and tag, repaired, deleted."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.worlds import logs
from umetrics.aws import Aws
from umetrics.errors import AlreadyExists, NotFound
from umetrics.provision.model import Found, Resource, Where
from umetrics.provision.resources.log_group import LogGroup, LogGroupHandler, log_group_path
from umetrics.tags import DEPLOYMENT, observability_tags, required_tags

HERE = Where("UserMetrics/dev")
NAME = f"{log_group_path('UserMetrics/dev')}flow-logs"
ARN = f"arn:aws:logs:us-east-1:123456789012:log-group:{NAME}"
HANDLER = LogGroupHandler()
TAGS = observability_tags("UserMetrics/dev", "log-group/flow-logs", required_tags("dev", "a@b.co"))
WANTED = Resource("log-group/flow-logs", LogGroup(NAME, 30), TAGS)

pytestmark = pytest.mark.usefixtures("empty_account")


@pytest.fixture
def built(aws: Aws) -> Found[LogGroup]:
    return HANDLER.create(aws, WANTED, "token")


def found_in(aws: Aws) -> Found[LogGroup]:
    (found,) = HANDLER.find(aws, HERE)
    return found


def test_a_group_is_made_with_its_tags_and_says_that_it_lacks_a_retention(
    aws: Aws, built: Found[LogGroup]
) -> None:
    assert built == Found(NAME, LogGroup(NAME, None), TAGS, ARN)
    assert found_in(aws) == built


def test_the_retention_is_set_and_taken_away_again(aws: Aws, built: Found[LogGroup]) -> None:
    HANDLER.update(aws, built, WANTED)
    assert found_in(aws).spec == WANTED.spec
    HANDLER.update(aws, built, dataclasses.replace(WANTED, spec=LogGroup(NAME)))
    assert found_in(aws).spec == LogGroup(NAME, None)


def test_groups_on_further_pages_are_found_and_those_of_others_are_not(
    aws: Aws, built: Found[LogGroup]
) -> None:
    for number in range(60):
        logs().create_log_group(logGroupName=f"{log_group_path('UserMetrics/dev')}a{number:02}")
    other = {**TAGS, DEPLOYMENT: "UserMetrics/prod"}
    logs().create_log_group(logGroupName=f"{NAME}-of-others", tags=other)
    assert found_in(aws).id == NAME


def test_a_group_by_its_name_is_found_without_its_tags(aws: Aws, built: Found[LogGroup]) -> None:
    logs().untag_resource(resourceArn=ARN, tagKeys=[*TAGS])
    assert list(HANDLER.find(aws, HERE)) == []
    (found,) = HANDLER.find(aws, Where("UserMetrics/dev", ids=frozenset({NAME})))
    HANDLER.retag(aws, found, TAGS)
    assert found_in(aws).tags == TAGS


def test_a_name_that_others_have_is_told_and_refused(aws: Aws) -> None:
    logs().create_log_group(logGroupName=f"{NAME}-longer")
    assert HANDLER.occupant(aws, WANTED) == ""
    logs().create_log_group(logGroupName=NAME, tags={"Owner": "c@d.co"})
    assert HANDLER.occupant(aws, WANTED) == f"log group {NAME}, owner c@d.co"
    with pytest.raises(AlreadyExists):
        HANDLER.create(aws, WANTED, "token")


def test_what_is_deleted_is_gone_and_says_so_the_second_time(
    aws: Aws, built: Found[LogGroup]
) -> None:
    assert HANDLER.tags_now(aws, built) == TAGS
    HANDLER.delete(aws, built)
    assert HANDLER.tags_now(aws, built) is None
    with pytest.raises(NotFound):
        HANDLER.delete(aws, built)
