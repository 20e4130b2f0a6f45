"""IAM's policy simulator: who is to be simulated, and the calls. Reads only.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html. It does not
know session policies, policies of resources or of VPC endpoints; so what it allows is likely, and
no more. The path of a role is in none of its sessions' ARNs: GetRole tells it, or, where that is
not allowed, the list of all roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from umetrics.deployer.arn import VPC
from umetrics.doctor.attempt import tried
from umetrics.doctor.caller import Caller, Kind
from umetrics.doctor.decision import Answer, Decided, Decision, decided
from umetrics.doctor.finding import Certainty, Unread
from umetrics.doctor.question import Batch, Known
from umetrics.errors import AccessDenied, AwsError
from umetrics.pool import each as for_each
from umetrics.provision.resources.ec2 import tags_of
from umetrics.tags import Tags

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.deployer import Place

MOST_RESULTS = 1000
"""In one answer."""

MOST_ROLES = 1000

AT_ONCE = 20
"""Calls of the simulator: about what AWS takes in a second."""


def real_caller(aws: Aws, caller: Caller) -> Caller:
    """The same with the true ARN of the role; as it was, where nobody tells it."""
    if caller.kind is not Kind.ROLE:
        return caller
    try:
        return caller.with_role(aws.iam.get_role(RoleName=caller.name)["Role"]["Arn"])
    except AccessDenied:
        arn = tried(lambda: _listed(aws, caller.name))
        return caller.with_role(arn) if isinstance(arn, str) and arn else caller
    except (AwsError, KeyError):
        return caller


def _listed(aws: Aws, name: str) -> str:
    pages = aws.iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": MOST_ROLES})
    roles = (role for page in pages for role in page["Roles"])
    return next((role["Arn"] for role in roles if role["RoleName"] == name), "")


def with_foreign(aws: Aws, known: Known, place: Place) -> Known:
    """What can be read of others' things that we name: ARNs of Lambda roles, and tags."""
    roles = _lambda_roles(aws, place.lambda_roles)
    read = {name: marks for name, (_, marks) in roles.items()}
    arns = {name: arn for name, (arn, _) in roles.items()}
    known = replace(known, lambda_roles=arns, foreign_tags=read)
    lent = place.config.network.vpc_id
    if lent is None:
        return known
    found = tried(lambda: _owner_and_tags(aws, lent))
    if isinstance(found, Unread):
        return known
    owner, marks = found
    arn = place.inside(VPC).replace(":*:", f":{owner}:")
    return replace(known, arns={**known.arns, VPC: arn}, foreign_tags={**read, lent: marks})


def _owner_and_tags(aws: Aws, vpc: str) -> tuple[str, Tags]:
    """Of a VPC, which another account may have shared with this one."""
    (found,) = aws.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    return found["OwnerId"], tags_of(found)


def _lambda_roles(aws: Aws, names: Iterable[str]) -> dict[str, tuple[str, Tags]]:
    """ARN and tags of those that may be read."""
    given = sorted(names)
    found = for_each(
        lambda name: tried(lambda: _arn_and_tags(aws, name)),
        given,
        at_most=AT_ONCE,
    )
    told = zip(given, found, strict=True)
    return {name: role for name, role in told if not isinstance(role, Unread)}


def _arn_and_tags(aws: Aws, name: str) -> tuple[str, Tags]:
    role = aws.iam.get_role(RoleName=name)["Role"]
    return role["Arn"], tags_of(role)


def simulated(
    aws: Aws, caller: Caller, asked: Sequence[Batch], apart: Sequence[Batch] = ()
) -> tuple[tuple[Decided, ...], Unread | None]:
    """An answer to every question; and, where some of those `asked` have none, why.

    What is asked `apart` goes out in the same round, and says nothing of the others where it fails.
    """
    every = (*asked, *apart)
    if caller.why_unsimulated:
        why = Unread(Certainty.UNDECIDABLE, caller.why_unsimulated)
        return tuple(chain.from_iterable(map(_undecided, every))), why
    found = for_each(
        lambda batch: tried(lambda: list(_results(aws, caller.entity, batch))),
        every,
        at_most=AT_ONCE,
    )
    answers = (
        _undecided(batch) if isinstance(results, Unread) else decided(batch, results)
        for batch, results in zip(every, found, strict=True)
    )
    failed = (each for each in found[: len(asked)] if isinstance(each, Unread))
    first = next(failed, None)
    return tuple(chain.from_iterable(answers)), first and _explained(first, caller)


def _explained(why: Unread, caller: Caller) -> Unread:
    if caller.path_known:
        return why
    reason = f"the path of {caller.entity} is not known: allow iam:GetRole on it ({why.reason})"
    return Unread(why.certainty, reason, why.denied)


def _undecided(batch: Batch) -> Iterator[Decided]:
    return (Decided(each, Decision.UNDECIDABLE) for each in batch.questions)


def _results(aws: Aws, entity: str, batch: Batch) -> Iterator[Answer]:
    ask = partial(
        aws.iam.get_paginator("simulate_principal_policy").paginate,
        PolicySourceArn=entity,
        ActionNames=list(batch.actions),
        ContextEntries=batch.carried.context_entries,  # type: ignore[arg-type]
        PaginationConfig={"PageSize": MOST_RESULTS},
    )
    named = list(batch.resources)
    for page in ask(ResourceArns=named) if named else ask():
        yield from page.get("EvaluationResults", ())
