"""Putting tags right, and taking that back.

change.py     what is to become of the tags of one resource; pure
plan.py       from findings to changes, and what is left out and why; pure
batch.py      changes in as few calls as AWS allows; pure
tagging.py    AWS's ways of reading and writing tags
carry.py      the run: read again, remember, write, say how it ended
undo_file.py  what was there before, on the disk before it is changed
unfinished.py what a run that was broken off has left half made, by that file; pure

Whether anything may be changed at all is asked by the command line.
"""
