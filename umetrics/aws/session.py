"""Clients and who we are: everything that is decided once per run.

All clients are made on the main thread (boto3 sessions are not thread-safe, clients are:
https://docs.aws.amazon.com/boto3/latest/guide/clients.html). Two sets: `aws.ec2` retries by itself,
`aws.once.ec2` never does and is used for creating, where a blind retry could make a second one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import boto3
import botocore.session
from botocore.config import Config as SdkConfig
from botocore.exceptions import BotoCoreError

from umetrics.aws.calls import CallLog, watch
from umetrics.aws.secrecy import Secrecy
from umetrics.aws.translation import CREDENTIALS_HINT, NO_CREDENTIALS, Translating
from umetrics.errors import CredentialsError, UsageError
from umetrics.patience import Patience

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_budgets import BudgetsClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sts import STSClient

CONNECT_TIMEOUT = 5
"""Seconds; AWS endpoints accept connections in milliseconds or not at all."""

READ_TIMEOUT = 60
"""Seconds; the slowest of our calls (AuthorizeSecurityGroup* under load) answer in a few."""

TRIES = 6
"""For calls that may be repeated: standard mode backs off to about 20 s in all."""

CONNECTIONS = 40
"""The sweep sends about 30 calls at once; each should find a connection of its own."""

Service = Literal["budgets", "cloudtrail", "ec2", "iam", "logs", "ssm", "sts"]

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


class EventHistory(Protocol):
    """CloudTrail, of which one call is used."""

    def lookup_events(self, **parameters: object) -> dict[str, Any]:
        """LookupEvents."""
        ...


class ParameterStore(Protocol):
    """Systems Manager, of which the calls about parameters are used."""

    def describe_parameters(self, **parameters: object) -> dict[str, Any]:
        """DescribeParameters."""
        ...

    def get_parameters(self, **parameters: object) -> dict[str, Any]:
        """GetParameters."""
        ...

    def list_tags_for_resource(self, **parameters: object) -> dict[str, Any]:
        """ListTagsForResource."""
        ...

    def put_parameter(self, **parameters: object) -> dict[str, Any]:
        """PutParameter."""
        ...

    def add_tags_to_resource(self, **parameters: object) -> dict[str, Any]:
        """AddTagsToResource."""
        ...

    def delete_parameter(self, **parameters: object) -> dict[str, Any]:
        """DeleteParameter."""
        ...


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
    secrecy: Secrecy = field(default_factory=Secrecy)
    _histories: dict[str, EventHistory] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.secrecy.guard(self.session)
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

    @cached_property
    def parameters(self) -> ParameterStore:
        """SSM, made when it is first asked for; on the main thread only."""
        return cast("ParameterStore", self._client("ssm", tries=TRIES))

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """CloudWatch Logs, made when it is first asked for; on the main thread only."""
        return cast("CloudWatchLogsClient", self._client("logs", tries=TRIES))

    @cached_property
    def budgets(self) -> BudgetsClient:
        """AWS Budgets, made when it is first asked for; on the main thread only."""
        return cast("BudgetsClient", self._client("budgets", tries=TRIES))

    def event_history(self, region: str) -> EventHistory:
        """CloudTrail of a region, made when it is first asked for; on the main thread only."""
        if region not in self._histories:
            client = self._client("cloudtrail", tries=TRIES, region=region)
            self._histories[region] = cast("EventHistory", client)
        return self._histories[region]

    def _client(self, service: Service, *, tries: int, region: str | None = None) -> object:
        config = SdkConfig(
            retries={"mode": "standard", "total_max_attempts": tries},
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            max_pool_connections=CONNECTIONS,
            proxies={} if self.is_sandbox else None,
        )
        client = self._made(service, config, region or self.region)
        if not self.is_sandbox and client.meta.endpoint_url.startswith("http:"):
            # What is meant for this machine takes no way round over a proxy.
            direct = config.merge(SdkConfig(proxies={}))
            client = self._made(service, direct, region or self.region)
        watch(client, self.log, read_only=self.read_only)
        return Translating(client, self.secrecy)

    def _made(self, service: Service, config: SdkConfig, region: str) -> BaseClient:
        with _settings():
            made: BaseClient = self.session.client(
                service, region_name=region, endpoint_url=self.endpoint_url, config=config
            )
            return made


def connect(
    *,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None = None,
    read_only: bool = False,
) -> Aws:
    """AWS with the user's own credentials.

    `region` None means the profile's. Raises `CredentialsError` for an unknown profile,
    `UsageError` when no region can be found or another of the SDK's settings makes no sense.
    """
    with _settings():
        core = botocore.session.Session()
        session = boto3.Session(profile_name=profile, region_name=region, botocore_session=core)
        _insist_on_certificates(core)
        chosen = session.region_name
    if not chosen:
        raise UsageError(
            "no AWS region is set",
            hint="use --region us-east-1, or set `region` in umetrics.toml, or AWS_REGION",
        )
    return Aws(session, chosen, endpoint_url, read_only=read_only)


def _insist_on_certificates(core: botocore.session.Session) -> None:
    """A bundle that is named but empty means the usual one; to the SDK it meant no check at all."""
    named = core.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or ""
    bundle = named.strip()
    if bundle and not Path(bundle).exists():
        raise UsageError(
            f"there is no certificate bundle at {bundle}",
            hint="correct AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE or `ca_bundle` in the profile",
        )
    core.set_config_variable("ca_bundle", bundle or True)


@contextmanager
def _settings() -> Iterator[None]:
    """What the SDK says of its settings, as one of our errors."""
    try:
        yield
    except NO_CREDENTIALS as error:
        raise CredentialsError(str(error), hint=CREDENTIALS_HINT) from error
    except (BotoCoreError, ValueError) as error:
        raise UsageError(
            f"a setting of the AWS SDK makes no sense: {error}",
            hint="correct --endpoint-url, the AWS_* variable or the file in ~/.aws that it is from",
        ) from error


def connect_to_sandbox(endpoint_url: str, *, read_only: bool = False) -> Aws:
    """The local AWS: dummy credentials, and nothing of the user's AWS configuration is read."""
    known = botocore.session.Session.SESSION_VARIABLES.items()
    # A setting is: name in a file, name of a variable, default, conversion.
    isolated: dict[str, Any] = {
        name: (None, None, default, conversion) for name, (_, _, default, conversion) in known
    }
    for name in ("config_file", "credentials_file"):
        isolated[name] = (None, None, os.devnull, None)
    core = botocore.session.Session(session_vars=isolated)
    session = boto3.Session(
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",  # noqa: S106  # a dummy, for the loopback emulator
        region_name=SANDBOX_REGION,
        botocore_session=core,
    )
    return Aws(session, SANDBOX_REGION, endpoint_url, is_sandbox=True, read_only=read_only)
