"""Which texts and numbers AWS, and the requirements, allow: one named kind for each sort of value.

Names that end up in a policy's `Resource` must begin without a wildcard: a lone `*` there would
open everything of its sort in the account.
"""

from __future__ import annotations

import re

from umetrics import tags
from umetrics.config.kind import Number, OneOf, Several, Switch, Text, matching, one_of
from umetrics.config.nested import Columns, Day, Named
from umetrics.provision.addresses import (
    LARGEST_VPC,
    SMALLEST_PUBLIC,
    SMALLEST_SUBNET,
    SMALLEST_VPC,
    ZONE_COUNTS,
    canonical_cidr,
    nearest_vpc_cidr,
)

ENVIRONMENTS = ("dev", "staging", "prod")

SWITCH = Switch()

PROJECT = matching(
    # Security groups may not be named sg-..., metric namespaces not AWS/...
    r"(?!(?i:sg|aws)$)[A-Za-z][A-Za-z0-9]{0,23}",
    "a letter, then at most 23 letters or digits, but neither `sg` nor `aws`",
)
STAGE = matching(r"[a-z][a-z0-9]{0,8}", "a lower-case letter, then at most 8 of a-z and 0-9")
ENVIRONMENT = one_of(*ENVIRONMENTS)

OWNER = Text(
    f"an e-mail address that AWS takes as a tag value (letters, digits and + - = . _ : / @, "
    f"at most {tags.MAXIMUM_VALUE_LENGTH} characters)",
    lambda text: tags.MAIL.fullmatch(text) is not None and not tags.violations({"Owner": text}),
)
ACCOUNT = matching(r"[0-9]{12}", "an AWS account id: twelve digits, in quotes")
REGION = matching(r"[a-z]{2,5}(-[a-z]+){1,2}-[0-9]{1,2}", "an AWS region such as us-east-1")
PROFILE = Text(
    "the name of an AWS profile", lambda text: text.isprintable() and text == text.strip() != ""
)

VPC_CIDR = Text(
    f"an IPv4 CIDR of /{LARGEST_VPC} to /{SMALLEST_VPC}, without host bits",
    lambda text: nearest_vpc_cidr(text) == text,
    lambda text: nearest_vpc_cidr(text) or "",
)
VPC_ID = matching(r"vpc-[0-9a-f]{8}([0-9a-f]{9})?", "a VPC id such as vpc-0123456789abcdef0")
SUBNET_IDS = Several(
    matching(r"subnet-[0-9a-f]{8}([0-9a-f]{9})?", "a subnet id such as subnet-0123456789abcdef0")
)
PUBLIC_PREFIX = Number(LARGEST_VPC, SMALLEST_PUBLIC)
PRIVATE_PREFIX = Number(LARGEST_VPC, SMALLEST_SUBNET)
CIDRS = Several(
    Text(
        "an IPv4 CIDR without host bits",
        lambda text: canonical_cidr(text) == text,
        lambda text: canonical_cidr(text) or "",
    )
)
PORT = Number(1, 65535)
PORTS = Several(PORT, at_least=1)
EGRESS = one_of("restricted", "all")
NAT = one_of("single", "per-zone", "none")
ZONE_COUNT = Number(*ZONE_COUNTS)
ZONE_IDS = Several(
    matching(r"[a-z0-9]+(-[a-z0-9]+)*-az[0-9]+", "a zone id such as use1-az3 (not a zone name)")
)

DATABASE_RESOURCE = matching(
    r"(prx|cluster)-[A-Za-z0-9]+",
    "the resource id of an RDS proxy (prx-...), or of a cluster that has none (cluster-...)",
)
DATABASE_USER = matching(
    r"[A-Za-z_][A-Za-z0-9_]{0,62}", "a PostgreSQL user: letters, digits and _, at most 63"
)
SECURITY_GROUPS = Several(
    matching(r"sg-[0-9a-f]{8}([0-9a-f]{9})?", "a security group id such as sg-0123456789abcdef0")
)

BUCKETS = Several(
    matching(
        r"[a-z0-9][a-z0-9.-]{2}[a-z0-9.*?-]{0,60}",
        "a bucket name or pattern: lower-case letters, digits, . and -, with * and ? only "
        "after the third character",
    ),
    at_least=1,
)
REPOSITORIES = Several(
    matching(
        r"[a-z0-9][a-z0-9._/*?-]{1,255}",
        "an ECR repository name or pattern in lower case, with * and ? not at its start",
    ),
    at_least=1,
)
LOG_GROUPS = Several(
    matching(
        r"[A-Za-z0-9_/.#-]{2}[A-Za-z0-9_/.#*?-]{0,510}",
        "a log group name or pattern, with * and ? only after the second character",
    ),
    at_least=1,
)
SECRETS = Several(
    matching(
        r"[A-Za-z0-9/_+=.@-][A-Za-z0-9/_+=.@*?-]{0,511}",
        "a secret's name or pattern, with * and ? not at its start",
    ),
    at_least=1,
)
DOMAINS = Several(
    matching(
        r"[a-z][a-z0-9*?-]{2,63}",
        "an OpenSearch domain name or pattern in lower case, with * and ? not at its start",
    ),
    at_least=1,
)
NAMESPACE = matching(
    r"(?!AWS/)[A-Za-z0-9._/#:-]{1,255}",
    "a CloudWatch namespace: letters, digits and . _ / # : -, not beginning with AWS/",
)

BOUNDARY = matching(
    r"arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/([!-.0-~]+/)*[\w+=,.@-]{1,128}",
    "the ARN of a policy, such as arn:aws:iam::123456789012:policy/boundary",
)
ROLES = Several(
    matching(r"[\w+=,.@-]{1,64}", "a role's name, not its ARN: letters, digits and _+=,.@-")
)

FUNCTIONS = Several(
    matching(r"[A-Za-z0-9_-]{1,64}", "a function's name, not its ARN: letters, digits, - and _")
)
DATABASES = Several(
    matching(
        r"[A-Za-z](-?[A-Za-z0-9]){0,62}",
        "the name of an RDS proxy or cluster: letters, digits and -, beginning with a letter",
    )
)

RETENTION = OneOf(
    (
        *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
        *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
    )
)
"""Days, as CloudWatch Logs has them in PutRetentionPolicy."""
TRAFFIC = one_of("all", "accept", "reject")
MONTHLY_LIMIT = Number(1, 1_000_000)
EMAILS = Several(
    Text(
        "an e-mail address", lambda text: text.isascii() and tags.MAIL.fullmatch(text) is not None
    ),
    at_most=10,
)
"""AWS Budgets mails one notification to no more, and no request changes that."""


ACTIONS = Several(
    matching(
        r"[a-z0-9-]+:[A-Za-z0-9]+", "an action of AWS, as policies name it, such as s3:CreateBucket"
    )
)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


TAG_KEY = Text("a tag key that AWS takes", lambda text: not tags.violations({text: ""}))
TAG_KEYS = Several(TAG_KEY)


def _may_be_ruled(key: str) -> bool:
    return not (key.casefold().startswith(tags.IDENTITY_PREFIX) or tags.violations({key: ""}))


RULED_TAG_KEY = Text("a tag key that AWS takes, without umetrics: at its start", _may_be_ruled)
RULED_TAG_KEYS = Several(RULED_TAG_KEY)
TAG_KEY_GLOBS = Several(
    Text(
        "a tag key, or a glob with * and ?, that does not begin with aws: or umetrics:",
        lambda text: _may_be_ruled(text.replace("*", "x").replace("?", "x")),
    )
)
TAG_VALUES = Named(
    RULED_TAG_KEY,
    Several(
        Text(
            "a tag value that AWS takes, and not blank",
            lambda text: bool(text.strip()) and not tags.violations({"key": text}),
        ),
        at_least=1,
    ),
)
TAG_PATTERNS = Named(RULED_TAG_KEY, Text("a regular expression, as Python has them", _is_pattern))
_SAID = Text("some words", lambda text: bool(text.strip()))
TAG_EXCEPTIONS = Named(
    Text("an id, an ARN or a glob on either", lambda text: bool(text.strip("*? "))),
    Columns(
        {"reason": _SAID, "owner": _SAID, "expires": Day(), "tags": TAG_KEYS},
        optional=frozenset({"tags"}),
    ),
)
