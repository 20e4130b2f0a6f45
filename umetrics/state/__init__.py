"""What umetrics remembers on this machine: receipts, the journal of intents, and the stage's lock.

Tags in AWS are the truth; a deleted state file is rebuilt by the next `umetrics up`. Nothing here
knows AWS, and nothing secret is stored.
"""

from umetrics.state.clock import seconds_since, utc_now
from umetrics.state.document import SCHEMA_VERSION, from_json, to_json
from umetrics.state.lock import Holder, StageLock
from umetrics.state.receipts import Intent, Receipt, State
from umetrics.state.sightings import Sighting, Sightings
from umetrics.state.store import StateStore

__all__ = [
    "SCHEMA_VERSION",
    "Holder",
    "Intent",
    "Receipt",
    "Sighting",
    "Sightings",
    "StageLock",
    "State",
    "StateStore",
    "from_json",
    "seconds_since",
    "to_json",
    "utc_now",
]
