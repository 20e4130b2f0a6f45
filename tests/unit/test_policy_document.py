"""Documents compare by what they mean, and tell in lines what changed."""

from __future__ import annotations

import copy
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umetrics.errors import UmetricsError
from umetrics.provision.policy_document import EMPTY, PolicyDocument
from umetrics.provision.references import mentions, resolve

READ: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": ["arn:aws:s3:::sessions", "arn:aws:s3:::sessions/*"],
    "Condition": {"StringEquals": {"aws:ResourceAccount": ["123456789012"]}},
}
TRUST: dict[str, Any] = {
    "Sid": "Tasks",
    "Effect": "Allow",
    "Principal": {"Service": ["ecs-tasks.amazonaws.com"], "AWS": ["111122223333"]},
    "Action": ["sts:AssumeRole"],
}


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> PolicyDocument:
    return PolicyDocument.of({"Version": version, "Statement": list(statements)})


@st.composite
def respelt(draw: st.DrawFn) -> PolicyDocument:
    """The same two statements, spelt in any way that IAM may choose."""

    def any_list(values: list[str]) -> object:
        shuffled = draw(st.permutations(values))
        return shuffled[0] if len(shuffled) == 1 and draw(st.booleans()) else shuffled

    read, trust = copy.deepcopy(READ), copy.deepcopy(TRUST)
    loud = draw(st.booleans())
    read["Action"] = any_list([each.upper() if loud else each for each in READ["Action"]])
    read["Resource"] = any_list(READ["Resource"])
    key = draw(st.sampled_from(["aws:ResourceAccount", "aws:resourceaccount"]))
    read["Condition"] = {"StringEquals": {key: any_list(["123456789012"])}}
    trust["Action"] = any_list(TRUST["Action"])
    principal = draw(st.permutations(sorted(TRUST["Principal"])))
    account = draw(st.sampled_from(["111122223333", "arn:aws:iam::111122223333:root"]))
    values = {"Service": ["ecs-tasks.amazonaws.com"], "AWS": [account]}
    trust["Principal"] = {kind: any_list(values[kind]) for kind in principal}
    statements = draw(st.permutations([read, trust]))
    return document(*({key: each[key] for key in reversed(each)} for each in statements))


@given(respelt())
def test_spelling_does_not_make_a_difference(other: PolicyDocument) -> None:
    wanted = document(READ, TRUST)

    assert other == wanted
    assert hash(other) == hash(wanted)
    assert wanted.difference(other) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"Sid": "Other"},
        {"Effect": "Deny"},
        {"Action": ["s3:GetObject"]},
        {"Resource": ["arn:aws:s3:::Sessions", "arn:aws:s3:::sessions/*"]},
        {"Condition": {"StringLike": {"aws:ResourceAccount": ["123456789012"]}}},
        {"Condition": {}},
    ],
)
def test_meaning_makes_a_difference(change: dict[str, Any]) -> None:
    other = document(READ | change)

    assert other != document(READ)
    assert document(READ).difference(other)


def test_a_lone_statement_needs_no_list() -> None:
    assert PolicyDocument.of({"Version": "2012-10-17", "Statement": READ}) == document(READ)


def test_everybody_has_two_spellings() -> None:
    everybody = document(TRUST | {"Principal": "*"})

    assert everybody == document(TRUST | {"Principal": {"AWS": "*"}})
    assert everybody != document(TRUST | {"Principal": {"Service": "*"}})


def test_a_document_without_version_speaks_the_old_language() -> None:
    bare = PolicyDocument.of({"Statement": [READ]})

    assert bare == document(READ, version="2008-10-17")
    assert bare.difference(document(READ)) == (
        "- Version: 2008-10-17",
        "+ Version: 2012-10-17",
    )


def test_booleans_and_numbers_are_the_strings_that_iam_makes_of_them() -> None:
    plain = document(READ | {"Condition": {"Bool": {"aws:SecureTransport": True}}})
    quoted = document(READ | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}})

    assert plain == quoted


HELD = {"Version": "2012-10-17", "Statement": [READ]}


@pytest.mark.parametrize("answer", [json.dumps(HELD), quote(json.dumps(HELD)), HELD])
def test_every_form_that_aws_answers_in_is_read(answer: str | dict[str, Any]) -> None:
    assert PolicyDocument.from_text(answer) == document(READ)


def test_the_text_for_aws_is_compact_and_keeps_case_and_order() -> None:
    text = document(READ).text

    assert text.startswith('{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow"')
    assert '"Action":["s3:GetObject","s3:ListBucket"]' in text
    assert json.loads(text)["Statement"] == [READ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "%5B%5D",
        "{",
        *(f'{{"Statement": {odd}}}' for odd in ('"x"', 5, "[1]")),
    ],
)
def test_what_is_no_document_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(UmetricsError, match="IAM document"):
        PolicyDocument.from_text(text)


def test_it_prints_short() -> None:
    assert [str(each) for each in (EMPTY, document(READ), document(READ, TRUST))] == [
        "no statements",
        "1 statement",
        "2 statements",
    ]


def test_documents_without_statements_are_all_one() -> None:
    assert document() == EMPTY
    assert EMPTY.statements == ()


def test_a_new_document_is_told_whole() -> None:
    (line,) = EMPTY.difference(document(READ))

    assert line == (
        "+ Read: Allow s3:GetObject, s3:ListBucket"
        " on arn:aws:s3:::sessions, arn:aws:s3:::sessions/*"
        " if StringEquals aws:ResourceAccount 123456789012"
    )


def test_a_statement_that_keeps_its_sid_is_told_by_its_changed_parts() -> None:
    changed = READ | {"Action": ["s3:GetObject", "s3:PutObject"], "Effect": "Deny"}

    assert document(READ, TRUST).difference(document(TRUST, changed)) == (
        "- Read: Action s3:ListBucket",
        "- Read: Effect Allow",
        "+ Read: Action s3:PutObject",
        "+ Read: Effect Deny",
    )


def test_statements_that_come_and_go_are_told_by_their_sid() -> None:
    nameless = {key: value for key, value in TRUST.items() if key != "Sid"}

    assert document(TRUST).difference(document(nameless)) == (
        "- Tasks: Allow sts:AssumeRole for Service ecs-tasks.amazonaws.com, AWS 111122223333",
        "+ (no Sid): Allow sts:AssumeRole for Service ecs-tasks.amazonaws.com, AWS 111122223333",
    )


def test_a_negated_statement_says_so() -> None:
    denied = {"Sid": "No", "Effect": "Deny", "NotAction": "s3:GetObject", "Resource": "*"}

    assert EMPTY.difference(document(denied)) == ("+ No: Deny not s3:GetObject on *",)


def test_a_document_goes_through_the_planners_walks_unharmed() -> None:
    assert resolve(document(READ), {"Read": "id"}) == document(READ)
    assert "arn:aws:s3:::sessions" in mentions(document(READ))
