"""Prices in words: the short form for summaries, the account line by line for `cost`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from umetrics.prices import Price, PriceLine, monthly_price
from umetrics.provision.plan import Action, Plan
from umetrics.render.line import Line
from umetrics.render.table import aligned

CENT = Decimal("0.01")


def money(amount: Decimal, currency: str) -> str:
    """An amount of at least two decimals: `$36.50`, `$0.045`, `36.50 EUR`."""
    exact = amount.normalize()
    text = f"{amount.quantize(CENT) if exact == exact.quantize(CENT) else exact:f}"
    return f"${text}" if currency == "USD" else f"{text} {currency}"


def price_phrase(price: Price) -> str:
    """`$36.50/month + $0.045/GB`, or that it is unknown."""
    if price.per_month is None:
        return f"price unknown in {price.region}"
    phrase = f"{money(price.per_month, price.currency)}/month"
    if price.per_gigabyte:
        phrase += f" + {money(price.per_gigabyte, price.currency)}/GB"
    if price.per_gigabyte_logged:
        phrase += f" + {money(price.per_gigabyte_logged, price.currency)}/GB logged"
    return phrase


def price_lines(price: Price) -> Iterator[Line]:
    """The sum, then what it consists of, then how old the prices are."""
    yield Line(price_phrase(price), "strong")
    if not price.is_known:
        yield Line(f"The price table has no prices for {price.region}.", indent=2)
        return
    if price.lines:
        yield Line()
        rows = [_row(line, price.currency) for line in price.lines]
        yield from (Line(text, indent=2) for text in aligned(rows))
        yield Line()
    yield Line(
        f"{price.region}, {price.currency}, list prices of {price.as_of.isoformat()}; "
        "everything else is free",
        "quiet",
    )


def _row(line: PriceLine, currency: str) -> tuple[str, ...]:
    by_use = line.per_month is None
    return (
        line.what if by_use else f"{line.count} x {line.what}",
        f"{money(line.rate, currency)}/{line.unit}",
        "by use" if line.per_month is None else f"{money(line.per_month, currency)}/month",
    )


def plan_price(plan: Plan, region: str) -> Price:
    """What a deployment costs once the plan is carried out; for a destroy plan, what that saves."""
    if plan.is_destroy:
        going = (step.kind.name for step in plan.steps if step.action is Action.DELETE)
        return monthly_price(going, region)
    staying = [step.kind.name for step in plan.steps if step.action is not Action.DELETE]
    # An orphan is billed like everything else as long as it is kept; its spec names its kind.
    kept = [type(orphan.spec).__name__ for orphan in plan.orphans]
    return monthly_price((*staying, *kept), region)
