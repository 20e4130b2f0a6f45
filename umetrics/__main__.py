"""The entry point. `--version` is answered before anything is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; the exit code is one of docs/exit-codes.md."""
    if sys.argv[1:] == ["--version"]:
        from umetrics import __version__

        try:
            sys.stdout.write(f"umetrics {__version__}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # Nobody reads; Python would say so once more when it flushes at exit.
            sys.stdout = None
            return 1
        return 0
    from umetrics.cli.app import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
