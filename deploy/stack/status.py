"""Says how the parts are, for people and for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from . import bundle, health, supervisor
from .settings import Settings, demonstration_people, digital_id_people

_NAMES = ("postgres", "valkey", "solr", "bundles", "opa", "keycloak", "portal", "worker", "clock")


def collect(settings: Settings) -> dict[str, Any]:
    """Return the state in the shape that the design gives for `scripts/status --json`.

    `alarms` tell what a person must look at though the part goes on: `{service, message}` each.
    """
    secrets = settings.secrets()
    known = supervisor.processes(settings)
    asked = health.checks(settings, secrets)
    services = {
        name: {
            "healthy": bool(known.get(name, {}).get("pid")) and asked[name](),
            "pid": known.get(name, {}).get("pid", 0),
        }
        for name in _NAMES
    }
    wrong = bundle.alarm(settings, bundle.status(settings))
    return {
        "healthy": all(service["healthy"] for service in services.values()),
        "portal_url": settings.url("portal"),
        "keycloak_url": settings.url("keycloak"),
        "opa_url": settings.url("opa"),
        "solr_url": settings.url("solr"),
        "services": services,
        "alarms": [{"service": "opa", "message": wrong}] if wrong else [],
        "people": [
            {"username": name, "role": person["roles"][-1], **secrets["people"][name]}
            for name, person in demonstration_people().items()
        ],
        "digital_id_people": [
            {"username": name, **secrets["digital_id_people"][name]} for name in digital_id_people()
        ],
        "service_accounts": [
            {"client_id": "dgatier-exchange", "client_secret": secrets["exchange_client"]}
        ],
    }


def run(settings: Settings, *, as_json: bool) -> None:
    """Print the state; end with 1 when something is not well."""
    state = collect(settings)
    if as_json:
        print(json.dumps(state, ensure_ascii=False, indent=1))
    else:
        _print(settings, state)
    if not state["healthy"]:
        sys.exit(1)


def _print(settings: Settings, state: dict[str, Any]) -> None:
    for name, service in state["services"].items():
        memory = resident_memory(service["pid"]) if service["pid"] else 0
        word = "well" if service["healthy"] else "NOT WELL"
        print(f"  {name:<10} {word:<9} pid {service['pid']:<8} {memory / 2**20:7.0f} MiB")
    for alarm in state["alarms"]:
        print(f"\n  !! ALARM of {alarm['service']}: {alarm['message']}")
    total = total_memory(state)
    print(f"\n  Portal {state['portal_url']}   memory {total / 2**30:.2f} GiB of at most 2.5")
    print(f"  Logs {settings.log}")


def total_memory(state: dict[str, Any]) -> int:
    """Return the bytes that all parts hold, pages that they share counted once."""
    return sum(resident_memory(one["pid"]) for one in state["services"].values() if one["pid"])


def resident_memory(pid: int) -> int:
    """Return the proportional resident size of a process and its descendants in bytes."""
    try:
        own = _proportional(pid)
        children = Path(f"/proc/{pid}/task").glob("*/children")
        return own + sum(
            resident_memory(int(child)) for file in children for child in file.read_text().split()
        )
    except OSError:
        return 0


def _proportional(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
