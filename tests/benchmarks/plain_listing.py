"""What the scan is measured against: boto3 lists the same kinds, all at once, and counts them.

The least that anybody could write who wants to see these resources; it looks at no tag.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config

from umetrics.audit.catalogue import KINDS, Kind
from umetrics.audit.catalogue.kind import found

ACCOUNT = "123456789012"


def count(endpoint: str) -> tuple[int, int]:
    """How many resources there are behind an endpoint, and how many calls it took to see them."""
    session = boto3.Session("bench", "bench", region_name="us-east-1")
    calls: list[str] = []
    session.events.register("before-call", lambda model, **_: calls.append(model.name))
    make: Any = session.client
    config = Config(max_pool_connections=40)
    services = dict.fromkeys(kind.service for kind in KINDS)
    clients = {name: make(name, endpoint_url=endpoint, config=config) for name in services}

    def listed(kind: Kind) -> int:
        listing = kind.listing.parents or kind.listing
        client, method = clients[kind.service], xform_name(listing.operation)
        parameters = {
            name: ACCOUNT if value == "{account}" else value
            for name, value in listing.parameters.items()
        }
        if not client.can_paginate(method):
            return len(list(found(getattr(client, method)(**parameters), listing.result)))
        size = {"PageSize": listing.page_size} if listing.page_size else {}
        pages = client.get_paginator(method).paginate(**parameters, PaginationConfig=size)
        return sum(len(list(found(page, listing.result))) for page in pages)

    with ThreadPoolExecutor(len(KINDS)) as pool:
        return sum(pool.map(listed, KINDS)), len(calls)
