"""Can a function still reach the database? Hop by hop, from descriptions alone.

    values.py   places in a network, hops, and ways
    ground.py   what was listed, by id
    shape.py    what can be read of answers, and what cannot
    gate.py     who lets whom through: security groups and network ACLs
    route.py    where a route table leads
    way.py      all hops from one place to another
    database.py proxies, clusters and instances as places, and what is behind a proxy
    place.py    functions as places, and the ways to databases

Nothing is sent, started or invoked. What descriptions cannot tell is `unknown`, never guessed.
"""
