"""What the machine itself must bring, checked before anything is installed."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Mapping

from .progress import StepFailed
from .settings import HOST

_OLDEST_JAVA = 17


def check_programs() -> None:
    """Raise `StepFailed` for a missing or too old Java, Maven or Go."""
    for program, what in (
        ("java", "a JDK of version 17 or newer"),
        ("javac", "a JDK of version 17 or newer (a runtime alone is not enough)"),
        ("mvn", "Apache Maven 3.8 or newer"),
        ("go", "Go 1.26 or newer"),
    ):
        if shutil.which(program) is None:
            raise StepFailed(
                f"the program `{program}` is not on the PATH",
                f"install {what} with the package manager of this machine, then run again",
            )
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found and int(found[1]) < _OLDEST_JAVA:
        raise StepFailed(
            f"Java {found[1]} is too old for Keycloak", "install a JDK of version 17 or newer"
        )


def check_ports(ports: Mapping[str, int]) -> None:
    """Raise `StepFailed` when another program listens on one of the ports."""
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise StepFailed(
                    f"port {port} ({name}) is taken: {error.strerror}",
                    "stop the program that has it, or change deploy/ports.toml, or start this "
                    "instance beside it: DGATIER_PORT_OFFSET=100 scripts/up",
                ) from error
