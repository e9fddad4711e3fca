"""People of the identity provider."""

from __future__ import annotations

import click

from ckanext.dgatier.identity import directory, provider, provisioning


@click.group()
def people() -> None:
    """People of the identity provider."""


@people.command("sync")
def people_sync() -> None:
    """Make or bring up to date the CKAN user of every person of the realm."""
    issuer, _client = provider.issuer_and_client()
    for claims in directory.people():
        user_id = provisioning.provision(issuer, claims)
        click.echo(f"{claims['preferred_username']} is {user_id}")
