"""Asks what a signed-in browser sends for the token that only a page of the portal can know.

CKAN 2.12 leaves the check out for whoever comes anonymously or with a token, and does so by
exempting the view from Flask-WTF's check for good: after one such visit the process takes every
form of that view without a token, from signed-in people too. Here each request is judged alone.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request


def register(app: Any) -> Any:
    """Register on CKAN's application, after its own check; the application is returned."""
    app.before_request(_check)
    return app


def _check() -> None:
    """Refuse with 400 what rests on a session's cookie and carries no token of that session.

    `login_via_auth_header` is CKAN's word for a request that rests on no cookie: its person, if
    it has one, came by a header that no other site can make a browser send.
    """
    if not request.endpoint or not current_app.config["WTF_CSRF_ENABLED"]:
        return
    if not g.get("login_via_auth_header") and not g.get("csrf_valid"):
        current_app.extensions["csrf"].protect()
