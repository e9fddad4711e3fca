"""Brings a portal up: installs, configures, starts, migrates, seeds; each only where needed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import (
    bundle,
    ckan_command,
    database,
    health,
    install,
    prerequisites,
    realm_update,
    render,
    status,
    supervisor,
)  # fmt: skip
from .progress import Mark, StepFailed, step
from .settings import REPOSITORY, Settings

_EXTENSION = REPOSITORY / "ckanext-dgatier" / "ckanext" / "dgatier"
_REALM_UPDATE = Path(realm_update.__file__)


def run(settings: Settings, *, seed: bool) -> None:
    """Bring everything up and return when all is healthy."""
    started = time.monotonic()
    print("dgatier: bringing the portal up", flush=True)
    prerequisites.check_programs()
    secrets = settings.secrets()
    running = supervisor.is_running(settings)
    if not running:
        others = {"bench", "bench_plain", *(["postgres"] if database.is_given(secrets) else [])}
        prerequisites.check_ports(
            {name: port for name, port in settings.ports.items() if name not in others}
        )
    fresh = not (settings.run / "state" / "solr").exists()
    renewed = install.everything(settings)
    lost = database.create(settings, secrets)
    if bundle.make_keys(settings):
        renewed.append("opa")
    bundle.publish(settings)
    _configure(settings, secrets)
    checks = health.checks(settings, secrets)
    if running:
        supervisor.reload(settings)
        for name in renewed:
            supervisor.restart(settings, name)
    else:
        supervisor.start(settings)
    for name in ("postgres", "valkey", "solr", "bundles", "opa"):
        if name != "postgres" or not database.is_given(secrets):
            supervisor.ensure(settings, name)
        with step(f"Wait for {name}"):
            health.wait(settings, name, checks[name], 60)
        if name == "postgres":
            database.create_roles_and_databases(settings, secrets)
    bundle.wait_until_in_service(settings)
    supervisor.ensure(settings, "keycloak")
    _migrate(settings, secrets)
    if lost:
        ckan_command.clear_index(settings.ckan, settings.ini)
    with step("Wait for keycloak", "20 s"):
        health.wait(settings, "keycloak", checks["keycloak"], 120)
    _update_realm(settings, secrets)
    _start_portal(settings)
    for name in ("portal", "worker", "clock"):
        with step(f"Wait for {name}"):
            health.wait(settings, name, checks[name], 120)
    if seed:
        _seed(settings)
    state = status.collect(settings)
    taken = time.monotonic() - started
    allowed = 480 if fresh else 60
    memory = status.total_memory(state) / 2**30
    print(
        f"\nReady in {taken:.0f} s (target {allowed} s), {memory:.2f} GiB resident (target 2.5):"
        f" {state['portal_url']}\nPeople to sign in as: scripts/status --json"
    )


def _configure(settings: Settings, secrets: Mapping[str, Any]) -> None:
    complete = dict(secrets)
    token = settings.run / "ingest-token"
    if token.is_file():
        complete["ingest_token"] = token.read_text().strip()
    render.everything(settings, complete)


def _migrate(settings: Settings, secrets: Mapping[str, Any]) -> None:
    """Bring the tables up to date and make the account that loads files into the DataStore."""
    mark = Mark(
        settings.run, "tables", _EXTENSION / "migration", REPOSITORY / "locks" / "runtime.txt"
    )
    if mark.is_current() and (settings.run / "ingest-token").exists():
        return
    with step("Create or upgrade the tables", "20 s"):
        ckan_command.create_tables(
            settings.ckan, settings.ini, database.connect(settings, secrets, "datastore")
        )
        ckan_command.secure_audit(
            settings.ckan, settings.ini, database.connect(settings, secrets, "ckan")
        )
    with step("Make the loader's account"):
        ckan_command.make_ingest_account(settings.ckan, settings.ini, settings.run / "ingest-token")
        _configure(settings, secrets)
    mark.set()


def _update_realm(settings: Settings, secrets: Mapping[str, Any]) -> None:
    """Give a realm that was made earlier what has come since."""
    mark = Mark(settings.run, "realm", REPOSITORY / "identity", _REALM_UPDATE)
    if not mark.is_current():
        with step("Bring the realms up to date"):
            realm_update.run(settings, secrets)
        mark.set()


def _start_portal(settings: Settings) -> None:
    """Start the portal; restart it where its configuration or our code changed."""
    mark = Mark(
        settings.run, "portal", settings.ini, _EXTENSION, REPOSITORY / "deploy" / "wsgi.py",
        REPOSITORY / "deploy" / "gunicorn.conf.py", REPOSITORY / "locks" / "runtime.txt",
    )  # fmt: skip
    for name in ("portal", "worker", "clock"):
        if mark.is_current():
            supervisor.ensure(settings, name)
        else:
            supervisor.restart(settings, name)
    mark.set()


def _seed(settings: Settings) -> None:
    mark = Mark(settings.run, "seed", REPOSITORY / "demo", REPOSITORY / "identity")
    if mark.is_current():
        return
    print("  Publish the demonstration catalogue (about three minutes the first time)", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        [settings.bin / "python", "-m", "dgatier_demo", "--portal-url", settings.url("portal"),
         "--ini", settings.ini, "--secrets", settings.secrets_file],
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise StepFailed(
            "the demonstration catalogue was not published whole",
            "see the lines above; run scripts/up again, it goes on where it stopped",
        )
    mark.set()
    print(f"  Published in {time.monotonic() - started:.0f} s", flush=True)
