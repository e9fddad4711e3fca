"""The keys by which the files of resources are sealed."""

from __future__ import annotations

import sys

import click
from ckan import model

from ckanext.dgatier import store
from ckanext.dgatier.enforce import resealing, sealed_storage
from ckanext.dgatier.store import sealing


@click.group()
def keys() -> None:
    """The keys by which files are sealed."""


@keys.command("seal")
def keys_seal() -> None:
    """Seal the files that came before the storage was sealed."""
    _tell(resealing.seal_plain(_storage(), _progress))


@keys.command("rotate")
@click.argument("dataset", required=False)
@click.option("--all", "every", is_flag=True, help="of each dataset that has a key")
def keys_rotate(dataset: str | None, every: bool) -> None:
    """Give a dataset (name or id) a new data key, and seal its files by it."""
    if bool(dataset) == every:
        raise click.UsageError("name one dataset, or say --all")
    chosen = _all_ids() if every else [_id_of(str(dataset))]
    for dataset_id in chosen:
        _tell(resealing.rotate(_storage(), dataset_id, _progress), dataset_id)


@keys.command("rewrap")
def keys_rewrap() -> None:
    """Wrap every data key by the first master key of the configuration."""
    try:
        click.echo(f"{resealing.rewrap():,} data keys are wrapped by the first master key")
    except sealing.UnknownMasterKey:
        click.echo(
            "Nothing was changed: a data key opens by none of the master keys. "
            "See `ckan dgatier keys check`, and put the missing master key back",
            err=True,
        )
        sys.exit(1)


@keys.command("check")
def keys_check() -> None:
    """Look whether every file is sealed and every key opens; ends with 1 where not."""
    found = list(resealing.problems(_storage()))
    for problem in found:
        click.echo(problem)
    if found:
        sys.exit(1)
    click.echo("Every file is sealed, and every data key opens")


def _storage() -> sealed_storage.SealedStorage:
    storage = sealed_storage.resource_storage()
    if storage is None:
        raise click.ClickException(
            f"the storage of resources is not `{sealed_storage.TYPE}`: see docs/operating.md"
        )
    return storage


def _id_of(dataset: str) -> str:
    package = model.Package.get(dataset)
    if package is None:
        raise click.ClickException(f"there is no dataset {dataset}")
    return str(package.id)


def _all_ids() -> list[str]:
    return sorted({key.dataset_id for key in store.data_keys.everything()})


def _progress(done: int, of: int) -> None:
    click.echo(f"\r{done:,} of {of:,} files", nl=done == of, err=True)


def _tell(done: resealing.Resealed, dataset_id: str = "") -> None:
    click.echo(f"{dataset_id + ': ' if dataset_id else ''}{done.files:,} files sealed")
    for hindrance in done.hindered:
        click.echo(f"  not sealed: {hindrance}", err=True)
    if done.hindered:
        sys.exit(1)
