"""The two portals: one with dgatier and one plain, on the same database, index and cache server.

They read the very same rows of PostgreSQL. Each has a Solr core of its own, because dgatier
indexes who may discover a dataset, and its own database number in Valkey.
"""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import ckan_command, database, down, health, prerequisites, render, serving, solr_home
from ..progress import Mark, StepFailed, step
from ..settings import REPOSITORY, Settings

DATABASE, _DATASTORE = "bench", "bench_datastore"
_FILL = Path(__file__).with_name("fill.py")


@dataclass(frozen=True)
class Portal:
    """One of the two: its configuration, its port's name and its Solr core."""

    name: str
    ini: Path
    port: str
    core: str


@dataclass(frozen=True)
class Pair:
    """Both while they run, and what is in them."""

    size: int
    rows: int
    dgatier_url: str
    plain_url: str
    dgatier_ini: Path
    dgatier_pid: int
    token: str
    datasets: tuple[str, ...]
    table: str


@contextmanager
def running(settings: Settings, size: int, rows: int) -> Iterator[Pair]:
    """Fill where needed, start both, and stop both in the end."""
    secrets = settings.secrets()
    prerequisites.check_ports(
        {name: port for name, port in settings.ports.items() if name.startswith("bench")}
    )
    folder = settings.run / "bench"
    folder.mkdir(exist_ok=True)
    both = (
        Portal("dgatier", folder / "dgatier.ini", "bench", "bench_dgatier"),
        Portal("plain", folder / "plain.ini", "bench_plain", "bench_plain"),
    )
    for number, portal in enumerate(both, start=1):
        _configure(settings, secrets, portal, number)
    content = _content(settings, secrets, both, size, rows)
    processes = [
        serving.start(settings, one.ini, one.port, settings.log / f"bench-{one.name}.log")
        for one in both
    ]
    try:
        for portal in both:
            with step(f"Wait for {portal.name}"):
                ready = health.portal(settings.url(portal.port))
                health.wait(settings, f"bench-{portal.name}", ready, 120)
            _expect_all(settings.url(portal.port), size)
        yield Pair(
            size, rows, settings.url("bench"), settings.url("bench_plain"), both[0].ini,
            processes[0].pid, content["token"], tuple(content["datasets"]), content["table"],
        )  # fmt: skip
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def stop_services(settings: Settings) -> None:
    """Stop the services that the bench had to start."""
    down.run(settings)


def _configure(settings: Settings, secrets: Mapping[str, Any], portal: Portal, number: int) -> None:
    changes = {
        "site_url": settings.url(portal.port),
        "storage": str(portal.ini.with_suffix("")),
        "plugins": render.PLUGINS if portal.name == "dgatier" else render.PLAIN_PLUGINS,
        "core": portal.core,
        "redis_url": render.redis_url(settings, secrets, number),
        "database": database.url(settings, secrets, "ckan", DATABASE),
        "datastore_write": database.url(settings, secrets, "ckan", _DATASTORE),
        "datastore_read": database.url(settings, secrets, "datastore_ro", _DATASTORE),
    }
    render.ini(settings, secrets, portal.ini, changes)


def _content(
    settings: Settings, secrets: Mapping[str, Any], both: tuple[Portal, ...], size: int, rows: int
) -> dict[str, Any]:
    """Return what is in the catalogue, after filling it where it is not of this size yet."""
    kept = settings.run / "bench" / "content.json"
    extension = REPOSITORY / "ckanext-dgatier" / "ckanext" / "dgatier"
    mark = Mark(
        settings.run, "bench", str(size), str(rows), _FILL, REPOSITORY / "locks" / "runtime.txt",
        extension / "migration", extension / "enforce" / "catalogue.py",
    )  # fmt: skip
    if not mark.is_current():
        connection = database.connect(settings, secrets)
        with connection.cursor() as cursor:
            for name in (DATABASE, _DATASTORE):
                cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                database.create_database(cursor, name, "ckan")
        connection.close()
        _create_cores(settings, both)
        with step("Create the tables", "15 s"):
            ckan_command.create_tables(
                settings.ckan, both[0].ini, database.connect(settings, secrets, _DATASTORE)
            )
            ckan_command.secure_audit(
                settings.ckan, both[0].ini, database.connect(settings, secrets, DATABASE)
            )
        with step(f"Insert {size:,} datasets and a table of {rows:,} rows"):
            said = _python(settings, both[1], "content", str(size), str(rows))
            kept.write_text(said.splitlines()[-1])
        _index(settings, both, size)
        mark.set()
    content: dict[str, Any] = json.loads(kept.read_text())
    return content


def _create_cores(settings: Settings, both: tuple[Portal, ...]) -> None:
    """Make the two Solr cores in the running server, unless they are there."""
    for portal in both:
        solr_home.create_core(settings, portal.core)


def _index(settings: Settings, both: tuple[Portal, ...], size: int) -> None:
    """Index the catalogue into both cores, each by the portal whose core it is."""
    with step(f"Index {size:,} datasets into both", f"about {size // 40 + 5} s"):
        processes = [
            subprocess.Popen(
                [settings.bin / "python", _FILL, portal.ini, "index"],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            )
            for portal in both
        ]  # fmt: skip
        for process in processes:
            _, said = process.communicate()
            if process.returncode:
                raise StepFailed(f"the index was not built: {said[-1500:]}", "see the lines above")


def _python(settings: Settings, portal: Portal, *arguments: str) -> str:
    done = subprocess.run(
        [settings.bin / "python", _FILL, portal.ini, *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise StepFailed(
            f"the catalogue was not filled: {done.stderr[-1500:]}", "see the lines above"
        )
    return done.stdout


def _expect_all(url: str, size: int) -> None:
    """Hold that a portal has the whole catalogue: what is missing would make it look fast."""
    with urllib.request.urlopen(f"{url}/api/3/action/package_search?rows=0", timeout=60) as answer:
        count = json.load(answer)["result"]["count"]
    if count != size:
        raise StepFailed(
            f"{url} has {count:,} datasets instead of {size:,}", "delete .run/bench and run again"
        )
