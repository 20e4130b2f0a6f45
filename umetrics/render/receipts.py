"""What the state file remembers, as a table: for `status` and `state show`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from umetrics.render.layer import by_layer
from umetrics.render.line import Line
from umetrics.render.phrase import counted
from umetrics.render.table import table_lines

if TYPE_CHECKING:
    from umetrics.state import Receipt


def receipt_lines(
    deployment: str,
    receipts: Iterable[Receipt],
    shared: Iterable[Receipt] = (),
    *,
    at_most: int | None = None,
) -> Iterator[Line]:
    """How many there are, then key, kind and id of each, in the order of the layers.

    What is `shared` comes after that, since it is not ours.
    """
    ordered = [
        receipt
        for _, own in by_layer(receipts)
        for receipt in sorted(own, key=lambda receipt: receipt.key)
    ]
    if not ordered:
        yield Line(f"{deployment}: nothing is recorded.", "strong")
        return
    yield Line(f"{deployment}: {counted(len(ordered), 'resource')} recorded.", "strong")
    yield Line()
    rows = [(receipt.key, receipt.kind, receipt.id) for receipt in ordered]
    yield from table_lines(("KEY", "KIND", "ID"), rows, at_most=at_most)
    others = [(each.key, each.kind, each.id) for each in shared]
    if others:
        yield Line()
        yield Line("Shared: used, and never changed", "strong")
        yield from table_lines(("KEY", "KIND", "ID"), others)
