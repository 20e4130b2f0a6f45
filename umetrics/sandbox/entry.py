"""Where the sandbox's server starts: reads AWS's models once, then imports what needs them.

moto asks several sessions of botocore for the regions as it is imported, and each would read the
model of EC2, which is most of a second.
"""

from __future__ import annotations

import functools

from botocore.loaders import JSONFileLoader


def read_models_once() -> None:
    """In this process, for good: a model is the same whoever reads it."""
    remembered = functools.cache(JSONFileLoader().load_file)
    JSONFileLoader.load_file = lambda _loader, path: remembered(path)  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    read_models_once()
    from umetrics.sandbox.server import main

    main()
