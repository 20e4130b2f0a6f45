"""Clients and who we are: everything that is decided once per run.

All clients are made on the main thread (boto3 sessions are not thread-safe, clients are:
https://docs.aws.amazon.com/boto3/latest/guide/clients.html). Two sets: `aws.ec2` retries by itself,
`aws.once.ec2` never does and is used for creating, where a blind retry could make a second one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

import boto3
import botocore.session
from botocore.config import Config as SdkConfig

from umetrics.aws.calls import CallLog, watch
from umetrics.aws.translation import Translating, translated
from umetrics.errors import UsageError
from umetrics.patience import Patience

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sts import STSClient

CONNECT_TIMEOUT = 5
"""Seconds; AWS endpoints accept connections in milliseconds or not at all."""

READ_TIMEOUT = 60
"""Seconds; the slowest of our calls (AuthorizeSecurityGroup* under load) answer in a few."""

TRIES = 6
"""For calls that may be repeated: standard mode backs off to about 20 s in all."""

CONNECTIONS = 40
"""The sweep sends about 30 calls at once; each should find a connection of its own."""

SANDBOX_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credentials are: twelve-digit account, ARN, and the ARN's partition."""

    account: str
    arn: str
    partition: str


@dataclass(frozen=True, slots=True)
class Once:
    """Clients that send each request exactly once."""

    ec2: EC2Client
    iam: IAMClient


@dataclass
class Aws:
    """AWS as the rest of the program sees it."""

    session: boto3.Session
    region: str
    endpoint_url: str | None = None
    is_sandbox: bool = False
    read_only: bool = False
    patience: Patience = field(default_factory=Patience)
    log: CallLog = field(default_factory=CallLog)

    def __post_init__(self) -> None:
        self.ec2 = cast("EC2Client", self._client("ec2", tries=TRIES))
        self.iam = cast("IAMClient", self._client("iam", tries=TRIES))
        self._sts = cast("STSClient", self._client("sts", tries=TRIES))

    def open_creating_clients(self) -> None:
        """Make `once` now: workers use it, and clients are made on the main thread only."""
        _ = self.once

    @cached_property
    def once(self) -> Once:
        """Clients without SDK retries, for creating."""
        return Once(
            cast("EC2Client", self._client("ec2", tries=1)),
            cast("IAMClient", self._client("iam", tries=1)),
        )

    @cached_property
    def identity(self) -> Identity:
        """One GetCallerIdentity, remembered."""
        answer = self._sts.get_caller_identity()
        arn = answer["Arn"]
        return Identity(answer["Account"], arn, arn.split(":")[1])

    def _client(self, service: Literal["ec2", "iam", "sts"], *, tries: int) -> object:
        config = SdkConfig(
            retries={"mode": "standard", "total_max_attempts": tries},
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            max_pool_connections=CONNECTIONS,
            proxies={} if self.is_sandbox else None,
        )
        with translated(f"{service}:client"):
            client = self.session.client(
                service, region_name=self.region, endpoint_url=self.endpoint_url, config=config
            )
        watch(client, self.log, read_only=self.read_only)
        return Translating(client)


def connect(
    *,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None = None,
    read_only: bool = False,
) -> Aws:
    """AWS with the user's own credentials.

    `region` None means the profile's. Raises `CredentialsError` for an unknown profile,
    `UsageError` when no region can be found.
    """
    with translated("sts:session"):
        session = boto3.Session(profile_name=profile, region_name=region)
        chosen = session.region_name
    if not chosen:
        raise UsageError(
            "no AWS region is set",
            hint="use --region us-east-1, or set `region` in umetrics.toml, or AWS_REGION",
        )
    return Aws(session, chosen, endpoint_url, read_only=read_only)


def connect_to_sandbox(endpoint_url: str, *, read_only: bool = False) -> Aws:
    """The local AWS: dummy credentials, and nothing of the user's AWS configuration is read."""
    isolated: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, "/dev/null", None),
        "credentials_file": (None, None, "/dev/null", None),
        # AWS_DEFAULTS_MODE=auto would ask the instance metadata service.
        "defaults_mode": (None, None, "legacy", None),
    }
    core = botocore.session.Session(session_vars=isolated)
    session = boto3.Session(
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",  # noqa: S106  # a dummy, for the loopback emulator
        region_name=SANDBOX_REGION,
        botocore_session=core,
    )
    return Aws(session, SANDBOX_REGION, endpoint_url, is_sandbox=True, read_only=read_only)
