"""From what is needed to what is asked of IAM's simulator, in as few calls as keys allow. Pure.

A call of the simulator takes actions, resources and one set of keys, and answers for each action
on each resource; so all that carries the same keys is one call, and answers that nobody asked for
are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from umetrics.deployer import Need, Place
from umetrics.deployer import arn as arns
from umetrics.deployer.need import EVERYTHING, Guard, ec2
from umetrics.doctor.carried import Carried, carried, put
from umetrics.doctor.planned import Planned
from umetrics.tags import Tags

ANY_PATH = "/*/"
"""In a template: a name in whatever path, of which no example is better than one without."""

NAMES: Mapping[str, str] = {
    arns.ROLES: "{project}-{stage}-ObservabilityGrafana",
    arns.POLICIES: "{project}-{stage}-ObservabilityLambdaEmf",
    arns.ROLE_NAMES[0]: "ObservabilityGrafana",
    arns.POLICY_NAMES[0]: "ObservabilityLambdaEmf",
    arns.PROFILE_NAMES[0]: "ObservabilityUmamiTask",
    arns.LOG_GROUPS: "flow-logs",
    arns.BUDGETS: "monthly",
    arns.TRAILS: "events",
}
"""What stands for the `*` that a template ends in."""

IDS: Mapping[str, str] = {
    ec2("elastic-ip"): "eipalloc",
    ec2("internet-gateway"): "igw",
    ec2("natgateway"): "nat",
    ec2("network-acl"): "acl",
    ec2("route-table"): "rtb",
    ec2("security-group"): "sg",
    ec2("security-group-rule"): "sgr",
    ec2("subnet"): "subnet",
    ec2("vpc"): "vpc",
    ec2("vpc-endpoint"): "vpce",
    ec2("vpc-flow-log"): "fl",
}
"""What ids begin with, of things that are there."""

SYNTHETIC = "0123456789abcdef0"

MADE = frozenset({Guard.BORN, Guard.AT_BIRTH})


@dataclass(frozen=True, slots=True)
class Known:
    """ARNs of what stands, by template; of Lambda roles, by name.

    `foreign_tags` are those that were read of what others have: of roles by name, of a VPC by id.
    `planned` is what a plan tells of the calls, where there is one.
    """

    arns: Mapping[str, str] = field(default_factory=dict)
    lambda_roles: Mapping[str, str] = field(default_factory=dict)
    foreign_tags: Mapping[str, Tags] = field(default_factory=dict)
    planned: Planned = field(default_factory=Planned)


@dataclass(frozen=True, slots=True)
class Question:
    """May this be done to that, by a call that carries these keys?

    `tags_known` is false where nobody read the tags that the resource has.
    """

    action: str
    resource: str
    carried: Carried
    need: Need
    tags_known: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """One call of the simulator, and the questions that it answers."""

    carried: Carried
    questions: tuple[Question, ...]

    @property
    def actions(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(dict.fromkeys(each.action for each in self.questions))

    @property
    def resources(self) -> tuple[str, ...]:
        """Each once; none means that the only resource is `*`."""
        named = dict.fromkeys(each.resource for each in self.questions)
        return tuple(each for each in named if each != EVERYTHING)


def concerning(needs: Iterable[Need], place: Place) -> tuple[Need, ...]:
    """The needs that are for anything here: where no Lambda role is named, none is needed."""
    return tuple(
        need
        for need in needs
        if any(place.shares(each) or any(place.arns(each)) for each in need.resources)
    )


def questions(needs: Sequence[Need], place: Place, known: Known) -> Iterator[Question]:
    """One for each action on each resource."""
    asking = _Asking(place, known, _creates(needs))
    for need in needs:
        if need.resources == arns.PRINCIPALS:
            continue  # whoever may not simulate is told so by trying
        for template in need.resources:
            for action in need.actions:
                yield from asking.of(need, template, action)


def _creates(needs: Iterable[Need]) -> dict[str, list[str]]:
    """By template of what is made, the creates that make it."""
    creates: dict[str, list[str]] = {}
    for need in needs:
        if need.guard is Guard.BORN:
            for template in need.resources:
                creates.setdefault(template, []).extend(need.actions)
    return creates


@dataclass(frozen=True, slots=True)
class _Asking:
    place: Place
    known: Known
    creates: Mapping[str, list[str]]

    def of(self, need: Need, template: str, action: str) -> Iterator[Question]:
        tags = put(need, action, template, self.place, self.known.planned)
        if need.guard in MADE:
            making = [action] if need.guard is Guard.BORN else self.creates.get(template, ())
            for each in making:
                create = each.partition(":")[2]
                keys = carried(need, self.place, action, create=create, given=tags)
                yield Question(action, self.place.filled(template), keys, need)
            return
        for resource, foreign in self._examples(template):
            known = None if foreign is None else self.known.foreign_tags.get(foreign)
            given = None if foreign is None else known or {}
            keys = carried(need, self.place, action, foreign=given, given=tags)
            yield Question(action, resource, keys, need, foreign is None or known is not None)

    def _examples(self, template: str) -> Iterator[tuple[str, str | None]]:
        """ARNs that stand for a template, real ones where they are known.

        With each what its tags are known by where it is somebody else's, else None.
        """
        place = self.place
        if template == EVERYTHING:
            yield EVERYTHING, None
        elif template == arns.LAMBDA_ROLES:
            for name in sorted(place.lambda_roles):
                yield self.known.lambda_roles.get(name) or place.scope.role("/", name), name
        elif template == arns.PARAMETERS:
            yield from ((each.replace("*", "vpc_id"), None) for each in place.arns(template))
        elif place.shares(template):
            ours = place.inside(template).replace(":*:", f":{place.scope.account}:")
            yield self.known.arns.get(template, ours), place.config.network.vpc_id
        elif template in self.known.arns:
            yield self.known.arns[template], None
        elif ANY_PATH not in template:
            yield self._made_up(template), None

    def _made_up(self, template: str) -> str:
        start = self.place.filled(template)
        if template == arns.ANY_LOG_GROUP:
            return start.removesuffix("*") + ":log-stream:"
        if not start.endswith("*"):
            return start
        if template not in IDS and template not in NAMES:
            return start
        start = start.removesuffix("*")
        if template in IDS:
            return f"{start}{IDS[template]}-{SYNTHETIC}"
        config = self.place.config
        name = NAMES[template].format(project=config.project, stage=config.stage)
        region = self.place.scope.region
        return f"{start}{name}".replace(":cloudtrail:*:", f":cloudtrail:{region}:")


def batches(asked: Iterable[Question]) -> tuple[Batch, ...]:
    """The calls. Questions on `*` are apart: no other resource is given with them."""
    grouped: dict[tuple[Carried, bool], list[Question]] = {}
    for each in asked:
        grouped.setdefault((each.carried, each.resource == EVERYTHING), []).append(each)
    return tuple(Batch(key[0], tuple(each)) for key, each in grouped.items())
