"""Requests and grants once more from their events."""

from __future__ import annotations

import sys

import click

from ckanext.dgatier import store


@click.command("rebuild")
@click.option(
    "--check", is_flag=True, help="only say what differs; ends with 1 where anything does"
)
def rebuild(check: bool) -> None:
    """Make the tables of requests and grants what their events lead to.

    A grant or a request that is in no event is taken away.
    """
    with store.transaction() as connection:
        found = list(store.rebuild.differences(connection))
        for difference in found:
            click.echo(difference)
        if not check:
            click.echo(f"{store.rebuild.repair(connection)} rows put right")
    if check:
        click.echo(f"{len(found)} differences")
        sys.exit(1 if found else 0)
