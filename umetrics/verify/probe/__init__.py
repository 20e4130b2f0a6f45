"""Trials on request: would a call go through, would code be taken, does an address answer?

    values.py     what came of a trial
    rehearsing.py Lambda's dry runs: nothing is run, no code is changed, and that is looked at
    health.py     one GET of an address

None of these is made unless it is asked for by name.
"""
