"""The instance as an operator sees it."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from instance import REGISTER, REPOSITORY, Instance
from stack import health, supervisor
from stack.settings import Settings

#: How long a killed part may take on a machine that others share; each test records what it took.
SECONDS = 120


def _status() -> dict[str, Any]:
    done = subprocess.run(
        [REPOSITORY / "scripts" / "status", "--json"], capture_output=True, text=True, check=False
    )
    return dict(json.loads(done.stdout))


def test_status_has_the_shape_that_programs_rely_on(instance: Instance) -> None:
    state = instance.state
    assert {
        "healthy",
        "portal_url",
        "keycloak_url",
        "opa_url",
        "solr_url",
        "services",
        "alarms",
        "people",
    } <= set(state)
    assert all(set(one) == {"healthy", "pid"} for one in state["services"].values())
    names = {person["username"] for person in state["people"]}
    assert names == {"somchai", "malee", "nari", "prasit", "suda", "wichai", "anan", "admin"}


def test_everything_listens_on_loopback_only(instance: Instance) -> None:
    """No one on the network reaches a part, also not one that opens a port of its own accord."""
    services = _status()["services"].values()  # as they are now: other tests restart parts
    pids = {pid for one in services for pid in _family(one["pid"])}
    listening = [address for pid in pids for address in _listening(pid)]
    # The portal, two of Keycloak, OPA and its bundles, Solr, PostgreSQL, Valkey.
    assert len(set(listening)) >= 8
    assert {ip for ip, _port in listening if not ipaddress.ip_address(ip).is_loopback} == set()


def test_secrets_are_for_their_owner_only() -> None:
    assert (REPOSITORY / ".run" / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert (REPOSITORY / ".run" / "ckan.ini").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name",
    ["valkey", "bundles", "opa", "worker", "clock", "portal", "solr", "postgres", "keycloak"],
)
def test_a_killed_part_is_healthy_again_soon(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    before = _status()["services"][name]["pid"]
    family = _family(before)
    os.kill(before, signal.SIGKILL)
    started = time.monotonic()
    while time.monotonic() - started < SECONDS:
        state = _status()
        left_behind = [pid for pid in family if _lives(pid)]
        if state["healthy"] and state["services"][name]["pid"] != before and not left_behind:
            record_property("seconds", round(time.monotonic() - started, 1))
            return
        time.sleep(0.5)
    pytest.fail(f"{name} was not healthy again within {SECONDS} s: {_status()['services']}")


def test_people_sign_in_and_read_at_once_when_the_database_is_back(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    """No connection that died with PostgreSQL is handed to whoever comes next."""
    names = [person["username"] for person in instance.state["people"]]
    paths = (
        f"/dataset/{REGISTER}",
        f"/dataset/{REGISTER}/resource/{resource_of(REGISTER)}",
        f"/api/3/action/datastore_search?resource_id={resource_of('provinces')}&limit=1",
    )

    def come(name: str) -> list[int]:
        session = instance.browse(name, aal=1)
        return [session.get(instance.url + path, timeout=30).status_code for path in paths]

    with ThreadPoolExecutor(len(names)) as together:
        before = list(together.map(come, names))
        settings = Settings.load()
        supervisor.connect(settings).signalProcess("postgres", "KILL")
        health.wait(
            settings, "postgres", health.checks(settings, settings.secrets())["postgres"], 60
        )
        assert list(together.map(come, names)) == before


def _lives(pid: int) -> bool:
    """Say whether a process runs; one that is dead and not yet buried does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def _family(pid: int) -> list[int]:
    """Return a process and all that it has started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            parents[int(stat.parent.name)] = int(fields[1])
    found = [pid]
    for each in found:
        found.extend(child for child, parent in parents.items() if parent == each)
    return found


def _listening(pid: int) -> set[tuple[str, int]]:
    """Return the addresses on which a process waits for connections."""
    inodes = set()
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(str(descriptor.readlink()).removeprefix("socket:[").rstrip("]"))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                found.add(_address(fields[1]))
    return found


def _address(text: str) -> tuple[str, int]:
    """Read an address of /proc/net: 32-bit words, each in the order of this machine."""
    words, port = text.split(":")
    raw = b"".join(
        int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8)
    )
    ip = ipaddress.ip_address(raw)
    mapped = getattr(ip, "ipv4_mapped", None)
    return str(mapped or ip), int(port, 16)
