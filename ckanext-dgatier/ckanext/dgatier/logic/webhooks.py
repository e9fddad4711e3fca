"""Webhooks: where they may lead, what they carry, and how a receiver knows that it is from us.

An address is resolved once, judged, and the connection goes to the very address that was judged:
a name that points elsewhere a moment later leads nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import certifi
import urllib3
from ckan.plugins import toolkit

from ckanext.dgatier.core import outgoing

_TIMEOUT_SECONDS = 5.0
_PRIVATE_NETWORKS = "ckanext.dgatier.webhooks.private_networks"
_LONGEST_URL = 2_000


class AddressRefused(Exception):
    """No webhook may lead to this address; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotDelivered(Exception):
    """The receiver did not say that it has taken it."""


def check(url: str) -> None:
    """Raise `AddressRefused` unless a webhook may lead to `url` as it resolves now.

    The codes are `not_http`, `unresolved` and `private`.
    """
    _resolve(_parts(url))


def body_of(parcel_id: str, content: Mapping[str, Any]) -> bytes:
    """Return what is posted: JSON with the id by which a receiver tells a repeat."""
    return json.dumps({"id": parcel_id, **content}, ensure_ascii=False).encode()


def signature(secret: str, body: bytes, at: int) -> str:
    """Return the header that signs a body at a moment, in seconds since 1970.

    `t=<at>,v1=<hexadecimal HMAC-SHA-256 of "<at>.<body>">`.
    """
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def post(url: str, secret: str, parcel_id: str, body: bytes, at: int) -> None:
    """Post a body; returns once the receiver has answered 2xx.

    Redirects are not followed. Raises `AddressRefused` or `NotDelivered`.
    """
    parts = _parts(url)
    address = _resolve(parts)
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "dgatier",
        "Idempotency-Key": parcel_id,
        "X-Dgatier-Signature": signature(secret, body, at),
    }
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    with _pool(parts, address) as pool:
        try:
            answer = pool.urlopen(
                "POST", path, body=body, headers=headers, redirect=False, retries=False,
                assert_same_host=False, preload_content=False,
            )  # fmt: skip
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NotDelivered(type(error).__name__) from error
        answer.release_conn()
    if not 200 <= answer.status < 300:
        raise NotDelivered(f"HTTP {answer.status}")


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= _LONGEST_URL
    if not usable or not plain or parts.username is not None or parts.fragment:
        raise AddressRefused("not_http")
    return parts


def _resolve(parts: SplitResult) -> str:
    """Return the address to connect to; one that may not be among several refuses them all."""
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused("unresolved") from error
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    if not toolkit.config[_PRIVATE_NETWORKS] and not all(map(outgoing.is_public, addresses)):
        raise AddressRefused("private")
    return addresses[0]


def _pool(parts: SplitResult, address: str) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(total=_TIMEOUT_SECONDS)
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(address, _port(parts), timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        address, _port(parts), timeout=timeout, cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(), server_hostname=parts.hostname, assert_hostname=parts.hostname,
    )  # fmt: skip


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
