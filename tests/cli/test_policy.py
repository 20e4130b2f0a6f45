"""`policy` on the command line: documents on stdout and nothing else, without a call to AWS."""

from __future__ import annotations

import json

from tests.cli.command_line import Home

HERE = ("--account", "123456789012", "--region", "eu-central-1")


def test_a_document_can_be_piped_into_a_file_and_needs_no_credentials(bare: Home) -> None:
    told = bare.run("policy", "--mode", "read", *HERE)
    assert told.code == 0, told
    assert json.loads(told.result)["Version"] == "2012-10-17"
    assert "UserMetrics-dev-deployer-read (1 of 1)" in told.talk
    assert "6,144" in told.talk

    several = bare.run("policy", "--mode", "all", *HERE)
    documents = json.loads(several.result)["documents"]
    assert len(documents) == 2
    assert {each["document"]["Version"] for each in documents} == {"2012-10-17"}
    assert "2 documents in one JSON object" in " ".join(several.talk.split())

    split = bare.run("policy", "--mode", "all", *HERE, "--format", "terraform")
    assert split.result.count('resource "aws_iam_policy" "usermetrics_dev_deployer_all_') == 2

    (bare.folder / "umetrics.toml").write_text('account = "210987654321"\n')
    assert bare.run("policy", *HERE).code == 6
    (bare.folder / "umetrics.toml").unlink()
    for wrong, said in (
        (("--account", "12"), "twelve digits"),
        (("--account", "\u0661" * 12, *HERE[2:]), "twelve digits"),
        (HERE[:2], "no AWS region"),
    ):
        refused = bare.run("policy", *wrong)
        assert (refused.code, refused.result) == (2, "")
        assert said in " ".join(refused.talk.split())
