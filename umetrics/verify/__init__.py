"""Proof that what existed was not disturbed: a look before, a look after, and a verdict.

    catalogue.py   what is looked at, and which fields change by themselves
    normal.py      a thing as AWS describes it, as facts that can be compared and kept
    values.py      things, snapshots, and what was called
    ownership.py   what is ours, and so not reported
    reading.py     the look: all kinds at once
    asking.py      what lists do not tell: a call about each thing
    compare.py     two looks: what appeared, has gone, was changed
    attribution.py by whom: by our own call log
    document.py, snapshot_file.py  a look kept on this machine
    call_record.py what we have called, kept on this machine

Nothing here writes to AWS, and nothing judges what is ours: that is drift's.
"""
