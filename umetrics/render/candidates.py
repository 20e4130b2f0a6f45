"""Existing VPCs that one could build in: what fits, what does not, and what would be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from umetrics.config.kind import in_toml
from umetrics.provision.fitness import Fits, Verdict
from umetrics.render.glyph import STYLES, Glyph
from umetrics.render.line import Line, Style

if TYPE_CHECKING:
    from umetrics.provision.survey import SurveyedSubnet, SurveyedVpc
    from umetrics.render.document import Json, JsonObject

Written = str | tuple[str, ...] | None

STYLES_OF: Mapping[Fits, Style] = MappingProxyType(
    {Fits.FITS: "good", Fits.REMARK: "warning", Fits.UNFIT: "error"}
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A VPC with its verdicts, and the subnets of it that would be used (none: ours are made)."""

    vpc: SurveyedVpc
    verdicts: tuple[Verdict, ...]
    public_ids: tuple[str, ...] = ()
    private_ids: tuple[str, ...] = ()
    in_use: bool = False

    @property
    def misfits(self) -> tuple[str, ...]:
        """What does not fit, in words."""
        return tuple(each.text for each in self.verdicts if each.fits is Fits.UNFIT)

    @property
    def lines(self) -> Iterator[Line]:
        """Every verdict in a line."""
        yield _heading(self)
        yield from _verdict_lines(self.ordered(Fits.UNFIT, Fits.REMARK, Fits.FITS))

    def ordered(self, *kinds: Fits) -> list[Verdict]:
        """The verdicts of these kinds, in their order."""
        return [each for fits in kinds for each in self.verdicts if each.fits is fits]


def list_lines(
    candidates: Sequence[Candidate], region: str, *, at_most: int | None = None
) -> Iterator[Line]:
    """How many fit, then those that do and those that do not, what fits in one line each."""
    fitting = sum(not each.misfits for each in candidates)
    yield Line(f"VPCs in {region} that fit: {fitting} of {len(candidates)}.", "strong")
    for each in sorted(candidates, key=lambda candidate: bool(candidate.misfits))[:at_most]:
        yield Line()
        yield _heading(each)
        yield from _verdict_lines(each.ordered(Fits.UNFIT, Fits.REMARK))
        if fine := ", ".join(verdict.topic for verdict in each.ordered(Fits.FITS)):
            yield from _verdict_lines([Verdict("", Fits.FITS, fine)])
    if at_most is not None and len(candidates) > at_most:
        yield Line(f"and {len(candidates) - at_most} more", "quiet")


def _heading(candidate: Candidate) -> Line:
    vpc = candidate.vpc
    named = "  ".join(filter(None, [vpc.id, ", ".join(vpc.cidrs), vpc.name]))
    fits = "does not fit" if candidate.misfits else "fits"
    if candidate.in_use:
        return Line(f"{named}: configured, {fits}", STYLES[Glyph.ADOPTED], mark=Glyph.ADOPTED)
    return Line(f"{named}: {fits}", "strong")


def _verdict_lines(verdicts: Iterable[Verdict]) -> Iterator[Line]:
    for each in verdicts:
        yield Line(each.text, STYLES_OF[each.fits], mark=f"{each.fits}:", indent=2)


def change_lines(changes: Mapping[str, tuple[Written, Written]]) -> Iterator[Line]:
    """What a table will say, and will not say any more."""
    for key, (before, after) in changes.items():
        for value, glyph in ((before, Glyph.DESTROY), (after, Glyph.CREATE)):
            if value is not None:
                yield Line(f"{key} = {in_toml(value)}", STYLES[glyph], mark=glyph, verbatim=True)


def candidates_json(candidates: Sequence[Candidate]) -> list[Json]:
    """Each with everything that was seen of it."""
    return [_candidate_json(each) for each in candidates]


def _candidate_json(candidate: Candidate) -> JsonObject:
    vpc = candidate.vpc
    return {
        "id": vpc.id,
        "cidrs": list(vpc.cidrs),
        "name": vpc.name,
        "owner": vpc.owner,
        "shared_by": vpc.shared_by,
        "deployment": vpc.deployment,
        "is_default": vpc.is_default,
        "dns_support": vpc.dns_support,
        "dns_hostnames": vpc.dns_hostnames,
        "internet_gateway": vpc.internet_gateway,
        "subnets": [_subnet_json(each) for each in vpc.subnets],
        "in_use": candidate.in_use,
        "fits": not candidate.misfits,
        "verdicts": [
            {"topic": each.topic, "fits": each.fits, "text": each.text}
            for each in candidate.verdicts
        ],
        "public_subnet_ids": list(candidate.public_ids),
        "private_subnet_ids": list(candidate.private_ids),
    }


def _subnet_json(subnet: SurveyedSubnet) -> JsonObject:
    return {
        "id": subnet.id,
        "cidr": subnet.cidr,
        "zone": subnet.zone,
        "name": subnet.name,
        "tier": subnet.tier,
        "route_table": subnet.table,
        "way_out": subnet.way_out,
        "blackhole": subnet.blackhole,
        "serves_s3": subnet.serves_s3,
        "free_addresses": subnet.free_addresses,
        "deployment": subnet.deployment,
    }
