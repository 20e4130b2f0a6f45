"""The tagging API's changes: many resources in one call, each of which may fail by itself.

moto tags what is not there without a word, and nothing of IAM. How IAM compares keys when it is
called itself is `iam_rules.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from werkzeug.exceptions import HTTPException

from umetrics.sandbox.strict.alone import alone
from umetrics.sandbox.strict.backend import backend_in
from umetrics.sandbox.strict.failure import described
from umetrics.sandbox.strict.rule import Call, Proceed, Rule, rule
from umetrics.sandbox.strict.taggable import existing
from umetrics.sandbox.strict.tagging_api_rules import REFERENCE, SERVICE

BAD_REQUEST = 400


@rule(
    "tagging-one-by-one",
    service=SERVICE,
    actions=("tag_resources", "untag_resources"),
    source=f"{REFERENCE}TagResources, FailureInfo: what fails is told resource by resource; "
    "IAM: aws/aws-sdk#581",
)
@alone
def one_by_one(call: Call, proceed: Proceed) -> Any:  # noqa: ANN401, ARG001  # one call for each
    """What is there is tagged, of IAM as well; what is not is told in an answer that is 200."""
    failed = {}
    for arn in call.parameter("ResourceARNList"):
        try:
            _tag(call, arn)
        except LookupError:
            failed[arn] = _failure("InvalidParameterException", f"{arn} is not there.")
        except NotImplementedError:
            failed[arn] = _failure("InternalServiceException", f"{arn} is of no supported type.")
        except (ServiceException, HTTPException) as error:
            failed[arn] = _failure(*described(error))
    return ActionResult({"FailedResourcesMap": failed})


def _failure(code: str, message: str) -> dict[str, str | int]:
    return {"StatusCode": BAD_REQUEST, "ErrorCode": code, "ErrorMessage": message}


def _tag(call: Call, arn: str) -> None:
    """Tag one resource, or take tags off it; a `LookupError` when there is no such."""
    tags, keys = call.parameter("Tags"), call.parameter("TagKeys")
    service = arn.split(":")[2]
    if service == "iam":
        change, name = _iam_tagging(call, arn)
        change(name, [{"Key": key, "Value": tags[key]} for key in tags] if tags else keys)
        return
    backend = call.backend._get_backend_for_resource(arn)  # noqa: SLF001  # moto's only way
    there = (each.arn for each in existing(call, call.response.region))
    if backend is None or (service == "ec2" and arn not in there):
        raise LookupError(arn)
    if tags:
        backend.tag_resource(arn, tags)
    else:
        backend.untag_resource(arn, keys)


def _iam_tagging(call: Call, arn: str) -> tuple[Callable[[str, Iterable[Any]], None], str]:
    """What changes the tags of a thing of IAM, and the name that it knows the thing by."""
    iam = backend_in(call, "iam", call.response.partition)
    kind, _, _ = arn.split(":")[5].partition("/")
    verb = "tag" if call.action == "tag_resources" else "untag"
    change = getattr(iam, f"{verb}_{kind}", None)
    if change is None:
        raise LookupError(arn)
    return change, arn if kind == "policy" else arn.rsplit("/", 1)[-1]


RULES: tuple[Rule, ...] = (one_by_one,)
