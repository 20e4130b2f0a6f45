"""The kinds that live in no region: one look for each account."""

from __future__ import annotations

from umetrics.audit.catalogue.kind import Item, Kind, Listing, TagCall

PATHS_OF_AWS = ("/aws-service-role/", "/aws-reserved/")
"""Of roles that nobody but AWS may change, not even their tags."""


def _is_role_of_aws(item: Item) -> bool:
    path: str = item["Path"]
    return path.startswith(PATHS_OF_AWS)


KINDS: tuple[Kind, ...] = (
    Kind(
        "iam-role",
        "IAM role",
        "iam",
        # The one list of roles that tells their tags: ListRoles and GetRole would be a call each.
        Listing("GetAccountAuthorizationDetails", "RoleDetailList", 1000, {"Filter": ["Role"]}),
        "RoleName",
        "arn:{partition}:iam::{account}:role/*{id}",
        arn_at="Arn",
        unique="RoleId",
        is_global=True,
        is_aws=_is_role_of_aws,
    ),
    Kind(
        "iam-policy",
        "customer managed policy",
        "iam",
        # No list tells the tags of policies, though the shape has room for them:
        # https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html
        Listing("ListPolicies", "Policies", 1000, {"Scope": "Local"}),
        "PolicyName",
        "arn:{partition}:iam::{account}:policy/*{id}",
        TagCall("ListPolicyTags", "PolicyArn", "Tags"),
        arn_at="Arn",
        unique="PolicyId",
        is_global=True,
    ),
    Kind(
        "s3-bucket",
        "S3 bucket",
        "s3",
        Listing("ListBuckets", "Buckets", 1000),
        "Name",
        "arn:{partition}:s3:::{id}",
        TagCall("GetBucketTagging", "Bucket", "TagSet", value="Name", untagged="NoSuchTagSet"),
        is_global=True,
    ),
    Kind(
        "cloudfront-distribution",
        "CloudFront distribution",
        "cloudfront",
        Listing("ListDistributions", "DistributionList.Items", 100),
        "Id",
        "arn:{partition}:cloudfront::{account}:distribution/{id}",
        TagCall("ListTagsForResource", "Resource", "Tags.Items"),
        is_global=True,
    ),
    Kind(
        "budget",
        "budget",
        "budgets",
        Listing("DescribeBudgets", "Budgets", 100, {"AccountId": "{account}"}),
        "BudgetName",
        "arn:{partition}:budgets::{account}:budget/{name}",
        TagCall("ListTagsForResource", "ResourceARN", "ResourceTags"),
        is_global=True,
    ),
)
