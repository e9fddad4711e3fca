"""The plugin `dgatier_ingest`: types the columns of what ckanext-xloader loads, and guards it."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

import openpyxl
import sqlalchemy as sa
from ckan import model, plugins
from ckan.plugins import toolkit
from ckan.types import Action, Context, DataDict

from ckanext.datastore.backend.postgres import get_write_engine
from ckanext.dgatier.core import column_types
from ckanext.dgatier.enforce import loading, sealed_storage
from ckanext.dgatier.logic import uploads
from ckanext.xloader.interfaces import IXloader

_IN_MEMORY = 8 * 1024 * 1024


class DgatierIngestPlugin(plugins.SingletonPlugin):
    """Gives a new table its types, and notes them in its data dictionary.

    The loader compares a later file with what the dictionary says, so that a table that is
    loaded again keeps its types and its dictionary. Where the columns are others, it begins anew
    without a dictionary: each column that is there again gets back what was said of it, its
    disclosure class too, and one that is new is withheld until somebody classes it.
    """

    plugins.implements(plugins.IActions)
    plugins.implements(IXloader, inherit=True)
    plugins.implements(plugins.IForkObserver, inherit=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        #: What the dictionaries of tables said that the loader has taken away in this job.
        self._said: dict[str, dict[str, dict[str, Any]]] = {}

    def get_actions(self) -> dict[str, Action]:
        """Return the one action that the loader comes by without a name."""
        return {"datastore_delete": datastore_delete}

    def before_fork(self) -> None:
        """Guard what a job downloads; CKAN's worker calls this before each job."""
        loading.guard()

    def datastore_before_update(
        self, resource_id: str, existing_fields: Any, new_headers: list[dict[str, Any]]
    ) -> None:
        """Check the uploaded file once more, and set the type of each new column from it."""
        types: dict[str, str] = {}
        with _stored(resource_id) as stored:
            if stored is not None:
                uploads.check_stored(*stored)
                types = _types(*stored) if existing_fields is None else {}
        if existing_fields is not None:
            self._said[resource_id] = {one["id"]: one.get("info") or {} for one in existing_fields}
            return
        said = self._said.pop(resource_id, {})
        for column in new_headers:
            column["type"] = types.get(column["id"], "text")
            column["info"] = {**said.get(column["id"], {}), "type_override": column["type"]}

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


@toolkit.chained_action
def datastore_delete(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Do the loader's own work in the name of the portal.

    The loader takes a table away as nobody, when a file comes with other columns, and CKAN then
    finds no one to note as its author: the table would be gone and the new one not loaded.
    """
    if context.get("ignore_auth") and not context.get("user"):
        context["user"] = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return original(context, data_dict)


def _types(clear: IO[bytes], form: str) -> dict[str, str]:
    clear.seek(0)
    rows = _rows(clear, form)
    header = [name.strip() for name in next(rows, ())]
    return column_types.guess(header, rows)


@contextmanager
def _stored(resource_id: str) -> Iterator[tuple[IO[bytes], str] | None]:
    """Give an uploaded file in clear, and its format; `None` for what is linked to."""
    resource = model.Resource.get(resource_id)
    uploaded = resource is not None and resource.url_type == "upload"
    original = sealed_storage.open_original(resource_id) if uploaded else None
    if original is None:
        yield None
        return
    with original, tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as clear:
        shutil.copyfileobj(original, clear)
        clear.seek(0)
        yield clear, str(resource.format or "").upper()


def _rows(clear: IO[bytes], form: str) -> Iterator[Sequence[str]]:
    if form == "XLSX":
        sheet = openpyxl.load_workbook(clear, read_only=True).worksheets[0]
        return ([_text(value) for value in row] for row in sheet.iter_rows(values_only=True))
    return csv.reader(io.TextIOWrapper(clear, encoding="utf-8-sig", newline=""))


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)
