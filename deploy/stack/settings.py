"""Where things are, on which ports, and the secrets of this instance."""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Settings:
    """One instance: its folder of state and its ports."""

    run: Path
    ports: Mapping[str, int]

    @classmethod
    def load(cls) -> Settings:
        """Read `deploy/ports.toml`, moved by the offset that this instance was given."""
        run = REPOSITORY / ".run"
        run.mkdir(exist_ok=True)
        remembered = run / "port-offset"
        known = remembered.read_text() if remembered.is_file() else None
        offset = str(int(os.environ.get("DGATIER_PORT_OFFSET") or known or 0))
        if offset != known:
            # Put in place whole, as several commands may read it at the same time.
            written = remembered.with_suffix(f".{os.getpid()}")
            written.write_text(offset)
            written.replace(remembered)
        ports = tomllib.loads((REPOSITORY / "deploy" / "ports.toml").read_text())
        return cls(run, {name: port + int(offset) for name, port in ports.items()})

    @property
    def bin(self) -> Path:
        """Programs of the virtual environment."""
        return self.run / "venv" / "bin"

    @property
    def ckan(self) -> Path:
        """CKAN's own command."""
        return self.bin / "ckan"

    @property
    def ini(self) -> Path:
        """CKAN's configuration."""
        return self.run / "ckan.ini"

    @property
    def log(self) -> Path:
        """The folder of all logs."""
        return self.run / "log"

    def url(self, name: str) -> str:
        """Return the address of a service, without a slash at its end."""
        return f"http://{HOST}:{self.ports[name]}"

    @property
    def secrets_file(self) -> Path:
        """The secrets of this instance, mode 600."""
        return self.run / "secrets.json"

    def secrets(self) -> dict[str, Any]:
        """Return the secrets, making those that are missing.

        `postgres_url` is the administrator's address of a server that runs already, where one
        was given by `DGATIER_POSTGRES_URL`; it is remembered.
        """
        known: dict[str, Any] = {}
        if self.secrets_file.is_file():
            known = json.loads(self.secrets_file.read_text())
        wanted = {name: secrets.token_urlsafe(32) for name in _SECRETS}
        wanted["audit_signing_key"] = secrets.token_hex(32)
        people = {
            name: {
                "password": secrets.token_urlsafe(12),
                "totp_secret": b32encode(secrets.token_bytes(20)).decode(),
            }
            for name in demonstration_people()
        }
        citizens = {name: {"password": secrets.token_urlsafe(12)} for name in digital_id_people()}
        complete = {
            **wanted,
            **known,
            "people": {**people, **known.get("people", {})},
            "digital_id_people": {**citizens, **known.get("digital_id_people", {})},
        }
        if given := os.environ.get("DGATIER_POSTGRES_URL"):
            complete["postgres_url"] = given
        if complete != known:
            write_private(self.secrets_file, json.dumps(complete, indent=1))
        return complete

    def forget_database(self) -> bool:
        """Forget what was made in a database that is there no more, so that it is made anew.

        Says whether there had been one.
        """
        was_there = (self.run / "state" / "tables").is_file()
        for made in ("tables", "realm", "seed"):
            (self.run / "state" / made).unlink(missing_ok=True)
        (self.run / "ingest-token").unlink(missing_ok=True)
        if not self.secrets_file.is_file():
            return was_there
        known = json.loads(self.secrets_file.read_text())
        known.pop("publisher_token", None)
        for person in known.get("people", {}).values():
            person.pop("api_token", None)
        write_private(self.secrets_file, json.dumps(known, indent=1))
        return was_there


_SECRETS = (
    "postgres_admin",
    "postgres_ckan",
    "postgres_datastore",
    "postgres_keycloak",
    "valkey",
    "ckan_secret_key",
    "ckan_token_key",
    "pseudonym_key",
    "file_master_keys",
    "audit_seal_key",
    "audit_signing_key",
    "keycloak_admin",
    "portal_client",
    "directory_client",
    "exchange_client",
    "digital_id_client",
)


def demonstration_people() -> dict[str, Any]:
    """Return the people of `identity/people.toml` by user name."""
    return identity_table("people")


def digital_id_people() -> dict[str, Any]:
    """Return the people of the made-up digital-ID provider by user name."""
    return identity_table("digital-id-people")


def identity_table(name: str) -> dict[str, Any]:
    """Return one of the tables of `identity/`."""
    return tomllib.loads((REPOSITORY / "identity" / f"{name}.toml").read_text())


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)
