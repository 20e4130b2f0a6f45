"""Sessions of the SDK: with whose settings and whose credentials clients are made.

Three of them: the user's own, one of a role, and the sandbox's, which knows nothing of the user's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.exceptions import BotoCoreError

from umetrics.aws.translation import CREDENTIALS_HINT, NO_CREDENTIALS
from umetrics.errors import CredentialsError, UsageError

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import CredentialsTypeDef


def own_session(profile: str | None, region: str | None) -> boto3.Session:
    """With the user's files and variables; None means what they say.

    Raises `CredentialsError` for an unknown profile, `UsageError` for settings without sense.
    """
    with settings_checked():
        core = botocore.session.Session()
        session = boto3.Session(profile_name=profile, region_name=region, botocore_session=core)
        _insist_on_certificates(core)
    return session


def sandbox_session(region: str) -> boto3.Session:
    """With dummy credentials, and nothing of the user's AWS configuration."""
    return boto3.Session(
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",  # noqa: S106  # a dummy, for the loopback emulator
        region_name=region,
        botocore_session=_isolated(),
    )


def role_session(
    own: boto3.Session, credentials: CredentialsTypeDef, *, isolated: bool
) -> boto3.Session:
    """With the settings of `own`, and the credentials of a role."""
    core = own._session  # noqa: SLF001  # boto3's only way
    assumed = _isolated() if isolated else botocore.session.Session(profile=core.profile)
    if not isolated:
        _insist_on_certificates(assumed)
    # Service models are the bulk of a session, and the same in each account.
    assumed.register_component("data_loader", core.get_component("data_loader"))
    assumed.set_credentials(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
    )
    return boto3.Session(region_name=own.region_name, botocore_session=assumed)


def _isolated() -> botocore.session.Session:
    known = botocore.session.Session.SESSION_VARIABLES.items()
    # A setting is: name in a file, name of a variable, default, conversion.
    isolated: dict[str, Any] = {
        name: (None, None, default, conversion) for name, (_, _, default, conversion) in known
    }
    for name in ("config_file", "credentials_file"):
        isolated[name] = (None, None, os.devnull, None)
    return botocore.session.Session(session_vars=isolated)


def _insist_on_certificates(core: botocore.session.Session) -> None:
    """A bundle that is named but empty means the usual one; to the SDK it meant no check at all."""
    named = core.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE") or ""
    bundle = named.strip()
    if bundle and not Path(bundle).exists():
        raise UsageError(
            f"there is no certificate bundle at {bundle}",
            hint="correct AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE or `ca_bundle` in the profile",
        )
    core.set_config_variable("ca_bundle", bundle or True)


@contextmanager
def settings_checked() -> Iterator[None]:
    """What the SDK says of its settings, as one of our errors."""
    try:
        yield
    except NO_CREDENTIALS as error:
        raise CredentialsError(str(error), hint=CREDENTIALS_HINT) from error
    except (BotoCoreError, ValueError) as error:
        raise UsageError(
            f"a setting of the AWS SDK makes no sense: {error}",
            hint="correct --endpoint-url, the AWS_* variable or the file in ~/.aws that it is from",
        ) from error
