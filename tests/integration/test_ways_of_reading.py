"""One table has the same cells for a person by every way of reading it."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pyarrow.parquet
import pytest
import requests

from instance import Instance, internal_table

_PURPOSE = "dpv:AcademicResearch"
_FIELDS = [
    {"id": "card", "type": "text", "info": {"disclosure": "identifier"}},
    {"id": "จังหวัด", "type": "text", "info": {"disclosure": "plain", "subject_key": "province"}},
    {"id": "amount", "type": "numeric", "info": {"disclosure": "measure", "kind": "amount"}},
    {"id": "day", "type": "timestamp", "info": {"disclosure": "plain", "period": "date"}},
    {"id": "paid", "type": "bool", "info": {"disclosure": "plain"}},
    {"id": "note", "type": "text", "info": {"disclosure": "plain"}},
]
_NAMES = [field["id"] for field in _FIELDS]
_ROWS = (
    ("1103700012345", "น่าน", 10.5, "2023-01-01", True, "one, \"two\""),
    ("1103700054321", "แพร่", 20, "2024-05-06T07:08:09", False, "hidden"),
    ("1103700099999", "น่าน", None, None, None, None),
    ("1103700077777", "น่าน", 70000, "2023-12-31", True, "a\nb"),
)  # fmt: skip
_PEOPLE = ("suda", "prasit", "nari")
Cells = list[list[str]]


@pytest.fixture(scope="module")
def table(instance: Instance) -> Iterator[str]:
    """Return a table: whole for suda, masked for prasit, two rows and a part of them for nari."""
    records = [dict(zip(_NAMES, row, strict=True)) for row in _ROWS]
    made = internal_table(instance, name="ways", fields=_FIELDS, records=records)
    with made as resource_id:
        suda, nari = instance.portal("suda").action, instance.portal("nari").action
        package = suda.resource_show(id=resource_id)["package_id"]
        asked = nari.dgatier_request_create(
            id=package, tier="masked", purpose=_PURPOSE, days=30,
            justification="A study of how welfare reaches the provinces.",
            conditions={"provinces": ["น่าน"], "years": [2023]},
        )  # fmt: skip
        suda.dgatier_request_decide(id=asked["id"], decision="approve")
        yield resource_id
        nari.dgatier_request_close(id=asked["id"], copies="none")


@pytest.fixture(scope="module")
def view(instance: Instance, table: str) -> str:
    made = instance.portal("suda").action.resource_view_create(
        resource_id=table, view_type="datatables_view", title="all"
    )
    return str(made["id"])


def _text(value: Any) -> str:
    """Return a cell as people would write it, whatever the format made of it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int | float | Decimal):
        return f"{value:g}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    text = str(value).replace("\r\n", "\n")
    if text in ("True", "False", "true", "false"):
        return text[0].lower()
    return f"{float(text):g}" if re.fullmatch(r"-?[0-9]+\.[0-9]+|[0-9]{1,8}", text) else text


def _get(instance: Instance, who: str, path: str, **parameters: Any) -> requests.Response:
    headers = {"Authorization": instance.person(who)["api_token"]}
    return requests.get(instance.url + path, params=parameters, headers=headers, timeout=60)


def _records(rows: list[dict[str, Any]], names: list[str] | None = None) -> Cells:
    return [[_text(row[name]) for name in names or _NAMES] for row in rows]


def _csv(text: str, delimiter: str = ",") -> Cells:
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [[_text(dict(zip(head, row, strict=True))[name]) for name in _NAMES] for row in rows]


def _searched(instance: Instance, who: str, table: str, **query: Any) -> Cells:
    found = instance.portal(who).action.datastore_search(resource_id=table, **query)
    if isinstance(found["records"], str):
        delimiter = "," if found["records_format"] == "csv" else "\t"
        names = [one["id"] for one in found["fields"]]
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter).writerow(names)
        return _csv(text.getvalue() + found["records"], delimiter)
    if query.get("records_format") == "lists":
        names = [one["id"] for one in found["fields"]]
        return _records([dict(zip(names, row, strict=True)) for row in found["records"]])
    return _records(found["records"])


def _viewed(instance: Instance, who: str, table: str) -> Cells:
    found = instance.portal(who).action.dgatier_view_search(resource_id=table)
    return _records(found["records"])


def _selected(instance: Instance, who: str, table: str) -> Cells:
    found = instance.portal(who).action.datastore_search_sql(
        sql=f'SELECT * FROM "{table}" ORDER BY _id'
    )
    return _records(found["records"])


def _dumped(instance: Instance, who: str, table: str, form: str, **query: Any) -> Cells:
    answer = _get(instance, who, f"/datastore/dump/{table}", format=form, **query)
    assert answer.status_code == 200, answer.text[:500]
    if who != "suda":
        assert "no-store" in answer.headers["Cache-Control"]
    return _read(answer.content, form)


def _read(content: bytes, form: str) -> Cells:
    match form:
        case "csv" | "tsv":
            return _csv(content.decode(), "," if form == "csv" else "\t")
        case "json":
            found = json.loads(content)
            names = [one["id"] for one in found["fields"]]
            return _records([dict(zip(names, row, strict=True)) for row in found["records"]])
        case "xml":
            rows = ElementTree.fromstring(content)  # noqa: S314
            return [[_text(cell.text) for cell in row] for row in rows]
        case "parquet":
            return _records(pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist())
        case _:
            sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
            head, *rows = sheet.iter_rows(values_only=True)
            return _records([dict(zip(head, row, strict=True)) for row in rows])


def _tabled(instance: Instance, who: str, view: str) -> Cells:
    answer = _post(
        instance, who, f"/datatables/ajax/{view}",
        {"draw": "1", "start": "0", "length": "100", "search[value]": "",
         "order[0][column]": "0", "order[0][dir]": "asc"},
    )  # fmt: skip
    return _records(answer.json()["data"])


def _downloaded_from_table(instance: Instance, who: str, view: str) -> Cells:
    parameters = {
        "search": {"value": ""}, "order": [{"column": 0, "dir": "asc"}],
        "visible": [True] * (len(_NAMES) + 1), "columns": [],
    }  # fmt: skip
    path = f"/datatables/filtered-download/{view}"
    fields = {"format": "csv", "params": json.dumps(parameters)}
    return _csv(_post(instance, who, path, fields).content.decode())


def _post(instance: Instance, who: str, path: str, fields: dict[str, str]) -> requests.Response:
    session = instance.browse(who)
    page = session.get(instance.url + "/en/", timeout=60).text
    token = re.search(r'<meta name="_csrf_token" content="([^"]+)"', page)
    assert token
    answer = session.post(instance.url + path, data={**fields, "_csrf_token": token[1]}, timeout=60)
    assert answer.status_code == 200, answer.text[:500]
    return answer


def _expected(instance: Instance, who: str, table: str) -> Cells:
    """Return what the person sees, after a look at whether it is what they may see."""
    seen = _searched(instance, who, table)
    originals = [list(map(_text, row)) for row in _ROWS]
    for row in originals:
        row[3] = row[3] and f"{row[3]:T<11}"[:11] + (row[3][11:] or "00:00:00") + ".000"
    if who == "suda":
        assert seen == originals
        return seen
    kept = originals if who == "prasit" else [originals[0], originals[3]]
    assert [row[1] for row in seen] == [row[1] for row in kept]
    assert [row[3:] for row in seen] == [row[3:] for row in kept]
    for shown, real in zip(seen, kept, strict=True):
        assert shown[0] != real[0]
    return seen


@pytest.mark.parametrize("who", _PEOPLE)
def test_every_way_gives_the_same_cells(
    instance: Instance, table: str, view: str, who: str
) -> None:
    wanted = _expected(instance, who, table)
    ways: dict[str, Callable[[], Cells]] = {
        "view_search": lambda: _viewed(instance, who, table),
        "sql": lambda: _selected(instance, who, table),
        "table view": lambda: [
            ["" if cell == "None" else html.unescape(cell) for cell in row]
            for row in _tabled(instance, who, view)
        ],
        "filtered download": lambda: _downloaded_from_table(instance, who, view),
    }
    for form in ("lists", "csv", "tsv"):
        ways[f"records as {form}"] = lambda form=form: _searched(
            instance, who, table, records_format=form
        )
    for form in ("csv", "tsv", "json", "xml", "parquet", "xlsx"):
        ways[f"dump as {form}"] = lambda form=form: _dumped(instance, who, table, form)
    found = {name: way() for name, way in ways.items()}
    assert {name: cells for name, cells in found.items() if cells != wanted} == {}


@pytest.mark.parametrize("who", ["prasit", "nari"])
def test_a_file_is_made_when_it_is_read(instance: Instance, table: str, who: str) -> None:
    package = instance.portal(who).action.resource_show(id=table)["package_id"]
    answer = _get(instance, who, f"/dataset/{package}/resource/{table}/download")
    assert answer.status_code == 200
    assert _csv(answer.content.decode()) == _expected(instance, who, table)


@pytest.mark.parametrize("who", _PEOPLE)
def test_a_dump_takes_filters_words_order_and_pages(
    instance: Instance, table: str, who: str
) -> None:
    queries: list[dict[str, Any]] = [
        {"filters": json.dumps({"จังหวัด": "น่าน"})},
        {"q": "two"},
        {"q": "tw:*", "plain": "false", "language": "simple"},
        {"sort": "day desc, note"},
        {"limit": 1, "offset": 1},
        {"limit": 0},
    ]
    for query in queries:
        wanted = _searched(instance, who, table, **query)
        assert _dumped(instance, who, table, "csv", **query) == wanted, query
    some = {"fields": "จังหวัด", "distinct": "true"}
    answer = _get(instance, who, f"/datastore/dump/{table}", **some)
    wanted_places = {"น่าน"} if who == "nari" else {"น่าน", "แพร่"}
    assert set(answer.content.decode().split()) == {"จังหวัด", *wanted_places}


@pytest.mark.parametrize("who", ["prasit", "nari"])
def test_no_query_of_a_dump_gets_behind_what_is_shown(
    instance: Instance, table: str, who: str
) -> None:
    for query in (
        {"filters": json.dumps({"card": "1103700012345"})},
        {"q": "1103700012345"},
        {"q": "1103:*", "plain": "false"},
        {"q": json.dumps({"card": "1103700012345"})},
        {"filters": json.dumps({"amount": "70000"})},
    ):
        assert _dumped(instance, who, table, "csv", **query) == [], query
    hidden = _dumped(instance, "nari", table, "csv", filters=json.dumps({"note": "hidden"}))
    assert hidden == []


@pytest.mark.parametrize(
    "query",
    [
        {"format": "exe"},
        {"fields": "nothing"},
        {"sort": "nothing"},
        {"filters": "{"},
        {"filters": json.dumps({"nothing": 1})},
        {"filters": json.dumps({"day": "no day"})},
        {"q": "a & | b", "plain": "false"},
        {"q": "a", "language": "klingon"},
        {"limit": "many"},
    ],
)
def test_a_bad_query_of_a_dump_is_said(
    instance: Instance, table: str, query: dict[str, str]
) -> None:
    assert _get(instance, "prasit", f"/datastore/dump/{table}", **query).status_code == 400


def test_who_may_not_have_rows_is_told_why_and_a_hidden_table_is_none(
    instance: Instance, table: str, resource_of: Callable[[str], str]
) -> None:
    for form in ("csv", "parquet"):
        refused = requests.get(f"{instance.url}/datastore/dump/{table}?format={form}", timeout=60)
        assert refused.status_code == 403
        hidden = resource_of("promptpay-transfers")
        nowhere = "00000000-0000-4000-8000-000000000000"
        for one in (hidden, nowhere):
            said = requests.get(f"{instance.url}/datastore/dump/{one}?format={form}", timeout=60)
            assert said.status_code == 404


def test_open_data_comes_in_the_new_formats_too(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    provinces = resource_of("provinces")
    for form in ("parquet", "xlsx"):
        answer = requests.get(
            f"{instance.url}/datastore/dump/{provinces}?format={form}", timeout=60
        )
        assert answer.status_code == 200
        if form == "parquet":
            found = pyarrow.parquet.read_table(io.BytesIO(answer.content))
            assert found.num_rows == 77
            assert str(found.schema.field("population_thousands").type) == "double"
        else:
            book = openpyxl.load_workbook(io.BytesIO(answer.content))
            assert book.worksheets[0].max_row == 78


def test_a_workbook_and_a_file_hold_no_formula(instance: Instance) -> None:
    fields = [{"id": "t", "type": "text", "info": {"disclosure": "plain"}},
              {"id": "n", "type": "numeric", "info": {"disclosure": "plain"}}]  # fmt: skip
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "fine"]
    records = [{"t": text, "n": -5} for text in evil]
    with internal_table(instance, name="evil", fields=fields, records=records) as table:
        answer = _get(instance, "prasit", f"/datastore/dump/{table}", format="xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
        for row, text in zip(list(sheet.iter_rows())[1:], evil, strict=True):
            assert (row[1].data_type, row[1].value) == ("s", text)
            assert row[2].value == -5
        package = instance.portal("prasit").action.resource_show(id=table)["package_id"]
        answer = _get(instance, "prasit", f"/dataset/{package}/resource/{table}/download")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
        assert [row["t"] for row in rows] == [f"'{text}" for text in evil[:-1]] + ["fine"]
        assert {row["n"] for row in rows} == {"-5"}
