"""`umetrics policy`: what whoever runs umetrics must be allowed to do. Writes nothing."""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import Annotated

import typer

from umetrics.cli.kept_files import refuse_kept_files
from umetrics.cli.options import Account, Common
from umetrics.cli.session import Session
from umetrics.deployer import Mode
from umetrics.errors import UsageError
from umetrics.library.permitting import deployer_policies
from umetrics.outputs import chosen_by_name, write_all
from umetrics.render.policy import policy_json, policy_remarks, policy_terraform, policy_text

ACCOUNT = re.compile(r"[0-9]{12}")


class PolicyFormat(enum.StrEnum):
    """How policies are written."""

    TEXT = "text"
    JSON = "json"
    TERRAFORM = "terraform"


WRITING = {PolicyFormat.TEXT: policy_text, PolicyFormat.TERRAFORM: policy_terraform}

SUFFIXES = {".json": PolicyFormat.TEXT, ".tf": PolicyFormat.TERRAFORM}
"""What IAM takes is JSON; `--format json` is a document about it."""


def policy(
    common: Common,
    account: Account,
    *,
    mode: Annotated[
        Mode, typer.Option("--mode", help="What they are to be able to do.")
    ] = Mode.APPLY,
    to_ssm: Annotated[
        str | None,
        typer.Option(
            "--to-ssm", metavar="PATH", help="Also for `output --to-ssm` under this path."
        ),
    ] = None,
    account_id: Annotated[
        str | None,
        typer.Option(
            "--account", metavar="ID", help="Account to write for: then AWS is asked nothing."
        ),
    ] = None,
    format_: Annotated[
        PolicyFormat | None,
        typer.Option("--format", "-f", help="How to write the result; else as text."),
    ] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            "--out",
            "-o",
            help="Write a file, as its name ends: .json as for IAM, .tf. Repeatable.",
        ),
    ] = None,
) -> int:
    """Print the least-privilege IAM policy for whoever runs umetrics on this stage.

    It is for this very configuration, and for what the state file names: print it
    anew before a changed configuration is applied. What one policy cannot hold is
    split into several, which belong together.

    read: plan, drift, adopt, audit-tags, state rebuild, verify. apply: up without
    --prune, output --to-ssm. destroy: destroy. audit: audit-tags --fix, tags undo,
    cost-tags. all: everything, and up --prune. Each can also do what read can.

    Examples:

        umetrics policy --stage dev --mode apply -o policy.json

        umetrics policy --mode all --format terraform > deployer.tf

        umetrics policy --mode read --account 123456789012 --region us-east-1
    """
    if account_id is not None and not ACCOUNT.fullmatch(account_id):
        raise UsageError(
            f"{account_id!r} is no account", hint="an account is twelve digits: 123456789012"
        )
    files = {path: chosen_by_name(path, SUFFIXES) for path in out or ()}
    session = Session(common, account)
    refuse_kept_files(session, files)
    found = deployer_policies(session.foundation, mode, account=account_id, to_ssm=to_ssm)
    write_all({path: WRITING[chosen](found) for path, chosen in files.items()})
    for path in files:
        session.screen.say(f"Wrote {path}.")
    shown = format_ or (None if files else PolicyFormat.TEXT)
    if shown is PolicyFormat.JSON:
        session.show_document("policy", policy_json(mode.value, found))
        return 0
    for remark in policy_remarks(found):
        session.screen.say(remark)
    if shown is not None:
        session.screen.show_data(WRITING[shown](found))
    return 0
