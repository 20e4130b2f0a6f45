"""`umetrics adopt` where a VPC does not fit, or a stage stands elsewhere: said, not written."""

from __future__ import annotations

from tests.cli.command_line import is_error, unwrapped
from tests.commands.desk import Desk
from tests.support.landlord import Landlord

FILE = 'owner = "team@example.org"\n'


def test_what_does_not_fit_is_refused_with_every_reason(home: Desk, lent: Landlord) -> None:
    home.configure(FILE)
    ec2 = home.outsider.ec2
    ec2.modify_vpc_attribute(VpcId=lent.vpc, EnableDnsSupport={"Value": False})
    ec2.create_tags(
        Resources=[lent.vpc], Tags=[{"Key": "umetrics:deployment", "Value": "UserMetrics/qa"}]
    )
    done = home.sandboxed("adopt", lent.vpc, "--yes")
    assert is_error(done, exit_code=6, code="U024")
    assert "part of UserMetrics/qa, which may destroy it" in unwrapped(done.talk)
    assert "DNS support is off" in unwrapped(done.talk)
    assert (home.folder / "umetrics.toml").read_text() == FILE

    gone = home.sandboxed("adopt", "vpc-0123456789abcdef0", "--yes")
    assert is_error(gone, exit_code=6, code="U024")
    assert "is not in us-east-1 of account 123456789012" in unwrapped(gone.talk)


def test_subnets_that_do_not_make_two_tiers_are_refused(home: Desk, lent: Landlord) -> None:
    home.outsider.ec2.delete_route(
        RouteTableId=lent.private_table, DestinationCidrBlock="0.0.0.0/0"
    )
    done = home.sandboxed("adopt", lent.vpc, "--with-subnets", "--yes")
    assert is_error(done, exit_code=6, code="U024")
    assert "leave out --with-subnets" in unwrapped(done.talk)
    assert not (home.folder / "umetrics.toml").exists()


def test_a_stage_that_stands_in_a_vpc_of_its_own_is_warned_about(
    home: Desk, lent: Landlord
) -> None:
    assert home.sandboxed("up", "--yes", "--target", "vpc").code == 0
    done = home.sandboxed("adopt", lent.vpc, "--yes")
    assert f"UserMetrics/dev stands in {home.receipts['vpc']['id']}" in unwrapped(done.talk)
    listed = home.sandboxed("adopt").result
    assert "part of UserMetrics/dev, which may destroy it: choose another VPC" in unwrapped(listed)
