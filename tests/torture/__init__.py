"""Faults by the thousand against the strict stand-in, for as long as one has time: `make torture`.

    __main__.py     the command line
    campaign.py     shares the time among fault classes, and the work between two processes
    catalogue.py    the fault classes, one file each
    stand.py        the account under torture, its neighbours, and umetrics in this process
    process.py      umetrics as processes of their own, through a server on the same account
    misfortune.py   what can happen to a call
    ending.py       what must be true after the next run
    verdict.py      how worlds are judged
    report.py       the table, on the screen and in docs/reliability.md

Not collected by `make test`; tests/faults/test_torture.py keeps a sample of it alive.
"""
