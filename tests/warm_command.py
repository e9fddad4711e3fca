"""CKAN's command, run many times by a process that has imported it once.

Each run is a fork of that process and begins where the imports end: it reads its configuration,
connects and ends by itself, as `ckan` does from a shell. Only the seconds for imports are saved.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

#: What a portal's configuration loads, beyond the command itself.
_PLUGINS = "ckanext.dgatier.plugin", "ckanext.dgatier.ingest_plugin", "ckanext.xloader.plugin"


def run(
    ini: Path, *arguments: str, given: str = "", folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `ckan -c INI ARGUMENTS`; `given` is what it reads, `folder` where it runs."""
    asked = {"ini": str(ini), "arguments": arguments, "given": given}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(_server())
        connection.sendall(json.dumps({**asked, "folder": str(folder or ini.parent)}).encode())
        connection.shutdown(socket.SHUT_WR)
        said = json.loads(_all_of(connection))
    return subprocess.CompletedProcess(["ckan", *arguments], **said)


@cache
def _server() -> str:
    """Start the process that has imported CKAN, and return where it listens."""
    place = Path(tempfile.mkdtemp(prefix="ckan-")) / "socket"
    process = subprocess.Popen([sys.executable, __file__, place], stdout=subprocess.PIPE, text=True)
    atexit.register(process.terminate)
    assert process.stdout is not None
    assert process.stdout.readline(), "CKAN could not be imported"
    return str(place)


def _all_of(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def main() -> None:
    """Import CKAN and serve the socket that the first argument names, until this is ended."""
    import importlib

    from ckan.cli.cli import ckan  # noqa: F401 (the command)
    from ckan.config import middleware  # noqa: F401 (what makes its application)

    for name in _PLUGINS:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(sys.argv[1])
        server.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _answer(connection)
            connection.close()


def _answer(connection: socket.socket) -> None:
    """Run the command in a child, and send what it printed and how it ended."""
    asked = json.loads(_all_of(connection))
    with (
        tempfile.TemporaryFile("w+") as given,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
    ):
        given.write(asked["given"])
        given.seek(0)
        child = os.fork()
        if child == 0:
            _become(asked, given.fileno(), out.fileno(), err.fileno())
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        for file in (out, err):
            file.seek(0)
        said = {"returncode": ended, "stdout": out.read(), "stderr": err.read()}
    connection.sendall(json.dumps(said).encode())
    os._exit(0)


def _become(asked: dict[str, Any], *streams: int) -> None:
    """Be the command: with its own streams and arguments, and an end of its own."""
    from ckan.cli.cli import ckan

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(asked["folder"])
    sys.argv = ["ckan", "-c", asked["ini"], *asked["arguments"]]
    code = 1
    try:
        ckan()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
