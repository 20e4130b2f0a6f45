"""What a set of resources costs."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as some

from umetrics.prices import CURRENCY, PRICES, monthly_price
from umetrics.render.line import Look, compose
from umetrics.render.price import money, price_lines, price_phrase

FOUNDATION = ("Vpc", "Subnet", "Subnet", "ElasticIp", "NatGateway", "Role", "ManagedPolicy")


def test_the_foundation_costs_what_the_budget_says() -> None:
    price = monthly_price(FOUNDATION, "us-east-1")
    assert price.per_month == Decimal("36.50")
    assert price.per_gigabyte == Decimal("0.045")
    assert [line.per_month for line in price.lines[:2]] == [Decimal("32.85"), Decimal("3.65")]
    assert price_phrase(price) == "$36.50/month + $0.045/GB"


def test_a_gateway_in_each_zone_doubles_the_price_and_ends_traffic_between_zones() -> None:
    price = monthly_price((*FOUNDATION, "NatGateway", "ElasticIp"), "us-east-1")
    assert price.per_month == Decimal("73.00")
    assert price.per_gigabyte == Decimal("0.045")
    assert "GB each way" not in [line.unit for line in price.lines]


def test_without_a_nat_gateway_nothing_is_billed() -> None:
    price = monthly_price(("Vpc", "Role"), "us-east-1")
    assert price.is_known
    assert price_phrase(price) == "$0.00/month"
    assert price.lines == ()


def test_flow_logs_are_billed_by_use_and_a_budget_is_free() -> None:
    price = monthly_price(("LogGroup", "FlowLog", "Role", "Budget"), "us-east-1")
    assert price.per_month == 0
    assert [(line.what, line.rate, line.unit) for line in price.lines] == [
        ("flow logs delivered", Decimal("0.50"), "GB"),
        ("flow logs kept", Decimal("0.03"), "GB a month"),
    ]
    assert price_phrase(price) == "$0.00/month + $0.50/GB logged"


def test_what_is_logged_stands_beside_what_passes_the_gateway() -> None:
    price = monthly_price((*FOUNDATION, "FlowLog"), "us-east-1")
    assert price_phrase(price) == "$36.50/month + $0.045/GB + $0.50/GB logged"


def test_a_region_that_the_table_lacks_is_unknown_and_never_free() -> None:
    price = monthly_price(FOUNDATION, "eu-west-1")
    assert not price.is_known
    assert price.per_month is None
    assert price.per_gigabyte is None
    assert price_phrase(price) == "price unknown in eu-west-1"
    assert "$" not in compose(price_lines(price), Look())


def test_the_account_names_each_line_its_currency_and_its_date() -> None:
    assert compose(price_lines(monthly_price(FOUNDATION, "us-east-1")), Look()) == (
        "$36.50/month + $0.045/GB\n"
        "\n"
        "  1 x NAT gateway              $0.045/hour        $32.85/month\n"
        "  1 x public IPv4 address      $0.005/hour        $3.65/month\n"
        "  data through NAT gateways    $0.045/GB          by use\n"
        "  data from zones without one  $0.01/GB each way  by use\n"
        "\n"
        "us-east-1, USD, list prices of 2026-06-01; everything else is free\n"
    )


def test_money_shows_cents_and_never_rounds_a_rate() -> None:
    assert money(Decimal("36.5000"), "USD") == "$36.50"
    assert money(Decimal("0.045"), "USD") == "$0.045"
    assert money(Decimal(1000), "USD") == "$1000.00"
    assert money(Decimal(0), "USD") == "$0.00"
    assert money(Decimal("1.5"), "EUR") == "1.50 EUR"


@given(some.lists(some.sampled_from([*FOUNDATION, "Unheard"])), some.sampled_from([*PRICES]))
def test_the_sum_is_the_sum_of_its_lines(kinds: list[str], region: str) -> None:
    price = monthly_price(kinds, region)
    assert price.per_month == sum(line.per_month or 0 for line in price.lines)
    assert price.currency == CURRENCY
