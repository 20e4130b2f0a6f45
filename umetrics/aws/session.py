"""Clients and who we are: everything that is decided once per run.

All clients are made on the main thread (boto3 sessions are not thread-safe, clients are:
https://docs.aws.amazon.com/boto3/latest/guide/clients.html). Two sets: `aws.ec2` retries by itself,
`aws.once.ec2` never does and is used for creating, where a blind retry could make a second one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast

from botocore.config import Config as SdkConfig

from umetrics.aws.calls import Allowed, CallLog, hold_back, watch
from umetrics.aws.reader import Reader
from umetrics.aws.sdk import own_session, role_session, sandbox_session, settings_checked
from umetrics.aws.secrecy import Secrecy
from umetrics.aws.services import (
    CostAllocation,
    EventHistory,
    ParameterStore,
    ResourceTagging,
)
from umetrics.aws.translation import Translating
from umetrics.errors import UmetricsError, UsageError
from umetrics.patience import Pace, Patience

if TYPE_CHECKING:
    from boto3 import Session
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

READING_TRIES = 10
"""For scans, which would rather take minutes than leave something out."""

CONNECTIONS = 40
"""The sweep sends about 30 calls at once; each should find a connection of its own."""

COST_EXPLORER_HOMES = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}
"""By partition, the only region in which Cost Explorer answers."""

DECODED_AT_MOST = 20
"""Refusals whose encoded message is decoded, in one run: nobody reads more of them."""

ROLE_SESSION = "umetrics"
"""How CloudTrail names us in an account that a role lets us into."""

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

    session: Session
    region: str
    endpoint_url: str | None = None
    is_sandbox: bool = False
    read_only: bool = False
    patience: Patience = field(default_factory=Patience)
    log: CallLog = field(default_factory=CallLog)
    secrecy: Secrecy = field(default_factory=Secrecy)
    _histories: dict[str, EventHistory] = field(default_factory=dict)
    _readers: dict[str, Reader] = field(default_factory=dict)
    _decodings: Iterator[int] = field(default_factory=itertools.count)

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
    def rehearsing(self) -> EC2Client:
        """EC2 for dry runs and nothing else, also where a run only reads; on the main thread only.

        Without retries: should a dry run act, it acts once.
        """
        return cast("EC2Client", self._client("ec2", tries=1, allowed=Allowed.REHEARSALS))

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

    @cached_property
    def cost_allocation(self) -> CostAllocation:
        """Cost Explorer, made when it is first asked for; on the main thread only.

        It is one for all regions of a partition; a partition without one gets `UsageError`.
        """
        home = COST_EXPLORER_HOMES.get(self.identity.partition)
        if home is None:
            raise UsageError(
                f"Cost Explorer does not exist in partition {self.identity.partition}",
                hint="activate the keys in the account in which this one's costs are billed",
            )
        return cast("CostAllocation", self._client("ce", tries=TRIES, region=home))

    @cached_property
    def tagging(self) -> ResourceTagging:
        """The tagging API, made when it is first asked for; on the main thread only."""
        return cast("ResourceTagging", self._client("resourcegroupstaggingapi", tries=TRIES))

    def in_region(self, region: str) -> Aws:
        """The same account in another region; on the main thread only."""
        return (
            self
            if region == self.region
            else replace(self, region=region, _histories={}, _readers={})
        )

    def event_history(self, region: str) -> EventHistory:
        """CloudTrail of a region, made when it is first asked for; on the main thread only."""
        if region not in self._histories:
            client = self._client("cloudtrail", tries=TRIES, region=region)
            self._histories[region] = cast("EventHistory", client)
        return self._histories[region]

    def pace(self, rate: float, burst: float) -> Pace:
        """For calls that a service lets through so many of: `rate` a second, `burst` at once."""
        return Pace(rate, burst, self.patience)

    def looker(self, service: str) -> Reader:
        """Any service of this region, for few calls that only read.

        Made when it is first asked for, on the main thread only, and kept: making a client takes
        longer than most calls. It does not insist where the service is not offered.
        """
        if service not in self._readers:
            known = {"ec2": self.ec2, "iam": self.iam}.get(service)
            tries = TRIES if self.endpoint_url else self._tries(service, self.region, TRIES)
            client = known or self._client(service, tries=tries, allowed=Allowed.READS)
            self._readers[service] = Reader(cast("Translating", client))
        return self._readers[service]

    def rehearser(self, service: str) -> Reader:
        """Any service of this region, for calls with DryRun and no others; on the main thread only.

        Also where a run only reads. Without retries: should such a call act, it acts once.
        """
        return Reader(self._client(service, tries=1, allowed=Allowed.REHEARSALS))

    def reader(self, service: str, region: str, pace: Pace) -> Reader:
        """Any service in any region, for reading only; made on the main thread only.

        It waits for `pace` before each call, and where AWS throttles it still, it slows down. It
        does not insist where the service is not offered, as far as the SDK knows.
        """
        tries = self._tries(service, region, READING_TRIES)
        client = self._client(
            service, tries=tries, region=region, mode="adaptive", allowed=Allowed.READS, pace=pace
        )
        return Reader(client)

    def _tries(self, service: str, region: str, most: int) -> int:
        """One where the service is not offered, as far as the SDK knows: more would be in vain."""
        offered = self.session.get_available_regions(service, self.identity.partition)
        return most if region in offered or not offered else 1

    def assume(self, role_arn: str) -> Aws:
        """The same AWS as a role sees it, for an hour; on the main thread only."""
        answer = self._sts.assume_role(RoleArn=role_arn, RoleSessionName=ROLE_SESSION)
        session = role_session(self.session, answer["Credentials"], isolated=self.is_sandbox)
        return replace(self, session=session, _histories={}, _readers={})

    def _client(
        self,
        service: str,
        *,
        tries: int,
        region: str | None = None,
        mode: Literal["standard", "adaptive"] = "standard",
        allowed: Allowed | None = None,
        pace: Pace | None = None,
    ) -> Translating:
        config = SdkConfig(
            retries={"mode": mode, "total_max_attempts": tries},
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
        by_default = Allowed.READS if self.read_only else Allowed.EVERYTHING
        watch(client, self.log, allowed or by_default)
        if pace is not None:
            hold_back(client, pace)
        return Translating(client, self.secrecy, None if service == "sts" else self._decode)

    def _decode(self, message: str) -> str:
        """What EC2 has encoded in a refusal. Only the first few of a run are worth a call each."""
        if next(self._decodings) >= DECODED_AT_MOST:
            raise UmetricsError(f"{DECODED_AT_MOST} such messages of this run were decoded already")
        answer = self._sts.decode_authorization_message(EncodedMessage=message)
        return answer["DecodedMessage"]

    def _made(self, service: str, config: SdkConfig, region: str) -> BaseClient:
        with settings_checked():
            # The stubs know the installed services by name; here it may be any.
            make: Callable[..., BaseClient] = self.session.client
            return make(service, region_name=region, endpoint_url=self.endpoint_url, config=config)


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
    session = own_session(profile, region)
    chosen = session.region_name
    if not chosen:
        raise UsageError(
            "no AWS region is set",
            hint="use --region us-east-1, or set `region` in umetrics.toml, or AWS_REGION",
        )
    return Aws(session, chosen, endpoint_url, read_only=read_only)


def connect_to_sandbox(endpoint_url: str, *, read_only: bool = False) -> Aws:
    """The local AWS: dummy credentials, and nothing of the user's AWS configuration is read."""
    session = sandbox_session(SANDBOX_REGION)
    return Aws(session, SANDBOX_REGION, endpoint_url, is_sandbox=True, read_only=read_only)
