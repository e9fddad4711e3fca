"""Accounts that no one signs in to, and the sealed way in."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click
from ckan import model
from ckan.plugins import toolkit

from ckanext.dgatier.identity import recovery


@click.command("ingest-account")
@click.option("--token-file", type=click.Path(path_type=Path), required=True)
def ingest_account(token_file: Path) -> None:
    """Make the account that loads uploaded files into the DataStore, and a token for it.

    It may change resources as a sysadmin does; what it may read, policy says.
    """
    name = toolkit.config["ckanext.dgatier.ingest_user"]
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    context = {"ignore_auth": True, "user": site["name"]}
    user = model.User.get(name)
    if user is None:
        toolkit.get_action("user_create")(
            context,
            {
                "name": name,
                "email": f"{name}@localhost.invalid",
                "password": os.urandom(32).hex(),
                "fullname": "DataStore loader",
            },
        )
        user = model.User.get(name)
    user.sysadmin = True
    model.repo.commit()
    token = toolkit.get_action("api_token_create")(context, {"user": name, "name": "loader"})[
        "token"
    ]
    descriptor = os.open(token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(token)
    click.echo(f"Token of {name} written to {token_file}")


@click.command("demo-agencies")
@click.argument("agencies")
def demo_agencies(agencies: str) -> None:
    """Make agencies of JSON `{name: [Thai, English]}` and an account that publishes for them.

    Prints a token of that account, `demo-publisher`, in the last line.
    """
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    context = {"ignore_auth": True, "user": site["name"]}
    if model.User.by_name("demo-publisher") is None:
        toolkit.get_action("user_create")(
            context,
            {
                "name": "demo-publisher",
                "email": "demo-publisher@localhost.invalid",
                "password": os.urandom(32).hex(),
                "fullname": "Demonstration publisher",
            },
        )
    for name, (thai, english) in json.loads(agencies).items():
        if model.Group.by_name(name) is None:
            toolkit.get_action("organization_create")(
                {**context}, {"name": name, "title": thai, "description": english}
            )
        toolkit.get_action("organization_member_create")(
            {**context}, {"id": name, "username": "demo-publisher", "role": "editor"}
        )
        click.echo(f"{name} {thai}")
    token = toolkit.get_action("api_token_create")(
        {**context}, {"user": "demo-publisher", "name": "demonstration"}
    )["token"]
    click.echo(token)


@click.command("recovery")
@click.argument("user_name")
def recovery_link(user_name: str) -> None:
    """Print a link that signs a local sysadmin in once, within ten minutes."""
    try:
        token = recovery.seal(user_name)
    except recovery.NotRecoverable:
        click.echo(f"{user_name} is not a local sysadmin", err=True)
        sys.exit(1)
    click.echo(f"{toolkit.config['ckan.site_url']}/access/recovery/{token}")
