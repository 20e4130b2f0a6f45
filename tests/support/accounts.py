"""The account in memory itself: keeping a copy of it, and where moto is taught to be more like AWS.

The only module that reaches into moto's models.
"""

from __future__ import annotations

import copy
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import moto.core.responses
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend
from moto.iam.models import IAMBackend, iam_backends

if TYPE_CHECKING:
    import pytest

ACCOUNT = "123456789012"
REGION = "us-east-1"
EVERYWHERE = "aws"


@dataclass(frozen=True, slots=True)
class Copy:
    """The account as it was at one moment; can be put back as often as one likes."""

    ec2: EC2Backend
    iam: IAMBackend

    def put_back(self) -> None:
        """What happened since did not happen."""
        ec2, iam = _copied(self.ec2, self.iam)
        ec2_backends[ACCOUNT][REGION] = ec2
        iam_backends[ACCOUNT][EVERYWHERE] = iam


def copy_account() -> Copy:
    """The network of the region, and IAM."""
    return Copy(*_copied(ec2_backends[ACCOUNT][REGION], iam_backends[ACCOUNT][EVERYWHERE]))


def _copied(ec2: EC2Backend, iam: IAMBackend) -> tuple[EC2Backend, IAMBackend]:
    """AWS's own images do not change, so they are shared. Rules hold on to their old account."""
    shared = {id(each): each for each in (ec2.amis, ec2.snapshots)}
    copied = copy.deepcopy((ec2, iam), shared)
    for groups in copied[0].groups.values():
        for group in groups.values():
            for rule in (*group.ingress_rules, *group.egress_rules):
                rule.ec2_backend = copied[0]
    return copied


def set_nat_gateway_state(nat_gateway: str, state: str) -> None:
    """`failed` or `deleting`, which moto knows how to describe but never reaches."""
    ec2_backends[ACCOUNT][REGION].nat_gateways[nat_gateway].state = state


def remember_method_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto inspects a class of a thousand methods on each call; this takes a quarter off it."""
    remembered = functools.cache(moto.core.responses.method_names_from_class)  # type: ignore[attr-defined]
    monkeypatch.setattr(moto.core.responses, "method_names_from_class", remembered)


def let_gateways_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deleted NAT gateway lets go of its address and interface, as it does in AWS."""
    delete = NatGatewayBackend.delete_nat_gateway

    def delete_and_let_go(backend: EC2Backend, nat_gateway_id: str) -> NatGateway:
        gateway = delete(backend, nat_gateway_id)
        for address in backend.describe_addresses():
            if address.eni is gateway._eni:
                backend.disassociate_address(association_id=address.association_id)
        backend.delete_network_interface(gateway._eni.id)
        return gateway

    monkeypatch.setattr(NatGatewayBackend, "delete_nat_gateway", delete_and_let_go)
