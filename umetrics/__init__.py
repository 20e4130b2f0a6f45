"""umetrics: the AWS ground for a team's own user-metrics tools, built and looked after.

Importing this package imports nothing else, so that `umetrics --version` starts at once.
"""

__version__ = "0.1.0"
