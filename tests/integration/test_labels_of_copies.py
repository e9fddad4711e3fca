"""A copy says who had it, when, by which decision and on which terms, in it or beside it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import openpyxl
import pytest
import requests
from pyarrow import parquet

from instance import Instance, internal_table

FIELDS = [{"id": "citizen", "type": "text", "info": {"disclosure": "identifier"}}]
ROWS = [{"citizen": "synthetic 1"}]


@pytest.fixture(scope="module")
def table(instance: Instance) -> Iterator[str]:
    with internal_table(instance, name="labelled", fields=FIELDS, records=ROWS) as made:
        yield made


def _get(instance: Instance, who: str, address: str) -> requests.Response:
    token = instance.person(who)["api_token"]
    return requests.get(
        address if address.startswith("http") else instance.url + address,
        headers={"Authorization": token},
        timeout=60,
    )


def _label(form: str, content: bytes) -> dict[str, str]:
    if form == "json":
        return dict(json.loads(content)["dgatier"])
    if form == "parquet":
        told = parquet.read_schema(io.BytesIO(content)).metadata
        return {name.decode().split(".")[-1]: text.decode() for name, text in told.items()}
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {one.name.split(".")[-1]: one.value for one in book.custom_doc_props.props}


@pytest.mark.parametrize("form", ["json", "parquet", "xlsx"])
def test_a_file_with_room_for_it_says_whose_copy_it_is(
    instance: Instance, table: str, form: str
) -> None:
    answer = _get(instance, "prasit", f"/datastore/dump/{table}?format={form}")
    label = _label(form, answer.content)
    assert label["decision_id"] == answer.headers["X-Decision-Id"]
    assert label["recipient"] == instance.portal("prasit").action.user_show(id="prasit")["fullname"]
    assert label["terms"].startswith("http")
    assert label["made_at"] > "2026"


def test_beside_a_file_without_room_stands_a_companion_for_its_recipient_alone(
    instance: Instance, table: str
) -> None:
    answer = _get(instance, "prasit", f"/datastore/dump/{table}?format=csv")
    assert answer.text.splitlines()[0] == "_id,citizen"
    beside = answer.links["describedby"]["url"]
    told = _get(instance, "prasit", beside)
    assert "no-store" in told.headers["Cache-Control"]
    assert told.json()["decision_id"] == answer.headers["X-Decision-Id"]
    assert (told.json()["resource_id"], told.json()["format"]) == (table, "csv")
    assert (told.json()["tier"], told.json()["grants"]) == ("masked", [])
    assert _get(instance, "suda", beside).status_code == 404


def test_open_data_carries_no_label(instance: Instance) -> None:
    provinces = instance.portal().action.package_show(id="provinces")["resources"][0]["id"]
    plain = requests.get(f"{instance.url}/datastore/dump/{provinces}?format=parquet", timeout=60)
    assert "describedby" not in plain.links
    assert not parquet.read_schema(io.BytesIO(plain.content)).metadata
