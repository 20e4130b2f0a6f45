"""Building in a VPC of somebody's, as a person does it: adopt, plan, up, output, destroy."""

from __future__ import annotations

import json

from tests.cli.command_line import is_error
from tests.commands.desk import Desk
from tests.support.landlord import Landlord


def test_from_adopt_to_destroy_the_vpc_of_others_is_used_shown_and_left_as_it_was(
    home: Desk, lent: Landlord
) -> None:
    before = home.outsider.look_around()
    assert home.sandboxed("adopt", lent.vpc, "--yes").code == 0

    planned = home.sandboxed("plan")
    assert planned.code == 0, planned
    assert "\n20 to create, 0 to change, 0 to destroy" in planned.result
    shared = planned.result.partition("Shared: used, and never changed\n")[2].splitlines()
    assert shared[0].split() == ["=", "vpc", "VPC", lent.vpc]
    assert shared[1].split() == [
        "=",
        "internet-gateway",
        "internet",
        "gateway",
        *shared[1].split()[-1:],
    ]
    assert max(map(len, planned.lines)) <= 80

    built = home.sandboxed("up", "--yes")
    assert built.code == 0, built
    again = home.sandboxed("up")
    assert "No changes. 20 resources as wanted" in again.result
    assert home.sandboxed("drift").code == 0
    assert home.sandboxed("audit-tags").code == 0

    told = home.sandboxed("output", "--format", "json").document
    assert told["outputs"]["vpc_id"] == lent.vpc
    assert told["shared"] == ["vpc_id", "internet_gateway_id"]
    row = next(line for line in home.sandboxed("output").lines if line.startswith("vpc_id"))
    assert row.split() == ["vpc_id", lent.vpc, "shared"]
    assert lent.vpc in home.sandboxed("status").result

    gone = home.sandboxed("destroy", "--stage", "dev", "--yes")
    assert gone.code == 0, gone
    assert home.outsider.look_around() == before
    assert json.loads(home.state.read_bytes())["shared"] == {}


def test_a_vpc_that_lost_its_gateway_is_one_error_that_says_what_to_do(
    home: Desk, lent: Landlord
) -> None:
    assert home.sandboxed("adopt", lent.vpc, "--with-subnets", "--yes").code == 0
    home.outsider.ec2.delete_route(
        RouteTableId=lent.private_table, DestinationCidrBlock="0.0.0.0/0"
    )
    for command in (("plan",), ("up", "--yes"), ("drift",)):
        done = home.sandboxed(*command)
        assert is_error(done, exit_code=6, code="U024")
        assert f"{lent.private[0]} leads nowhere" in done.talk
