"""What a publisher sends wrong is refused in their language, and nothing of it is stored."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import requests
from ckanapi import NotFound

from instance import Instance, arrived, open_dataset

WRONG_LEVELS = {
    "none": ({"classification_level": ""}, "needs a classification level", "ต้องกำหนดชั้นความลับ"),
    "unknown": ({"classification_level": "public"}, "not a classification level", "ไม่รู้จัก"),
    "top secret": ({"classification_level": "top_secret"}, "does not hold top", "ลับที่สุด"),
    "contradicting category": (
        {"data_category": "ข้อมูลส่วนบุคคล"},
        "contradicts the level",
        "ขัดกับชั้นความลับ",
    ),
}


def _workbook(rows: list[list[Any]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


BROKEN_TABLES = {
    "empty": ("t.csv", b"", "empty", "ว่างเปล่า"),
    "no rows": ("t.csv", b"a,b\n", "no rows", "ไม่มีแถว"),
    "wrong delimiter": ("t.csv", b"a,b\n1;2\n", "delimiter is wrong", "ตัวคั่น"),
    "formula": ("t.csv", b"a,b\n1,=2+2\n", "formula", "สูตรคำนวณ"),
    "broken UTF-8": ("t.csv", "ก,ข\nค,".encode() + b"\xe0\xb8\n", "UTF-8", "UTF-8"),
    "no text": ("t.csv", b"a,b\n\x00,2\n", "no text", "ไม่ใช่ข้อความ"),
    "repeated header": ("t.csv", b"a,a\n1,2\n", "repeated column", "ซ้ำกัน"),
    "no workbook": ("t.xlsx", b"PK no workbook", "workbook", "สมุดงาน"),
    "formula in a workbook": ("t.xlsx", _workbook([["a"], ["=1+1"]]), "formula", "สูตรคำนวณ"),
    "header of a workbook": ("t.xlsx", _workbook([["a", "a"], [1, 2]]), "repeated", "ซ้ำกัน"),
    "workbook without rows": ("t.xlsx", _workbook([["a", "b"]]), "no rows", "ไม่มีแถว"),
}


@pytest.fixture
def post(instance: Instance) -> Callable[..., requests.Response]:
    """Return what calls an action as `suda`, in a language."""
    headers = {"Authorization": instance.person("suda")["api_token"]}

    def send(language: str, action: str, **arguments: Any) -> requests.Response:
        prefix = "" if language == "th" else f"/{language}"
        url = f"{instance.url}{prefix}/api/3/action/{action}"
        return requests.post(url, headers=headers, timeout=60, **arguments)

    return send


@pytest.mark.parametrize("wrong", WRONG_LEVELS)
def test_a_dataset_with_a_wrong_level_is_refused_and_not_stored(
    instance: Instance, post: Callable[..., requests.Response], wrong: str
) -> None:
    changes, en, th = WRONG_LEVELS[wrong]
    dataset = {**open_dataset(), **changes}
    for language, said in (("en", en), ("th", th)):
        refused = post(language, "package_create", json=dataset)
        assert refused.status_code == 409
        assert said in str(refused.json()["error"][next(iter(changes))])
    with pytest.raises(NotFound):
        instance.portal("suda").action.package_show(id=dataset["name"])


@pytest.mark.parametrize("wrong", BROKEN_TABLES)
def test_a_broken_table_is_refused_and_nothing_is_stored(
    instance: Instance, post: Callable[..., requests.Response], package: str, wrong: str
) -> None:
    name, content, en, th = BROKEN_TABLES[wrong]
    for language, said in (("en", en), ("th", th)):
        refused = post(
            language, "resource_create",
            data={"package_id": package, "name": "t", "format": name[2:].upper()},
            files={"upload": (name, content)},
        )  # fmt: skip
        assert refused.status_code == 409
        assert said in str(refused.json()["error"]["upload"])
    assert instance.portal("suda").action.package_show(id=package)["resources"] == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("legacy.csv", "จังหวัด;จำนวน\nเชียงใหม่;12\nตาก;7\n".encode("tis-620")),
        ("book.xlsx", _workbook([["จังหวัด", "จำนวน"], ["เชียงใหม่", 12], ["ตาก", 7]])),
    ],
)
def test_a_legacy_table_and_a_workbook_land_typed_in_the_datastore(
    instance: Instance,
    post: Callable[..., requests.Response],
    package: str,
    name: str,
    content: bytes,
) -> None:
    made = post(
        "th", "resource_create",
        data={"package_id": package, "name": name, "format": name.split(".")[1].upper()},
        files={"upload": (name, content)},
    ).json()["result"]  # fmt: skip
    found = arrived(instance, made["id"], 2)
    assert [row["จังหวัด"] for row in found["records"]] == ["เชียงใหม่", "ตาก"]
    assert {field["id"]: field["type"] for field in found["fields"]}["จำนวน"] == "numeric"


def test_markup_in_words_is_shown_and_not_run(
    instance: Instance, post: Callable[..., requests.Response]
) -> None:
    dataset = {**open_dataset(), "title": "<script>alert(1)</script>", "notes": "<b onload=x>y</b>"}
    made = post("en", "package_create", json=dataset).json()["result"]
    try:
        page = requests.get(f"{instance.url}/en/dataset/{made['name']}", timeout=30).text
        assert "<script>alert(1)" not in page
        assert "onload=x" not in page
    finally:
        instance.portal("suda").action.package_delete(id=made["id"])
