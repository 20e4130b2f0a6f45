"""The accounts and regions of an audit, one after the other; one bad account stops no other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from umetrics.audit.values import GLOBAL, WHOLE_ACCOUNT, WHOLE_REGION, Place, Unseen
from umetrics.errors import AccessDenied, AwsError, CredentialsError, UsageError

if TYPE_CHECKING:
    from umetrics.aws import Aws

ALL_REGIONS = "all"
"""Asked for: each region that is enabled in an account."""

EVERYWHERE = "every region"
"""Told: what could not be looked at is an account as a whole."""

ROLE_ARN = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):role/.+")

TRUST = "its trust policy must name you, and you need sts:AssumeRole on it"


@dataclass(frozen=True, slots=True)
class Account:
    """An account, and AWS as it is seen in there."""

    id: str
    aws: Aws


def check(regions: Sequence[str], role_arns: Sequence[str]) -> None:
    """Raise `UsageError` for what cannot be meant."""
    if ALL_REGIONS in regions and len(regions) > 1:
        raise UsageError("`all` regions leave no other to name", hint="use --regions all alone")
    matches = [(arn, ROLE_ARN.fullmatch(arn)) for arn in role_arns]
    for arn, match in matches:
        if match is None:
            raise UsageError(
                f"{arn!r} is not the ARN of a role",
                hint="it looks like arn:aws:iam::123456789012:role/Audit",
            )
    accounts = [match["account"] for _, match in matches if match]
    twice = sorted({each for each in accounts if accounts.count(each) > 1})
    if twice:
        raise UsageError(
            f"two roles lead into account {', '.join(twice)}", hint="name one role for each account"
        )


def accounts(aws: Aws, role_arns: Sequence[str]) -> Iterator[Account | Unseen]:
    """Those of the roles; without any, that of the credentials. Entered when their turn comes."""
    if not role_arns:
        yield Account(aws.identity.account, aws)
    for arn in role_arns:
        id_ = arn.split(":")[4]
        try:
            assumed = aws.assume(arn)
            account = Account(assumed.identity.account, assumed)
        except (AwsError, CredentialsError) as error:
            reason = f"{arn} cannot be assumed ({TRUST}): {error.message}"
            yield Unseen(Place(id_, EVERYWHERE), WHOLE_ACCOUNT, reason, is_denial(error))
        else:
            yield account


def places(account: Account, regions: Sequence[str]) -> Iterator[Place | Unseen]:
    """What is in no region, then each of `regions`; none means that of the connection."""
    yield Place(account.id, GLOBAL)
    if not regions:
        yield Place(account.id, account.aws.region)
        return
    try:
        described = account.aws.ec2.describe_regions(AllRegions=True)["Regions"]
    except (AwsError, CredentialsError) as error:
        reason = f"its regions cannot be listed: {error.message}"
        yield Unseen(Place(account.id, EVERYWHERE), WHOLE_ACCOUNT, reason, is_denial(error))
        return
    enabled = sorted(
        each["RegionName"] for each in described if each.get("OptInStatus") != "not-opted-in"
    )
    _refuse_unknown(regions, {each["RegionName"] for each in described})
    for region in enabled if ALL_REGIONS in regions else dict.fromkeys(regions):
        place = Place(account.id, region)
        reason = "not enabled in this account"
        yield place if region in enabled else Unseen(place, WHOLE_REGION, reason)


def is_denial(error: AwsError | CredentialsError) -> bool:
    """Whether it is we who may not look, rather than AWS that does not answer."""
    return isinstance(error, AccessDenied | CredentialsError)


def _refuse_unknown(regions: Sequence[str], known: Collection[str]) -> None:
    """A slip must not pass for a region in which nothing is wrong."""
    unknown = [each for each in regions if each != ALL_REGIONS and each not in known]
    if unknown:
        raise UsageError(
            f"--regions: AWS has no region {', '.join(unknown)}",
            hint=f"it has {', '.join(sorted(known))}",
        )
