"""The edge to AWS: the only package that imports boto3 and botocore."""

from umetrics.aws.reader import Reader
from umetrics.aws.services import CostAllocation
from umetrics.aws.session import Aws, Identity, connect, connect_to_sandbox

__all__ = ["Aws", "CostAllocation", "Identity", "Reader", "connect", "connect_to_sandbox"]
