"""The configuration of one stage, as the rest of umetrics sees it: frozen, complete and valid.

Each field's annotation declares its setting (`setting.py`): adding a setting is adding a field.
Where values come from is `loading.py`'s business; these classes only hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from umetrics import tags
from umetrics.config import rules
from umetrics.config.network import Network
from umetrics.config.setting import Scope, Setting
from umetrics.config.tagging import Tagging

Traffic = Literal["all", "accept", "reject"]


@dataclass(frozen=True, slots=True)
class Database:
    """The existing Aurora PostgreSQL database that the tasks use. It is never changed."""

    resource_id: Annotated[
        str | None,
        Setting(
            rules.DATABASE_RESOURCE,
            "the proxy or cluster on which tasks may connect",
            unset="every one in the account and region, for `database.user` only, with a warning",
        ),
    ] = None
    user: Annotated[str, Setting(rules.DATABASE_USER, "the database user of the tasks")] = "umami"
    port: Annotated[int, Setting(rules.PORT, "the port of the database")] = 5432
    cidrs: Annotated[
        tuple[str, ...],
        Setting(
            rules.CIDRS,
            "where the database lies",
            unset="the private ranges, with a warning, while `database.security_groups` is empty",
        ),
    ] = ()
    security_groups: Annotated[
        tuple[str, ...],
        Setting(rules.SECURITY_GROUPS, "groups of the database", unset="see `database.cidrs`"),
    ] = ()


@dataclass(frozen=True, slots=True)
class Storage:
    """The buckets of the session recordings: names or patterns."""

    session_buckets: Annotated[
        tuple[str, ...],
        Setting(rules.BUCKETS, "S3 buckets of OpenReplay's tasks", named=("{p}-{S}-sessions*",)),
    ]


@dataclass(frozen=True, slots=True)
class Registry:
    """ECR repositories that tasks pull from: names or patterns."""

    repositories: Annotated[
        tuple[str, ...],
        Setting(rules.REPOSITORIES, "ECR repositories that tasks pull from", named=("{p}-{S}/*",)),
    ]


@dataclass(frozen=True, slots=True)
class Logs:
    """CloudWatch log groups that tasks write to: names or patterns."""

    groups: Annotated[
        tuple[str, ...],
        Setting(rules.LOG_GROUPS, "log groups that tasks write to", named=("/ecs/{p}-{S}/*",)),
    ]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Secrets Manager secrets that tasks are started with: names or patterns."""

    names: Annotated[
        tuple[str, ...],
        Setting(rules.SECRETS, "secrets that tasks are started with", named=("{p}/{S}/*",)),
    ]


@dataclass(frozen=True, slots=True)
class Metrics:
    """The one CloudWatch namespace that Lambda functions may write to."""

    namespace: Annotated[
        str, Setting(rules.NAMESPACE, "CloudWatch namespace of our metrics", named="{P}/{S}")
    ]


@dataclass(frozen=True, slots=True)
class Search:
    """OpenSearch domains that Grafana reads: names or patterns."""

    domains: Annotated[
        tuple[str, ...],
        Setting(rules.DOMAINS, "OpenSearch domains that Grafana reads", named=("{p}-{S}-*",)),
    ]


@dataclass(frozen=True, slots=True)
class Iam:
    """What every role of ours is bound by."""

    permissions_boundary: Annotated[
        str | None, Setting(rules.BOUNDARY, "ARN of the permissions boundary", unset="none")
    ] = None


@dataclass(frozen=True, slots=True)
class FlowLogs:
    """Whether the traffic of our VPC is logged, and how long that is kept."""

    enabled: Annotated[
        bool, Setting(rules.SWITCH, "log the traffic of our VPC to CloudWatch; billed by use")
    ] = False
    retention_days: Annotated[
        int, Setting(rules.RETENTION, "days after which logged traffic is forgotten")
    ] = 30
    traffic: Annotated[
        Traffic,
        Setting(rules.TRAFFIC, "what is logged: all traffic, or what was let through or refused"),
    ] = "all"


@dataclass(frozen=True, slots=True)
class Budget:
    """Whether mails are sent when the costs of the project come near a limit."""

    enabled: Annotated[
        bool, Setting(rules.SWITCH, "an AWS Budget that mails at 80 and 100 % of the limit")
    ] = False
    monthly_limit: Annotated[
        int, Setting(rules.MONTHLY_LIMIT, "US dollars a month, for all that has the `Project` tag")
    ] = 150
    emails: Annotated[
        tuple[str, ...], Setting(rules.EMAILS, "who gets the mails", unset="`owner`")
    ] = ()


@dataclass(frozen=True, slots=True)
class Verify:
    """How it is proved that what others have in the account is undisturbed."""

    snapshot: Annotated[
        bool,
        Setting(rules.SWITCH, "`up` looks at all that others have before it writes, and after"),
    ] = True
    functions: Annotated[
        tuple[str, ...],
        Setting(
            rules.FUNCTIONS,
            "Lambda functions whose way to the database is checked",
            unset="every function in a VPC",
        ),
    ] = ()
    databases: Annotated[
        tuple[str, ...],
        Setting(
            rules.DATABASES,
            "RDS proxies or clusters to which the way is checked",
            unset="every proxy, and every Aurora PostgreSQL cluster that has none",
        ),
    ] = ()


@dataclass(frozen=True, slots=True)
class Doctor:
    """What `doctor` looks at beside what this configuration needs."""

    also: Annotated[
        tuple[str, ...],
        Setting(rules.ACTIONS, "actions of later work: reported apart, failing nothing"),
    ] = ("s3:CreateBucket", "ce:GetCostAndUsage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that one stage is built from; `load` makes it.

    `origins` says for each key (`network.cidr`) where its value came from. `source` is the file
    in use, None without one. `state_folder` is absolute and need not exist. `outputs` are the names
    of [outputs], each with its source (`outputs.py`).
    """

    project: Annotated[
        str, Setting(rules.PROJECT, "the project: the `Project` tag, and part of every name")
    ] = tags.PROJECT
    stage: Annotated[
        str, Setting(rules.STAGE, "the stage to work on", unset="`dev`", scope=Scope.RUN)
    ]
    environment: Annotated[
        str,
        Setting(
            rules.ENVIRONMENT,
            "the `Environment` tag; every stage but dev, staging and prod must name it",
            unset="the stage",
            scope=Scope.STAGE_TABLE,
        ),
    ]
    owner: Annotated[str, Setting(rules.OWNER, "the `Owner` tag; a warning until it is set")] = (
        tags.UNSET_OWNER
    )
    account: Annotated[
        str | None,
        Setting(rules.ACCOUNT, "the only account to work in", unset="that of the credentials"),
    ] = None
    region: Annotated[
        str | None,
        Setting(
            rules.REGION,
            "the region to work in",
            unset="`AWS_REGION`, then `AWS_DEFAULT_REGION`, then the profile's",
            fallbacks=("AWS_REGION", "AWS_DEFAULT_REGION"),
        ),
    ] = None
    profile: Annotated[
        str | None,
        Setting(rules.PROFILE, "the AWS profile", unset="`AWS_PROFILE`, as boto3 reads it"),
    ] = None
    protected: Annotated[
        bool,
        Setting(
            rules.SWITCH,
            "destroy wants the stage's name typed",
            unset="`true` where the environment is prod, else `false`",
        ),
    ]
    network: Network
    database: Database
    storage: Storage
    registry: Registry
    logs: Logs
    secrets: Secrets
    metrics: Metrics
    search: Search
    iam: Iam
    flow_logs: FlowLogs
    budget: Budget
    verify: Verify
    tags: Tagging
    doctor: Doctor
    lambda_roles: Annotated[
        tuple[str, ...],
        Setting(
            rules.ROLES,
            "existing Lambda roles that get our metrics policy",
            unset="the policy is attached to nothing",
            key="lambda.roles",
        ),
    ] = ()
    state_folder: Path
    source: Path | None
    origins: Mapping[str, str] = field(compare=False)
    outputs: tuple[tuple[str, str], ...] = ()

    @property
    def deployment(self) -> str:
        """The value of the deployment tag: `UserMetrics/dev`."""
        return tags.deployment_name(self.project, self.stage)

    @property
    def slug(self) -> str:
        """What names in lower case begin with: `usermetrics-dev`."""
        return f"{self.project.lower()}-{self.stage}"

    @property
    def owner_is_unset(self) -> bool:
        """Whether `owner` is still the placeholder, wherever that came from."""
        return self.owner == tags.UNSET_OWNER

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed but should not stay so, one sentence each, with the setting to change."""
        database = self.database
        found = []
        if self.owner_is_unset:
            found.append(f"the Owner tag will say {self.owner}: set `owner` to an address of yours")
        if database.resource_id is None:
            found.append(
                f"tasks may connect as {database.user} to every database of the account "
                f"(rds-db:connect on dbuser:*/{database.user}): "
                "set `resource_id` in [database] to prx-... or cluster-..."
            )
        if not database.cidrs and not database.security_groups:
            found.append(
                f"tasks may reach port {database.port} in all private ranges (10.0.0.0/8, "
                "172.16.0.0/12, 192.168.0.0/16): set `cidrs` or `security_groups` in [database]"
            )
        return tuple(found)
