"""What holds for every plan, whatever the settings and whatever has happened to the account.

Configurations, accounts and the order of steps are generated; `imagined.py` says what steps do and
refuses what must not be done, `mishaps.py` says what happens besides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.imagined import Account
from tests.unit.mishaps import HARMFUL, HARMLESS, Mishap, is_in_transit, of_others
from umetrics.config import Config, load
from umetrics.config.network import Egress, Nat
from umetrics.provision.blueprint import Facts, blueprint
from umetrics.provision.model import Blueprint, Ids, Phase, Shared
from umetrics.provision.plan import Action, Plan, plan_destroy, plan_up
from umetrics.provision.resources import KINDS
from umetrics.provision.scope import Scope
from umetrics.provision.zones import subnets_standing

SCOPE = Scope("aws", "us-east-1", "123456789012")
ZONES = ("use1-az1", "use1-az2", "use1-az4")

LENT_VPC = {"vpc": "vpc-lent", "internet-gateway": "igw-lent"}
LENT_SUBNETS = {
    "vpc": "vpc-lent",
    **{
        f"subnet/{tier}-{ordinal}": f"subnet-lent-{tier}-{ordinal}"
        for tier in ("public", "private")
        for ordinal in "ab"
    },
}


@dataclass(frozen=True, slots=True)
class Site:
    """What no living deployment can change: whose network it lies in, how large its subnets are."""

    lent: Ids
    public_prefix: int
    private_prefix: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What it can."""

    nat: Nat
    zones: int
    s3_endpoint: bool
    egress: Egress
    watched: bool
    lambda_roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """A mishap, and to which of the keys; `which` of the things that it can be."""

    mishap: Mishap
    place: int
    which: int

    def strike(self, account: Account) -> None:
        """It happens."""
        if keys := sorted(account.found):
            self.mishap(account, keys[self.place % len(keys)], self.which)


SITES = st.builds(
    Site,
    st.sampled_from([{}, LENT_VPC, LENT_SUBNETS]),
    st.integers(26, 27),
    st.integers(25, 26),
)
CHOICES = st.builds(
    Choice,
    st.sampled_from(["single", "per-zone", "none"]),
    st.integers(2, 3),
    st.booleans(),
    st.sampled_from(["restricted", "all"]),
    st.booleans(),
    st.sampled_from([(), ("api",), ("api", "worker")]),
)
CHANCES = st.integers(0, 999).map(Random)

GATEWAY, LEAVING = 33, 1
"""Where the first NAT gateway of three stands among the keys; what `is_in_transit` makes of it."""


def happenings(*mishaps: Mishap) -> st.SearchStrategy[list[Happening]]:
    each = st.builds(Happening, st.sampled_from(mishaps), st.integers(0, 39), st.integers(0, 19))
    return st.lists(each, max_size=6)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return load("dev", environment={}, folder=tmp_path_factory.mktemp("empty"))


def wanted(config: Config, site: Site, choice: Choice, account: Account) -> Blueprint:
    """The blueprint, with subnets where they stand in the account."""
    is_lent, has_subnets = bool(site.lent), "subnet/public-a" in site.lent
    lent = tuple(id_ for key, id_ in site.lent.items() if key.startswith("subnet/"))
    network = replace(
        config.network,
        cidr="10.0.0.0/22",
        vpc_id=site.lent.get("vpc"),
        public_subnet_ids=lent[:2],
        private_subnet_ids=lent[2:],
        public_prefix=site.public_prefix,
        private_prefix=site.private_prefix,
        nat=choice.nat,
        s3_endpoint=choice.s3_endpoint,
        egress=choice.egress,
    )
    chosen = replace(
        config,
        network=network,
        flow_logs=replace(config.flow_logs, enabled=choice.watched and not is_lent),
        budget=replace(config.budget, enabled=choice.watched),
        lambda_roles=choice.lambda_roles,
    )
    facts = Facts(
        SCOPE,
        () if has_subnets else ZONES[: choice.zones],
        subnets_standing(account.snapshot()),
        foreign=("10.70.0.0/24", "10.70.2.0/25") if is_lent else (),
        shared=tuple(Shared(key, "", "", id_) for key, id_ in site.lent.items()),
        ranges=("10.70.0.0/21",) if is_lent else (),
    )
    return blueprint(chosen, facts)


def built(config: Config, site: Site, choice: Choice, chance: Random) -> Account:
    """An account in which just that was built."""
    account = Account(config.deployment, site.lent)
    account.apply(up(wanted(config, site, choice, account), account), chance)
    return account


def up(desired: Blueprint, account: Account, *, prune: bool = False) -> Plan:
    return lawful(plan_up(desired, account.snapshot(), KINDS, prune=prune), account)


def lawful(plan: Plan, account: Account) -> Plan:
    """What is lent is no step, and nothing of it stands in one as ours; what is awaited comes."""
    assert plan.keys & account.shared.keys() == set()
    for step in plan.steps:
        assert {each.id for each in (step.found, *step.dying) if each}.isdisjoint(
            account.shared.values()
        )
        assert step.requires <= plan.keys
    return plan


@settings(max_examples=20)
@given(
    site=SITES,
    choice=CHOICES,
    happened=happenings(*HARMLESS),
    prune=st.booleans(),
    chance=CHANCES,
)
def test_a_satisfied_account_gives_an_empty_plan(  # all that is generated
    config: Config,
    *,
    site: Site,
    choice: Choice,
    happened: list[Happening],
    prune: bool,
    chance: Random,
) -> None:
    account = built(config, site, choice, chance)
    for each in happened:
        each.strike(account)

    plan = up(wanted(config, site, choice, account), account, prune=prune)

    assert plan.changes == ()
    assert plan.conflicts == ()
    assert plan.orphans == ()


@settings(max_examples=40)
@given(
    site=SITES,
    before=CHOICES,
    after=CHOICES,
    happened=happenings(*HARMFUL, *HARMLESS),
    prune=st.booleans(),
    chance=CHANCES,
)
@example(
    site=Site({}, 26, 25),
    before=Choice("per-zone", 3, False, "restricted", False, ()),
    after=Choice("none", 2, False, "restricted", False, ()),
    happened=[Happening(is_in_transit, GATEWAY, LEAVING)],
    prune=True,
    chance=Random(0),  # noqa: S311  # chance, not secrecy
)
def test_a_plan_that_is_carried_out_in_any_order_satisfies_and_takes_nothing_from_others(
    config: Config,
    *,
    site: Site,
    before: Choice,
    after: Choice,
    happened: list[Happening],
    prune: bool,
    chance: Random,
) -> None:
    account = built(config, site, before, chance)
    for each in happened:
        each.strike(account)
    others, ids = of_others(account), {key: living_id(account, key) for key in account.found}
    desired = wanted(config, site, after, account)
    plan = up(desired, account, prune=prune)

    account.apply(plan, chance)

    again = up(desired, account, prune=prune)
    assert again.changes == ()
    assert again.conflicts == ()
    surplus = ids.keys() - desired.keys
    assert {each.id for each in again.orphans} <= {ids[key] for key in surplus}
    assert account.found.keys() - desired.keys == (set() if prune else surplus)
    assert {each for each in others if each[0] in account.found} <= of_others(account)
    assert {step.key for step in plan.steps if step.action is Action.DELETE} == (
        surplus if prune else set()
    )
    for key in desired.keys & ids.keys():
        assert ids[key] in {"", living_id(account, key)}


@settings(max_examples=20)
@given(
    site=SITES,
    before=CHOICES,
    after=CHOICES,
    happened=happenings(*HARMFUL, *HARMLESS),
    chance=CHANCES,
)
def test_whatever_was_found_destroy_takes_all_of_it_and_nothing_else(
    config: Config,
    *,
    site: Site,
    before: Choice,
    after: Choice,
    happened: list[Happening],
    chance: Random,
) -> None:
    account = built(config, site, before, chance)
    account.apply(up(wanted(config, site, after, account), account), chance)
    for each in happened:
        each.strike(account)

    account.apply(lawful(plan_destroy(account.snapshot(), KINDS), account), chance)

    assert account.found == {}


def living_id(account: Account, key: str) -> str:
    """Empty while all that claims the key is on its way out."""
    living = [each.id for each in account.found[key] if each.phase in {Phase.READY, Phase.PENDING}]
    return next(iter(living), "")
