"""A file is what its name and its format say, or it is no table here."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable

import pytest
from ckanapi import ValidationError
from openpyxl import Workbook

from instance import Instance

FORMULA = b'name,count\n"=HYPERLINK(""https://evil.example"",""x"")",1\n'
TABLE = b"name,count\na,1\n"
Upload = Callable[..., dict[str, str]]


@pytest.fixture
def upload(instance: Instance, package: str) -> Upload:
    """Return what uploads a file under a name and a format to an open dataset."""

    def send(name: str, content: bytes, form: str) -> dict[str, str]:
        made: dict[str, str] = instance.portal("suda").call_action(
            "resource_create",
            {"package_id": package, "name": name, "format": form},
            files={"upload": (name, content)},
        )
        return made

    return send


def _workbook() -> bytes:
    book = Workbook()
    book.active.append(["name", "count"])
    book.active.append(["a", 1])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _bomb() -> bytes:
    target = io.BytesIO(_workbook())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/zeros", b"0" * 64 * 1024 * 1024)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("t.bin", FORMULA, "CSV"),
        ("t", FORMULA, "csv"),
        ("t.pdf", b"%PDF-1.7\n\xff\xfe\n", "CSV"),
        ("t.csv", TABLE, "XLSX"),
        ("t.xlsx", TABLE, ""),
        ("t.xlsx", _workbook(), "CSV"),
        ("t.xls", FORMULA, "XLS"),
        ("t.dat", b"<html><table></table></html>", "application/vnd.ms-excel"),
        ("t.xlsx", _bomb(), "XLSX"),
    ],
)
def test_what_is_not_what_it_says_is_refused(
    upload: Upload, name: str, content: bytes, form: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        upload(name, content, form)
    assert "upload" in refused.value.error_dict


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [("t.bin", TABLE, "CSV"), ("t.csv", TABLE, "CSV"), ("t.bin", _workbook(), "XLSX")],
)
def test_what_is_what_it_says_is_taken(
    upload: Upload, name: str, content: bytes, form: str
) -> None:
    assert upload(name, content, form)["url_type"] == "upload"


def test_a_file_that_becomes_a_table_later_is_looked_at_then(
    instance: Instance, upload: Upload
) -> None:
    suda = instance.portal("suda").action
    resource = upload("t.bin", FORMULA, "BIN")
    suda.resource_patch(id=resource["id"], format="CSV")
    suda.xloader_submit(resource_id=resource["id"])
    asked = {"entity_id": resource["id"], "task_type": "xloader", "key": "xloader"}
    deadline = time.monotonic() + 120
    while (status := suda.task_status_show(**asked))["state"] not in ("error", "complete"):
        assert time.monotonic() < deadline, status
        time.sleep(0.5)
    assert status["state"] == "error"
    assert "formula" in status["error"]
    assert not suda.resource_show(id=resource["id"]).get("datastore_active")
