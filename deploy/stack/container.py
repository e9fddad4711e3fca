"""What a container of the portal's image does: `python -m stack.container WHAT`.

`prepare` writes Solr's home and the realm into their volumes, `tables` brings the databases up to
date, `portal` and `worker` serve. The configuration is `ckan.ini.in`, the same as `scripts/up`
fills in; each of its names is read from the environment, `site_url` from `DGATIER_SITE_URL`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template

import psycopg2

from . import ckan_command, realm, render, serving, solr_home
from .progress import StepFailed, fail
from .settings import REPOSITORY, write_private

_TEMPLATE = REPOSITORY / "deploy" / "ckan.ini.in"
_BIN = Path(sys.executable).parent
_INGEST_TOKEN = "ingest-token"
_CLIENTS = ("portal_client", "directory_client", "exchange_client", "digital_id_client")


def main() -> None:
    """Do what the argument names."""
    known: Mapping[str, Callable[[], None]] = {
        "prepare": _prepare,
        "tables": _tables,
        "portal": _portal,
        "worker": lambda: _ckan("jobs", "worker", "--no-scheduler"),
        "clock": lambda: _ckan("dgatier", "clock"),
    }
    try:
        known[sys.argv[1]]()
    except (IndexError, KeyError):
        sys.exit(f"say one of {', '.join(known)}")
    except StepFailed as error:
        fail(error)


def variables() -> dict[str, str]:
    """Return the environment's name of each name in the template."""
    names = Template(_TEMPLATE.read_text()).get_identifiers()
    return {name: _variable(name) for name in names if name != "ingest_token"}


def _variable(name: str) -> str:
    return f"DGATIER_{name.upper()}"


def _prepare() -> None:
    solr_home.write(Path(_given("DGATIER_SOLR_HOME")), [_given("DGATIER_CORE")])
    folder = Path(_given("DGATIER_REALM_IMPORT"))
    secrets = {name: _given(_variable(name)) for name in _CLIENTS}
    addresses = realm.Addresses(
        portal=_given("DGATIER_SITE_URL"),
        portal_from_keycloak=_given("DGATIER_PORTAL_FROM_KEYCLOAK"),
        keycloak=_given("DGATIER_ISSUER").removesuffix("/realms/dgatier"),
    )
    for one in (
        realm.render(render.realm_template("realm"), {}, {}, secrets, addresses),
        realm.render_digital_id(render.realm_template(realm.DIGITAL_ID), {}, secrets, addresses),
    ):
        # Keycloak reads it as another account of another container.
        (folder / f"{one['realm']}-realm.json").write_text(json.dumps(one, ensure_ascii=False))


def _tables() -> None:
    ini = _configuration()
    datastore = psycopg2.connect(_given("DGATIER_DATASTORE_WRITE"))
    datastore.autocommit = True
    ckan_command.create_tables(_BIN / "ckan", ini, datastore)
    administrator = psycopg2.connect(_given("DGATIER_DATABASE_ADMINISTRATOR"))
    administrator.autocommit = True
    ckan_command.secure_audit(_BIN / "ckan", ini, administrator)
    token = _state() / _INGEST_TOKEN
    if not token.exists():
        ckan_command.make_ingest_account(_BIN / "ckan", ini, token)


def _portal() -> None:
    os.environ["CKAN_INI"] = str(_configuration())
    os.chdir(serving.FOLDER)
    address = os.environ.get("DGATIER_BIND", "0.0.0.0:5000")
    command = serving.command(_BIN, address)
    os.execv(command[0], command)


def _ckan(*arguments: str) -> None:
    ckan = str(_BIN / "ckan")
    os.execv(ckan, [ckan, "-c", str(_configuration()), *arguments])


def _configuration() -> Path:
    """Write CKAN's configuration from the environment; return its path."""
    token = _state() / _INGEST_TOKEN
    values = {name: _given(variable) for name, variable in variables().items()}
    values["ingest_token"] = token.read_text().strip() if token.exists() else "not-yet-made"
    ini = Path(os.environ.get("DGATIER_INI", "/tmp/ckan.ini"))  # noqa: S108 the container's own
    write_private(ini, Template(_TEMPLATE.read_text()).substitute(values))
    return ini


def _state() -> Path:
    return Path(_given("DGATIER_STATE"))


def _given(variable: str) -> str:
    try:
        return os.environ[variable]
    except KeyError:
        raise StepFailed(
            f"{variable} is not set", "see deploy/README.md for what each container needs"
        ) from None


if __name__ == "__main__":
    main()
