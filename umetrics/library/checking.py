"""Whether a stage can be applied: all checks for `doctor`, the few that `up` makes. Reads only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from umetrics.deployer import Mode, Place, needs
from umetrics.doctor import Check, Examination, Finding, Known, Report, Status
from umetrics.doctor.caller import caller_of, identity_finding
from umetrics.doctor.gate import passage
from umetrics.doctor.judgement import clock_finding
from umetrics.doctor.planned import TEMPLATES, planned_by
from umetrics.doctor.question import concerning
from umetrics.errors import CredentialsError, NotPermitted, Refused, WrongAccount, listed
from umetrics.library.permitting import concerned_kinds, place_of, policy_name
from umetrics.provision.policy_document import LONGEST_MANAGED
from umetrics.provision.resources import KINDS
from umetrics.provision.resources.budget import Budget
from umetrics.provision.resources.log_group import LogGroup
from umetrics.provision.resources.parameter import Parameter
from umetrics.provision.resources.security_group_rules import SecurityGroupRules
from umetrics.provision.scope import Scope
from umetrics.refusals import refuse_another_account

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.config import Config
    from umetrics.doctor import Permissions
    from umetrics.library.foundation import Foundation
    from umetrics.library.values import Proposal
    from umetrics.reconciler import Reconciler
    from umetrics.state import State

WITHOUT_AN_ARN = frozenset({Budget, LogGroup, Parameter, SecurityGroupRules})
"""Kinds of which a receipt may have neither an ARN nor the id that ends one."""

EXAMPLES = {
    KINDS[kind].name: template for kind, template in TEMPLATES.items() if kind not in WITHOUT_AN_ARN
}
"""By kind in receipts, the template of which it is an example."""

MISSING = "missing"


def examined(
    foundation: Foundation, mode: Mode = Mode.APPLY, *, also: tuple[str, ...] | None = None
) -> Report:
    """Can the configuration be applied? `also` goes before `[doctor] also`.

    Raises `CredentialsError` where AWS knows nobody by these credentials and the clock is right,
    and `StateError` where the state file cannot be read.
    """
    config, state = foundation.config, foundation.store.read()
    aws = foundation.connected(read_only=True)
    try:
        identity = aws.identity
    except CredentialsError as error:
        return _unknown_caller(aws, mode, error)
    try:
        refuse_another_account(config, identity, aws.region, state, foundation.store.path)
    except WrongAccount as error:
        return _elsewhere(aws, mode, error)
    place = _place(aws, config, state)
    report = Examination(
        aws=aws,
        place=place,
        mode=mode,
        needs=concerning(needs(mode, config, concerned_kinds(config, state)), place),
        name=policy_name(config, MISSING),
        draw=lambda: foundation.plan().plan,
        known=_known(state, place),
        also=config.doctor.also if also is None else also,
        recorded=frozenset(each.id for each in state.receipts.values()) if state else frozenset(),
    ).report()
    return Report(report.mode, (*report.findings, _account(aws, config)), report.permissions)


def _unknown_caller(aws: Aws, mode: Mode, error: CredentialsError) -> Report:
    """A clock that is wrong is why nobody is known; else the credentials are."""
    clock = clock_finding(aws.log.clock_offset)
    if not clock.fails:
        raise error
    text, code = error.message, error.exit_code
    who = Finding(Check.IDENTITY, Status.PROBLEM, text, hint=clock.hint, exit_code=code)
    return Report(mode.value, (who, clock))


def _elsewhere(aws: Aws, mode: Mode, error: WrongAccount) -> Report:
    """Whatever else one saw would be of a place that is not meant."""
    text, hint, code = error.message, error.hint, error.exit_code
    wrong = Finding(Check.ACCOUNT, Status.PROBLEM, text, hint=hint, exit_code=code)
    return Report(
        mode.value,
        (
            identity_finding(caller_of(aws.identity.arn)),
            wrong,
            clock_finding(aws.log.clock_offset),
        ),
    )


def _account(aws: Aws, config: Config) -> Finding:
    text = f"{aws.identity.account} in {aws.region}"
    if config.account is None and not aws.is_sandbox:
        hint = f'set `account = "{aws.identity.account}"` in [stages.{config.stage}]'
        return Finding(Check.ACCOUNT, Status.ADVICE, f"{text}, which nothing insists on", hint=hint)
    return Finding(Check.ACCOUNT, Status.OK, text)


def _place(aws: Aws, config: Config, state: State | None) -> Place:
    scope = Scope(aws.identity.partition, aws.region, aws.identity.account)
    return place_of(config, scope, state)


def _known(state: State | None, place: Place) -> Known:
    """An ARN of what stands for each template, as the receipts have it."""
    found: dict[str, str] = {}
    for receipt in state.receipts.values() if state else ():
        if template := EXAMPLES.get(receipt.kind):
            found.setdefault(
                template, receipt.arn or place.filled(template).removesuffix("*") + receipt.id
            )
    return Known(found)


def refuse_what_is_not_permitted(reconciler: Reconciler, proposal: Proposal) -> None:
    """Raise `NotPermitted` where the plan needs what these credentials lack.

    What cannot be told stops nothing, and `notice` is told. Raises `Refused` where what answers
    carries out dry runs.
    """
    if not proposal.plan.changes:
        return
    aws, config, state = reconciler.aws, reconciler.config, reconciler.store.read()
    place = _place(aws, config, state)
    name = policy_name(config, MISSING)
    known = replace(_known(state, place), planned=planned_by(proposal.plan))
    found = passage(aws, proposal.plan, place, name, known)
    for alarm in found.rehearsal.findings:
        raise Refused(alarm.text, hint=alarm.hint)
    if found.permissions.missing:
        raise _not_permitted(found.permissions)
    for remark in found.remarks:
        reconciler.notice(remark)


def _not_permitted(found: Permissions) -> NotPermitted:
    told = [
        f"{each.action}: {each.decision} ({each.certainty}) on "
        f"{', '.join(each.resources) or 'anything'}"
        for each in found.refusals
    ]
    count = len(found.missing)
    error = NotPermitted(
        f"{count} permission{'s are' if count != 1 else ' is'} missing, nothing was touched:"
        f"{listed(told)}",
        hint="ask for it, then run the same command again; `umetrics doctor` checks more, "
        "--skip-checks goes on without asking",
    )
    error.policy = found.policy.text if found.policy else ""
    if found.policy and found.policy.length > LONGEST_MANAGED:
        error.hint = (
            f"{error.hint}; the policy below has {found.policy.length:,} characters, and IAM takes "
            f"{LONGEST_MANAGED:,} at once: `umetrics policy` prints all that is needed, split"
        )
    return error
