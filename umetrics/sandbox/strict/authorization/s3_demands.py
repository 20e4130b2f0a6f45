"""What S3's actions touch: a bucket, an object in it, or all buckets.

From the Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
Actions come from moto, which names most of them as policies do. Condition keys of requests
(`s3:prefix` and others) are not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from umetrics.sandbox.strict.authorization.demand import EVERYTHING, Demand

if TYPE_CHECKING:
    from moto.s3.responses import S3Response

    from umetrics.sandbox.strict.rule import Call

SPELLED: Mapping[str, str] = {"HeadBucket": "ListBucket"}

OF_OBJECTS = ("Object", "MultipartUpload", "SelectObject")
OF_BUCKETS = frozenset({"ListBucketMultipartUploads"})


def s3_demands(call: Call, operation: str) -> Iterator[Demand]:
    """The permission that a call of S3 needs."""
    answering = cast("S3Response", call.response)
    action = SPELLED.get(operation, operation)
    bucket = answering.parse_bucket_name_from_url(answering.normalized_request, answering.uri)
    resource = f"arn:{answering.partition}:s3:::{bucket}" if bucket else EVERYTHING
    if bucket and action not in OF_BUCKETS and any(word in action for word in OF_OBJECTS):
        resource += f"/{_key(answering, bucket)}"
    yield Demand(f"s3:{action}", resource)


def _key(answering: S3Response, bucket: str) -> str:
    """The part of the path after the bucket, where the bucket is in the path."""
    path = answering.get_safe_path().lstrip("/")
    by_host = answering.subdomain_based_buckets(answering.normalized_request)
    return path if by_host else path.removeprefix(f"{bucket}/")
