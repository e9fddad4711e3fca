"""From whom a copy came."""

from __future__ import annotations

from pathlib import Path

import click
from ckan import model

from ckanext.dgatier import store
from ckanext.dgatier.enforce import tracing

_GIVEN = 5


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dataset", help="look only at the tables of this dataset (name or id)")
def trace(files: tuple[Path, ...], dataset: str | None) -> None:
    """Name from whom each file came, by the pseudonyms that are left in it."""
    dataset_id = None
    if dataset:
        package = model.Package.get(dataset)
        if package is None:
            raise click.ClickException(f"there is no dataset {dataset}")
        dataset_id = str(package.id)
    for path in files:
        _tell(path, tracing.trace(path, dataset_id))


def _tell(path: Path, traced: tracing.Trace) -> None:
    if not traced.found:
        click.echo(f"{path.name}: names no one ({traced.looked_at:,} possible pseudonyms)")
        return
    names = store.people.names_of([one.key.person_id for one in traced.found])
    for one in traced.found:
        person = names.get(one.key.person_id, {"name": one.key.person_id, "display_name": "?"})
        click.echo(
            f"{path.name}: {person['name']} ({person['display_name']}), "
            f"{one.matched:,} of {traced.looked_at:,} pseudonyms, "
            f"of {tracing.table_name(one.key.resource_id)}"
        )
        for event in one.given[:_GIVEN]:
            click.echo(
                f"  {event.at:%Y-%m-%d %H:%M:%S} UTC  {event.action}  decision {event.decision_id}"
                f"  purpose {event.detail.get('purpose') or '–'}"
            )
