"""Talks to the supervisor that keeps the parts running."""

from __future__ import annotations

import subprocess
import time
import xmlrpc.client
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from .progress import StepFailed
from .settings import Settings


def connect(settings: Settings) -> Any:
    """Return the supervisor's remote procedures."""
    socket = settings.run / "supervisor.sock"
    transport = SupervisorTransport(serverurl=f"unix://{socket}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport).supervisor


def is_running(settings: Settings) -> bool:
    """Say whether the supervisor answers."""
    try:
        return bool(connect(settings).getState()["statename"] == "RUNNING")
    except (OSError, xmlrpc.client.Error):
        return False


def start(settings: Settings) -> None:
    """Start the supervisor, and with it the parts that start by themselves."""
    done = subprocess.run(
        [settings.bin / "supervisord", "-c", settings.run / "supervisord.conf"],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    deadline = time.monotonic() + 10
    while not is_running(settings):
        if done.returncode or time.monotonic() > deadline:
            raise StepFailed(
                f"the supervisor did not start: {done.stderr.strip()[-300:]}",
                f"read {settings.log / 'supervisord.log'}",
            )
        time.sleep(0.1)


def processes(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return what the supervisor knows of each part, by name; empty when it is down."""
    try:
        return {each["name"]: each for each in connect(settings).getAllProcessInfo()}
    except (OSError, xmlrpc.client.Error):
        return {}


def ensure(settings: Settings, name: str) -> None:
    """Start a part unless it runs."""
    if processes(settings)[name]["statename"] not in ("RUNNING", "STARTING", "BACKOFF"):
        connect(settings).startProcess(name, False)


def restart(settings: Settings, name: str) -> None:
    """Stop and start a part."""
    if processes(settings)[name]["statename"] in ("RUNNING", "STARTING", "BACKOFF"):
        connect(settings).stopProcess(name)
    connect(settings).startProcess(name, False)


def reload(settings: Settings) -> None:
    """Take up a changed configuration: restart the parts that it changes, add new ones."""
    server = connect(settings)
    added, changed, removed = server.reloadConfig()[0]
    for name in (*removed, *changed):
        server.stopProcessGroup(name)
        server.removeProcessGroup(name)
    for name in (*added, *changed):
        server.addProcessGroup(name)
