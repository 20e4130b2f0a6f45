"""Every role gets what it needs and nothing beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

import pytest

from umetrics.errors import ConfigurationError
from umetrics.provision import permissions
from umetrics.provision.policy_document import (
    LONGEST_INLINE,
    LONGEST_MANAGED,
    LONGEST_TRUST,
    PolicyDocument,
)
from umetrics.provision.scope import Scope

HERE = Scope("aws", "us-east-1", "123456789012")
FAR = Scope("aws-us-gov", "ap-southeast-10", "123456789012")

NO_RESOURCE_LEVEL = {
    "cloudwatch:DescribeAlarmHistory",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:DescribeAlarmsForMetric",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListMetrics",
    "cloudwatch:PutMetricData",
    "ec2:DescribeInstances",
    "ec2:DescribeRegions",
    "ec2:DescribeTags",
    "ecr:GetAuthorizationToken",
    "es:ListDomainNames",
    "logs:DescribeLogGroups",
    "logs:GetQueryResults",
    "logs:StopQuery",
    "oam:ListSinks",
    "tag:GetResources",
}
"""Actions that AWS knows no usable resource for; nothing else may stand beside `*`."""


def execution(scope: Scope, name: str = "usermetrics-dev") -> PolicyDocument:
    return permissions.execution_permissions(
        scope,
        repositories=[f"{name}/*"],
        log_groups=[f"/ecs/{name}/*"],
        secrets=[f"{name.replace('-', '/')}/*"],
        secret_keys=["arn:aws:kms:us-east-1:123456789012:key/mine"],
    )


def grafana(scope: Scope, name: str = "usermetrics-dev") -> PolicyDocument:
    return permissions.grafana_permissions(
        scope, log_groups=[f"/ecs/{name}/*"], domains=[f"{name}-*"]
    )


def openreplay(scope: Scope, name: str = "usermetrics-dev") -> PolicyDocument:
    return permissions.openreplay_permissions(scope, buckets=[f"{name}-sessions*"])


def umami(scope: Scope, resource_id: str = "") -> PolicyDocument:
    return permissions.umami_permissions(scope, user="umami", resource_id=resource_id)


def lambda_emf(scope: Scope, name: str = "UserMetrics/dev") -> PolicyDocument:
    return permissions.lambda_emf_permissions(scope, namespace=name)


def all_of(scope: Scope) -> Mapping[str, PolicyDocument]:
    return {
        "execution": execution(scope),
        "openreplay": openreplay(scope),
        "umami": umami(scope),
        "grafana": grafana(scope),
        "lambda": lambda_emf(scope),
        "ecs trust": permissions.ecs_task_trust(scope),
        "grafana trust": permissions.grafana_trust(scope),
    }


def allows(document: PolicyDocument, action: str, resource: str) -> bool:
    """Whether a document lets an action through to an ARN; conditions are not looked at."""
    effects = {
        statement["Effect"]
        for statement in document.statements
        if action in statement["Action"]
        and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
    }
    return effects == {"Allow"}


@pytest.mark.parametrize("name", all_of(HERE))
def test_every_statement_has_a_sid_of_its_own_that_iam_accepts(name: str) -> None:
    sids = [statement["Sid"] for statement in all_of(HERE)[name].statements]

    assert sids
    assert len(set(sids)) == len(sids)
    assert all(re.fullmatch(r"[A-Za-z0-9]+", sid) for sid in sids)


@pytest.mark.parametrize("name", all_of(HERE))
def test_everything_stands_only_beside_actions_without_resources(name: str) -> None:
    for statement in all_of(HERE)[name].statements:
        if "*" in statement.get("Resource", ()):
            assert set(statement["Action"]) <= NO_RESOURCE_LEVEL
            assert statement["Resource"] == ["*"]
        assert not any("*" in action for action in statement["Action"])


@pytest.mark.parametrize("name", all_of(FAR))
def test_other_partitions_and_regions_are_named_in_every_arn(name: str) -> None:
    text = all_of(FAR)[name].text.replace("arn:aws:kms:us-east-1:123456789012:key/mine", "")

    assert "arn:aws:" not in text
    assert "us-east-1" not in text


def test_the_longest_names_stay_within_what_iam_accepts() -> None:
    longest = f"{'u' * 24}-{'s' * 9}"
    groups = [f"/ecs/{longest}/{number}/*" for number in range(8)]
    names = [f"{longest}-{number}-*" for number in range(8)]

    inline = [
        permissions.execution_permissions(
            FAR, repositories=names, log_groups=groups, secrets=names, secret_keys=["arn:aws:k:m"]
        ),
        permissions.openreplay_permissions(FAR, buckets=names),
        permissions.grafana_permissions(FAR, log_groups=groups, domains=names[:5]),
        permissions.umami_permissions(FAR, user="u" * 63, resource_id=f"prx-{'0' * 17}"),
    ]

    assert max(len(document.text) for document in inline) <= LONGEST_INLINE
    assert len(lambda_emf(FAR, "n" * 255).text) <= LONGEST_MANAGED
    assert len(permissions.ecs_task_trust(FAR).text) <= LONGEST_TRUST
    assert len(permissions.grafana_trust(FAR, workspace="g-" + "0" * 10).text) <= LONGEST_TRUST


def test_only_tasks_of_this_account_and_region_may_take_a_task_role() -> None:
    (statement,) = permissions.ecs_task_trust(HERE).statements

    assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:us-east-1:123456789012:*"},
    }


def test_only_grafana_workspaces_of_this_account_may_take_the_grafana_role() -> None:
    (statement,) = permissions.grafana_trust(HERE).statements
    (narrowed,) = permissions.grafana_trust(HERE, workspace="g-1").statements

    assert statement["Principal"] == {"Service": "grafana.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "StringLike": {"aws:SourceArn": "arn:aws:grafana:us-east-1:123456789012:/workspaces/*"},
    }
    assert narrowed["Condition"]["StringLike"] == {
        "aws:SourceArn": "arn:aws:grafana:us-east-1:123456789012:/workspaces/g-1"
    }


def test_tasks_start_with_their_own_images_logs_and_secrets() -> None:
    document = execution(HERE)
    prefix = "us-east-1:123456789012"

    def secret(name: str) -> str:
        return f"arn:aws:secretsmanager:{prefix}:secret:{name}-AbCdEf"

    assert allows(
        document, "ecr:BatchGetImage", f"arn:aws:ecr:{prefix}:repository/usermetrics-dev/umami"
    )
    assert not allows(document, "ecr:BatchGetImage", f"arn:aws:ecr:{prefix}:repository/shop")
    assert allows(
        document,
        "logs:PutLogEvents",
        f"arn:aws:logs:{prefix}:log-group:/ecs/usermetrics-dev/umami:log-stream:task/1",
    )
    assert not allows(
        document, "logs:PutLogEvents", f"arn:aws:logs:{prefix}:log-group:/ecs/shop:log-stream:1"
    )
    assert allows(document, "secretsmanager:GetSecretValue", secret("usermetrics/dev/db"))
    assert not allows(document, "secretsmanager:GetSecretValue", secret("shop/db"))


def test_a_secret_named_in_full_admits_its_random_suffix_and_no_longer_name() -> None:
    document = permissions.execution_permissions(
        HERE, repositories=[], log_groups=[], secrets=["shop/db"]
    )
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/db"

    assert allows(document, "secretsmanager:GetSecretValue", f"{arn}-AbCdEf")
    assert not allows(document, "secretsmanager:GetSecretValue", f"{arn}-admin-AbCdEf")


def test_keys_open_only_the_secrets_that_may_be_read() -> None:
    by_sid = {each["Sid"]: each for each in execution(HERE).statements}

    assert by_sid["DecryptSecrets"]["Resource"] == ["arn:aws:kms:us-east-1:123456789012:key/mine"]
    assert by_sid["DecryptSecrets"]["Condition"] == {
        "StringLike": {"kms:EncryptionContext:SecretARN": by_sid["ReadSecrets"]["Resource"]}
    }


def test_nothing_named_is_nothing_granted() -> None:
    execution = permissions.execution_permissions(
        HERE, repositories=[], log_groups=[], secrets=[], secret_keys=["arn:aws:kms:key"]
    )

    assert execution.statements == ()
    assert permissions.openreplay_permissions(HERE, buckets=[]).statements == ()


def test_sessions_are_written_to_session_buckets_of_this_account_only() -> None:
    document = openreplay(HERE)

    assert allows(document, "s3:PutObject", "arn:aws:s3:::usermetrics-dev-sessions-eu/1/dom.mobs")
    assert not allows(document, "s3:PutObject", "arn:aws:s3:::shop/1")
    assert not allows(document, "s3:CreateBucket", "arn:aws:s3:::usermetrics-dev-sessions")
    for statement in document.statements:
        assert statement["Condition"] == {"StringEquals": {"aws:ResourceAccount": HERE.account}}


def test_bucket_actions_and_object_actions_stand_apart() -> None:
    buckets, objects = openreplay(HERE).statements

    assert buckets["Resource"] == ["arn:aws:s3:::usermetrics-dev-sessions*"]
    assert objects["Resource"] == ["arn:aws:s3:::usermetrics-dev-sessions*/*"]
    assert "s3:ListBucket" in buckets["Action"]
    assert "s3:ListBucket" not in objects["Action"]


@pytest.mark.parametrize(
    ("resource_id", "database"), [("prx-0abc", "prx-0abc"), ("cluster-ABC", "cluster-ABC")]
)
def test_a_pinned_database_is_the_only_one(resource_id: str, database: str) -> None:
    (statement,) = umami(HERE, resource_id).statements

    assert statement["Action"] == ["rds-db:connect"]
    assert statement["Resource"] == [
        f"arn:aws:rds-db:us-east-1:123456789012:dbuser:{database}/umami"
    ]


def test_without_a_pinned_database_there_is_still_one_user() -> None:
    (statement,) = umami(HERE).statements

    assert statement["Resource"] == ["arn:aws:rds-db:us-east-1:123456789012:dbuser:*/umami"]


@pytest.mark.parametrize(
    ("user", "resource_id", "setting"),
    [
        ("*", "", "database.user"),
        ("", "prx-1", "database.user"),
        ("u?", "prx-1", "database.user"),
        ("a/b", "prx-1", "database.user"),
        ("umami", "*", "database.resource_id"),
        ("umami", "prx-*", "database.resource_id"),
    ],
)
def test_wildcards_never_get_into_a_database_login(
    user: str, resource_id: str, setting: str
) -> None:
    with pytest.raises(ConfigurationError, match=setting):
        permissions.umami_permissions(HERE, user=user, resource_id=resource_id)


@pytest.mark.parametrize(
    "action", ["logs:StartQuery", "logs:GetLogEvents", "logs:GetLogGroupFields"]
)
def test_grafana_reads_the_named_log_groups_only(action: str) -> None:
    groups = "arn:aws:logs:us-east-1:123456789012:log-group:"

    assert allows(grafana(HERE), action, f"{groups}/ecs/usermetrics-dev/umami:log-stream:1")
    assert not allows(grafana(HERE), action, f"{groups}/aws/lambda/shop:log-stream:1")


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("", "Get", True),
        ("/_mapping", "Get", True),
        ("/logs-2025/_search", "Post", True),
        ("/_msearch", "Post", True),
        ("/logs-2025/_msearch", "Post", True),
        ("/logs-2025/_doc", "Post", False),
        ("/logs-2025/_doc/_search", "Post", False),
        ("/logs-2025/_create/_search", "Post", False),
        ("/logs-2025/_update/_msearch", "Post", False),
        ("/_bulk", "Post", False),
        ("/logs-2025/_delete_by_query", "Post", False),
        ("/logs-2025", "Put", False),
        ("/logs-2025", "Delete", False),
    ],
)
def test_grafana_searches_a_domain_and_writes_nothing(
    path: str, method: str, allowed: bool
) -> None:
    domain = "arn:aws:es:us-east-1:123456789012:domain/usermetrics-dev-logs"

    assert allows(grafana(HERE), f"es:ESHttp{method}", f"{domain}{path}") is allowed


def test_grafana_leaves_other_domains_alone() -> None:
    other = "arn:aws:es:us-east-1:123456789012:domain/shop"

    assert not allows(grafana(HERE), "es:ESHttpGet", f"{other}/orders/_search")
    assert not allows(grafana(HERE), "es:ESHttpPost", f"{other}/orders/_search")


def test_grafana_without_domains_knows_nothing_of_open_search() -> None:
    document = permissions.grafana_permissions(HERE, log_groups=[], domains=[])

    assert '"es:' not in document.text


def test_functions_write_metrics_of_one_namespace() -> None:
    (statement,) = lambda_emf(HERE).statements

    assert statement["Action"] == ["cloudwatch:PutMetricData"]
    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "UserMetrics/dev"}}
