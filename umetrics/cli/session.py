"""One run of a command: its configuration, screen, state store and, when needed, AWS.

Everything is made when it is first asked for, so that `status` never imports boto3 and a sandbox
is only started by a command that talks to AWS.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from umetrics.config import Config, load
from umetrics.errors import UsageError
from umetrics.render.document import Json, Run, document, dumps
from umetrics.render.screen import Screen
from umetrics.state import StageLock, StateStore

if TYPE_CHECKING:
    from umetrics.aws import Aws
    from umetrics.cli.options import Account, Common
    from umetrics.library import Foundation
    from umetrics.sandbox import Options, Running
    from umetrics.state import State

SANDBOX_FOLDER = "sandbox"

REAL_ACCOUNT = ("account", "region", "profile")
"""Settings that name a real account, and so do not count in a sandbox."""


def screen_for(common: Common) -> Screen:
    """The screen of a run, as the environment and --no-color have it."""
    return Screen.detect(
        os.environ, sys.stdout, sys.stderr, no_color=common.no_color, sandbox=common.sandbox
    )


@dataclass
class Session:
    """What a command works with."""

    common: Common
    account: Account | None = None
    _aws: Aws | None = None

    @cached_property
    def screen(self) -> Screen:
        """Where this run writes."""
        return screen_for(self.common)

    @cached_property
    def config(self) -> Config:
        """The configuration of the stage; in a sandbox without what names a real account."""
        config = load(self.common.stage, path=self.common.config, flags=self._flags())
        if self.common.sandbox:
            origins = {**config.origins, **dict.fromkeys(REAL_ACCOUNT, "sandbox")}
            return dataclasses.replace(
                config, account=None, region=None, profile=None, origins=origins
            )
        return config

    def _flags(self) -> Mapping[str, str]:
        if self.account is None:
            return {}
        named = {"profile": self.account.profile, "region": self.account.region}
        return {key: text for key, text in named.items() if text is not None}

    @cached_property
    def state_folder(self) -> Path:
        """Where receipts lie; a sandbox has a folder of its own."""
        folder = self.config.state_folder
        return folder / SANDBOX_FOLDER if self.common.sandbox else folder

    @cached_property
    def store(self) -> StateStore:
        """The stage's receipts."""
        return StateStore(self.state_folder, self.config.stage)

    def lock(self, command: str) -> StageLock:
        """The stage's lock, to be held while writing."""
        return StageLock(self.state_folder, self.config.stage, command)

    @property
    def arguments(self) -> list[str]:
        """The options that lead another command to the same stage, with the same credentials."""
        common = dataclasses.replace(self.common, stage=self.config.stage)
        return [*common.arguments, *(self.account.arguments if self.account else ())]

    @cached_property
    def foundation(self) -> Foundation:
        """The stage, through the library; it connects to AWS when it has to ask."""
        from umetrics.library import Foundation

        return Foundation(self.config, self.state_folder, self._connect, self.screen.say)

    def _connect(self, *, read_only: bool) -> Aws:
        self._aws = self._connected(read_only=read_only)
        return self._aws

    def _connected(self, *, read_only: bool) -> Aws:
        account = self.account
        endpoint_url = account.endpoint_url if account else None
        if self.common.sandbox:
            if endpoint_url:
                raise UsageError(
                    "--sandbox and --endpoint-url exclude each other",
                    hint="a sandbox run never leaves this machine",
                )
            return self._connect_to_sandbox(read_only=read_only)
        from umetrics.aws import connect

        return connect(
            profile=self.config.profile,
            region=self.config.region,
            endpoint_url=endpoint_url,
            read_only=read_only,
        )

    def _connect_to_sandbox(self, *, read_only: bool) -> Aws:
        from umetrics.aws import connect_to_sandbox

        return connect_to_sandbox(self.start_sandbox().endpoint_url, read_only=read_only)

    def start_sandbox(self, options: Options | None = None) -> Running:
        """The running sandbox or a new one; it is said when the last one has died."""
        from umetrics.sandbox import Sandbox

        sandbox = Sandbox(self.state_folder)
        lost = sandbox.lost()
        running = sandbox.start(options)
        if lost is not None:
            self.screen.say(
                f"The local AWS that was started at {lost.since} ended without being stopped, and "
                "all that was built in it is gone. This is a new, empty one.",
                "warning",
            )
        return running

    @cached_property
    def run(self) -> Run:
        """What machine-readable output says about a run that looks at AWS."""
        aws = self._aws
        account = aws.identity.account if aws else ""
        region = aws.region if aws else ""
        return self._run(account, region)

    def _run(self, account: str, region: str) -> Run:
        sandbox = self.common.sandbox
        return Run(str(uuid.uuid4()), account, region, self.config.stage, sandbox=sandbox)

    def show_document(
        self, kind: str, body: Mapping[str, Json], state: State | None = None
    ) -> None:
        """Write one JSON document to stdout."""
        self.screen.show_data(self.document_text(kind, body, state))

    def document_text(self, kind: str, body: Mapping[str, Json], state: State | None = None) -> str:
        """One JSON document; account and region are AWS's, or the state's."""
        run = self._run(state.account, state.region) if state else self.run
        return dumps(document(kind, body, run, at=datetime.now(UTC)))

    def show_ending(self, kind: str, body: Mapping[str, Json], *, stream: bool) -> None:
        """The closing document of a run: indented, or as the last line of a stream of events."""
        closing = document(kind, body, self.run, at=datetime.now(UTC))
        self.screen.show_data(json.dumps(closing) if stream else dumps(closing))
