"""What is said about one thing of an existing VPC, be it that it fits."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Fits(enum.StrEnum):
    """How one thing about a VPC is."""

    FITS = "fits"
    REMARK = "remark"
    UNFIT = "unfit"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing about a VPC: what it is about, how it is, and in one line what to do about it."""

    topic: str
    fits: Fits
    text: str


def verdicts(topic: str, misfits: Iterable[str], fine: str) -> list[Verdict]:
    """What does not fit, or else that it does."""
    unfit = [Verdict(topic, Fits.UNFIT, text) for text in misfits]
    return unfit or [Verdict(topic, Fits.FITS, fine)]
