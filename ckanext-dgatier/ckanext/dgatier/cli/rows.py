"""What commands print, and the person in whose name they ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import click
from ckan import model
from ckan.plugins import toolkit

_PAGE = 200

#: Who asks: the command sees and does what this person may, and the audit names them.
acting = click.option("--as", "acting", required=True, help="the person in whose name this is done")


def call(person: str, action: str, data_dict: dict[str, Any]) -> Any:
    """Return what an action answers a person; ends the command with its words where it refuses."""
    if model.User.get(person) is None:
        raise click.ClickException(f"There is no {person}")
    try:
        return toolkit.get_action(action)({"user": person}, data_dict)
    except toolkit.ValidationError as refused:
        texts = [f"{name}: {text}" for name, text in refused.error_summary.items()]
        raise click.ClickException("; ".join(texts)) from refused
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound) as refused:
        raise click.ClickException(str(refused) or type(refused).__name__) from refused


def pages(page: Callable[[int, int], Sequence[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Yield all results of a list that gives them by limit and offset."""
    offset = 0
    while found := page(_PAGE, offset):
        yield from found
        offset += len(found)


def show(found: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print results: whole as JSON Lines, or some columns with tabs between them."""
    if not as_json:
        click.echo("\t".join(columns))
    for each in found:
        if as_json:
            one(each, indent=None)
        else:
            click.echo("\t".join(_text(each[name]) for name in columns))


def one(shape: Mapping[str, Any], indent: int | None = 2) -> None:
    """Print one result as JSON."""
    click.echo(json.dumps(shape, ensure_ascii=False, indent=indent))


def _text(value: Any) -> str:
    """Return a cell: a person by name, nothing for what is not there."""
    return str(value["name"] if isinstance(value, dict) else "" if value is None else value)
