"""What the configuration refuses, how it says so, and that it says everything at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from umetrics import tags
from umetrics.config import SETTINGS, Config, load
from umetrics.errors import ConfigurationError, Problem

LONGEST_ROLE = "ObservabilityEcsTaskExecution"


def problems(
    folder: Path,
    text: str = "",
    *,
    flags: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
) -> list[Problem]:
    if text:
        (folder / "umetrics.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load("dev", folder=folder, flags=flags or {}, environment=environment or {})
    assert caught.value.hint
    return list(caught.value.problems)


def only_problem(folder: Path, text: str) -> str:
    (problem,) = problems(folder, text)
    return str(problem)


def accepted(folder: Path, text: str) -> Config:
    (folder / "umetrics.toml").write_text(text, encoding="utf-8")
    return load("dev", folder=folder, environment={})


def test_all_problems_are_told_at_once_whatever_their_source(tmp_path: Path) -> None:
    text = """
        project = "2Fast"
        [network]
        cird = "10.0.0.0/24"
        task_ports = [0]
        [stages.prod]
        acount = "123456789012"
        [stages.dev.network]
        cidr = "10.0.0.1/24"
    """
    found = problems(
        tmp_path,
        text,
        flags={"region": "mars", "netwrok.cidr": "x"},
        environment={"UMETRICS_DATABASE_PORT": "many"},
    )
    assert [each.where for each in found] == [
        "umetrics.toml project",
        "umetrics.toml [network] cird",
        "umetrics.toml [network] task_ports, item 1",
        "umetrics.toml [stages.prod] acount",
        "umetrics.toml [stages.dev.network] cidr",
        "flag --netwrok.cidr",
        "flag --region",
        "environment UMETRICS_DATABASE_PORT",
    ]
    suggestions = [each.suggestion for each in found]
    assert suggestions == ["", "cidr", "", "account", "10.0.0.0/24", "network.cidr", "", ""]


@pytest.mark.parametrize(
    ("text", "where", "suggestion"),
    [
        ('regoin = "x"', "umetrics.toml regoin: found an unknown key", "region"),
        ("[netwrok]", "umetrics.toml [netwrok]: found an unknown table", "[network]"),
        ("[stage.dev]", "umetrics.toml [stage]: found an unknown table", "[stages]"),
        ('cidr = "x"', "umetrics.toml cidr: found an unknown key", "[network] cidr"),
        ('[network]\nowner = "x"', "umetrics.toml [network] owner", "owner at the top level"),
        ("[stages.dev.databse]", "umetrics.toml [stages.dev.databse]", "[database]"),
        ("[stages.dev.network]\negres = 1", "umetrics.toml [stages.dev.network] egres", "egress"),
        ("'network.cidr' = 'x'", "umetrics.toml network.cidr: found an unknown key", "network"),
        ("zzzz = 1", "umetrics.toml zzzz: found an unknown key", ""),
        ("[network.cidr]", "umetrics.toml [network] cidr: found a table", ""),
        ("lambda_roles = []", "umetrics.toml lambda_roles: found an unknown key", "lambda"),
    ],
)
def test_unknown_keys_and_tables_are_refused_with_what_was_meant(
    tmp_path: Path, text: str, where: str, suggestion: str
) -> None:
    told = only_problem(tmp_path, text)
    assert told.startswith(where)
    assert ("Did you mean" in told) == bool(suggestion)
    assert f"Did you mean {suggestion}?" in told or not suggestion


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("network = 5", "network: found 5; allowed: a table [network]"),
        ("stages = 5", "[stages]: found 5; allowed: tables [stages.<stage>]"),
        ("[stages]\nqa = 5", "[stages.qa]: found 5; allowed: a table [stages.qa]"),
        ("project = true", "project: found true"),
        ("region = [1, 'a']", 'region: found [1, "a"]'),
        ("[network]\npublic_prefix = true", "public_prefix: found true"),
        ("[network]\npublic_prefix = 26.0", "public_prefix: found 26.0"),
        ("[network]\ns3_endpoint = 1", "s3_endpoint: found 1; allowed: true or false"),
        ("[network]\ntask_ports = [true]", "task_ports, item 1: found true"),
        ("[network]\ntask_ports = 80", "task_ports: found 80; allowed: a list, of at least 1"),
        ("[lambda]\nroles = 1979-05-27", "roles: found 1979-05-27; allowed: a list"),
    ],
)
def test_values_of_another_type_are_refused(tmp_path: Path, text: str, told: str) -> None:
    assert told in only_problem(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("account = 123456789012", '"123456789012"'),
        ("[network]\ntask_ports = 80", "[80]"),
        ("[network]\ntask_ports = ['80']", "80"),
        ("[network]\npublic_prefix = '26'", "26"),
        ("[network]\ns3_endpoint = 'no'", "false"),
        ("[lambda]\nroles = 'orders'", '["orders"]'),
        ("[network]\negress = 'restrict'", "restricted"),
        ("[network]\ncidr = '10.0.0.9/24'", "10.0.0.0/24"),
        ("[database]\ncidrs = ['10.0.0.9']", "10.0.0.9/32"),
        ("[flow_logs]\nretention_days = 31", "60"),
        ("[flow_logs]\nretention_days = '14'", "14"),
        ("[budget]\nemails = 'a@b.cd'", '["a@b.cd"]'),
        ("[stages.quality]\nenvironment = 'stagging'", "staging"),
    ],
)
def test_a_slip_in_writing_is_answered_with_the_right_form(
    tmp_path: Path, text: str, suggestion: str
) -> None:
    assert only_problem(tmp_path, text).endswith(f"Did you mean {suggestion}?")


WRONG = {
    "project": [
        "'Über'",
        "''",
        "'a-b'",
        "'sg'",
        "'Aws'",
        f"'{'a' * 25}'",
        "'User Metrics'",
        "'a\\n'",
        '"a\\n"',
    ],
    "owner": ["'me'", "'a@b'", "'a b@c.de'", '"o\'neil@example.org"', f"'{'a' * 251}@b.cde'"],
    "account": ["'12345678901'", "'" + "\uff11" * 12 + "'", "'arn:aws'"],
    "region": ["'us-east-1a'", "'US-EAST-1'", "'useast1'", "''"],
    "profile": ["''", "' me'", '"a\\nb"'],
    "protected": ["'maybe'", "0"],
    "network.cidr": ["'10.0.0.0/8'", "'10.0.0.0/25'", "'fd00::/24'", "'10.0.0.0'", "''"],
    "network.vpc_id": ["'vpc'", "'vpc-0123456G'", "'subnet-01234567'", "''"],
    "network.public_subnet_ids": ["['vpc-01234567']", "'subnet-0123'", "['subnet-']"],
    "network.private_subnet_ids": ["['subnet-01234567', 'subnet-01234567']"],
    "network.public_prefix": ["28", "15", "-1", "99999999999999999999"],
    "network.private_prefix": ["29", "15"],
    "network.zones": ["1", "4", "'2'"],
    "network.nat": ["'zonal'", "true", "''"],
    "network.s3_endpoint": ["'maybe'"],
    "network.egress": ["'open'", "''"],
    "network.task_ports": ["[]", "[0]", "[65536]", "[80, 80]", "[[80]]"],
    "network.denied_zones": ["['us-east-1a']", "['']"],
    "database.resource_id": ["'my-proxy'", "'prx-'", "'*'", "'prx-*'", "'cluster-a/b'"],
    "database.user": ["'*'", "'umami/*'", "''", f"'{'u' * 64}'"],
    "database.port": ["0", "65536", "true"],
    "database.cidrs": ["['10.0.0.1/24']", "['any']", "['::/0']", "['10.0.0.0/33']"],
    "database.security_groups": ["['default']", "['sg-']", "['sg-0123456G']", "['sg-012345678']"],
    "storage.session_buckets": ["['*']", "['a*']", "['Sessions']", "['a/b']", "[]", "['abc/*']"],
    "registry.repositories": ["['*']", "['Upper/x']", "['a:b']", "[]"],
    "logs.groups": ["['*']", "['/*']", "['a:b']", "[]"],
    "secrets.names": ["['*']", "['a b']", "[]", "['arn:aws:x']"],
    "metrics.namespace": ["'AWS/Lambda'", "'a*'", "''", "'a b'"],
    "search.domains": ["['*']", "['Domain']", "[]"],
    "iam.permissions_boundary": ["'boundary'", "'arn:aws:iam::1:policy/x'", "'*'"],
    "flow_logs.enabled": ["'maybe'", "1"],
    "flow_logs.retention_days": ["0", "31", "true", "'14'", "9999"],
    "flow_logs.traffic": ["'ALL'", "''"],
    "doctor.also": ["'s3:CreateBucket'", "['s3:*']", "['CreateBucket']", "[1]"],
    "budget.enabled": ["'maybe'"],
    "budget.monthly_limit": ["0", "-1", "150.5"],
    "budget.emails": [
        *("['me']", "['a b@c.de']", "['é@b.cd']", "['a@b.cd', 'a@b.cd']"),
        str([f"a{number}@b.cd" for number in range(11)]),
    ],
    "verify.snapshot": ["'maybe'", "1"],
    "verify.functions": ["['arn:aws:lambda:us-east-1:1:function:x']", "['a', 'a']", "['']"],
    "verify.databases": ["['-a']", "['a--b']", "['1']", f"['{'d' * 64}']"],
    "tags.required": ["['aws:x']", "['a', 'a']", "'Owner'"],
    "tags.allowed": ["{ Owner = [] }", "{ Owner = [' '] }", "{ Owner = 'me' }", "['Owner']"],
    "tags.patterns": ["{ Owner = '(' }", "{ 'aws:x' = '.' }", "'.*'"],
    "tags.emails": ["['a*']"],
    "tags.forbidden": ["['aws:*']", "['']"],
    "tags.extra": ["[1]"],
    "tags.exceptions": [
        "{ '*' = { reason = 'r', owner = 'o', expires = 2027-01-31 } }",
        "{ x = { owner = 'o', expires = 2027-01-31 } }",
        "{ x = { reason = ' ', owner = 'o', expires = 2027-01-31 } }",
        "{ x = { reason = 'r', owner = 'o', expires = 2027-01-31T10:00:00 } }",
        "{ x = { reason = 'r', owner = 'o', expires = '31.1.2027' } }",
        "{ x = { reason = 'r', owner = 'o', expires = 2027-01-31, until = 1 } }",
        "{ x = 'forever' }",
    ],
    "lambda.roles": [
        "['arn:aws:iam::123456789012:role/x']",
        f"['{'r' * 65}']",
        "['a b']",
        "['é']",
        "['a', 'a']",
    ],
}

RIGHT = {
    "project": ["'A'", "'Sgx'", f"'{'a' * 24}'"],
    "owner": ["'o.neil+aws@mail.example.org'"],
    "account": ["'000000000001'"],
    "region": ["'us-gov-west-1'", "'ap-southeast-7'", "'eusc-de-east-1'", "'cn-north-1'"],
    "profile": ["'my profile'"],
    "protected": ["true"],
    "network.cidr": ["'192.168.0.0/16'", "'10.255.255.0/24'"],
    "network.vpc_id": ["'vpc-01234567'", "'vpc-0123456789abcdef0'"],
    "network.public_subnet_ids": ["[]"],
    "network.private_subnet_ids": ["[]"],
    "network.public_prefix": ["27", "26"],
    "network.private_prefix": ["28", "26"],
    "network.zones": ["2"],
    "network.nat": ["'per-zone'", "'none'"],
    "network.s3_endpoint": ["false"],
    "network.egress": ["'all'"],
    "network.task_ports": ["[1, 65535]"],
    "network.denied_zones": ["[]", "['usgw1-az1', 'use1-az3']"],
    "database.resource_id": ["'prx-0123456789abcdef0'", "'cluster-ABCDEFGHIJKL01234'"],
    "database.user": ["'_umami2'"],
    "database.port": ["6432"],
    "database.cidrs": ["[]", "['10.1.2.3/32', '10.0.0.0/8']"],
    "database.security_groups": ["['sg-01234567', 'sg-0123456789abcdef0']"],
    "storage.session_buckets": ["['my.bucket-1']", "['abc*', 'shop-?-x']", f"['{'b' * 63}']"],
    "registry.repositories": ["['openreplay/*']"],
    "logs.groups": ["['/ecs/*']", "['group#1']"],
    "secrets.names": ["['umami/*', 'a']"],
    "metrics.namespace": ["'Shop/dev:x#1'"],
    "search.domains": ["['logs-*']"],
    "iam.permissions_boundary": [
        "'arn:aws:iam::123456789012:policy/a/b/boundary'",
        "'arn:aws-cn:iam::123456789012:policy/x'",
        "'arn:aws:iam::aws:policy/PowerUserAccess'",
    ],
    "flow_logs.enabled": ["true"],
    "flow_logs.retention_days": ["1", "3653"],
    "flow_logs.traffic": ["'reject'"],
    "doctor.also": ["[]", "['s3:CreateBucket', 'rds-db:connect']"],
    "budget.enabled": ["true"],
    "budget.monthly_limit": ["1", "9000"],
    "budget.emails": [
        *("[]", "['o.neil@example.org']"),
        str([f"a{number}@b.cd" for number in range(10)]),
    ],
    "verify.snapshot": ["false"],
    "verify.functions": ["[]", "['orders-api', 'a_1']"],
    "verify.databases": ["[]", "['orders-proxy', 'a']"],
    "tags.required": ["[]", "['Owner', 'Cost Center']"],
    "tags.allowed": ["{}", "{ Environment = ['dev', 'prod'] }"],
    "tags.patterns": ["{ CostCenter = '[0-9]{4}' }"],
    "tags.emails": ["[]"],
    "tags.forbidden": ["['temp*', 'owner?']"],
    "tags.extra": ["['Owners']"],
    "tags.exceptions": [
        "{ 'vpc-*' = { reason = 'r', owner = 'o', expires = 2027-01-31 } }",
        "{ x = { reason = 'r', owner = 'o', expires = '2027-01-31', tags = ['Owner'] } }",
    ],
    "lambda.roles": ["[]", f"['a_b+c=d,e.f@g-h', '{'r' * 64}']"],
}


def assignment(key: str, value: str) -> str:
    table, _, name = key.rpartition(".")
    return f"[{table}]\n{name} = {value}" if table else f"{name} = {value}"


@pytest.mark.parametrize(("key", "value"), [(k, v) for k, values in WRONG.items() for v in values])
def test_a_wrong_value_is_refused_at_the_top_and_under_a_stage(
    tmp_path: Path, key: str, value: str
) -> None:
    table, _, name = key.rpartition(".")
    heading = f"[{table}] " if table else ""
    (at_top,) = problems(tmp_path, assignment(key, value))
    assert at_top.where.startswith(f"umetrics.toml {heading}{name}")
    (in_stage,) = problems(tmp_path, f"[stages.prod]\n{key} = {value}")
    assert in_stage.where.startswith(f"umetrics.toml [stages.prod{'.' + table if table else ''}]")
    assert in_stage.allowed == at_top.allowed


@pytest.mark.parametrize(("key", "value"), [(k, v) for k, values in RIGHT.items() for v in values])
def test_a_right_value_is_taken(tmp_path: Path, key: str, value: str) -> None:
    config = accepted(tmp_path, assignment(key, value))
    assert config.origins[key].startswith("umetrics.toml ")


def test_every_setting_is_tried_with_right_and_wrong_values() -> None:
    assert set(WRONG) == set(RIGHT) == set(SETTINGS) - {"stage", "environment"}


def test_the_allowed_projects_and_stages_keep_every_role_name_within_64_characters(
    tmp_path: Path,
) -> None:
    (tmp_path / "umetrics.toml").write_text(
        f"project = '{'P' * 24}'\n[stages.{'s' * 9}]\nenvironment = 'dev'", encoding="utf-8"
    )
    longest = load("s" * 9, folder=tmp_path, environment={})
    assert len(f"{longest.project}-{longest.stage}-{LONGEST_ROLE}") == 64
    required = tags.required_tags(longest.stage, longest.owner, project=longest.project)
    assert tags.violations(required) == []


@pytest.mark.parametrize("stage", ["QA", "a-b", "1st", "tenletters"])
def test_the_name_of_a_stage_is_judged(tmp_path: Path, stage: str) -> None:
    told = only_problem(tmp_path, f"[stages.'{stage}']\nenvironment = 'dev'")
    assert told.startswith(f'umetrics.toml [stages.{stage}]: found the stage "{stage}"')


def test_a_stage_holds_no_stages(tmp_path: Path) -> None:
    told = only_problem(tmp_path, "[stages.dev.stages.qa]")
    assert told.startswith("umetrics.toml [stages.dev.stages]: found an unknown table")


def test_a_stage_of_another_name_must_say_which_environment_it_is(tmp_path: Path) -> None:
    told = only_problem(tmp_path, "[stages.qa]")
    assert told == (
        "umetrics.toml [stages.qa] environment: found nothing; allowed: dev, staging or prod"
    )


def test_a_stage_that_is_an_environment_cannot_be_another(tmp_path: Path) -> None:
    assert 'found "dev"; allowed: "prod"' in only_problem(
        tmp_path, "[stages.prod]\nenvironment = 'dev'"
    )
    accepted(tmp_path, "[stages.prod]\nenvironment = 'prod'")


def test_environment_and_stage_are_refused_where_they_mean_nothing(tmp_path: Path) -> None:
    assert "[stages.<stage>] only" in only_problem(tmp_path, "environment = 'dev'")
    assert "--stage or UMETRICS_STAGE" in only_problem(tmp_path, "stage = 'dev'")
    assert "--stage or UMETRICS_STAGE" in only_problem(tmp_path, "[stages.dev]\nstage = 'dev'")


def test_addresses_that_do_not_fit_are_told_where_the_cidr_stands(tmp_path: Path) -> None:
    text = "[network]\nprivate_prefix = 25\n[stages.dev.network]\ncidr = '10.0.4.0/24'"
    told = only_problem(tmp_path, text)
    assert told.startswith("umetrics.toml [stages.dev.network] cidr: found '10.0.4.0/24'")
    assert told.endswith("Did you mean 10.0.4.0/23?")


def test_addresses_that_do_not_fit_the_default_cidr_are_told_too(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, environment={"UMETRICS_NETWORK_PUBLIC_PREFIX": "25"})
    assert problem.where == "network.cidr (default)"
    assert problem.suggestion == "10.0.0.0/23"


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    text = 'region = "\\u001b[31m"\n"\\u001b[2J" = 1\n[stages."\\u001b"]\nenvironment = "dev"'
    told = "".join(str(each) for each in problems(tmp_path, text))
    assert told.isprintable()
    broken = problems(tmp_path, "region = 'x'", environment={"UMETRICS_OWNER": "a\udce9"})
    assert "".join(str(each) for each in broken).isprintable()


def test_long_values_are_shown_shortened(tmp_path: Path) -> None:
    assert len(only_problem(tmp_path, f"region = '{'x' * 5000}'")) < 250


@pytest.mark.parametrize("text", ["8O", "1_0", " 80 ", "٣", "9" * 5000, "80;443", "80,,443"])
def test_numbers_in_variables_are_plain_digits(tmp_path: Path, text: str) -> None:
    if text == " 80 ":
        config = load("dev", folder=tmp_path, environment={"UMETRICS_NETWORK_TASK_PORTS": text})
        assert config.network.task_ports == (80,)
        return
    (problem,) = problems(tmp_path, environment={"UMETRICS_NETWORK_TASK_PORTS": text})
    assert problem.where.startswith("environment UMETRICS_NETWORK_TASK_PORTS, item ")
