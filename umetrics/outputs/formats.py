"""Ids in the syntax of other programs. Pure.

Every value is one line without quotes, blanks or anything else that a reader would obey:
`values.py` sees to that. So GitHub's multi-line form and HCL's escapes are never needed.
"""

from __future__ import annotations

import enum
import json
import shlex
from collections.abc import Callable, Mapping

from umetrics.outputs.values import Output

Outputs = Mapping[str, Output]


class Format(enum.StrEnum):
    """In what form ids are handed on."""

    TEXT = "text"
    JSON = "json"
    DOTENV = "dotenv"
    TFVARS = "tfvars"
    GITHUB = "github"
    SHELL = "shell"
    SST = "sst"


def formatted(values: Outputs, chosen: Format) -> str:
    """The values in one of the formats that are for programs only, with a line break at the end.

    Raises `KeyError` for text and JSON, which are rendered like the results of other commands.
    """
    return _WRITERS[chosen](values)


def as_dotenv(values: Outputs) -> str:
    """`VPC_ID=vpc-1`; lists by commas. Unquoted: readers of such files differ about quotes."""
    return "".join(f"{name.upper()}={_joined(value)}\n" for name, value in values.items())


def as_shell(values: Outputs) -> str:
    """`export VPC_ID=vpc-1`, to be sourced or given to `eval`; lists by commas."""
    return "".join(
        f"export {name.upper()}={shlex.quote(_joined(value))}\n" for name, value in values.items()
    )


def as_github(values: Outputs) -> str:
    """`vpc_id=vpc-1`, to be appended to `$GITHUB_OUTPUT`; lists as JSON, for `fromJSON`.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    return "".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}\n"
        for name, value in values.items()
    )


def as_tfvars(values: Outputs) -> str:
    """`vpc_id = "vpc-1"`, aligned as `terraform fmt` does; lists are lists.

    https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files
    """
    width = max(map(len, values))
    return "".join(f"{name.ljust(width)} = {json.dumps(value)}\n" for name, value in values.items())


def as_typescript(values: Outputs) -> str:
    """An interface and a constant of it, for SST v3 and any other TypeScript.

    Names are in camel case, as SST has them. Not `as const`: SST's components take `string[]`,
    to which a readonly tuple cannot be assigned.
    """
    members = {_camel_case(name): value for name, value in values.items()}
    types = "".join(f"  {name}: {_type(value)};\n" for name, value in members.items())
    content = "".join(f"  {name}: {json.dumps(value)},\n" for name, value in members.items())
    return (
        "// Written by `umetrics output --format sst`, which writes it anew: do not edit.\n\n"
        f"export interface UmetricsOutputs {{\n{types}}}\n\n"
        f"export const umetrics: UmetricsOutputs = {{\n{content}}};\n"
    )


_WRITERS: Mapping[Format, Callable[[Outputs], str]] = {
    Format.DOTENV: as_dotenv,
    Format.TFVARS: as_tfvars,
    Format.GITHUB: as_github,
    Format.SHELL: as_shell,
    Format.SST: as_typescript,
}


def _joined(value: Output) -> str:
    return value if isinstance(value, str) else ",".join(value)


def _camel_case(name: str) -> str:
    """`vpc_id` as `vpcId`. Words begin with a letter, so no two names become one."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _type(value: Output) -> str:
    return "string" if isinstance(value, str) else "string[]"
