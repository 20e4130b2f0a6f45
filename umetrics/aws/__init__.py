"""The edge to AWS: the only package that imports boto3 and botocore."""

from umetrics.aws.session import Aws, Identity, connect, connect_to_sandbox

__all__ = ["Aws", "Identity", "connect", "connect_to_sandbox"]
