"""Offers OPA the policy bundle: `python -m stack.bundle_server PORT FILE`.

OPA looks for changes of a bundle over HTTP only; `opa run --watch` takes up changed files without
verifying them. Uses the standard library only, as it runs all the time.
"""

from __future__ import annotations

import hashlib
import sys
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PATH = "/bundle.tar.gz"


class Handler(BaseHTTPRequestHandler):
    """Answers with the one file, or that it has not changed since the asker's `ETag`."""

    protocol_version = "HTTP/1.1"

    def __init__(self, file: Path, *arguments: Any) -> None:
        self._file = file
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Answer OPA."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer who asks whether there is a bundle."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        try:
            content = self._file.read_bytes() if self.path == PATH else None
        except OSError:
            content = None
        if content is None:
            self._head(HTTPStatus.NOT_FOUND, 0)
            return
        tag = f'"{hashlib.sha256(content).hexdigest()}"'
        if self.headers.get("If-None-Match") == tag:
            self._head(HTTPStatus.NOT_MODIFIED, 0, tag)
            return
        self._head(HTTPStatus.OK, len(content), tag)
        if with_body:
            self.wfile.write(content)

    def _head(self, status: HTTPStatus, length: int, tag: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if tag:
            self.send_header("ETag", tag)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing of each call: OPA asks every second or two."""


def main() -> None:
    """Serve on loopback until stopped."""
    port, file = sys.argv[1:]
    ThreadingHTTPServer(("127.0.0.1", int(port)), partial(Handler, Path(file))).serve_forever()


if __name__ == "__main__":
    main()
