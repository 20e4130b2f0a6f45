"""How AWS says no: the words, and the error code and status of each protocol.

Words of refusals: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html;
EC2's: kubernetes-sigs/karpenter#2813 (encoded), hashicorp/terraform-provider-aws#34234 (an action
without a resource, whose message is not encoded); IAM's: aws/aws-cdk#27067.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from moto.core.utils import get_service_model

from umetrics.sandbox.strict.authorization.demand import EVERYTHING, Demand
from umetrics.sandbox.strict.authorization.evaluation import Decision, Question, Source, Verdict
from umetrics.sandbox.strict.authorization.failure_message import encoded
from umetrics.sandbox.strict.authorization.principal import Principal
from umetrics.sandbox.strict.failure import Failure

if TYPE_CHECKING:
    from umetrics.sandbox.strict.rule import Call

FORBIDDEN = 403
BAD_REQUEST = 400
UNAUTHENTICATED = 401

CODES: Mapping[str, tuple[str, int]] = {
    "ec2": ("UnauthorizedOperation", FORBIDDEN),
    "json": ("AccessDeniedException", BAD_REQUEST),
    "query": ("AccessDenied", FORBIDDEN),
    "rest-json": ("AccessDeniedException", FORBIDDEN),
    "rest-xml": ("AccessDenied", FORBIDDEN),
}
"""By the protocol of the request; the newer protocols are as `json`."""

ARTICLE = {Source.IDENTITY: "an", Source.BOUNDARY: "a", Source.SESSION: "a"}


def refused(
    call: Call, demand: Demand, question: Question, decision: Decision, principal: Principal
) -> Failure:
    """The error for a permission that is lacking."""
    model = get_service_model(call.response.boto3_service_name)
    protocol = call.response.determine_response_protocol(model)
    code, status = CODES.get(protocol, CODES["json"])
    message = words(demand, decision, principal, names_everything=protocol != "ec2")
    if protocol == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
        if demand.resource != EVERYTHING:
            sealed = encoded(question, decision, principal)
            message += f". Encoded authorization failure message: {sealed}"
    return Failure(code, message, status=status)


def words(
    demand: Demand, decision: Decision, principal: Principal, *, names_everything: bool = True
) -> str:
    """Who may not do what to which resource, and which type of policy says so."""
    said = f"User: {principal.arn} is not authorized to perform: {demand.action}"
    if names_everything or demand.resource != EVERYTHING:
        said += f" on resource: {demand.called or demand.resource}"
    source = decision.refused_by or Source.IDENTITY
    if decision.verdict is Verdict.EXPLICIT_DENY:
        return f"{said} with an explicit deny in {ARTICLE[source]} {source.value}"
    return f"{said} because no {source.value} allows the {demand.action} action"


def unknown_key(call: Call) -> Failure:
    """The error for a key whose owner is gone, or that is not active."""
    if call.response.service_name == "ec2":
        message = "AWS was not able to validate the provided access credentials"
        return Failure("AuthFailure", message, status=UNAUTHENTICATED)
    model = get_service_model(call.response.boto3_service_name)
    json = call.response.determine_response_protocol(model) in {"json", "smithy-rpc-v2-cbor"}
    return Failure(
        "UnrecognizedClientException" if json else "InvalidClientTokenId",
        "The security token included in the request is invalid.",
        status=BAD_REQUEST if json else FORBIDDEN,
    )
