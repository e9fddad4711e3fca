"""What the tests of notices need: the outbox by SQL, clocks, and a portal that may send."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import requests

import warm_command
from instance import REPOSITORY
from mail_server import Mailbox, free_port
from stack import database, health, render, supervisor
from stack.settings import Settings

OPEN = ("waiting", "sending", "handing")


class Outbox:
    """The outbox of the instance, read and changed by SQL."""

    def __init__(self) -> None:
        self._cursor = self._connect()

    def clear(self) -> None:
        self.execute("DELETE FROM dgatier_outbox")

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        return self.execute(f"SELECT {', '.join(columns)} FROM dgatier_outbox ORDER BY told_at")

    def states(self) -> Counter[str]:
        return Counter(state for (state,) in self.rows("state"))

    def is_settled(self) -> bool:
        return not set(self.states()) & set(OPEN)

    def let_time_pass(self) -> None:
        """Let every pause and every lease come to its end."""
        self.execute(
            "UPDATE dgatier_outbox SET next_at = now() - interval '1 second',"
            " lease_until = now() - interval '1 second' WHERE state = ANY(%s)", list(OPEN),
        )  # fmt: skip

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            self._cursor.execute(statement, values)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            self._cursor = self._connect()
            self._cursor.execute(statement, values)
        return list(self._cursor.fetchall()) if self._cursor.description else []

    @staticmethod
    def _connect() -> Any:
        settings = Settings.load()
        return database.connect(settings, settings.secrets(), "ckan").cursor()


def ini(folder: Path, changes: Mapping[str, str]) -> Path:
    """Write the instance's configuration with these settings besides."""
    settings = Settings.load()
    path = folder / "ckan.ini"
    render.ini(settings, settings.secrets(), path)
    added = "\n".join(f"{key} = {value}" for key, value in changes.items())
    path.write_text(path.read_text().replace("[loggers]", f"{added}\n\n[loggers]", 1))
    return path


@dataclass(frozen=True)
class Served:
    """A portal of a test's own: its address, and its first process."""

    url: str
    pid: int

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]


def mail_ini(folder: Path, mailbox: Mailbox) -> Path:
    """Write the configuration of a portal that sends its mail to this server."""
    return ini(
        folder,
        {
            "ckanext.dgatier.mail.server": f"127.0.0.1:{mailbox.port}",
            "ckanext.dgatier.mail.starttls": "false",
            "ckanext.dgatier.mail.from": "ข้อมูลภาครัฐ <no-reply@data.example>",
        },
    )


@contextmanager
def instance_clock_stopped() -> Iterator[None]:
    """Stop the instance's clock, so that those of the tests are the only ones."""
    settings = Settings.load()
    supervisor.connect(settings).stopProcess("clock")
    yield
    supervisor.ensure(settings, "clock")
    health.wait(settings, "clock", health.checks(settings, settings.secrets())["clock"], 60)


@contextmanager
def portal(path: Path) -> Iterator[Served]:
    """Serve the portal by this configuration too."""
    port = free_port()
    environment = {**os.environ, "CKAN_INI": str(path), "DGATIER_WORKERS": "1"}
    command = [
        Settings.load().bin / "gunicorn", "--config", REPOSITORY / "deploy" / "gunicorn.conf.py",
        "--bind", f"127.0.0.1:{port}", "wsgi:application",
    ]  # fmt: skip
    with (path.parent / "portal.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=REPOSITORY / "deploy", env=environment, stdout=log, stderr=log
        )
        try:
            _answers(f"http://127.0.0.1:{port}/api/3/action/status_show")
            yield Served(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def clock(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Let a clock go by this configuration."""
    command = [Settings.load().ckan, "-c", path, "dgatier", "clock"]
    with (path.parent / "clock.log").open("a") as log:
        process = subprocess.Popen(command, cwd=path.parent, stdout=log, stderr=log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(40)


def run(path: Path, program: str) -> None:
    """Run a program of Python inside CKAN by this configuration."""
    done = warm_command.run(path, "shell", given=f"{program}\n")
    assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout + done.stderr


def _answers(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if requests.get(address, timeout=5).status_code == 200:
                return
        except requests.RequestException:
            pass
        assert time.monotonic() < deadline, f"{address} does not answer"
        time.sleep(0.3)
