"""The organisation's required keys: read where there are any, remarked where they cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from umetrics.audit.organisation import ask_organisation
from umetrics.audit.tag_policy import Rule
from umetrics.errors import AccessDenied


@dataclass
class Tagging:
    """Gives its pages one after the other, or an error."""

    pages: list[Mapping[str, Any] | AccessDenied]
    asked: list[Mapping[str, object]] = field(default_factory=list)

    def list_required_tags(self, **arguments: object) -> Mapping[str, Any]:
        self.asked.append(arguments)
        page = self.pages.pop(0)
        if isinstance(page, AccessDenied):
            raise page
        return page


def required(type_: str, *keys: str) -> Mapping[str, Any]:
    return {"ResourceType": type_, "ReportingTagKeys": list(keys)}


def test_keys_of_all_pages_are_rules_for_the_types_that_need_them() -> None:
    client = Tagging(
        [
            {"RequiredTags": [required("ec2:subnet", "Data", "Stage")], "NextToken": "next"},
            {"RequiredTags": [required("s3:bucket", "Data"), {"ReportingTagKeys": ["Lost"]}]},
        ]
    )
    found = ask_organisation(client)
    assert found.rules == (
        Rule("Data", types=frozenset({"ec2:subnet", "s3:bucket"})),
        Rule("Stage", types=frozenset({"ec2:subnet"})),
    )
    assert found.remark == ""
    assert [call.get("NextToken") for call in client.asked] == [None, "next"]


def test_an_account_without_any_has_no_rules_and_no_remark() -> None:
    found = ask_organisation(Tagging([{"RequiredTags": []}]))
    assert (found.rules, found.remark) == ((), "")


def test_an_sdk_that_does_not_know_the_call_is_a_remark_too() -> None:
    found = ask_organisation(object(), "123456789012")  # type: ignore[arg-type]
    assert found.rules == ()
    assert "not read: this boto3 does not know ListRequiredTags" in found.remark


def test_a_refusal_is_a_remark_and_never_an_error() -> None:
    refusal = AccessDenied("tag:ListRequiredTags is not allowed")
    found = ask_organisation(Tagging([{"RequiredTags": [], "NextToken": "x"}, refusal]))
    assert found.rules == ()
    assert found.remark.endswith("not read: tag:ListRequiredTags is not allowed")
