"""Levels that were approved outside of the portal."""

from __future__ import annotations

import click
from ckan.plugins import toolkit

from ckanext.dgatier.logic.action import levels as action_levels


@click.group()
def levels() -> None:
    """Levels that wait to be confirmed."""


@levels.command("confirm")
@click.option("--agency", help="only those of this agency")
@click.option("--dataset", help="only that of this dataset")
@click.option("--ground", required=True, help="who approved them, and where that is written")
def levels_confirm(agency: str | None, dataset: str | None, ground: str) -> None:
    """Confirm first levels that were approved outside of the portal.

    Raised levels and lower ones are left to the stewards.
    """
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    context = {"ignore_auth": True, "user": site["name"]}
    for name, level in action_levels.confirm_first_levels(context, agency, dataset, ground):
        click.echo(f"{name} {level}")
