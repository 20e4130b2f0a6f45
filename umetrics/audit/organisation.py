"""The tag keys that the organisation requires in this account, as its tag policies say.

One read for each account, `ListRequiredTags`. Where it is denied, or the account has no
organisation, or boto3 is too old to ask, the scheme stands alone, and that is remarked; it is never
an error.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_ListRequiredTags.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from umetrics.audit.tag_policy import Rule
from umetrics.errors import AwsError, CredentialsError

PAGE = 200
"""The most that AWS gives at once."""

NOT_READ = "the organisation's required tags were not read"
TOO_OLD = "this boto3 does not know ListRequiredTags; a newer one asks"


class RequiredTagsClient(Protocol):
    """The one call of a `resourcegroupstaggingapi` client."""

    def list_required_tags(self, **arguments: object) -> Mapping[str, Any]:
        """One page: `RequiredTags`, each with `ResourceType` and `ReportingTagKeys`."""
        ...


@dataclass(frozen=True, slots=True)
class Organisation:
    """Its rules, a key each with the resource types it is for; `remark` says why there are none.

    They hold in `account` and nowhere else.
    """

    rules: tuple[Rule, ...] = ()
    remark: str = ""
    account: str = ""


def ask_organisation(client: RequiredTagsClient, account: str = "") -> Organisation:
    """What is required; raises nothing that AWS answers."""
    if not hasattr(client, "list_required_tags"):
        return Organisation(remark=f"{NOT_READ}: {TOO_OLD}", account=account)
    types: defaultdict[str, set[str]] = defaultdict(set)
    try:
        for each in _required(client):
            if type_ := each.get("ResourceType"):
                for key in each.get("ReportingTagKeys", ()):
                    types[key].add(type_)
    except (AwsError, CredentialsError) as error:
        return Organisation(remark=f"{NOT_READ}: {error.message}", account=account)
    rules = tuple(Rule(key, types=frozenset(types[key])) for key in sorted(types))
    return Organisation(rules, account=account)


def _required(client: RequiredTagsClient) -> Iterator[Mapping[str, Any]]:
    token: dict[str, str] = {}
    while True:
        page = client.list_required_tags(MaxResults=PAGE, **token)
        yield from page.get("RequiredTags", ())
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}
