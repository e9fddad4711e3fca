"""Asking ClamAV's clamd about a file, by its INSTREAM command (see `man 8 clamd`)."""

from __future__ import annotations

import re
import socket
import struct
from urllib.parse import urlsplit

from ckan.plugins import toolkit

_CHUNK = 64 * 1024
_LONGEST_REPLY = 4096
_FOUND = re.compile(r"stream: (.{1,200}) FOUND")


class Unsure(Exception):
    """No answer says that the file is clean, so it is not taken."""


class Infected(Exception):
    """The scanner found something; `signature` is what it calls it."""

    def __init__(self, signature: str) -> None:
        super().__init__(signature)
        self.signature = signature


def is_set() -> bool:
    """Say whether files are to be scanned."""
    return bool(toolkit.config["ckanext.dgatier.clamav"])


def scan(content: bytes) -> None:
    """Return where the scanner finds nothing. Raises `Infected`, or `Unsure` in any other case."""
    try:
        with _connect() as connection:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                chunk = content[start : start + _CHUNK]
                connection.sendall(struct.pack(">I", len(chunk)) + chunk)
            connection.sendall(struct.pack(">I", 0))
            reply = _reply(connection)
    except (OSError, ValueError) as error:
        raise Unsure(str(error)) from error
    if found := _FOUND.fullmatch(reply):
        raise Infected(found[1])
    if reply != "stream: OK":
        raise Unsure(reply)


def _connect() -> socket.socket:
    address = urlsplit(toolkit.config["ckanext.dgatier.clamav"])
    seconds = float(toolkit.config["ckanext.dgatier.clamav_timeout_s"])
    if address.scheme == "tcp" and address.hostname and address.port:
        return socket.create_connection((address.hostname, address.port), seconds)
    if address.scheme != "unix":
        raise ValueError("ckanext.dgatier.clamav is neither tcp:// nor unix://")
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect(address.path)
    except OSError:
        connection.close()
        raise
    return connection


def _reply(connection: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0"):
        part = connection.recv(_LONGEST_REPLY)
        if not part or len(said) > _LONGEST_REPLY:
            raise ValueError("the scanner broke off")
        said += part
    return said[:-1].decode("utf-8", "replace")
