"""Where the loader may fetch a linked table from.

Whoever edits a dataset writes the address of a linked table, and the loader fetches it from inside
the portal's network. Each connection is judged when it is made, by the address that it goes to: a
name that resolves inside, or a redirect that leads inside, is met at the very same place.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType
from urllib.parse import urlsplit

from ckan.plugins import toolkit

from ckanext.dgatier.core import outgoing
from ckanext.xloader import jobs

_DOWNLOADS = jobs.get_response.__code__
_PORTS = {"http": 80, "https": 443}
_installed = False


class ConnectionRefused(OSError):
    """The loader may not connect to this address."""


def guard() -> None:
    """Judge each connection that the loader's downloads open in this process from now on.

    Python's audit hooks (PEP 578) tell of a connection before it is made; no code of the loader or
    of its HTTP library is touched. There is no way to take a hook away again.
    """
    global _installed  # noqa: PLW0603
    if not _installed:
        sys.addaudithook(_judge)
        _installed = True


def _judge(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect" or not _runs(_DOWNLOADS, sys._getframe()):
        return
    target = arguments[1]
    if not isinstance(target, tuple):
        raise ConnectionRefused("The loader may not connect to a local socket")
    address, port = str(target[0]), int(target[1])
    if not outgoing.is_public(address) and (address, port) not in _allowed():
        raise ConnectionRefused(f"The loader may not connect to {address}, port {port}")


def _runs(code: CodeType, frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code is code:
            return True
        frame = frame.f_back
    return False


def _allowed() -> set[tuple[str, int]]:
    """Return addresses that are not public and allowed still: the portal's own, and named ones."""
    config = toolkit.config
    sites = (config["ckan.site_url"], config.get("ckanext.xloader.site_url") or "")
    named = [f"http://{place}" for place in config["ckanext.dgatier.loader.hosts"]]
    return set(_resolved(filter(None, (*sites, *named))))


def _resolved(sites: Iterable[str]) -> Iterator[tuple[str, int]]:
    for site in sites:
        parts = urlsplit(site)
        port = parts.port or _PORTS[parts.scheme]
        for one in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM):
            yield str(one[4][0]), int(one[4][1])
