"""Cost allocation tags: from keys that nobody knows to keys by which money can be told apart.

    state.py       what the state of each key is; pure
    explorer.py    Cost Explorer's calls: list, activate, backfill
    activation.py  both put together: look, activate, wait

What is remembered between runs is `umetrics.state.sightings`.
"""
