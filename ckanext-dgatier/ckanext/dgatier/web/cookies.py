"""How the session's cookie may travel."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


def configure(config: Any) -> None:
    """Keep the cookie from scripts and other sites and, where the portal has HTTPS, to it.

    The prefix `__Host-` makes browsers refuse the cookie from a neighbouring host or over plain
    HTTP (RFC 6265bis, 4.1.3); it goes with no domain that an operator has set.
    """
    encrypted = urlsplit(config.get("ckan.site_url") or "").scheme == "https"
    config["SESSION_COOKIE_HTTPONLY"] = config["REMEMBER_COOKIE_HTTPONLY"] = True
    config["SESSION_COOKIE_SECURE"] = config["REMEMBER_COOKIE_SECURE"] = encrypted
    if encrypted and not config.get("SESSION_COOKIE_DOMAIN"):
        config["SESSION_COOKIE_NAME"] = "__Host-ckan"
