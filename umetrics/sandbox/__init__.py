"""A local AWS on 127.0.0.1, for trying umetrics out without an account. Not needed for real use.

Importing this package imports neither moto nor boto3: `sandbox status` starts at once, and works
where the extra `umetrics[sandbox]` is not installed.
"""

from umetrics.sandbox.options import Options
from umetrics.sandbox.process import Running, Sandbox

__all__ = ["Options", "Running", "Sandbox"]
