"""`umetrics adopt`: which existing VPC one could build in, and writing that choice down.

Reads AWS and changes nothing there; the only thing written is the configuration file.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from umetrics.cli.consent import agreed, can_ask, read_line
from umetrics.cli.options import Account, Common, Consent, TextFormat
from umetrics.cli.session import Session
from umetrics.config.loading import DEFAULT
from umetrics.errors import Unfit, UsageError, listed
from umetrics.provision.fitness import Fits, Verdict, judge, judge_subnets, proposed_subnets
from umetrics.refusals import refuse_another_account
from umetrics.render.candidates import (
    Candidate,
    candidates_json,
    change_lines,
    list_lines,
)
from umetrics.render.line import Line
from umetrics.render.table import MOST_ROWS

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.cli.configuring import Rewriting
    from umetrics.config import Network
    from umetrics.provision.survey import SurveyedVpc
    from umetrics.render.document import JsonObject
    from umetrics.state import State

DECLINED = 1

HEADING = 2
"""Lines of a difference that would name two files."""

SPARED = "its own subnets would do, and spare a NAT gateway of ours: --with-subnets"


def adopt(
    common: Common,
    account: Account,
    consent: Consent,
    *,
    vpc: Annotated[
        str | None,
        typer.Argument(metavar="[VPC_ID]", show_default=False, help="The VPC to build in."),
    ] = None,
    with_subnets: Annotated[
        bool,
        typer.Option("--with-subnets", help="Use subnets that stand in it instead of new ones."),
    ] = False,
    format_: Annotated[
        TextFormat, typer.Option("--format", "-f", help="How to write the result.")
    ] = TextFormat.TEXT,
) -> int:
    """Show which existing VPCs one could build in, and write one to the configuration.

    Examples:

        umetrics adopt

        umetrics adopt vpc-0123456789abcdef0

        umetrics adopt vpc-0123456789abcdef0 --with-subnets --stage dev --yes

    With --stage it is written for that stage, else for all. AWS is only read.
    """
    session = Session(common, account)
    aws = session.foundation.connect(read_only=True)
    found = _candidates(session, aws, vpc, with_subnets=with_subnets)
    if format_ is TextFormat.TEXT:
        at_most = MOST_ROWS if session.screen.terminal else None
        lines = found[0].lines if vpc else list_lines(found, aws.region, at_most=at_most)
        session.screen.show(lines)
    chosen = found[0] if vpc is not None else None
    if chosen is None and format_ is TextFormat.TEXT:
        chosen = _asked_for(session, found, consent)
    if chosen is None:
        if format_ is TextFormat.JSON:
            session.show_document("adopt", {"vpcs": candidates_json(found), "written": None})
        return 0
    return _adopted(session, chosen, consent, format_)


def _candidates(
    session: Session, aws: Aws, vpc: str | None, *, with_subnets: bool
) -> list[Candidate]:
    """Every VPC of the region, or the one that was named; raises `Unfit` when that is not there."""
    from umetrics.provision.survey import survey

    state = session.store.read()
    refuse_another_account(session.config, aws.identity, aws.region, state, session.store.path)
    found = survey(aws, () if vpc is None else (vpc,))
    if vpc is not None and not found:
        raise Unfit(
            f"{vpc} is not in {aws.region} of account {aws.identity.account}",
            hint="`umetrics adopt` lists those that are; --region and --profile lead elsewhere",
        )
    judged = _with_subnets if with_subnets else _with_our_own
    return [judged(each, session.config.network, state) for each in found]


def _with_our_own(vpc: SurveyedVpc, network: Network, state: State | None) -> Candidate:
    """For subnets of our own; those that stand in it already need no room."""
    cidrs = {subnet.id: subnet.cidr for subnet in vpc.subnets if subnet.deployment}
    receipts = state.receipts.items() if state else ()
    standing = {key: cidrs[receipt.id] for key, receipt in receipts if receipt.id in cidrs}
    verdicts = judge(vpc, network, standing)
    if not standing and any(proposed_subnets(vpc, network.zones, network.denied_zones)):
        verdicts += (Verdict("subnets", Fits.REMARK, SPARED),)
    return Candidate(vpc, verdicts, in_use=network.vpc_id == vpc.id)


def _with_subnets(vpc: SurveyedVpc, network: Network, _state: State | None) -> Candidate:
    """For subnets that stand in it: those that are configured, else those one would propose."""
    in_use = network.vpc_id == vpc.id
    configured = (network.public_subnet_ids, network.private_subnet_ids)
    proposed = proposed_subnets(vpc, network.zones, network.denied_zones)
    public, private = configured if in_use and any(configured) else proposed
    if not public:
        text = f"no public and private subnet in {network.zones} zones: leave out --with-subnets"
        return Candidate(vpc, (Verdict("subnets", Fits.UNFIT, text),), in_use=in_use)
    verdicts = judge_subnets(
        vpc,
        public,
        private,
        nat=network.nat,
        s3_endpoint=network.s3_endpoint,
        denied=network.denied_zones,
    )
    return Candidate(vpc, verdicts, public, private, in_use=in_use)


def _asked_for(session: Session, found: Sequence[Candidate], consent: Consent) -> Candidate | None:
    """The one that a person chooses of several that fit; none where nobody is there to choose."""
    fitting = {each.vpc.id: each for each in found if not each.misfits and not each.in_use}
    if not fitting or consent.yes or consent.no_input or not can_ask():
        return None
    typed = read_line(session.screen, "Adopt which one? (its id; nothing for none) ")
    if typed and typed not in fitting:
        raise UsageError(
            f"{typed} is none of the VPCs that fit", hint=f"type one of {', '.join(fitting)}"
        )
    return fitting.get(typed)


def _adopted(session: Session, chosen: Candidate, consent: Consent, format_: TextFormat) -> int:
    """Write it down, unless that has been done or is not wanted."""
    vpc = chosen.vpc.id
    if chosen.misfits:
        raise Unfit(
            f"{vpc} does not fit:{listed(chosen.misfits)}",
            hint="mend it, or choose another one: `umetrics adopt` lists them",
        )
    rewriting = _rewriting(session, chosen)
    if format_ is TextFormat.TEXT:
        session.screen.show(change_lines(rewriting.changes))
    _warn(session, vpc)
    if rewriting.changes and not _agreed(session, rewriting, consent):
        session.screen.say("Nothing was written.")
        return DECLINED
    if rewriting.changes:
        rewriting.write()
    if format_ is TextFormat.JSON:
        written: JsonObject = {
            "file": str(rewriting.path),
            "place": rewriting.place,
            "changed": bool(rewriting.changes),
        }
        session.show_document("adopt", {"vpcs": candidates_json([chosen]), "written": written})
    elif not rewriting.changes:
        session.screen.result(f"No changes: {rewriting.place} has it already.")
    else:
        session.screen.result(f"Wrote {rewriting.place}.", "good")
        session.screen.say(f"Then: umetrics plan --stage {session.config.stage}")
    return 0


def _rewriting(session: Session, chosen: Candidate) -> Rewriting:
    from umetrics.cli.configuring import rewriting

    of_our_own = ["cidr", *(["public_prefix", "private_prefix"] if chosen.public_ids else [])]
    values = {
        "vpc_id": chosen.vpc.id,
        "public_subnet_ids": chosen.public_ids or None,
        "private_subnet_ids": chosen.private_ids or None,
        **dict.fromkeys(of_our_own),
    }
    for_stage = session.config.origins["stage"] != DEFAULT
    return rewriting(session.config, "network", values, for_stage=for_stage)


def _warn(session: Session, vpc: str) -> None:
    state = session.store.read()
    ours = state.receipts.get("vpc") if state else None
    if ours is not None and ours.id != vpc:
        session.screen.say(
            f"{session.config.deployment} stands in {ours.id}: it does not move. Destroy it "
            "before, or name another stage.",
            "warning",
        )


def _agreed(session: Session, rewriting: Rewriting, consent: Consent) -> bool:
    before = rewriting.before or ""
    difference = list(
        difflib.unified_diff(before.splitlines(), rewriting.after.splitlines(), lineterm="", n=2)
    )
    return agreed(
        session.screen,
        f"Write this to {rewriting.place}?",
        consent,
        details=lambda: session.screen.tell(
            Line(text, verbatim=True) for text in difference[HEADING:]
        ),
    )
