"""Which permissions and trust each role of ours gets, and the managed policy: least privilege.

Pure: plain values in, documents out. Patterns are names as AWS knows them, `*` allowed
(`usermetrics-dev-sessions*`). `Resource: "*"` stands only where the Service Authorization
Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/) knows nothing
narrower that works, with the reason beside it. An empty list of patterns grants nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from umetrics.errors import ConfigurationError, Problem
from umetrics.provision.policy_document import PolicyDocument, Statement
from umetrics.provision.scope import Scope

EVERYTHING = "*"

Condition = Mapping[str, Mapping[str, str | Sequence[str]]]


def ecs_task_trust(scope: Scope) -> PolicyDocument:
    """ECS tasks of this account and region may assume the role.

    A cluster's own ARN is not supported as source, hence the wildcard:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html.
    """
    condition = {
        "StringEquals": {"aws:SourceAccount": scope.account},
        "ArnLike": {"aws:SourceArn": scope.arn("ecs", "*")},
    }
    return _trust("EcsTasksOfThisAccount", "ecs-tasks.amazonaws.com", condition)


def grafana_trust(scope: Scope, *, workspace: str = "*") -> PolicyDocument:
    """Grafana workspaces of this account and region (or one, by id) may assume the role.

    The slash before `workspaces` belongs to the ARN:
    https://docs.aws.amazon.com/grafana/latest/userguide/cross-service-confused-deputy-prevention.html.
    """
    condition = {
        "StringEquals": {"aws:SourceAccount": scope.account},
        "StringLike": {"aws:SourceArn": scope.arn("grafana", f"/workspaces/{workspace}")},
    }
    return _trust("GrafanaWorkspacesOfThisAccount", "grafana.amazonaws.com", condition)


def execution_permissions(
    scope: Scope,
    *,
    repositories: Sequence[str],
    log_groups: Sequence[str],
    secrets: Sequence[str],
    secret_keys: Sequence[str] = (),
) -> PolicyDocument:
    """Starting tasks: pull images, write their logs, read their secrets.

    `secret_keys` are ARNs of customer-managed KMS keys of the secrets; AWS's own key needs none.
    """
    secret_arns = [scope.secret(name) for name in secrets]
    # A registry token belongs to the whole registry: AWS has no resource for it.
    token_scope = [EVERYTHING] if repositories else []
    decrypted = {"StringLike": {"kms:EncryptionContext:SecretARN": secret_arns}}
    return _document(
        _allow("GetRegistryToken", ["ecr:GetAuthorizationToken"], token_scope),
        _allow(
            "PullImages",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            [scope.arn("ecr", f"repository/{name}") for name in repositories],
        ),
        _allow(
            "WriteLogs",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [scope.log_group(name) for name in log_groups],
        ),
        _allow("ReadSecrets", ["secretsmanager:GetSecretValue"], secret_arns),
        _allow("DecryptSecrets", ["kms:Decrypt"], secret_keys if secrets else (), decrypted),
    )


def openreplay_permissions(scope: Scope, *, buckets: Sequence[str]) -> PolicyDocument:
    """Session recordings: read and write objects of the session buckets of this account only."""
    ours = {"StringEquals": {"aws:ResourceAccount": scope.account}}
    return _document(
        _allow(
            "ListSessionBuckets",
            ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            [scope.bucket(name) for name in buckets],
            ours,
        ),
        _allow(
            "ReadWriteSessions",
            [
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            [scope.bucket(f"{name}/*") for name in buckets],
            ours,
        ),
    )


def umami_permissions(scope: Scope, *, user: str, resource_id: str = "") -> PolicyDocument:
    """Logging in to the database as one user.

    `resource_id` is the proxy's (`prx-...`) or, without one, the cluster's (`cluster-...`); empty
    means any database of the account and region, but still this user and no other.
    """
    problems = [
        Problem(where, repr(value), "a name without * ? or /")
        for where, value in (("database.user", user), ("database.resource_id", resource_id))
        if set("*?/") & set(value) or (where == "database.user" and not value)
    ]
    if problems:
        raise ConfigurationError("the database settings", problems)
    database_user = scope.arn("rds-db", f"dbuser:{resource_id or '*'}/{user}")
    return _document(_allow("ConnectToDatabase", ["rds-db:connect"], [database_user]))


def grafana_permissions(
    scope: Scope, *, log_groups: Sequence[str], domains: Sequence[str]
) -> PolicyDocument:
    """Dashboards: read metrics, alarms, the named log groups and OpenSearch domains.

    AWS's AmazonGrafanaCloudWatchAccess, narrowed wherever a resource can be named.
    """
    return _document(
        *_metrics_read(scope), *_logs_read(scope, log_groups), *_search(scope, domains)
    )


def _metrics_read(scope: Scope) -> Iterable[Statement | None]:
    yield _allow(
        "ReadMetrics",
        [
            "cloudwatch:DescribeAlarmsForMetric",
            "cloudwatch:GetMetricData",
            "cloudwatch:GetMetricStatistics",
            "cloudwatch:ListMetrics",
        ],
        [EVERYTHING],  # Metrics have no ARN.
    )
    yield _allow(
        "ReadAlarms",
        ["cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"],
        [EVERYTHING],  # Anything narrower hides composite alarms (DescribeAlarms API reference).
    )
    yield _allow(
        "ReadInsightRules",
        ["cloudwatch:GetInsightRuleReport"],
        [scope.arn("cloudwatch", "insight-rule/*")],
    )
    yield _allow(
        "FindResources",
        ["ec2:DescribeInstances", "ec2:DescribeRegions", "ec2:DescribeTags", "tag:GetResources"],
        [EVERYTHING],  # None of these four lists supports resource-level permissions.
    )
    yield _allow(
        "ListObservabilitySinks",
        ["oam:ListSinks"],
        [EVERYTHING],  # A list of all sinks: it names no single one.
    )
    yield _allow("ListAttachedLinks", ["oam:ListAttachedLinks"], [scope.arn("oam", "sink/*")])


def _logs_read(scope: Scope, log_groups: Sequence[str]) -> Iterable[Statement | None]:
    yield _allow(
        "ListLogGroupsAndFollowQueries",
        ["logs:DescribeLogGroups", "logs:GetQueryResults", "logs:StopQuery"],
        # The first lists all groups; the others know a query id only, and queries start below.
        [EVERYTHING],
    )
    yield _allow(
        "QueryLogs",
        ["logs:GetLogEvents", "logs:GetLogGroupFields", "logs:StartQuery"],
        [scope.log_group(name) for name in log_groups],
    )


def _search(scope: Scope, domains: Sequence[str]) -> Iterable[Statement | None]:
    roots = [scope.arn("es", f"domain/{name}") for name in domains]
    yield _allow(
        "ListDomains",
        ["es:ListDomainNames"],
        [EVERYTHING] if domains else [],  # A list of all names: it names no single domain.
    )
    yield _allow("DescribeDomains", ["es:DescribeDomain"], roots)
    yield _allow("ReadDomains", ["es:ESHttpGet"], [*roots, *(f"{root}/*" for root in roots)])
    searches = ("_search", "_msearch", "*/_search", "*/_msearch")
    yield _allow("SearchDomains", ["es:ESHttpPost"], _paths(roots, searches))
    # `*` in an ARN also matches slashes: a document whose id is `_search` must not become writable.
    writes = ("*/_doc/*", "*/_create/*", "*/_update/*")
    yield _deny("NeverWriteDocuments", ["es:ESHttpPost"], _paths(roots, writes))


def flow_logs_trust(scope: Scope) -> PolicyDocument:
    """Flow logs of this account and region may assume the role.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    condition = {
        "StringEquals": {"aws:SourceAccount": scope.account},
        "ArnLike": {"aws:SourceArn": scope.arn("ec2", "vpc-flow-log/*")},
    }
    return _trust("FlowLogsOfThisAccount", "vpc-flow-logs.amazonaws.com", condition)


def flow_logs_permissions(scope: Scope, *, log_group: str) -> PolicyDocument:
    """Delivering flow logs to one group; it is never made by the way, so it cannot come back."""
    return _document(
        _allow(
            "DeliverFlowLogs",
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [scope.log_group(log_group)],
        ),
        _allow(
            "FindLogGroup",
            ["logs:DescribeLogGroups"],
            [scope.arn("logs", "log-group:*")],  # A list of all groups: it names no single one.
        ),
    )


def lambda_emf_permissions(scope: Scope, *, namespace: str) -> PolicyDocument:
    """Writing metrics of one namespace (`UserMetrics/dev`), for the application's functions."""
    del scope  # The action has no resource to scope: the namespace is what limits it.
    return _document(
        _allow(
            "PutMetricsOfOneNamespace",
            ["cloudwatch:PutMetricData"],
            [EVERYTHING],  # Metrics have no ARN; the namespace is the only condition key there is.
            {"StringEquals": {"cloudwatch:namespace": namespace}},
        )
    )


def _paths(roots: Sequence[str], ends: Sequence[str]) -> list[str]:
    return [f"{root}/{end}" for root in roots for end in ends]


def _allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], condition: Condition | None = None
) -> Statement | None:
    """A statement, or None when there is nothing that it would hold for."""
    if not resources:
        return None
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(resources),
    }
    return statement | {"Condition": condition} if condition else statement


def _deny(sid: str, actions: Sequence[str], resources: Sequence[str]) -> Statement | None:
    statement = _allow(sid, actions, resources)
    return {**statement, "Effect": "Deny"} if statement else None


def _document(*statements: Statement | None) -> PolicyDocument:
    return PolicyDocument.of(
        {"Version": "2012-10-17", "Statement": [each for each in statements if each is not None]}
    )


def _trust(sid: str, service: str, condition: Condition) -> PolicyDocument:
    return _document(
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": condition,
        }
    )
