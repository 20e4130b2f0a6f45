"""`umetrics adopt`: what fits is shown, what was chosen is written, and nothing else moves."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_line import is_error, unwrapped
from tests.commands.desk import Desk
from tests.support.landlord import Landlord
from umetrics.cli.configuring import Rewriting
from umetrics.errors import ConfigurationError

FILE = """\
# How we build.
owner = "team@example.org"  # all of us

[network]
# Private tasks only.
nat = "none"

# The database came first.
[database]
port = 5433
"""


def path(home: Desk) -> Path:
    return home.folder / "umetrics.toml"


def written(home: Desk) -> dict[str, Any]:
    return tomllib.loads(path(home).read_text(encoding="utf-8"))


def adopt(home: Desk, lent: Landlord, *arguments: str, **environment: str) -> None:
    done = home.sandboxed("adopt", lent.vpc, "--yes", *arguments, **environment)
    assert done.code == 0, done


def test_every_vpc_is_listed_with_what_fits_and_what_does_not(home: Desk, lent: Landlord) -> None:
    done = home.sandboxed("adopt")
    assert done.code == 0, done
    assert "VPCs in us-east-1 that fit: 1 of 2.\n" in done.result
    fits, unfit = done.result.split("\n\n")[1:]
    assert fits.startswith(f"{lent.vpc}  10.70.0.0/20  lent: fits\n")
    assert fits.endswith("\n  fits: DNS support, DNS hostnames, free space, internet gateway")
    assert "its own subnets would do, and spare a NAT gateway" in unwrapped(fits)
    assert "172.31.0.0/16: does not fit\n" in unfit
    assert "unfit: no internet gateway: attach one to it, or choose another VPC" in unfit
    assert max(map(len, done.lines)) <= 80
    assert not path(home).exists()


def test_a_vpc_is_written_and_all_else_in_the_file_stays(home: Desk, lent: Landlord) -> None:
    home.configure(FILE)
    path(home).chmod(0o640)
    adopt(home, lent)
    lines = FILE.splitlines(keepends=True)
    lines.insert(4, f'vpc_id = "{lent.vpc}"\n')
    assert path(home).read_text() == "".join(lines)
    assert path(home).stat().st_mode & 0o777 == 0o640
    assert [each.name for each in home.folder.iterdir() if each.name.endswith(".tmp")] == []


def test_the_same_again_changes_nothing_and_asks_nothing(home: Desk, lent: Landlord) -> None:
    adopt(home, lent, "--with-subnets")
    first = path(home).stat()
    done = home.sandboxed("adopt", lent.vpc, "--with-subnets", "--no-input")
    assert done.code == 0, done
    assert "No changes: umetrics.toml [network] vpc_id" in done.result
    assert path(home).stat().st_mtime_ns == first.st_mtime_ns
    assert path(home).stat().st_ino == first.st_ino


def test_without_a_file_one_that_explains_itself_is_made(home: Desk, lent: Landlord) -> None:
    adopt(home, lent)
    assert written(home)["network"] == {"vpc_id": lent.vpc}
    text = path(home).read_text()
    assert f'# Without it: a VPC of our own.\nvpc_id = "{lent.vpc}"\n' in text
    assert '#nat = "single"' in text


def test_subnets_are_written_by_zone_and_taken_out_again_without_them(
    home: Desk, lent: Landlord
) -> None:
    adopt(home, lent, "--with-subnets")
    assert written(home)["network"] == {
        "vpc_id": lent.vpc,
        "public_subnet_ids": list(lent.public),
        "private_subnet_ids": list(lent.private),
    }
    adopt(home, lent)
    assert written(home)["network"] == {"vpc_id": lent.vpc}


def test_addresses_of_a_vpc_of_our_own_are_taken_out_and_that_is_shown(
    home: Desk, lent: Landlord
) -> None:
    home.configure('[network]\ncidr = "10.3.0.0/24"\nzones = 2\n')
    done = home.sandboxed("adopt", lent.vpc, "--yes")
    assert done.code == 0, done
    assert '\n- cidr = "10.3.0.0/24"\n' in done.result
    assert f'\n+ vpc_id = "{lent.vpc}"\n' in done.result
    assert written(home)["network"] == {"vpc_id": lent.vpc, "zones": 2}


@pytest.mark.thorough
def test_sizes_of_subnets_of_our_own_are_taken_out_beside_subnets_that_stand(
    home: Desk, lent: Landlord
) -> None:
    home.configure("[network]\nprivate_prefix = 27\n")
    adopt(home, lent)
    assert written(home)["network"] == {"vpc_id": lent.vpc, "private_prefix": 27}
    adopt(home, lent, "--with-subnets")
    assert set(written(home)["network"]) == {"vpc_id", "public_subnet_ids", "private_subnet_ids"}


def test_a_stage_that_is_named_gets_it_for_itself(home: Desk, lent: Landlord) -> None:
    home.configure(FILE)
    adopt(home, lent, "--stage", "prod")
    assert written(home) == {
        **tomllib.loads(FILE),
        "stages": {"prod": {"network": {"vpc_id": lent.vpc}}},
    }
    adopt(home, lent, UMETRICS_STAGE="dev")
    assert list(written(home)["stages"]) == ["prod", "dev"]


def test_a_pyproject_that_is_in_use_is_written_too(home: Desk, lent: Landlord) -> None:
    pyproject = home.folder / "pyproject.toml"
    text = '[project]\nname = "shop"  # ours\n\n[tool.umetrics]\nowner = "team@example.org"\n'
    pyproject.write_text(text)
    adopt(home, lent)
    assert pyproject.read_text() == f'{text}\n[tool.umetrics.network]\nvpc_id = "{lent.vpc}"\n'
    assert not path(home).exists()


@pytest.mark.thorough
def test_a_link_stays_a_link(home: Desk, lent: Landlord) -> None:
    (home.folder / "elsewhere").mkdir()
    real = home.folder / "elsewhere" / "shared.toml"
    real.write_text(FILE)
    path(home).symlink_to(real)
    adopt(home, lent)
    assert path(home).is_symlink()
    assert f'vpc_id = "{lent.vpc}"' in real.read_text()


def test_what_would_not_count_is_not_written(home: Desk, lent: Landlord) -> None:
    home.configure(FILE)
    other = "vpc-0123456789abcdef0"
    done = home.sandboxed("adopt", lent.vpc, "--yes", UMETRICS_NETWORK_VPC_ID=other)
    assert is_error(done, exit_code=2, code="U002")
    assert "environment UMETRICS_NETWORK_VPC_ID counts for stage dev" in unwrapped(done.talk)
    assert path(home).read_text() == FILE

    text = f'{FILE}\n[stages.dev.network]\nvpc_id = "{other}"\n'
    home.configure(text)
    done = home.sandboxed("adopt", lent.vpc, "--yes")
    assert is_error(done, exit_code=2, code="U002")
    assert "umetrics.toml [stages.dev.network] vpc_id counts" in unwrapped(done.talk)
    assert path(home).read_text() == text


@pytest.mark.parametrize("stage", ["dev", pytest.param("prod", marks=pytest.mark.thorough)])
def test_nothing_is_written_that_a_stage_could_not_be_read_from(
    home: Desk, lent: Landlord, stage: str
) -> None:
    text = f'{FILE}\n[stages.{stage}.network]\ncidr = "10.3.0.0/24"\n'
    home.configure(text)
    done = home.sandboxed("adopt", lent.vpc, "--yes")
    assert is_error(done, exit_code=2, code="U003")
    assert f"umetrics.toml [stages.{stage}.network] cidr" in unwrapped(done.talk)
    assert path(home).read_text() == text


def test_without_a_terminal_it_is_written_only_when_that_was_said(
    home: Desk, lent: Landlord
) -> None:
    done = home.sandboxed("adopt", lent.vpc)
    assert is_error(done, exit_code=2, code="U002")
    assert "add --yes" in unwrapped(done.talk)
    assert not path(home).exists()


def test_a_person_chooses_looks_at_the_details_and_agrees(home: Desk, lent: Landlord) -> None:
    home.configure(FILE)
    nothing = home.asked("\n", "adopt")
    assert nothing.code == 0, nothing
    assert "Adopt which one? (its id; nothing for none) " in nothing.talk
    assert path(home).read_text() == FILE

    done = home.asked(f"{lent.vpc}\nd\ny\n", "adopt")
    assert done.code == 0, done
    _, shown, details = done.talk.split("Write this to umetrics.toml [network]? [y/N/d] ")
    assert f'+vpc_id = "{lent.vpc}"' in unwrapped(shown + details + done.result)
    assert written(home)["network"]["vpc_id"] == lent.vpc


@pytest.mark.thorough
def test_a_person_who_says_no_gets_nothing_written(home: Desk, lent: Landlord) -> None:
    home.configure(FILE)
    declined = home.asked("\n", "adopt", lent.vpc)
    assert declined.code == 1, declined
    assert "Nothing was written." in declined.talk
    assert path(home).read_text() == FILE


def test_a_place_where_no_file_can_be_written_is_explained(tmp_path: Path) -> None:
    absent = tmp_path / "absent" / "umetrics.toml"
    with pytest.raises(ConfigurationError) as caught:
        Rewriting(absent, "umetrics.toml [network]", None, "", {}).write()
    assert "found no such file or directory" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_machines_get_every_verdict_and_what_was_written(home: Desk, lent: Landlord) -> None:
    listed = home.sandboxed("adopt", "--format", "json")
    assert listed.code == 0, listed
    document = listed.document
    assert (document["kind"], document["written"]) == ("adopt", None)
    verdicts = {
        vpc["id"]: {each["topic"]: each["fits"] for each in vpc["verdicts"]}
        for vpc in document["vpcs"]
    }
    assert verdicts[lent.vpc]["free space"] == "fits"
    assert verdicts[lent.vpc]["owner"] == "remark"
    assert sorted(vpc["fits"] for vpc in document["vpcs"]) == [False, True]

    done = home.sandboxed("adopt", lent.vpc, "--with-subnets", "--yes", "--format", "json")
    (vpc,) = done.document["vpcs"]
    assert vpc["public_subnet_ids"] == list(lent.public)
    assert {each["tier"] for each in vpc["subnets"]} == {"public", "private"}
    assert done.document["written"] == {
        "file": str(path(home)),
        "place": "umetrics.toml [network]",
        "changed": True,
    }
