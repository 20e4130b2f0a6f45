"""`umetrics drift` as people and CI run it."""

from __future__ import annotations

from tests.commands.desk import Desk


def test_drift_is_told_with_its_author_and_an_exit_code(home: Desk) -> None:
    empty = home.sandboxed("drift")
    assert empty.code == 0, empty
    assert empty.result.endswith("\nNo drift: nothing of UserMetrics/dev is built.\n")

    assert home.sandboxed("up", "--yes", "--target", "subnet", "--target", "role").code == 0
    clean = home.sandboxed("drift")
    assert clean.code == 0, clean
    assert clean.result.endswith("\nNo drift: 9 resources as wanted.\n")

    subnet = home.receipts["subnet/private-a"]["id"]
    ec2, iam = home.outsider.ec2, home.outsider.iam
    ec2.delete_tags(Resources=[subnet], Tags=[{"Key": "Owner"}])
    name = "UserMetrics-dev-ObservabilityGrafana"
    iam.delete_role_policy(RoleName=name, PolicyName=name)
    iam.delete_role(RoleName=name)

    found = home.sandboxed("drift")
    assert found.code == 3, found
    first = found.result.splitlines()[1]  # below the sandbox's mark
    assert first == "Drift: 2 of 9 resources not as wanted: 1 missing, 1 tags changed."
    assert "tag Owner is missing, wanted engineering@example.com" in found.result
    assert "last change: DeleteRole, " in found.result

    report = home.sandboxed("drift", "--exit-zero", "--format", "json")
    assert report.code == 0
    role, tagged = sorted(report.document["deviations"], key=lambda each: str(each["key"]))
    assert (role["key"], role["problem"]) == ("role/grafana", "missing")
    assert tagged["last_change"]["event"] == "DeleteTags"
