"""Asks each part whether it works; nothing is guessed from the passing of time."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import redis

from . import bundle_server, database
from .progress import StepFailed
from .settings import HOST, Settings

Check = Callable[[], bool]


def checks(settings: Settings, secrets: Mapping[str, Any]) -> dict[str, Check]:
    """Return a question for each part; the answer never raises."""
    return {
        "postgres": lambda: _postgres(settings, secrets),
        "valkey": lambda: _valkey(settings, secrets),
        "solr": lambda: says(f"{settings.url('solr')}/solr/ckan/admin/ping?wt=json", '"OK"'),
        "bundles": lambda: is_there(f"{settings.url('bundles')}{bundle_server.PATH}"),
        "opa": lambda: says(f"{settings.url('opa')}/health?bundles", ""),
        "keycloak": lambda: says(f"{settings.url('keycloak_management')}/health/ready", '"UP"'),
        "portal": portal(settings.url("portal")),
        "worker": lambda: _worker(settings, secrets),
        "clock": lambda: _clock(settings, secrets),
    }


def portal(url: str) -> Check:
    """Return the question whether a portal answers at an address."""
    return lambda: says(f"{url}/api/3/action/status_show", "2.12")


def wait(settings: Settings, name: str, check: Check, seconds: float) -> None:
    """Ask until the part answers; raise `StepFailed` after `seconds`, with what it last said."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            log = settings.log / f"{name}.log"
            last = log.read_text(errors="replace").splitlines()[-8:] if log.exists() else []
            raise StepFailed(
                f"{name} did not answer within {seconds:.0f} s. It last said:\n    "
                + "\n    ".join(last),
                f"mend what it says (the whole is in {log}), then run scripts/up again",
            )
        time.sleep(0.25)


def _postgres(settings: Settings, secrets: Mapping[str, Any]) -> bool:
    try:
        connection = database.connect(settings, secrets)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.close()
    except psycopg2.Error:
        return False
    return True


def valkey(settings: Settings, secrets: Mapping[str, Any]) -> redis.Redis:
    """Return a client of the cache and queue."""
    return redis.Redis(HOST, settings.ports["valkey"], password=secrets["valkey"], socket_timeout=3)


def _valkey(settings: Settings, secrets: Mapping[str, Any]) -> bool:
    try:
        return bool(valkey(settings, secrets).ping())
    except redis.RedisError:
        return False


def _worker(settings: Settings, secrets: Mapping[str, Any]) -> bool:
    """A worker is healthy when it has written its heartbeat and that is not out of date."""
    try:
        client: Any = valkey(settings, secrets)
        for key in client.smembers("rq:workers"):
            beat = client.hget(key, "last_heartbeat")
            if beat and _age(beat.decode()) < timedelta(minutes=8) and _alive(client, key):
                return True
    except redis.RedisError:
        pass
    return False


def _clock(settings: Settings, secrets: Mapping[str, Any]) -> bool:
    """The clock is healthy while what it writes at each turn has not run out."""
    try:
        return bool(valkey(settings, secrets).exists("dgatier:clock"))
    except redis.RedisError:
        return False


def _alive(client: redis.Redis, key: Any) -> bool:
    pid = client.hget(key, "pid")
    try:
        with open(f"/proc/{int(pid or 0)}/stat") as stat:  # noqa: PTH123
            return stat.read().split(") ")[1][0] != "Z"
    except OSError:
        return False


def _age(moment: str) -> timedelta:
    written = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return datetime.now(UTC) - written


def is_there(url: str) -> bool:
    """Say whether an address has something, without fetching it."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=5):
            return True
    except OSError:
        return False


def says(url: str, expected: str) -> bool:
    """Say whether an address answers with these words in it."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            body = answer.read().decode()
    except OSError:
        return False
    return expected in body.replace(" ", "") or expected in body
