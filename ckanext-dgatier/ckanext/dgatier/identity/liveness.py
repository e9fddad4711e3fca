"""Whether an account still is one at the identity provider, and what it is, asked again and again.

What a person may do rests on their standing when they use it, not when they signed in or made a
token: roles, agency, clearance, identity level and organisations are heard anew.
"""

from __future__ import annotations

import logging
import threading
import time

import requests
from keycloak.exceptions import KeycloakError

from ckanext.dgatier import store

from . import claims as claim_reader
from . import directory, provider, provisioning

log = logging.getLogger(__name__)

#: Seconds after which the provider is asked again, at the next request of that person.
SECONDS = 2.5
_MOST_KEPT = 10_000

_lock = threading.Lock()
_heard: dict[str, tuple[float, bool]] = {}


def is_live(user_id: str) -> bool:
    """Say whether the account behind a CKAN user is there and enabled.

    Where the provider says other than before what the person is, that is stored first. True for
    users whom it never knew. While it does not answer, what it last said holds, and who was never
    asked about stays in: those signed in notice nothing.
    """
    if not directory.is_configured():
        return True
    known = _heard.get(user_id)
    if known and time.monotonic() - known[0] < SECONDS:
        return known[1]
    return ask_now(user_id)


def ask_now(user_id: str) -> bool:
    """Answer as `is_live` does, and ask the provider however lately it was asked."""
    if not directory.is_configured():
        return True
    now = time.monotonic()
    known = _heard.get(user_id)
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
        heard = directory.claims_of(subject)
    except (KeycloakError, requests.RequestException) as error:
        log.warning("the identity provider did not say whether an account is live: %s", error)
        return last_said
    if heard is None:
        return False
    stored = store.people.claims_of(user_id) or {}
    heard["service"] = stored.get("service")
    if claim_reader.kept(heard) != stored:
        provisioning.provision(provider.issuer_and_client()[0], heard)
    return True
