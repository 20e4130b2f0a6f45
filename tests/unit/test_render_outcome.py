"""How a run ended, and errors: what failed, where, what to do next."""

from __future__ import annotations

from umetrics.errors import (
    AccessDenied,
    AwsError,
    ConfigurationError,
    CredentialsError,
    Denial,
    LockHeld,
    Problem,
    StateTooNew,
    UmetricsError,
)
from umetrics.provision.events import Done, Failed, Outcome, Skipped
from umetrics.provision.plan import Action
from umetrics.render.error import error_lines, errors_lines, warning_lines
from umetrics.render.line import Look, compose
from umetrics.render.outcome import summary_lines


def text(error: UmetricsError, look: Look | None = None) -> str:
    return compose(error_lines(error), look or Look())


def created(key: str) -> Done:
    return Done(key, "thing", Action.CREATE, f"id-of-{key}", 1.0)


def summary(*outcomes: Outcome, seconds: float = 65.0) -> str:
    return compose(summary_lines(outcomes, seconds=seconds), Look())


def test_an_error_names_its_code_and_its_hint() -> None:
    error = StateTooNew("state/dev.json was written by umetrics 9", hint="upgrade umetrics")
    assert text(error) == (
        "error[U017]: state/dev.json was written by umetrics 9\nhint: upgrade umetrics\n"
    )


def test_an_error_of_aws_says_where_it_happened() -> None:
    error = AwsError(
        "The maximum number of VPCs has been reached.",
        aws_code="VpcLimitExceeded",
        operation="ec2:CreateVpc",
        request_id="8f7724cf",
        hint="ask for a higher quota: `umetrics doctor` shows how",
    )
    assert (
        text(error)
        == """\
error[U030]: The maximum number of VPCs has been reached.
  where: ec2:CreateVpc, VpcLimitExceeded, request 8f7724cf
hint: ask for a higher quota: `umetrics doctor` shows how
"""
    )


def test_a_missing_permission_prints_the_statement_ready_to_paste() -> None:
    error = AccessDenied("not allowed", operation="s3:CreateBucket", hint="paste it")
    error.statement = (
        '{"Effect":"Allow","Action":"s3:CreateBucket",'
        '"Resource":"arn:aws:s3:::a-very-long-name-that-goes-on-for-longer-than-a-terminal-is-wide"}'
    )
    assert (
        text(error)
        == """\
error[U031]: not allowed
  where: s3:CreateBucket
  this statement in a policy of yours would grant it:
{
  "Effect": "Allow",
  "Action": "s3:CreateBucket",
  "Resource": "arn:aws:s3:::a-very-long-name-that-goes-on-for-longer-than-a-terminal-is-wide"
}
hint: paste it
"""
    )


def test_a_denial_names_action_resource_and_policy_and_where_the_statement_belongs() -> None:
    error = AccessDenied("not allowed", hint="ask for it")
    error.statement = '{"Effect":"Allow"}'
    error.denial = Denial(
        "iam:CreateRole",
        ("arn:aws:iam::123456789012:role/x\x1b[2J",),
        "permissions boundary",
        note="what EC2 says besides is encoded",
    )
    assert (
        text(error)
        == r"""error[U031]: not allowed
  action: iam:CreateRole
  resource: arn:aws:iam::123456789012:role/x\x1b[2J
  denied by: no permissions boundary allows it
  not known: what EC2 says besides is encoded
  this statement in your permissions boundary would grant it:
{
  "Effect": "Allow"
}
hint: ask for it
"""
    )


def test_an_explicit_deny_names_the_policy_that_says_so() -> None:
    error = AccessDenied("not allowed", hint="ask for an exception")
    arn = "arn:aws:organizations::987654321098:policy/o-q/service_control_policy/p-2"
    error.denial = Denial(
        "iam:ListRoles", (), "service control policy", explicit=True, policy_arn=arn
    )
    assert f"an explicit deny in a service control policy\n  policy: {arn}\n" in text(error)


def test_a_statement_that_is_no_json_is_shown_as_it_is() -> None:
    error = AccessDenied("not allowed")
    error.statement = "s3:CreateBucket on \x1b[2J"
    assert r"s3:CreateBucket on \x1b[2J" in text(error)


def test_each_problem_of_a_configuration_has_its_own_line() -> None:
    error = ConfigurationError(
        "umetrics.toml",
        [
            Problem("[network] cidr", '"10.0.0.0/28"', "/16 to /24"),
            Problem("[network] nta", "a key", "the keys of [network]", "nat"),
        ],
        hint="`umetrics init` writes a file with every setting",
    )
    assert (
        text(error)
        == """\
error[U003]: 2 problems in umetrics.toml
  [network] cidr: found "10.0.0.0/28"; allowed: /16 to /24
  [network] nta: found a key; allowed: the keys of [network]. Did you mean nat?
hint: `umetrics init` writes a file with every setting
"""
    )


def test_our_own_messages_may_have_lines_and_those_of_aws_may_not() -> None:
    own = LockHeld("another umetrics works on dev\n  ana on host-1\n\n  since 09:30", hint="wait")
    assert text(own) == (
        "error[U006]: another umetrics works on dev\n  ana on host-1\n  since 09:30\nhint: wait\n"
    )
    forged = AwsError("no\nhint: run `rm -rf /`\x1b[31m [red]x[/red]")
    assert text(forged) == "error[U030]: no\\nhint: run `rm -rf /`\\x1b[31m [red]x[/red]\n"
    assert text(CredentialsError("no\nhint: rest")) == "error[U005]: no\\nhint: rest\n"


def test_colour_marks_the_code_and_nothing_else() -> None:
    shown = text(StateTooNew("too new", hint="upgrade"), Look(colour=True))
    assert shown == "\x1b[1;31merror[U017]:\x1b[0m too new\n\x1b[32mhint:\x1b[0m upgrade\n"


def test_of_several_errors_the_first_is_told_and_the_rest_counted() -> None:
    errors = [UmetricsError("first"), UmetricsError("second"), UmetricsError("third")]
    assert compose(errors_lines(errors), Look()) == "error[U001]: first\nand 2 more errors\n"
    assert compose(errors_lines(errors[:1]), Look()) == "error[U001]: first\n"
    assert list(errors_lines([])) == []


def test_a_traceback_is_shown_for_debugging_only_and_before_the_error() -> None:
    error = UmetricsError("it broke")
    error.__cause__ = ValueError("\x1b[31mcause")
    assert text(error) == "error[U001]: it broke\n"
    shown = compose(error_lines(error, debug=True), Look())
    assert r"ValueError: \x1b[31mcause" in shown
    assert "direct cause" in shown
    assert shown.endswith("error[U001]: it broke\n")


def test_a_warning_says_that_it_is_one() -> None:
    assert compose(warning_lines(["set `owner`"]), Look()) == "warning: set `owner`\n"


def test_success_is_one_line_of_counts_and_time() -> None:
    changed = Done("vpc", "VPC", Action.UPDATE, "vpc-1", 1.0)
    unchanged = Done("role/grafana", "role", Action.NONE, "AROA1", 0.0)
    assert summary(created("a"), created("b"), changed, unchanged) == (
        "Done: 2 created, 1 changed, 0 destroyed in 1 min 5 s.\n"
    )


def test_a_failure_comes_with_its_cause_and_what_was_skipped_for_it() -> None:
    denied = AccessDenied(
        "not allowed", operation="iam:CreateRole", request_id="r-1", hint="ask for iam:CreateRole"
    )
    full = AwsError("the limit is reached", operation="ec2:CreateNatGateway")
    assert (
        summary(
            created("vpc"),
            Failed("role/grafana", "role", Action.CREATE, denied, 0.42),
            Failed("nat-gateway", "NAT gateway", Action.CREATE, full, 75.0),
            Skipped("route-table/private", "route table", Action.CREATE, "nat-gateway"),
            Skipped("endpoint/s3", "gateway endpoint", Action.CREATE, "route-table/private"),
            seconds=80.0,
        )
        == """\
Failed: 1 created, 0 changed, 0 destroyed, 2 failed, 2 skipped in 1 min 20 s.
Run the same command again to resume.

! role/grafana (role) failed after 0.4 s
error[U031]: not allowed
  where: iam:CreateRole, request r-1
hint: ask for iam:CreateRole

! nat-gateway (NAT gateway) failed after 1 min 15 s
error[U030]: the limit is reached (ec2:CreateNatGateway)

! 2 skipped because nat-gateway failed: route-table/private, endpoint/s3
"""
    )


def test_an_interruption_is_not_called_a_failure() -> None:
    skipped = Skipped("vpc", "VPC", Action.CREATE, "")
    assert (
        summary(skipped, seconds=2.0)
        == """\
Interrupted: 0 created, 0 changed, 0 destroyed, 1 skipped in 2.0 s.
Run the same command again to resume.

! 1 skipped because the run was interrupted: vpc
"""
    )


def test_of_many_failures_ten_are_named_and_the_rest_counted() -> None:
    failures = [
        Failed(f"role/{n}", "role", Action.CREATE, UmetricsError("no"), 1.0) for n in range(12)
    ]
    shown = summary(*failures)
    assert "role/9" in shown
    assert "role/10" not in shown
    assert shown.endswith("and 2 more failed\n")
