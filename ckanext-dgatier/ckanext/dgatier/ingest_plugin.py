"""The plugin `dgatier_ingest`: types the columns of what ckanext-xloader loads, and guards it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import sqlalchemy as sa
from ckan import model, plugins
from ckan.lib import uploader
from ckan.types import Context

from ckanext.datastore.backend.postgres import get_write_engine
from ckanext.dgatier.core import column_types
from ckanext.dgatier.enforce import loading
from ckanext.dgatier.logic import uploads
from ckanext.xloader.interfaces import IXloader


class DgatierIngestPlugin(plugins.SingletonPlugin):
    """Gives a new table its types, and notes them in its data dictionary.

    The loader compares a later file with what the dictionary says, so that a table that is
    loaded again keeps its types and its dictionary.
    """

    plugins.implements(IXloader, inherit=True)
    plugins.implements(plugins.IForkObserver, inherit=True)

    def before_fork(self) -> None:
        """Guard what a job downloads; CKAN's worker calls this before each job."""
        loading.guard()

    def datastore_before_update(
        self, resource_id: str, existing_fields: Any, new_headers: list[dict[str, Any]]
    ) -> None:
        """Check the uploaded file once more, and set the type of each new column from it."""
        _check(resource_id)
        if existing_fields is None:
            types = _types(resource_id)
            for column in new_headers:
                column["type"] = types.get(column["id"], "text")
                column["info"] = {"type_override": column["type"]}

    def after_upload(
        self, context: Context, resource_dict: dict[str, Any], dataset_dict: dict[str, Any]
    ) -> None:
        """Count the rows anew.

        CKAN 2.12 keeps the number of rows of a table and takes no notice of the loader's COPY,
        so whoever looked while a file was loading would leave `total` wrong for ever.
        """
        with get_write_engine().begin() as connection:
            connection.execute(
                sa.select(sa.func.update_cached_table_row_count(resource_dict["id"]))
            )


def _check(resource_id: str) -> None:
    stored = _stored(resource_id)
    if stored:
        uploads.check_stored(*stored)


def _types(resource_id: str) -> dict[str, str]:
    stored = _stored(resource_id)
    if stored is None:
        return {}
    with _rows(*stored) as rows:
        header = [name.strip() for name in next(rows, ())]
        return column_types.guess(header, rows)


def _stored(resource_id: str) -> tuple[Path, str] | None:
    """Return where an uploaded file lies, and its format; `None` for what is linked to."""
    resource = model.Resource.get(resource_id)
    if resource is None or resource.url_type != "upload":
        return None
    path = Path(str(uploader.get_resource_uploader({"id": resource_id}).get_path(resource_id)))
    return (path, str(resource.format or "").upper()) if path.is_file() else None


@contextmanager
def _rows(path: Path, form: str) -> Iterator[Iterator[Sequence[str]]]:
    if form == "XLSX":
        with path.open("rb") as workbook:
            sheet = openpyxl.load_workbook(workbook, read_only=True).worksheets[0]
            yield ([_text(value) for value in row] for row in sheet.iter_rows(values_only=True))
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield csv.reader(file)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
