"""The audit: proving, signing, exporting, erasing what people wrote."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from typing import IO

import click
from ckan import model
from ckan.plugins import toolkit

from ckanext.dgatier import store
from ckanext.dgatier.core import checkpoint
from ckanext.dgatier.logic import retention

_COLUMNS = ("lane", "sequence", "previous", "hash", "seal", "body")


@click.group()
def audit() -> None:
    """The audit."""


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="for programs")
def audit_verify(as_json: bool) -> None:
    """Prove every event and checkpoint; ends with 1 when something was changed."""
    proof = store.audit.verify()
    problems = [*proof.problems, *_unsafe()]
    if as_json:
        shape = {
            "valid": not problems,
            "events": proof.events,
            "checkpoints": proof.checkpoints,
            "problems": problems,
        }
        click.echo(json.dumps(shape))
    else:
        click.echo(
            f"{proof.events:,} events, {proof.checkpoints:,} checkpoints, {len(problems)} problems"
        )
        for problem in problems:
            click.echo(f"  {problem}")
    if problems:
        sys.exit(1)


def _unsafe() -> list[str]:
    could = store.audit.changeable_by_us()
    return (
        [f"the portal's own role may {', '.join(could)}: see `audit permissions`"] if could else []
    )


@audit.command("checkpoint")
def audit_checkpoint() -> None:
    """Sign what came since the last checkpoint, and print it, to be kept elsewhere too."""
    made = store.audit.make_checkpoint(datetime.now(UTC))
    if made is None:
        click.echo("Nothing came since the last checkpoint", err=True)
    else:
        click.echo(json.dumps({"body": made.body, "signature": made.signature.hex()}))


@audit.command("permissions")
def audit_permissions() -> None:
    """Print the SQL by which an administrator takes the audit out of the portal's own hands."""
    role = model.meta.engine.url.username
    click.echo(store.audit.permissions(str(role)))


@audit.command("public-key")
def audit_public_key() -> None:
    """Print the key by which checkpoints and receipts are checked."""
    click.echo(store.signing.public_key(), nl=False)


@audit.command("check-receipt")
@click.argument("file", type=click.File("r"))
def audit_check_receipt(file: IO[str]) -> None:
    """Say whether a receipt proves its event; ends with 1 when it does not."""
    try:
        holds = checkpoint.receipt_holds(json.load(file), store.signing.verify)
    except ValueError:
        holds = False
    click.echo("The receipt holds" if holds else "The receipt proves nothing")
    if not holds:
        sys.exit(1)


@audit.command("forget")
@click.argument("user_name")
def audit_forget(user_name: str) -> None:
    """Erase what a person wrote and what was written of them; the chains stay whole."""
    user = model.User.get(user_name)
    if user is None:
        click.echo(f"There is no {user_name}", err=True)
        sys.exit(1)
    click.echo(f"{store.audit.forget(user.id, _operator(), datetime.now(UTC))} texts erased")


@audit.command("retain")
def audit_retain() -> None:
    """Erase the words of events, and sent notices, that are older than policy keeps them.

    The clock does so each hour; this looks at everything, also where policy keeps less than before.
    """
    texts, notices = retention.apply(_operator(), datetime.now(UTC), everything=True)
    click.echo(f"{texts} texts and {notices} sent notices erased")


def _operator() -> str:
    """Return whom the audit names for what is done on the server's command line."""
    return str(toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"])


@audit.command("export")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl")
def audit_export(form: str) -> None:
    """Print every event in order of its place, as JSON Lines or CSV."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    if form == "csv":
        table.writerow(_COLUMNS)
    for link in store.audit.everything():
        hexadecimal = (link.previous.hex(), link.hash.hex(), link.seal.hex())
        row = (link.lane, link.sequence, *hexadecimal, link.body)
        if form == "csv":
            table.writerow(row)
        else:
            click.echo(json.dumps(dict(zip(_COLUMNS, row, strict=True)), ensure_ascii=False))
