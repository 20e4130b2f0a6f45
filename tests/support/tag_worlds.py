"""Worlds with tags that are wrong on purpose, and a list of what is wrong, kept while seeding.

The scheme is written down here once more, by hand: nothing of it is imported, so that a mistake in
the product's own cannot hide in its proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import strategies as st

from umetrics.audit.values import Place, Standing, Subject

HOME = Place("111122223333", "us-east-1")
DEPLOYMENT = "UserMetrics/dev"

OF_ANYBODY = {
    "Project": ("Shop", "Orders"),
    "Environment": ("dev", "staging", "prod"),
    "ManagedBy": ("terraform", "hand"),
    "CostCenter": ("4711", "Observability"),
    "Owner": ("shop@example.org", "o.neil+aws@mail.example.org"),
}
"""What everything needs, with values that are right."""

REQUIRED_OF_OURS = {
    "Project": "UserMetrics",
    "Environment": "dev",
    "ManagedBy": "umetrics",
    "CostCenter": "Observability",
    "Owner": "team@example.org",
}

OURS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "subnet/private-a": (
        "subnet",
        {"Component": "Networking", "Function": "Networking", "NetworkTier": "Private"},
    ),
    "nat-gateway": (
        "nat-gateway",
        {"Component": "Networking", "Function": "Networking", "NetworkTier": "Public"},
    ),
    "security-group/alb": (
        "security-group",
        {"Component": "Networking", "Function": "Security", "Purpose": "LoadBalancer"},
    ),
    "role/grafana": (
        "iam-role",
        {
            "Component": "IAM",
            "Function": "AccessControl",
            "Purpose": "GrafanaAccess",
            "AccessLevel": "ReadOnly",
        },
    ),
}

HARMLESS = {
    "aws:cloudformation:stack-name": "shop",
    "Team": "web",
    "Backup": "",
    "Owners": "a team of many",
    "kubernetes.io/cluster/x": "owned",
    "Größe": "L",
}
"""Tags that are nobody's business. `Owners` the policy names as a key in its own right."""

FORBIDDEN = ("tempBucket", "temp")

Expected = tuple[str, str, str, str]
"""Id, key, problem, and the key that was there in its place."""


@dataclass
class World:
    """What was seeded, and what is to be found in it."""

    subjects: list[Subject] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A few resources of every standing, each key right or wrong in one of many ways."""
    world = World()
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(("foreign", "ours", "implicit", "aws")))
        _SEEDERS[kind](draw, world, f"{kind}-{number}")
    return world


def _foreign(draw: st.DrawFn, world: World, id: str) -> None:
    right = {key: draw(st.sampled_from(values)) for key, values in OF_ANYBODY.items()}
    kind = draw(st.sampled_from(("s3-bucket", "iam-role", "vpc")))
    tags = _spoilt(draw, world, id, right, {"Environment": "production", "Owner": "the web team"})
    world.subjects.append(Subject(kind, id, "", tags, HOME))


def _ours(draw: st.DrawFn, world: World, id: str) -> None:
    key = draw(st.sampled_from(sorted(OURS)))
    kind, functional = OURS[key]
    right = {"Name": f"UserMetrics-dev-{key.replace('/', '-')}", **REQUIRED_OF_OURS, **functional}
    tags = _spoilt(draw, world, id, right, dict.fromkeys(right, "something else"))
    tags |= {"umetrics:deployment": DEPLOYMENT, "umetrics:resource": key}
    subject = Subject(kind, id, "", tags, HOME, Standing.OURS, key, deployment=DEPLOYMENT)
    world.subjects.append(subject)


def _implicit(draw: st.DrawFn, world: World, id: str) -> None:
    functional = {"Component": "Networking", "Function": "Networking", "NetworkTier": "Private"}
    right = {"Name": "UserMetrics-dev-vpc-default", **REQUIRED_OF_OURS, **functional}
    tags = _spoilt(draw, world, id, right, dict.fromkeys(right, "something else"))
    subject = Subject(
        "network-acl", id, "", tags, HOME, Standing.IMPLICIT, "vpc", "vpc-1", DEPLOYMENT
    )
    world.subjects.append(subject)


def _of_aws(draw: st.DrawFn, world: World, id: str) -> None:
    tags = draw(st.dictionaries(st.sampled_from(("owner", "temp", "x")), st.just("")))
    world.subjects.append(Subject("network-interface", id, "", tags, HOME, Standing.AWS))


_SEEDERS = {"foreign": _foreign, "ours": _ours, "implicit": _implicit, "aws": _of_aws}


def _spoilt(
    draw: st.DrawFn, world: World, id: str, right: Mapping[str, str], wrong: Mapping[str, str]
) -> dict[str, str]:
    """The right tags, some of them spoilt, with harmless and forbidden ones among them."""
    tags: dict[str, str] = {}
    for key, value in right.items():
        ways = [*_WAYS, "wrong value"] if key in wrong else [*_WAYS]
        way = draw(st.sampled_from(["right", *ways])) if draw(st.booleans()) else "right"
        problem, there = "", {key: value}
        if way == "wrong value":
            problem, there = way, {key: wrong[key]}
        elif way != "right":
            problem, there = _WAYS[way](draw, key, value)
        tags |= there
        if problem:
            found = next(iter(there), "") if problem in ("wrong case", "misspelt") else ""
            world.expected.append((id, key, problem, found))
    for key in draw(st.lists(st.sampled_from(FORBIDDEN), unique=True)):
        tags[key] = "x"
        world.expected.append((id, key, "forbidden", ""))
    tags |= {key: HARMLESS[key] for key in draw(st.lists(st.sampled_from(sorted(HARMLESS))))}
    return dict(draw(st.permutations(list(tags.items()))))


Spoiling = tuple[str, dict[str, str]]
"""The problem ('' for none), and the tags that there are."""


def _gone(_draw: st.DrawFn, _key: str, _value: str) -> Spoiling:
    return "missing", {}


def _blank(draw: st.DrawFn, key: str, _value: str) -> Spoiling:
    return "empty", {key: draw(st.sampled_from(("", " ", "   ")))}


def _other_case(draw: st.DrawFn, key: str, value: str) -> Spoiling:
    ways = (key.lower(), key.upper(), f"{key} ", f" {key}", f"{key.lower()} ", key.swapcase())
    return "wrong case", {draw(st.sampled_from(ways)): value}


def _slip(draw: st.DrawFn, key: str, value: str) -> Spoiling:
    """A letter swapped with the next, left out, doubled or wrong; in any case."""
    at = draw(st.integers(0, len(key) - 2))
    swapped = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    slips = [key[:at] + key[at + 1 :], key[: at + 1] + key[at:], key[:at] + "q" + key[at + 1 :]]
    if swapped.lower() != key.lower():
        slips.append(swapped)
    slip = draw(st.sampled_from(slips))
    return "misspelt", {draw(st.sampled_from((slip, slip.lower()))): value}


def _other_signs(draw: st.DrawFn, key: str, value: str) -> Spoiling:
    at = draw(st.integers(1, len(key) - 1))
    return "misspelt", {f"{key[:at]}{draw(st.sampled_from('-_ '))}{key[at:]}": value}


def _twice_wrong(_draw: st.DrawFn, key: str, value: str) -> Spoiling:
    """Two keys that could be meant: nobody knows which, so the right one is just missing."""
    return "missing", {key.lower(): value, key.upper(): value}


def _beside(_draw: st.DrawFn, key: str, value: str) -> Spoiling:
    """A key in another case does not matter where the right one is there, too."""
    return "", {key: value, key.lower(): "anything"}


def _another_word(_draw: st.DrawFn, key: str, value: str) -> Spoiling:
    """Two slips away is another word."""
    return "missing", {f"x{key}x": value}


_WAYS = {
    "missing": _gone,
    "empty": _blank,
    "other case": _other_case,
    "slip": _slip,
    "other signs": _other_signs,
    "twice wrong": _twice_wrong,
    "beside": _beside,
    "another word": _another_word,
}
