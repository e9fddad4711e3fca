"""Checks an uploaded table at the door, before CKAN stores anything of it."""

from __future__ import annotations

import tempfile
from pathlib import PurePath
from typing import Any
from zipfile import BadZipFile

import openpyxl
from ckan.lib import helpers
from ckan.plugins import toolkit
from flask import has_request_context
from werkzeug.datastructures import FileStorage

from ckanext.dgatier.core import upload

_DELIMITED = (".csv", ".tsv", ".txt")
_WORKBOOK = ".xlsx"
_IN_MEMORY = 8 * 1024 * 1024


def check(resource: dict[str, Any]) -> None:
    """Refuse a broken CSV or XLSX; put one in TIS-620 or with other marks right.

    A resource without a name gets the file's. Raises `ValidationError` in the person's language.
    Other kinds of files pass untouched.
    """
    uploaded = resource.get("upload")
    if not isinstance(uploaded, FileStorage) or not uploaded.filename:
        return
    if not resource.get("name"):
        resource["name"] = PurePath(uploaded.filename).name
    ending = PurePath(uploaded.filename).suffix.lower()
    try:
        if ending in _DELIMITED:
            _check_delimited(uploaded)
        elif ending == _WORKBOOK:
            _check_workbook(uploaded)
    except upload.UploadRefused as refused:
        thai = has_request_context() and helpers.lang() == "th"
        raise toolkit.ValidationError({"upload": [refused.th if thai else refused.en]}) from refused


def _check_delimited(uploaded: FileStorage) -> None:
    table = upload.inspect(uploaded.stream)
    if table.is_plain:
        return
    rewritten = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    upload.rewrite(uploaded.stream, table, rewritten)
    uploaded.stream = rewritten


def _check_workbook(uploaded: FileStorage) -> None:
    try:
        book = openpyxl.load_workbook(uploaded.stream, read_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise upload.UploadRefused(
            "not_a_workbook", "ไฟล์นี้ไม่ใช่สมุดงาน Excel ที่อ่านได้", "The file is not a readable workbook"
        ) from error
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
    uploaded.stream.seek(0)
