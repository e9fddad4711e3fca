"""Publishers are told what their columns seem to hold, and take it with one click."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckanapi import NotAuthorized

from ckanext.dgatier.core.recognising import check_digit
from instance import Instance, internal_table

ROWS = [
    {"citizen": f"11017001234{number % 10}{last}", "who": "นายสมมติ ใจดี", "mail": "a@example.org",
     "crop": "ข้าว", "born": f"{1940 + number * 4}-01-01"}
    for number, last in enumerate("0" * 12)
]  # fmt: skip


def _with_check_digits() -> list[dict[str, Any]]:
    return [
        {**row, "citizen": row["citizen"][:12] + check_digit(row["citizen"][:12])} for row in ROWS
    ]


@pytest.fixture(scope="module")
def table(instance: Instance) -> Iterator[str]:
    kinds = dict.fromkeys(ROWS[0], "text") | {"born": "timestamp"}
    fields = [{"id": name, "type": kind} for name, kind in kinds.items()]
    rows = _with_check_digits()
    with internal_table(instance, name="suggested", fields=fields, records=rows) as made:
        yield made


def _suggested(instance: Instance, table: str) -> dict[str, Any]:
    return dict(instance.portal("suda").action.dgatier_column_suggestions(resource_id=table))


def test_each_column_is_told_with_its_share_and_no_value_goes_out(
    instance: Instance, table: str
) -> None:
    found = _suggested(instance, table)
    assert {one["id"]: one["holding"] for one in found["columns"]} == {
        "citizen": "citizen_number", "who": "name", "mail": "email", "born": "birth_date",
    }  # fmt: skip
    assert all(one["share"] == 1 and one["differs"] for one in found["columns"])
    assert found["unclassified"] == list(ROWS[0])
    assert not any(row["who"] in str(found) or row["mail"] in str(found) for row in ROWS)


@pytest.mark.parametrize("name", [None, "somchai", "prasit", "nari", "anan"])
def test_only_whoever_writes_the_dictionary_is_told(
    instance: Instance, table: str, name: str | None
) -> None:
    with pytest.raises(NotAuthorized):
        instance.portal(name).action.dgatier_column_suggestions(resource_id=table)


def test_the_form_offers_it_and_warns_of_what_is_not_said(instance: Instance, table: str) -> None:
    suda = instance.portal("suda").action
    package = suda.resource_show(id=table)["package_id"]
    session = instance.browse("suda", 2)
    form = f"{instance.url}/en/dataset/{package}/dictionary/{table}"
    page = BeautifulSoup(session.get(form, timeout=60).text, "html.parser")
    offered = [button["data-dg-entry"] for button in page.select("button[data-dg-entry]")]
    assert '{"disclosure": "identifier", "subject_key": "citizen_id"}' in offered
    assert "crop" in page.select_one(".dg-note").get_text()
    seen = session.get(f"{instance.url}/en/dataset/{package}/resource/{table}", timeout=60).text
    assert "Describe them" in seen
    entries = {one["id"]: one["entry"] for one in _suggested(instance, table)["columns"]}
    suda.datastore_create(
        resource_id=table, force=True,
        fields=[{"id": name, "info": entries.get(name, {"disclosure": "plain"})}
                for name in ROWS[0]],
    )  # fmt: skip
    page = BeautifulSoup(session.get(form, timeout=60).text, "html.parser")
    assert not page.select("button[data-dg-entry]")
    found = _suggested(instance, table)
    assert found["unclassified"] == []
    assert not any(one["differs"] for one in found["columns"])
