"""Whether one can build in a VPC that exists already: what fits, what does not, what to know.

    verdict.py   what is said about one thing
    vpc.py       for subnets of our own, in the free space of the VPC
    subnets.py   for subnets that stand in it, which are used as they are

Pure: a survey in, verdicts out, each with what to do about it. Nothing here refuses anything; that
is for those who ask.
"""

from umetrics.provision.fitness.subnets import judge_subnets, proposed_subnets
from umetrics.provision.fitness.verdict import Fits, Verdict
from umetrics.provision.fitness.vpc import judge

__all__ = ["Fits", "Verdict", "judge", "judge_subnets", "proposed_subnets"]
