"""What is sent to whom, and what of it is ever shown: against real servers on this machine."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from email.message import Message
from pathlib import Path

import pytest

from tests.support.impostor import Answer, certificate_in, impostor
from umetrics.aws import Aws, connect, session
from umetrics.aws.secrecy import is_clear_text
from umetrics.errors import AwsError, CredentialsError, UmetricsError, UsageError

TOKEN = "FQoGZXIvYXdzEJr-a-session-token"
SECRET = "wJalrXUtnFEMI-a-secret-key"
ELSEWHERE = "http://aws.example.test"

SERVICES = f"""
[default]
services = elsewhere
[services elsewhere]
sts =
  endpoint_url = {ELSEWHERE}
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Temporary credentials, one try, and nothing else of this machine's settings or proxies."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy") or "CA_BUNDLE" in name:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    monkeypatch.setattr(session, "TRIES", 1)
    return monkeypatch


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_in(tmp_path_factory.mktemp("certificate"))


def connected(endpoint_url: str | None = None) -> Aws:
    return connect(profile=None, region="us-east-1", endpoint_url=endpoint_url)


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("https://ec2.us-east-1.amazonaws.com", False),
        ("https://localstack.example.test:4566", False),
        ("http://127.0.0.1:4566", False),
        ("http://127.8.8.8", False),
        ("http://[::1]:4566", False),
        ("http://localhost:4566", False),
        ("http://aws.example.test", True),
        ("http://127.0.0.1.example.test", True),
        ("http://127.0.0.1@aws.example.test", True),
        ("http://localhost.example.test", True),
        ("http://192.168.0.1", True),
        ("http://0.0.0.0", True),
        ("ftp://aws.example.test", True),
    ],
)
def test_clear_text_is_for_this_machine_only(url: str, clear: bool) -> None:
    assert is_clear_text(url) is clear


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"])
def test_a_variable_leads_nobody_to_an_endpoint_in_clear_text(
    environment: pytest.MonkeyPatch, variable: str
) -> None:
    environment.setenv(variable, ELSEWHERE)
    with pytest.raises(
        UsageError, match=r"aws\.example\.test would get signed requests"
    ) as refused:
        _ = connected().identity
    assert "https://" in refused.value.hint


@pytest.mark.parametrize("text", [f"[default]\nendpoint_url = {ELSEWHERE}\n", SERVICES])
def test_a_profile_leads_nobody_to_an_endpoint_in_clear_text(tmp_path: Path, text: str) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(text)
    with pytest.raises(UsageError, match="would get signed requests in clear text"):
        _ = connected().identity


def test_what_is_sent_to_this_machine_passes_no_proxy(environment: pytest.MonkeyPatch) -> None:
    with impostor() as ours, impostor() as proxy:
        environment.setenv("HTTP_PROXY", proxy.url)
        environment.setenv("AWS_ENDPOINT_URL", ours.url)
        assert connected().identity.account == "123456789012"
        assert connected(ours.url).identity.account == "123456789012"
    assert (len(ours.requests), len(proxy.requests)) == (2, 0)


@pytest.mark.parametrize("bundles", [{}, {"AWS_CA_BUNDLE": ""}, {"REQUESTS_CA_BUNDLE": " "}])
def test_nothing_is_sent_past_a_certificate_that_nobody_vouches_for(
    environment: pytest.MonkeyPatch, certificate: Path, bundles: dict[str, str]
) -> None:
    for name, value in bundles.items():
        environment.setenv(name, value)
    failing = pytest.raises(AwsError, match="CERTIFICATE_VERIFY_FAILED")
    with impostor(certificate=certificate) as there, failing as untrusted:
        _ = connected(there.url).identity
    assert there.requests == []
    assert "AWS_CA_BUNDLE" in untrusted.value.hint


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_bundle_of_ones_own_is_honoured(
    environment: pytest.MonkeyPatch, certificate: Path, name: str
) -> None:
    environment.setenv(name, str(certificate))
    with impostor(certificate=certificate) as there:
        assert connected(there.url).identity.account == "123456789012"


def test_a_bundle_that_is_not_there_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_CA_BUNDLE", "/nonexistent.pem")
    with pytest.raises(UsageError, match=r"no certificate bundle at /nonexistent\.pem"):
        connected()


def refusing_with_the_token(headers: Message[str, str]) -> Answer:
    """As AWS does when a signature does not match: the canonical request, in the message."""
    told = f"does not match.\n\nThe Canonical String\nx-amz-security-token:{headers[SENT]}\n\n"
    error = f"<Code>SignatureDoesNotMatch</Code><Message>{told}</Message>"
    return 403, f"<ErrorResponse><Error>{error}</Error></ErrorResponse>".encode()


def echoing(headers: Message[str, str]) -> Answer:
    """As proxies do: a page about what they got."""
    return 200, f"<html><p>bad gateway: {headers[SENT]}".encode()


def issuing(_headers: Message[str, str]) -> Answer:
    """Credentials, cut off in the middle."""
    return 200, b"<R><Credentials><SecretAccessKey>an-issued-key</SecretAccessKey><SessionToken>an-"


SENT = "X-Amz-Security-Token"


@pytest.mark.parametrize("answer", [refusing_with_the_token, echoing, issuing])
def test_a_secret_that_comes_back_is_blotted_out_of_error_and_traceback(
    answer: Callable[[Message[str, str]], Answer],
) -> None:
    with impostor(answer) as there, pytest.raises(UmetricsError) as caught:
        _ = connected(there.url).identity
    assert there.requests[0][SENT] == TOKEN
    told = "".join(traceback.format_exception(caught.value)) + caught.value.message
    assert "(hidden)" in caught.value.message
    assert not [secret for secret in (TOKEN, SECRET, "an-issued-key") if secret in told]


def test_a_token_that_was_pasted_with_a_line_break_is_not_quoted(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("AWS_SESSION_TOKEN", f"{TOKEN}\n{TOKEN[::-1]}")
    with impostor() as there, pytest.raises(UmetricsError) as caught:
        _ = connected(there.url).identity
    told = "".join(traceback.format_exception(caught.value))
    assert "Invalid header value" in told
    assert TOKEN not in told
    assert TOKEN[::-1] not in told


def test_a_clock_that_is_wrong_is_what_the_hint_speaks_of() -> None:
    late = b"<E><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired: 2016 is now "
    late += b"earlier than 2026</Message></Error></E>"
    answering = impostor(lambda _headers: (403, late))
    with answering as there, pytest.raises(CredentialsError) as caught:
        _ = connected(there.url).identity
    assert "clock" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ENDPOINT_URL", "nonsense"),
        ("AWS_METADATA_SERVICE_TIMEOUT", "soon"),
        ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "many"),
    ],
)
def test_a_setting_of_the_sdk_that_makes_no_sense_is_a_usage_error(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(UsageError, match="a setting of the AWS SDK makes no sense") as caught:
        connected()
    assert "AWS_*" in caught.value.hint


def test_a_configuration_file_that_cannot_be_parsed_is_named(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default\n")
    with pytest.raises(UsageError, match="Unable to parse config file"):
        connected()
