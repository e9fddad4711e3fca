"""`ckan dgatier …`: what operators do from the command line."""

from __future__ import annotations

import os
from pathlib import Path

import click
from ckan import model
from ckan.plugins import toolkit

INGEST_USER = "dgatier-ingest"


@click.group()
def dgatier() -> None:
    """Graded access: people, requests, grants and the audit."""


@dgatier.command("ingest-account")
@click.option("--token-file", type=click.Path(path_type=Path), required=True)
def ingest_account(token_file: Path) -> None:
    """Make the account that loads uploaded files into the DataStore, and a token for it.

    It may change resources as a sysadmin does; what it may read, policy says.
    """
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    context = {"ignore_auth": True, "user": site["name"]}
    user = model.User.get(INGEST_USER)
    if user is None:
        toolkit.get_action("user_create")(
            context,
            {
                "name": INGEST_USER,
                "email": f"{INGEST_USER}@localhost.invalid",
                "password": os.urandom(32).hex(),
                "fullname": "DataStore loader",
            },
        )
        user = model.User.get(INGEST_USER)
    user.sysadmin = True
    model.repo.commit()
    token = toolkit.get_action("api_token_create")(
        context, {"user": INGEST_USER, "name": "loader"}
    )["token"]
    descriptor = os.open(token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(token)
    click.echo(f"Token of {INGEST_USER} written to {token_file}")


def get_commands() -> list[click.Command]:
    """Return the command groups that CKAN adds to its own."""
    return [dgatier]
