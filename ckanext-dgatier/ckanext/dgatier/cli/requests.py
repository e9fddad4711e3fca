"""Requests: listing and showing."""

from __future__ import annotations

from typing import Any

import click

from . import rows

_COLUMNS = ("id", "state", "dataset_name", "requester", "tier", "purpose", "submitted_at")


@click.group()
def requests() -> None:
    """What was asked for."""


@requests.command("list")
@rows.acting
@click.option("--state", help="only those in this state; `waiting` for those to be decided")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
def requests_list(acting: str, state: str | None, as_json: bool) -> None:
    """List the requests that a steward or an auditor may see."""

    def page(limit: int, offset: int) -> list[dict[str, Any]]:
        asked = {"queue": True, "state": state or "", "limit": limit, "offset": offset}
        found: list[dict[str, Any]] = rows.call(acting, "dgatier_request_list", asked)["results"]
        return found

    rows.show(rows.pages(page), _COLUMNS, as_json=as_json)


@requests.command("show")
@rows.acting
@click.argument("request_id")
def requests_show(acting: str, request_id: str) -> None:
    """Print a request with its history, as JSON."""
    rows.one(rows.call(acting, "dgatier_request_show", {"id": request_id}))
