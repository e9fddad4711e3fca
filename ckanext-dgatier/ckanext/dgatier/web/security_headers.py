"""What browsers are told of an answer: what may run in it, who may frame it and who may keep it.

What a person has written or uploaded may hold a script. The portal's pages run scripts of the
portal alone (Content Security Policy 3), and an uploaded file runs none, whatever type it claims.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

from ckan.common import current_user
from ckan.plugins import toolkit
from flask import Response, g, request

from . import inline_handlers

_HTML = "text/html"
_FILE_POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox"
_ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # An address names what someone reads; other sites need not know it. CKAN's check of forms
    # over HTTPS wants to see where they come from, so the portal itself may.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
_A_YEAR = 365 * 24 * 60 * 60
# The same for everyone, and named after what they hold.
_ASSETS = ("static", "webassets.index")


def register(app: Any) -> Any:
    """Register on CKAN's application, which is returned."""
    app.after_request(_add)
    return app


def nonce() -> str:
    """Return what marks an inline script of this answer as one of the portal's."""
    if "dgatier_nonce" not in g:
        g.dgatier_nonce = secrets.token_urlsafe(16)
    return str(g.dgatier_nonce)


def _add(response: Response) -> Response:
    for name, value in _ALWAYS.items():
        response.headers[name] = value
    if urlsplit(toolkit.config["ckan.site_url"]).scheme == "https":
        response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}; includeSubDomains"
    response.headers["Content-Security-Policy"] = (
        _page_policy() if _is_page(response) else _FILE_POLICY
    )
    if request.endpoint not in _ASSETS and current_user and current_user.is_authenticated:
        request.environ["__no_cache__"] = True  # CKAN makes it `private` by that
        response.cache_control.no_store = True
    return response


def _is_page(response: Response) -> bool:
    """Say whether the portal itself wrote this HTML; a file comes from disk or has a name."""
    return (
        response.mimetype == _HTML
        and not response.direct_passthrough
        and "Content-Disposition" not in response.headers
    )


def _page_policy() -> str:
    marked = f" 'nonce-{g.dgatier_nonce}'" if "dgatier_nonce" in g else ""
    images = " ".join(toolkit.config["ckanext.dgatier.images"])
    provider = urlsplit(toolkit.config["ckanext.dgatier.oidc.issuer"])
    return "; ".join(
        (
            "default-src 'self'",
            "base-uri 'none'",
            # Signing out leads from a form of ours to the identity provider.
            f"form-action 'self' {provider.scheme}://{provider.netloc}",
            "frame-ancestors 'self'",
            f"img-src 'self' data: {images}".rstrip(),
            "object-src 'none'",
            f"script-src 'self'{marked}",
            f"script-src-attr 'unsafe-hashes' {inline_handlers.hashes()}",
            # CKAN, its widgets and plots place things by `style`, which runs nothing.
            "style-src 'self' 'unsafe-inline'",
        )
    )
