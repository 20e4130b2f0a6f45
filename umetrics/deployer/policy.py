"""The documents that a deployer's statements make, none longer than IAM takes. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 6,144 characters of a
managed policy, white space not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from umetrics.deployer.grant import Grant
from umetrics.provision.policy_document import LONGEST_MANAGED

VERSION = "2012-10-17"


@dataclass(frozen=True, slots=True)
class DeployerPolicy:
    """One managed policy, to be attached together with the others of its kind."""

    name: str
    grants: tuple[Grant, ...]

    @property
    def text(self) -> str:
        """The document, as one pastes it."""
        return json.dumps(_content(self.grants), indent=2)

    @property
    def length(self) -> int:
        """In characters as IAM counts them."""
        return counted_length(self.grants)


def policies(name: str, grants: Sequence[Grant]) -> tuple[DeployerPolicy, ...]:
    """As few documents as their order allows: `NAME`, or `NAME-1`, `NAME-2` and so on."""
    documents: list[tuple[Grant, ...]] = []
    for grant in (part for each in grants for part in _parts(each)):
        if documents and counted_length((*documents[-1], grant)) <= LONGEST_MANAGED:
            documents[-1] = (*documents[-1], grant)
        else:
            documents.append((grant,))
    if len(documents) == 1:
        return (DeployerPolicy(name, documents[0]),)
    return tuple(DeployerPolicy(f"{name}-{n}", each) for n, each in enumerate(documents, 1))


def counted_length(grants: Iterable[Grant]) -> int:
    """Of a document with these statements, white space not counted."""
    return len("".join(json.dumps(_content(grants)).split()))


def _parts(grant: Grant) -> Iterator[Grant]:
    """A statement that is too long by itself in halves, which allow the same together."""
    if counted_length([grant]) <= LONGEST_MANAGED or len(grant.resources) == 1:
        yield grant
        return
    half = len(grant.resources) // 2
    for number, some in enumerate((grant.resources[:half], grant.resources[half:]), 1):
        yield from _parts(replace(grant, sid=f"{grant.sid}Part{number}", resources=some))


def _content(grants: Iterable[Grant]) -> dict[str, object]:
    return {"Version": VERSION, "Statement": [each.statement for each in grants]}
