"""umetrics: the AWS ground for a team's own user-metrics tools, built and looked after.

    from umetrics import Foundation

What is for other programs stands in `umetrics.library` (docs/library.md). Importing this package
imports nothing else, so that `umetrics --version` starts at once.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # type checkers take it for True; typing's own would have to be imported
if TYPE_CHECKING:
    from umetrics.library import *  # noqa: F403  # the same names as at run time


def __getattr__(name: str) -> object:
    """What is for other programs, imported when it is first used (PEP 562): classes, all of it."""
    if name[:1].isupper():
        from importlib import import_module  # noqa: PLC0415  # not for `--version`

        library = import_module("umetrics.library")
        if name in library.__all__:
            return getattr(library, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
