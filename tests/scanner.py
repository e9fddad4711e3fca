"""A small server that speaks as ClamAV's clamd does, for machines on which there is none."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from files import EICAR


class _Answer(socketserver.StreamRequestHandler):
    """Answers one INSTREAM, by `man 8 clamd`; `how` is what it does instead, if anything."""

    def handle(self) -> None:
        how = self.server.how  # type: ignore[attr-defined]
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        if how == "silent":
            self.server.waiting.wait(10)  # type: ignore[attr-defined]
        elif how == "hangs up":
            self.wfile.write(b"stream: O")
        elif how == "full":
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        elif EICAR in content:
            self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0")
        else:
            self.wfile.write(b"stream: OK\0")


@contextmanager
def scanner(how: str = "") -> Iterator[str]:
    """Give the address of a scanner that answers rightly, or does what `how` says."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Answer) as server:
        server.daemon_threads = True
        server.how = how  # type: ignore[attr-defined]
        server.waiting = threading.Event()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.waiting.set()  # type: ignore[attr-defined]
        server.shutdown()
