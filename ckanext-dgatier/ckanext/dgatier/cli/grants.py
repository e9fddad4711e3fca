"""Grants: listing, showing, bringing in what was approved on paper, taking back."""

from __future__ import annotations

import sys
from typing import IO, Any

import click
from ckan.plugins import toolkit

from ckanext.dgatier.logic import importing

from . import rows

_COLUMNS = ("id", "state", "dataset_name", "subject", "tier", "purpose", "valid_until")


@click.group()
def grants() -> None:
    """What was approved, and to whom."""


@grants.command("list")
@rows.acting
@click.option("--dataset", "dataset_id", help="only those on this dataset")
@click.option("--holder", help="only those of this person")
@click.option("--state", help="active, pending, expired or revoked")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
def grants_list(acting: str, as_json: bool, **filters: str | None) -> None:
    """List the grants that a steward or an auditor may see."""
    asked = {name: value for name, value in filters.items() if value}

    def page(limit: int, offset: int) -> list[dict[str, Any]]:
        bounds = {"agency": True, "limit": limit, "offset": offset}
        return rows.call(acting, "dgatier_grant_list", {**asked, **bounds})

    rows.show(rows.pages(page), _COLUMNS, as_json=as_json)


@grants.command("show")
@rows.acting
@click.argument("grant_id")
def grants_show(acting: str, grant_id: str) -> None:
    """Print a grant as JSON."""
    rows.one(rows.call(acting, "dgatier_grant_show", {"id": grant_id}))


@grants.command("revoke")
@rows.acting
@click.option("--reason", required=True, help="why, told to the holder")
@click.option("--reference", help="the reference of a grant that was brought in")
@click.argument("grant_ids", nargs=-1)
def grants_revoke(acting: str, reason: str, reference: str | None, grant_ids: list[str]) -> None:
    """Take grants back; the very next reading is refused."""
    ids = list(grant_ids)
    if reference:
        ids += _of_reference(acting, reference)
    if not ids:
        raise click.ClickException(toolkit._("There is no such grant."))
    for grant_id in ids:
        rows.call(acting, "dgatier_grant_revoke", {"id": grant_id, "reason": reason})
        click.echo(f"{grant_id} revoked")


def _of_reference(acting: str, reference: str) -> list[str]:
    """Return the grants of a paper that could count now or later, held back ones too."""
    request_id = importing.id_of(reference)
    shown = rows.call(acting, "dgatier_request_show", {"id": request_id})
    asked = {
        "agency": True,
        "dataset_id": shown["dataset_id"],
        "holder": shown["requester"]["name"],
    }

    def page(limit: int, offset: int) -> list[dict[str, Any]]:
        return rows.call(acting, "dgatier_grant_list", {**asked, "limit": limit, "offset": offset})

    return [
        one["id"]
        for one in rows.pages(page)
        if one["request_id"] == request_id and one["state"] not in ("revoked", "expired")
    ]


@grants.command("import")
@click.option("--dry-run", is_flag=True, help="check every line, and write nothing")
@click.option("--skip-refused", is_flag=True, help="bring in the lines with which nothing is wrong")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a refused line")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
def grants_import(file: IO[str], dry_run: bool, skip_refused: bool, as_json: bool) -> None:
    """Bring in grants that were approved outside of the portal, from a CSV file.

    Nothing is written while any line is refused, and a reference that is there already is left as
    it is, so that a file can be brought in again. Ends with 1 where a line was refused.
    """
    try:
        with click.progressbar(importing.check(file), label="Check", file=sys.stderr) as checked:
            lines = list(checked)
    except importing.NotATable as wrong:
        raise click.ClickException(str(wrong)) from wrong
    refused = [line for line in lines if line.problems]
    for line in refused:
        shape = {"line": line.number, "reference": line.reference, "problems": list(line.problems)}
        if as_json:
            rows.one(shape, indent=None)
        else:
            click.echo(f"line {line.number} ({line.reference}): {'; '.join(line.problems)}")
    new = [line for line in lines if line.events]
    known = len(lines) - len(new) - len(refused)
    if dry_run or (refused and not skip_refused):
        click.echo(
            f"{len(new)} could be brought in, {known} are there already, {len(refused)} refused; "
            "nothing was written",
            err=True,
        )
        sys.exit(1 if refused else 0)
    with click.progressbar(new, label="Bring in", file=sys.stderr) as writing:
        for line in writing:
            importing.write(line)
    click.echo(
        f"{len(new)} brought in, {known} were there already, {len(refused)} refused", err=True
    )
    sys.exit(1 if refused else 0)
