"""moto made as strict as AWS, on the server's side: any client sees it.

    rule.py         what a rule is, and the call that it looks at
    install.py      putting rules around moto's answers, and taking them off again; for S3, whose
                    answers moto makes in another way, object_storage.py
    world.py        what moto does not remember: when things began, which tokens were used
    catalogue.py    all rules in order; *_rules.py: the rules, by what they are about
    authorization/  the rules of who may do what
    unserved.py     saying what neither moto nor a rule serves, in the protocol of the service

Each rule is named, cites the AWS page that states it, and can be left out by its name. What no
source states is no rule.
"""

from umetrics.sandbox.strict.catalogue import RULES
from umetrics.sandbox.strict.install import strict
from umetrics.sandbox.strict.rule import Rule
from umetrics.sandbox.strict.world import Settings, World

__all__ = ["RULES", "Rule", "Settings", "World", "strict"]
