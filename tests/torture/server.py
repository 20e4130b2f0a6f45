"""The account under torture on a port of this machine: the sandbox's own server, in a thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from umetrics.sandbox.identity import endpoint_url
from umetrics.sandbox.record import write_record
from umetrics.sandbox.server import Server


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which the account of this process answers, until the end of the block."""
    folder.mkdir()
    server = Server(folder, "torture")
    write_record(folder, server.record)  # a server without one ends itself
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield endpoint_url(server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
