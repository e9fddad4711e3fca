"""`python -m stack.ckan_suite`: the tests that CKAN ships, run in a portal that has dgatier.

They get a database, a DataStore, a search core and a cache of their own on the running services.
What is expected to differ is listed in `tests/ckan_suite/differences.toml` with its reason; a test
that fails and is not listed, and one that is listed and passes, are both failures of this run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import ckan_command, database, down, render, solr_home, supervisor, up
from .progress import StepFailed, fail, step
from .settings import REPOSITORY, Settings

FOLDER = REPOSITORY / "tests" / "ckan_suite"
#: What of CKAN is run where nothing else is asked for: actions, authorisation, search, DataStore
#: and activity, each with the pages over them.
MODULES = (
    "ckan.tests.logic.action",
    "ckan.tests.logic.auth",
    "ckan.tests.lib.search",
    "ckanext.datastore.tests",
    "ckanext.activity.tests",
)
_DATABASE, _DATASTORE, _CORE, _VALKEY = "ckan_suite", "ckan_suite_datastore", "ckan_suite", 9


def main() -> None:
    """Prepare, run, and end as pytest ends."""
    options, further = _options()
    settings = Settings.load()
    was_up = supervisor.is_running(settings)
    try:
        up.run(settings, seed=False)
        ini = _prepare(settings, settings.secrets())
    except StepFailed as error:
        fail(error)
    done = subprocess.run(
        [settings.bin / "python", "-m", "pytest", "-c", FOLDER / "pytest.ini",
         "--ckan-ini", ini, "-p", "with_dgatier", "--pyargs", *(options.modules or MODULES),
         *further],
        check=False, cwd=settings.run,
        env={**os.environ, "PYTHONPATH": str(FOLDER), "DGATIER_SUITE_PLAIN": "1" * options.plain},
    )  # fmt: skip
    if not was_up:
        down.run(settings)
    sys.exit(done.returncode)


def _prepare(settings: Settings, secrets: Mapping[str, Any]) -> Path:
    """Make what the tests need and is missing; return the configuration."""
    folder = settings.run / "ckan-suite"
    folder.mkdir(exist_ok=True)
    changes = {
        "storage": str(folder / "storage"),
        "core": _CORE,
        "redis_url": render.redis_url(settings, secrets, _VALKEY),
        "database": database.url(settings, secrets, "ckan", _DATABASE),
        "datastore_write": database.url(settings, secrets, "ckan", _DATASTORE),
        "datastore_read": database.url(settings, secrets, "datastore_ro", _DATASTORE),
    }
    for_tests, for_tables = folder / "test.ini", folder / "tables.ini"
    render.fill("ckan-suite.ini.in", for_tests, {**render.values(settings, secrets), **changes})
    render.ini(settings, secrets, for_tables, changes)
    with step("Prepare the tables and the search core of CKAN's tests", "20 s the first time"):
        connection = database.connect(settings, secrets)
        with connection.cursor() as cursor:
            for name in (_DATABASE, _DATASTORE):
                database.create_database(cursor, name, "ckan")
        connection.close()
        solr_home.create_core(settings, _CORE)
        ckan_command.create_tables(
            settings.ckan, for_tables, database.connect(settings, secrets, _DATASTORE)
        )
    return for_tests


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="scripts/ckan-suite", description=__doc__, epilog="Further options go to pytest."
    )
    parser.add_argument("modules", nargs="*", help=f"modules of tests ({', '.join(MODULES)})")
    parser.add_argument("--plain", action="store_true", help="run them without dgatier, to compare")
    return parser.parse_known_args()


if __name__ == "__main__":
    main()
