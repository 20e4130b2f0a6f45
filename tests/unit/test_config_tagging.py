"""The table [tags]: rows that are tables themselves, wherever they stand and are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from umetrics.config import Config, entries, load
from umetrics.config.kind import Table, in_toml
from umetrics.errors import ConfigurationError
from umetrics.render.settings import config_json

EXCEPTION = '{ reason = "r", owner = "o", expires = "2027-01-31" }'


def loaded(tmp_path: Path, text: str = "", stage: str = "dev", **environment: str) -> Config:
    (tmp_path / "umetrics.toml").write_text(text, encoding="utf-8")
    return load(stage, folder=tmp_path, environment=environment)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        loaded(tmp_path, text)
    return [f"{each.where}: {each.found}" for each in refused.value.problems]


def test_nested_tables_may_be_written_as_toml_has_them(tmp_path: Path) -> None:
    text = f"""
[tags.allowed]
Environment = ["dev"]
[tags.exceptions."arn:aws:s3:::old-*"]
reason = "r"
owner = "o"
expires = 2027-01-31
[stages.prod.tags]
exceptions."vpc-*" = {EXCEPTION}
"""
    dev, prod = loaded(tmp_path, text), loaded(tmp_path, text, "prod")
    assert dev.tags.allowed.texts("Environment") == ("dev",)
    assert dict(dev.tags.exceptions.tables()).keys() == {"arn:aws:s3:::old-*"}
    assert dict(prod.tags.exceptions.tables()).keys() == {"vpc-*"}
    assert prod.tags.exceptions.rows[0][1] == dev.tags.exceptions.rows[0][1]


def test_an_environment_variable_holds_an_inline_table(tmp_path: Path) -> None:
    config = loaded(tmp_path, UMETRICS_TAGS_PATTERNS='{ CostCenter = "[0-9]+" }')
    assert config.tags.patterns == Table((("CostCenter", "[0-9]+"),))
    with pytest.raises(ConfigurationError, match="UMETRICS_TAGS_PATTERNS"):
        loaded(tmp_path, UMETRICS_TAGS_PATTERNS="CostCenter")


def test_every_problem_of_a_row_is_told_with_its_place(tmp_path: Path) -> None:
    text = '[tags.exceptions.x]\nreson = "r"\nowner = ""\n'
    assert problems(tmp_path, text) == [
        "umetrics.toml [tags] exceptions.x.reson: an unknown key",
        "umetrics.toml [tags] exceptions.x.reason: nothing",
        "umetrics.toml [tags] exceptions.x.expires: nothing",
        'umetrics.toml [tags] exceptions.x.owner: ""',
    ]


@pytest.mark.parametrize(
    "table",
    [
        'required = ["umetrics:deployment"]',
        'forbidden = ["umetrics:*"]',
        'allowed = { "umetrics:region" = ["eu-west-1"] }',
        'patterns = { "umetrics:resource" = "x" }',
    ],
)
def test_what_tells_whose_a_thing_is_is_not_for_the_configuration(
    tmp_path: Path, table: str
) -> None:
    (problem,) = problems(tmp_path, f"[tags]\n{table}")
    assert "umetrics:" in problem
    exception = EXCEPTION.replace("}", ', tags = ["umetrics:region"] }')
    loaded(tmp_path, f"[tags]\nexceptions = {{ 'vpc-*' = {exception} }}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[tags]\nforbidden = ["temp", "Owner"]',
            'forbidden: found "Owner"; allowed: no key that `tags.required` names',
        ),
        (
            '[tags]\nrequired = ["Owner", "owner"]',
            (
                'required: found "Owner" and "owner"; allowed: keys that differ in more than '
                "case: on a role, IAM takes these for one"
            ),
        ),
        (
            '[tags.allowed]\nOwner = ["team-a"]',
            (
                'allowed: found "team-a" for Owner; allowed: what `tags.emails` wants of Owner: '
                "an e-mail address"
            ),
        ),
        (
            '[tags]\nallowed = { A = ["1", "x"] }\npatterns = { A = "[0-9]" }',
            'allowed: found "x" for A; allowed: what `tags.patterns` wants of A: "[0-9]"',
        ),
        (
            '[tags]\npatterns = { Environment = "d.*|staging" }',
            (
                'patterns: found "d.*|staging" for Environment; allowed: what fits '
                '`tags.allowed`, which has "prod"'
            ),
        ),
        (
            'owner = "a@b.example"\n[tags.allowed]\nOwner = ["c@d.example"]',
            (
                'allowed: found ["c@d.example"] for Owner; allowed: what fits `owner`, which is '
                '"a@b.example"'
            ),
        ),
        (
            'project = "Shop"\n[tags]\nallowed = {}\npatterns = { Project = "[a-z]+" }',
            ('patterns: found "[a-z]+" for Project; allowed: what fits `project`, which is "Shop"'),
        ),
    ],
)
def test_what_can_never_be_in_order_together_is_refused_by_both_names(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        loaded(tmp_path, text)
    assert [str(each) for each in refused.value.problems] == [f"umetrics.toml [tags] {problem}"]


@pytest.mark.parametrize(
    "text",
    [
        '[tags]\nforbidden = ["owner", "Own*"]',
        '[tags.allowed]\nEnvironment = ["dev"]\nCostCenter = ["4711"]',
        '[tags]\nallowed = { Owner = ["team-a"] }\nemails = []',
        '[tags.patterns]\nOwner = ".*@example[.]org"\nCostCenter = "[0-9]{4}"',
    ],
)
def test_what_a_default_would_not_satisfy_is_nobodys_contradiction(
    tmp_path: Path, text: str
) -> None:
    loaded(tmp_path, text, "staging")


def test_what_is_shown_can_be_pasted_back(tmp_path: Path) -> None:
    config = loaded(tmp_path, f"[tags]\nexceptions = {{ 'vpc-*' = {EXCEPTION} }}")
    written = in_toml(config.tags.exceptions)
    assert written == f'{{ "vpc-*" = {EXCEPTION} }}'
    assert loaded(tmp_path, f"[tags]\nexceptions = {written}").tags == config.tags


def test_programs_get_tables_as_objects(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    settings = config_json(config, entries(config))["settings"]
    assert {
        "key": "tags.allowed",
        "value": {"Environment": ("dev", "staging", "prod")},
        "origin": "default",
    } in settings  # type: ignore[operator]
