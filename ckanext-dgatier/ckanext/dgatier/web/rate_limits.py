"""How often one person, or one address, may do what costs much or is worth guessing at.

People are counted by their account and the public by address, so that a ministry behind one
address shares no more than what is done without signing in.
"""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from ckan.common import current_user
from ckan.plugins import toolkit
from flask import Response, jsonify, make_response, request
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from ckanext.dgatier.core.client_address import counted_as
from ckanext.dgatier.identity.surroundings import client_address

log = logging.getLogger(__name__)

_SIGN_IN = "sign_in"
_ENDPOINTS = {
    "dgatier_session.sign_in": _SIGN_IN,
    "dgatier_session.callback": _SIGN_IN,
    "dgatier_session.recover": _SIGN_IN,
    "user.login": _SIGN_IN,
    "user.request_reset": _SIGN_IN,
    "dataset.search": "search",
    "organization.read": "search",
    "group.read": "search",
    "dgatier_asking.ask": "request",
    "dgatier_asking.edit": "request",
    "dgatier_asking.save": "request",
}
_ACTIONS = {
    "package_search": "search",
    "package_autocomplete": "search",
    "resource_search": "search",
    "datastore_search": "search",
    "datastore_search_sql": "search",
    "dgatier_view_search": "search",
    "dgatier_request_create": "request",
    "dgatier_request_update": "request",
    "dgatier_request_submit": "request",
}
_ONLY_BY_POST = "request"
_OPTIONS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
_RETRY_SECONDS = 5


def register(app: Any) -> Any:
    """Register on CKAN's application, which is returned.

    The store is made here, once, and connects when it is first used: a worker that was forked
    has connections of its own.
    """
    address = toolkit.config["ckan.redis.url"]
    limiter = FixedWindowRateLimiter(storage_from_string(address, wrap_exceptions=True, **_OPTIONS))

    def check() -> Response | None:
        kind = _kind()
        rule = toolkit.config[f"ckanext.dgatier.limits.{kind}"] if kind else ""
        return _answer(limiter, str(kind), _parsed(rule)) if rule else None

    app.before_request(check)
    return app


def _kind() -> str | None:
    kind = _ENDPOINTS.get(request.endpoint or "")
    if request.endpoint == "api.action":
        kind = _ACTIONS.get((request.view_args or {}).get("logic_function", ""))
    return None if kind == _ONLY_BY_POST and request.method != "POST" else kind


def _answer(limiter: FixedWindowRateLimiter, kind: str, rule: RateLimitItem) -> Response | None:
    """Return a refusal, or `None` where the request may go on.

    While Valkey does not answer, signing in is refused, which needs it anyway, and all else goes
    on: what protects data are decisions, not these limits.
    """
    who = _counted()
    try:
        if limiter.hit(rule, "dgatier", kind, who):
            return None
        wait = max(1, round(limiter.get_window_stats(rule, "dgatier", kind, who)[0] - time.time()))
    except StorageError:
        log.exception("%s cannot be counted: Valkey does not answer", kind)
        return _refusal(503, _RETRY_SECONDS) if kind == _SIGN_IN else None
    log.warning("%s was refused to %s: more than %s", kind, who, rule)
    return _refusal(429, wait)


def _counted() -> str:
    if current_user.is_authenticated:
        return f"account:{current_user.id}"
    return f"address:{counted_as(client_address())}"


def _refusal(status: int, wait: int) -> Response:
    """Return an answer of few words, which costs next to nothing to make."""
    text = (
        toolkit._("Too many requests in a short time. Please try again in {seconds} seconds.")
        if status == HTTPStatus.TOO_MANY_REQUESTS
        else toolkit._("This is not possible at the moment. Please try again in {seconds} seconds.")
    ).format(seconds=wait)
    body: Any
    if request.path.startswith("/api/"):
        error = {"__type": HTTPStatus(status).phrase, "message": text}
        body = jsonify(success=False, error=error)
    elif request.accept_mimetypes.best == "application/json":  # the form that keeps a draft
        body = jsonify(said=text)
    else:
        body = toolkit.render("dgatier/too_often.html", {"text": text})
    response = make_response(body, status)
    response.headers["Retry-After"] = str(wait)
    request.environ["__no_cache__"] = True
    return response


@lru_cache(maxsize=16)
def _parsed(rule: str) -> RateLimitItem:
    return parse(rule)
