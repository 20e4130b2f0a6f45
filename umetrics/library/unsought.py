"""What a `destroy` without a state file does not look for, and how to have it looked for.

The kinds that are off by default are asked for where a setting or the state file names them. Where
neither does, because the file was lost, nobody knows whether there are any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from umetrics.provision.resources import KINDS
from umetrics.provision.resources.budget import Budget
from umetrics.provision.resources.flow_log import FlowLog
from umetrics.provision.resources.log_group import LogGroup
from umetrics.provision.resources.parameter import Parameter

REMEDIES: Mapping[type, str] = {
    LogGroup: "set flow_logs.enabled",
    FlowLog: "set flow_logs.enabled",
    Budget: "set budget.enabled",
    Parameter: "run `umetrics state rebuild`, then `umetrics output --to-ssm PATH` once more",
}
"""What makes the next `destroy` find those that are there, by their tags."""


def warnings_of(unsought: Iterable[type]) -> tuple[str, ...]:
    """One sentence about all of them; none where there are none."""
    named = [
        f"{' and '.join(KINDS[kind].label for kind in kinds)} ({remedy})"
        for remedy, kinds in groupby(unsought, key=REMEDIES.__getitem__)
    ]
    sentence = (
        "there is no state file, so what is off by default was not looked for. Should there be "
        f"any, have it found first: {'; '.join(named)}"
    )
    return (sentence,) if named else ()
