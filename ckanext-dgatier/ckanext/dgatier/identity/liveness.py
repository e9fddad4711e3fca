"""Whether an account still is one at the identity provider, asked again every few seconds."""

from __future__ import annotations

import logging
import threading
import time

import requests
from ckan.plugins import toolkit
from keycloak.exceptions import KeycloakError

from ckanext.dgatier import store

from . import directory

log = logging.getLogger(__name__)

#: After so many seconds a disabled or deleted account is out at the latest.
SECONDS = 2.5
_MOST_KEPT = 10_000

_lock = threading.Lock()
_heard: dict[str, tuple[float, bool]] = {}


def is_live(user_id: str) -> bool:
    """Say whether the account behind a CKAN user is there and enabled.

    True for users whom the provider never knew. While it does not answer, what it last said
    holds, and who was never asked about stays in: those signed in notice nothing.
    """
    if not toolkit.config["ckanext.dgatier.directory.url"]:
        return True
    now = time.monotonic()
    known = _heard.get(user_id)
    if known and now - known[0] < SECONDS:
        return known[1]
    live = _ask(user_id, known[1] if known else True)
    with _lock:
        if len(_heard) >= _MOST_KEPT:
            _heard.clear()
        _heard[user_id] = (now, live)
    return live


def _ask(user_id: str, last_said: bool) -> bool:
    subject = store.people.subject_of(user_id)
    if subject is None:
        return True
    try:
        return directory.is_enabled(subject)
    except (KeycloakError, requests.RequestException) as error:
        log.warning("the identity provider did not say whether an account is live: %s", error)
        return last_said
