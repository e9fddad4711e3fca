"""When and from where this request is made."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from ckan.plugins import toolkit
from flask import has_request_context, request

from ckanext.dgatier.core import client_address as core_client_address
from ckanext.dgatier.core.environment import INTERNET, Environment, Zones, zone_of, zones


def current_environment() -> Environment:
    """Return the moment, and the network zone of the address that the request comes from."""
    if not has_request_context():
        return Environment(datetime.now(UTC), INTERNET)
    known = _zones(toolkit.config["ckanext.dgatier.networks"])
    return Environment(datetime.now(UTC), zone_of(client_address(), known))


def client_address() -> str | None:
    """Return the address that this request comes from.

    What a proxy says of the address behind it counts where the proxy is named in
    `ckanext.dgatier.trusted_proxies`; a header that anyone can send does not.
    """
    trusted = _networks(toolkit.config["ckanext.dgatier.trusted_proxies"])
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    return core_client_address.client_address(request.remote_addr, forwarded, trusted)


@lru_cache(maxsize=4)
def _networks(text: str) -> core_client_address.Networks:
    return core_client_address.networks(text)


@lru_cache(maxsize=4)
def _zones(text: str) -> Zones:
    return zones(text)
