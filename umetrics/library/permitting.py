"""What a deployer of one stage must be allowed, as policies to give to somebody. Reads only."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from umetrics.deployer import (
    DeployerPolicy,
    Mode,
    Place,
    grants,
    policies,
    standing_kinds,
    wanted_kinds,
)
from umetrics.errors import UsageError, WrongAccount
from umetrics.provision.resources.parameter import Parameter
from umetrics.provision.scope import Scope
from umetrics.publication import prefix_of
from umetrics.receipts import recorded_kinds
from umetrics.refusals import refuse_another_account

if TYPE_CHECKING:
    from umetrics.config import Config
    from umetrics.library.foundation import Foundation
    from umetrics.state import State

PARTITIONS = {
    "cn": "aws-cn",
    "eu-isoe": "aws-iso-e",
    "eusc": "aws-eusc",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "us-isof": "aws-iso-f",
}
"""By what a region's name begins with; any other region is of the partition `aws`.

https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
"""

EMF_POLICY = "policy/lambda-emf"
"""The key of the policy that is attached to roles of others."""


def deployer_policies(
    foundation: Foundation, mode: Mode, *, account: str | None = None, to_ssm: str | None = None
) -> tuple[DeployerPolicy, ...]:
    """The policies that `mode` needs, for what is configured and for what the receipts name.

    `to_ssm` is a path under which outputs are published. Without `account` AWS is asked who we are;
    with it nothing is asked, and the configuration must name a region: else `UsageError`. Raises
    `WrongAccount` where configuration or receipts are for another account or region.
    """
    config, state = foundation.config, foundation.store.read()
    scope = _scope(foundation, account, state)
    prefix = set() if to_ssm is None else {f"{prefix_of(to_ssm)}/*"}
    kinds = concerned_kinds(config, state) | ({Parameter} if prefix else set())
    place = place_of(config, scope, state, published=prefix)
    return policies(policy_name(config, mode.value), grants(mode, place, kinds))


def concerned_kinds(config: Config, state: State | None) -> frozenset[type]:
    """The kinds that are wanted, and those that the receipts name."""
    return wanted_kinds(config) | standing_kinds(recorded_kinds(state))


def place_of(
    config: Config, scope: Scope, state: State | None, *, published: Collection[str] = ()
) -> Place:
    """What ARNs are made of, with what the receipts name; `published` are paths to come."""
    parameters = _published(state) | frozenset(published)
    return Place(scope, config, _attached(config, state), parameters)


def policy_name(config: Config, purpose: str) -> str:
    """`UserMetrics-dev-deployer-apply`."""
    return f"{config.project}-{config.stage}-deployer-{purpose}"


def _scope(foundation: Foundation, account: str | None, state: State | None) -> Scope:
    config = foundation.config
    if account is None:
        aws = foundation.connected(read_only=True)
        path = foundation.store.path
        refuse_another_account(config, aws.identity, aws.region, state, path)
        return Scope(aws.identity.partition, aws.region, aws.identity.account)
    if config.account not in {None, account}:
        raise WrongAccount(
            f"stage {config.stage} belongs to account {config.account}, not to {account}",
            hint="leave --account out, or correct `account` in umetrics.toml",
        )
    if config.region is None:
        raise UsageError(
            "no AWS region is set, and with --account nothing is asked that would tell it",
            hint="use --region us-east-1, or set `region` in umetrics.toml, or AWS_REGION",
        )
    if state is not None and (state.account, state.region) != (account, config.region):
        raise WrongAccount(
            f"{foundation.store.path} records account {state.account} in {state.region}, "
            f"and the policy was to be for {account} in {config.region}",
            hint="leave --account out, or name the place that is recorded; one stage lives in one",
        )
    return Scope(partition_of(config.region), config.region, account)


def partition_of(region: str) -> str:
    """The partition in which a region lies."""
    starts = (name for start, name in PARTITIONS.items() if region.startswith(f"{start}-"))
    return next(starts, "aws")


def _attached(config: Config, state: State | None) -> frozenset[str]:
    """Roles of others that have our policy, or are to have it."""
    receipt = state.receipts.get(EMF_POLICY) if state else None
    return frozenset(config.lambda_roles) | frozenset(receipt.members if receipt else ())


def _published(state: State | None) -> frozenset[str]:
    """Names of parameters that were published, under whatever path."""
    receipts = state.receipts.values() if state else ()
    return frozenset(each.id for each in receipts if each.kind == Parameter.__name__)
