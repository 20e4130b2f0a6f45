"""Where a deployment lives, and how ARNs there are written. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """`aws` or another partition, a region, a twelve-digit account."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this region and account; a whole ARN stays as it is."""
        if resource.startswith("arn:"):
            return resource
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def role(self, path: str, name: str) -> str:
        """The ARN of a role, which has no region in it; `path` begins and ends with a slash."""
        return f"arn:{self.partition}:iam::{self.account}:role{path}{name}"

    def bucket(self, name: str) -> str:
        """The ARN of a bucket, which has neither region nor account in it."""
        return f"arn:{self.partition}:s3:::{name}"

    def log_group(self, name: str) -> str:
        """The ARN of a log group and the streams in it; all Logs actions but tagging want `:*`."""
        return self.arn("logs", f"log-group:{name}:*")

    def secret(self, name: str) -> str:
        """The ARN of a secret; Secrets Manager adds a hyphen and six characters to its name."""
        open_ended = name.startswith("arn:") or name.endswith("*")
        return self.arn("secretsmanager", name if name.startswith("arn:") else f"secret:{name}") + (
            "" if open_ended else "-??????"
        )
