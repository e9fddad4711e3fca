"""The numbers of requests as open data."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from ckanext.dgatier.logic import numbers as logic_numbers


@click.group()
def numbers() -> None:
    """The numbers of requests."""


@numbers.command("publish")
def numbers_publish() -> None:
    """Bring the dataset of the numbers up to date; it is made where it is not there yet."""
    try:
        rows = logic_numbers.publish(datetime.now(UTC))
    except logic_numbers.NotSet:
        click.echo("ckanext.dgatier.numbers.organization names no agency of this portal", err=True)
        sys.exit(1)
    click.echo(f"{logic_numbers.DATASET} has {rows} rows")
