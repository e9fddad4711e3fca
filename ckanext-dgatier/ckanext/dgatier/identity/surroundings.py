"""When and from where this request is made."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from ckan.plugins import toolkit
from flask import has_request_context, request

from ckanext.dgatier.core.environment import INTERNET, Environment, Zones, zone_of, zones


def current_environment() -> Environment:
    """Return the moment, and the network zone of the address that the connection comes from.

    What a proxy says of the address behind it counts where gunicorn is told to trust that proxy
    (`forwarded_allow_ips`); a header that anyone can send does not.
    """
    if not has_request_context():
        return Environment(datetime.now(UTC), INTERNET)
    known = _zones(toolkit.config["ckanext.dgatier.networks"])
    return Environment(datetime.now(UTC), zone_of(request.remote_addr, known))


@lru_cache(maxsize=4)
def _zones(text: str) -> Zones:
    return zones(text)
