"""Checks an uploaded table at the door, before CKAN stores anything of it."""

from __future__ import annotations

import tempfile
from pathlib import PurePath
from typing import IO, Any
from zipfile import BadZipFile

import openpyxl
from ckan import model
from ckan.lib import helpers
from ckan.plugins import toolkit
from flask import has_request_context
from werkzeug.datastructures import FileStorage

from ckanext.dgatier.core import upload
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.enforce import facts, sealed_storage

_DELIMITED = (".csv", ".tsv", ".txt")
_DELIMITED_FORMATS = ("CSV", "TSV", "TEXT/CSV", "APPLICATION/CSV")
_WORKBOOK = ".xlsx"
_WORKBOOK_FORMATS = (
    "XLSX",
    "APPLICATION/VND.OPENXMLFORMATS-OFFICEDOCUMENT.SPREADSHEETML.SHEET",
)
_OLD_WORKBOOK = ".xls"
_OLD_WORKBOOK_FORMATS = ("XLS", "APPLICATION/VND.MS-EXCEL")
_IN_MEMORY = 8 * 1024 * 1024


def check(resource: dict[str, Any]) -> None:
    """Refuse a broken table; put a CSV in TIS-620 or with other marks right.

    A file is what its name says and what its format says, both: the loader goes by the format. A
    resource without a name gets the file's. Raises `ValidationError` in the person's language.
    Other kinds of files pass untouched.
    """
    uploaded = resource.get("upload")
    if not isinstance(uploaded, FileStorage) or not uploaded.filename:
        return
    _require_seal(resource)
    if not resource.get("name"):
        resource["name"] = PurePath(uploaded.filename).name
    ending = PurePath(uploaded.filename).suffix.lower()
    form = str(resource.get("format") or "").upper()
    try:
        if ending in _DELIMITED or form in _DELIMITED_FORMATS:
            _check_delimited(uploaded)
        if ending == _WORKBOOK or form in _WORKBOOK_FORMATS:
            _check_workbook(uploaded.stream)
        if ending == _OLD_WORKBOOK or form in _OLD_WORKBOOK_FORMATS:
            upload.check_old_workbook(uploaded.stream)
    except upload.UploadRefused as refused:
        thai = has_request_context() and helpers.lang() == "th"
        raise toolkit.ValidationError({"upload": [refused.th if thai else refused.en]}) from refused


def check_stored(file: IO[bytes], form: str) -> None:
    """Raise `UploadRefused` unless a stored file is a sound table of this format.

    A format can be changed after the file was taken in.
    """
    if form.upper() in _WORKBOOK_FORMATS:
        _check_workbook(file)
    elif form.upper() in _OLD_WORKBOOK_FORMATS:
        upload.check_old_workbook(file)
    else:
        upload.inspect(file)


def _require_seal(resource: dict[str, Any]) -> None:
    """Take no file above open where it would lie in clear."""
    if sealed_storage.resource_storage() is not None:
        return
    package = model.Package.get(resource.get("package_id"))
    if package is None or facts.of_package(package).level is not ClassificationLevel.OPEN:
        raise toolkit.ValidationError(
            {"upload": [toolkit._("The portal seals no files yet, and takes none above open.")]}
        )


def _check_delimited(uploaded: FileStorage) -> None:
    table = upload.inspect(uploaded.stream)
    if table.is_plain:
        return
    rewritten = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    upload.rewrite(uploaded.stream, table, rewritten)
    uploaded.stream = rewritten


def _check_workbook(file: IO[bytes]) -> None:
    upload.check_packed(file)
    try:
        book = openpyxl.load_workbook(file, read_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise upload.NotAWorkbook from error
    rows = 0
    for number, row in enumerate(book.worksheets[0].iter_rows(), start=1):
        if number == 1:
            names = ["" if cell.value is None else str(cell.value) for cell in row]
            while names and not names[-1].strip():
                names.pop()
            upload.check_header(names, number)
        rows += number > 1 and any(cell.value not in (None, "") for cell in row)
        if any(
            cell.data_type == "f" or (isinstance(cell.value, str) and upload.is_formula(cell.value))
            for cell in row
        ):
            raise upload.UploadRefused(
                "formula",
                "มีสูตรคำนวณ ซึ่งโปรแกรมตารางจะสั่งทำงาน",
                "There is a formula, which a spreadsheet would run",
                number,
            )
    if rows == 0:
        raise upload.UploadRefused(
            "no_rows", "ไฟล์ไม่มีแถวข้อมูลใต้หัวตาราง", "The file has no rows below its header"
        )
    file.seek(0)
