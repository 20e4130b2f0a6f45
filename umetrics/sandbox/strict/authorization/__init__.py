"""Authorization: whoever calls may do what his IAM policies allow, and nothing else.

    pattern.py, context.py, condition.py,   IAM's language, and its decision: pure
    policy.py, evaluation.py
    principal.py                            whose key it is, and which policies speak of him
    demand.py, *_demands.py                 what a call touches, and what is known of it
    refusal.py, failure_message.py          no, in the words of AWS
    rules.py                                judging calls; GetCallerIdentity
    simulation.py                           the policy simulator of IAM

Identity-based policies of users, groups and roles, permissions boundaries of roles and session
policies are judged. Not judged: policies of resources (buckets, keys, the trust policies of roles),
service control policies, boundaries of users (which moto does not keep), signatures.
"""
