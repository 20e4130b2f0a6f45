"""What the sandbox does not serve is an error of the client's, once, and in plain words."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws
from werkzeug.serving import make_server

from tests.support.plain import Client, account, client
from tests.support.strict_account import SESSION
from umetrics.sandbox.application import application
from umetrics.sandbox.strict import strict

UNSERVED = [
    ("pricing", "describe_services", {}, "DescribeServices"),  # JSON
    ("grafana", "list_workspaces", {}, "/workspaces"),  # REST
    ("accessanalyzer", "list_analyzers", {}, "/analyzer"),
    ("importexport", "list_jobs", {}, "ListJobs"),  # query
    ("translate", "list_languages", {}, "ListLanguages"),  # CBOR or JSON
    ("ec2", "describe_moving_addresses", {}, "DescribeMovingAddresses"),
    ("iam", "get_organizations_access_report", {"JobId": "0" * 36}, "GetOrganizationsAccessReport"),
    ("cloudtrail", "list_channels", {}, "ListChannels"),
    ("sqs", "cancel_message_move_task", {"TaskHandle": "any"}, "CancelMessageMoveTask"),
    ("lambda", "list_capacity_providers", {}, "/capacity-providers"),
    ("apigateway", "get_rest_apis", {}, "/restapis"),  # needs an extra of moto's
]


def error(
    service: Client, operation: str, given: Mapping[str, object]
) -> tuple[str, str, int, int]:
    """Code, message and status of what comes back, and how often it was asked for."""
    with pytest.raises(ClientError) as caught:
        getattr(service, operation)(**given)
    told = caught.value.response
    tries = told["ResponseMetadata"]["RetryAttempts"]
    status = told["ResponseMetadata"]["HTTPStatusCode"]
    return told["Error"]["Code"], told["Error"]["Message"], status, tries + 1


@pytest.mark.parametrize(("service", "operation", "given", "named"), UNSERVED)
def test_in_process_it_is_said_once(
    service: str, operation: str, given: Mapping[str, object], named: str
) -> None:
    with account("ec2"):
        code, message, status, tries = error(patient(service), operation, given)
    assert (code, status, tries) == ("NotImplemented", 400, 1)
    assert message.startswith("The sandbox does not serve ")
    assert named in message


def patient(service: str, endpoint_url: str | None = None) -> Client:
    """A client that tries three times what may be worth it."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 3})
    return SESSION.client(  # type: ignore[call-overload]
        service, region_name="us-east-1", config=config, endpoint_url=endpoint_url
    )


@pytest.fixture
def address() -> Iterator[str]:
    """Where the web application is, on a port of its own."""
    with strict():
        serving = make_server("127.0.0.1", 0, application(), threaded=True)
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{serving.server_port}"
        finally:
            serving.shutdown()
            thread.join()
            serving.server_close()


@pytest.mark.parametrize(("service", "operation", "given", "named"), UNSERVED)
def test_the_server_says_it_once(
    address: str, service: str, operation: str, given: Mapping[str, object], named: str
) -> None:
    code, message, status, tries = error(patient(service, address), operation, given)
    assert (code, status, tries) == ("NotImplemented", 400, 1)
    assert named in message


def test_what_is_served_and_not_there_is_not_found_as_ever(address: str) -> None:
    buckets = patient("s3", address)
    assert error(buckets, "get_object", {"Bucket": "none", "Key": "none"})[0] == "NoSuchBucket"


def test_without_the_rules_moto_raises() -> None:
    with mock_aws(), pytest.raises(NotImplementedError):
        client("cloudtrail").lookup_events()
