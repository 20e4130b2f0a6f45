"""A deployer's policies as people paste them, as Terraform has them, and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from umetrics.deployer import DeployerPolicy
from umetrics.provision.policy_document import LONGEST_MANAGED
from umetrics.render.document import JsonObject

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


def policy_text(policies: Sequence[DeployerPolicy]) -> str:
    """One document and nothing else, for IAM to take; of several one object, which IAM refuses.

    Either is JSON. Documents one after the other would be none, and whoever took the first for the
    whole would lack the rest.
    """
    if len(policies) == 1:
        return f"{policies[0].text}\n"
    documents = [{"name": policy.name, "document": json.loads(policy.text)} for policy in policies]
    return f"{json.dumps({'documents': documents}, indent=2)}\n"


def policy_remarks(policies: Sequence[DeployerPolicy]) -> Iterator[str]:
    """What is printed beside the documents, a sentence for each."""
    for number, policy in enumerate(policies, 1):
        yield (
            f"{policy.name} ({number} of {len(policies)}): {len(policy.grants)} statements, "
            f"{policy.length:,} of the {LONGEST_MANAGED:,} characters that IAM takes."
        )
    if len(policies) > 1:
        yield (
            f"One policy cannot hold it: as text these are {len(policies)} documents in one JSON "
            "object, each to be made a policy of its own (`jq '.documents[0].document'`)."
        )


def policy_terraform(policies: Iterable[DeployerPolicy]) -> str:
    """One `aws_iam_policy` each; JSON is an expression of HCL, once its templates are escaped.

    https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
    """
    return "\n".join(_resource(policy) for policy in policies)


def _resource(policy: DeployerPolicy) -> str:
    document = policy.text.replace("${", "$${").replace("%{", "%%{").replace("\n", "\n  ")
    label = _NOT_IN_A_NAME.sub("_", policy.name.lower())
    return (
        f'resource "aws_iam_policy" "{label}" {{\n'
        f"  name   = {json.dumps(policy.name)}\n"
        f"  policy = jsonencode({document})\n"
        "}\n"
    )


def policy_json(mode: str, policies: Iterable[DeployerPolicy]) -> JsonObject:
    """The documents with their names and lengths."""
    return {
        "mode": mode,
        "policies": [
            {
                "name": policy.name,
                "characters": policy.length,
                "document": json.loads(policy.text),
            }
            for policy in policies
        ],
    }
