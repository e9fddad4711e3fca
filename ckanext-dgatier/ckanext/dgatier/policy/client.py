"""One kept-alive connection to OPA for each thread."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from ckan.plugins import toolkit
from opa_client.opa import OpaClient

from ckanext.dgatier.unavailable import Unavailable

log = logging.getLogger(__name__)
_kept = threading.local()


class PolicyUnavailable(Unavailable):
    """OPA did not answer in time, or what it said is no answer. Protected data stays closed."""


def ask(rule: str, facts: Mapping[str, Any]) -> Any:
    """Return what the rule `dgatier/…` says about the facts.

    Raises `PolicyUnavailable` when OPA is down, slower than `ckanext.dgatier.opa_timeout_ms`,
    or has no such rule.
    """
    try:
        answer = _client().query_rule(dict(facts), f"dgatier/{rule}")
    except (requests.RequestException, ValueError) as error:
        log.error("OPA did not answer %s: %s", rule, error)
        raise PolicyUnavailable(rule) from error
    if not isinstance(answer, dict) or "result" not in answer:
        log.error("OPA has no answer to %s; is the bundle loaded?", rule)
        raise PolicyUnavailable(rule)
    return answer["result"]


def _client() -> OpaClient:
    """Return this thread's client; a connection is not shared with a forked process."""
    address = toolkit.config["ckanext.dgatier.opa_url"]
    identity = (os.getpid(), address)
    if getattr(_kept, "identity", None) != identity:
        parts = urlsplit(address)
        client = OpaClient(
            host=parts.hostname,
            port=parts.port,
            ssl=parts.scheme == "https",
            retries=0,
            timeout=toolkit.config["ckanext.dgatier.opa_timeout_ms"] / 1000,
        )
        # A look at the environment for proxies on each call costs more than the decision.
        client._session.trust_env = False
        _kept.client, _kept.identity = client, identity
    return _kept.client
