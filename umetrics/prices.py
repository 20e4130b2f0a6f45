"""What the foundation costs: a small dated table, and the sum over what is built. Pure.

List prices as known on the day of `AS_OF`; these pages hold the current ones:

- NAT gateway, by the hour and by the gigabyte: https://aws.amazon.com/vpc/pricing/
- public IPv4 address, in use or idle, by the hour: https://aws.amazon.com/vpc/pricing/
- traffic between zones, by the gigabyte each way:
  https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer
- flow logs, by the gigabyte delivered (vended logs) and by the gigabyte and month kept:
  https://aws.amazon.com/cloudwatch/pricing/

All else that umetrics builds is free, budgets without actions among it. Nothing here asks AWS,
knows discounts, taxes or a free tier, or guesses: what a region costs that the table does not have
is unknown, not nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

AS_OF = date(2026, 6, 1)
CURRENCY = "USD"
HOURS_PER_MONTH = 730
"""AWS's own average: 365 days of 24 hours, by 12."""

NAT_GATEWAY = "NatGateway"
ELASTIC_IP = "ElasticIp"
FLOW_LOG = "FlowLog"
"""Names of the kinds that cost money, as receipts and plans spell them."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices of one region, in `CURRENCY`."""

    nat_gateway_hour: Decimal
    nat_gateway_gigabyte: Decimal
    public_ipv4_hour: Decimal
    between_zones_gigabyte: Decimal
    vended_logs_gigabyte: Decimal
    kept_logs_gigabyte: Decimal


PRICES: Mapping[str, Rates] = MappingProxyType(
    {
        "us-east-1": Rates(
            nat_gateway_hour=Decimal("0.045"),
            nat_gateway_gigabyte=Decimal("0.045"),
            public_ipv4_hour=Decimal("0.005"),
            between_zones_gigabyte=Decimal("0.01"),
            vended_logs_gigabyte=Decimal("0.50"),
            kept_logs_gigabyte=Decimal("0.03"),
        ),
    }
)
"""Region -> its prices."""


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One thing that is billed: `rate` for one `unit` (`hour`, `GB`, `GB each way`).

    `per_month` is the sum for all `count` of them; None for what is billed by use.
    """

    what: str
    count: int
    rate: Decimal
    unit: str
    per_month: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a set of resources costs; sums are None where the region's prices are unknown.

    `per_gigabyte` is for what passes through a NAT gateway, `per_gigabyte_logged` for flow logs;
    what else is billed by use is a line only.
    """

    region: str
    lines: tuple[PriceLine, ...] = ()
    per_month: Decimal | None = None
    per_gigabyte: Decimal | None = None
    per_gigabyte_logged: Decimal | None = None
    currency: str = CURRENCY
    as_of: date = AS_OF

    @property
    def is_known(self) -> bool:
        """Whether the table has the region."""
        return self.per_month is not None


def monthly_price(kinds: Iterable[str], region: str) -> Price:
    """The price of resources, each given by the name of its kind; other kinds are free."""
    rates = PRICES.get(region)
    if rates is None:
        return Price(region)
    counts = Counter(kinds)
    lines = (*_standing(counts, rates), *_by_use(counts, rates))
    per_month = sum((line.per_month for line in lines if line.per_month is not None), Decimal(0))
    per_gigabyte = rates.nat_gateway_gigabyte if counts[NAT_GATEWAY] else Decimal(0)
    logged = rates.vended_logs_gigabyte if counts[FLOW_LOG] else Decimal(0)
    return Price(region, lines, per_month, per_gigabyte, logged)


def _standing(counts: Counter[str], rates: Rates) -> Iterable[PriceLine]:
    for kind, what, rate in (
        (NAT_GATEWAY, "NAT gateway", rates.nat_gateway_hour),
        (ELASTIC_IP, "public IPv4 address", rates.public_ipv4_hour),
    ):
        if count := counts[kind]:
            yield PriceLine(what, count, rate, "hour", count * rate * HOURS_PER_MONTH)


def _by_use(counts: Counter[str], rates: Rates) -> Iterable[PriceLine]:
    if gateways := counts[NAT_GATEWAY]:
        yield PriceLine("data through NAT gateways", gateways, rates.nat_gateway_gigabyte, "GB")
    if counts[NAT_GATEWAY] == 1:
        # A second zone always exists, and with one gateway its traffic crosses over.
        yield PriceLine(
            "data from zones without one", 1, rates.between_zones_gigabyte, "GB each way"
        )
    if flow_logs := counts[FLOW_LOG]:
        yield PriceLine("flow logs delivered", flow_logs, rates.vended_logs_gigabyte, "GB")
        yield PriceLine("flow logs kept", flow_logs, rates.kept_logs_gigabyte, "GB a month")
