"""What a need is: actions of AWS, on some resources, for one of the things that umetrics does.

Values and the words to write them with; which needs there are is said in `kind_needs.py` and
`command_needs.py`, and what a policy makes of them in `grant.py`. Nothing here knows AWS clients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from umetrics.config import Config

EVERYTHING = "*"
"""The only resource of actions for which the Service Authorization Reference has no narrower one.

https://docs.aws.amazon.com/service-authorization/latest/reference/
"""


class Task(Enum):
    """What umetrics does with AWS. CHECK tells more, and nothing fails for want of it."""

    LOOK = "look"
    CHECK = "check"
    BUILD = "build"
    REMOVE = "remove"
    MEND = "mend"


class Guard(Enum):
    """Under which condition an action is needed; what each comes to is `condition.py`'s.

    Of EC2: BORN, the request tags what it makes as ours; AT_BIRTH, it is tagged within its create;
    INSIDE, what something is made in is ours; OURS, what is changed is ours. EMPTIED, MARKED_FIRST
    and MARKED are for what AWS makes beside our VPC, on which no deployment is ever written: its
    rules are removed, it is tagged as looked after by umetrics, and tagged again once it is.
    TAKEN_OVER: no deployment is written on it yet, and ours is to be.

    Of IAM: ATTACHING, our own policy is what is attached; BOUNDED, within the boundary that the
    configuration demands; PASSED_ON, a role goes to the service of flow logs.
    """

    NONE = "none"
    BORN = "born"
    AT_BIRTH = "at birth"
    INSIDE = "inside"
    OURS = "ours"
    EMPTIED = "emptied"
    MARKED_FIRST = "marked first"
    MARKED = "marked"
    TAKEN_OVER = "taken over"
    ATTACHING = "attaching"
    BOUNDED = "bounded"
    PASSED_ON = "passed on"


def always(_config: Config) -> bool:
    """Whatever is configured."""
    return True


@dataclass(frozen=True, slots=True)
class Need:
    """Actions that one task needs on resources of the same types, all of them on each.

    `resources` are ARN templates (see `arn.py`), `EVERYTHING` where AWS knows nothing narrower.
    `when` says for which configurations it is needed.
    """

    task: Task
    actions: tuple[str, ...]
    resources: tuple[str, ...] = (EVERYTHING,)
    guard: Guard = Guard.NONE
    when: Callable[[Config], bool] = always


def ec2(kind: str) -> str:
    """The ARN template of a type of EC2's resources: `subnet`."""
    return f"arn:{{partition}}:ec2:{{region}}:{{account}}:{kind}/*"


def looking(*actions: str, on: tuple[str, ...] = (EVERYTHING,)) -> Need:
    """What every command needs that looks at AWS."""
    return Need(Task.LOOK, actions, on)


def checking(*actions: str, on: tuple[str, ...] = (EVERYTHING,)) -> Need:
    """What makes answers better, and keeps nothing from working where it is not allowed."""
    return Need(Task.CHECK, actions, on)


def making(action: str, kind: str, *, inside: tuple[str, ...] = ()) -> tuple[Need, ...]:
    """A create of EC2 with its tags in the call, and the things that are there and that it names.

    What is made has request tags only, what is there has resource tags only: hence one need for
    each, so that no create may name somebody else's VPC.
    """
    made = (
        Need(Task.BUILD, (f"ec2:{action}",), (ec2(kind),), Guard.BORN),
        Need(Task.BUILD, ("ec2:CreateTags",), (ec2(kind),), Guard.AT_BIRTH),
    )
    parents = tuple(map(ec2, inside))
    return (*made, Need(Task.BUILD, (f"ec2:{action}",), parents, Guard.INSIDE)) if inside else made


def changing(task: Task, *operations: str, on: tuple[str, ...]) -> Need:
    """Calls of EC2 that change or delete what is ours."""
    return Need(task, tuple(f"ec2:{each}" for each in operations), tuple(map(ec2, on)), Guard.OURS)


def tagging(*kinds: str) -> tuple[Need, ...]:
    """Tags of ours put right: missing ones by `up`, any others by a repair of tags."""
    resources = tuple(map(ec2, kinds))
    return (
        Need(Task.BUILD, ("ec2:CreateTags",), resources, Guard.OURS),
        Need(Task.MEND, ("ec2:CreateTags", "ec2:DeleteTags"), resources, Guard.OURS),
    )
