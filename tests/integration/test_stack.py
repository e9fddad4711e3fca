"""The instance as an operator sees it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from instance import REPOSITORY, Instance

SECONDS = 30


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
        "people",
    } <= set(state)
    assert all(set(one) == {"healthy", "pid"} for one in state["services"].values())
    names = {person["username"] for person in state["people"]}
    assert names == {"somchai", "malee", "nari", "prasit", "suda", "wichai", "anan", "admin"}


def test_secrets_are_for_their_owner_only() -> None:
    assert (REPOSITORY / ".run" / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert (REPOSITORY / ".run" / "ckan.ini").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name", ["valkey", "opa", "worker", "portal", "solr", "postgres", "keycloak"]
)
def test_a_killed_part_is_healthy_again_soon(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    before = _status()["services"][name]["pid"]
    os.kill(before, signal.SIGKILL)
    started = time.monotonic()
    while time.monotonic() - started < SECONDS:
        state = _status()
        if state["healthy"] and state["services"][name]["pid"] != before:
            record_property("seconds", round(time.monotonic() - started, 1))
            return
        time.sleep(0.5)
    pytest.fail(f"{name} was not healthy again within {SECONDS} s: {_status()['services']}")
