"""One kept-alive connection to OPA for each thread."""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule said, and the id under which OPA's decision log has it."""

    result: Any
    decision_id: str


def ask(rule: str, facts: Mapping[str, Any]) -> Any:
    """Return what the rule `dgatier/…` says about the facts; raises as `answer_to` does."""
    return answer_to(rule, facts).result


def answer_to(rule: str, facts: Mapping[str, Any]) -> Answer:
    """Return what the rule `dgatier/…` says about the facts, with the decision's id.

    Where OPA keeps no decision log it gives no id, and the answer has one of our own. Raises
    `PolicyUnavailable` when OPA is down, slower than `ckanext.dgatier.opa_timeout_ms`, or has
    no such rule.
    """
    try:
        said = _client().query_rule(dict(facts), f"dgatier/{rule}")
    except (requests.RequestException, ValueError) as error:
        log.error("OPA did not answer %s: %s", rule, error)
        raise PolicyUnavailable(rule) from error
    if not isinstance(said, dict) or "result" not in said:
        log.error("OPA has no answer to %s; is the bundle loaded?", rule)
        raise PolicyUnavailable(rule)
    return Answer(said["result"], str(said.get("decision_id") or uuid.uuid4()))


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
        # On loopback, compressing an answer costs both sides more than sending it.
        client._session.headers["Accept-Encoding"] = "identity"
        _kept.client, _kept.identity = client, identity
    return _kept.client
