"""What the dictionary says that a column holds decides how it is masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from ckanapi import RemoteCKAN

from instance import Instance, internal_table

COLUMNS = {
    "who": "text",
    "phone": "text",
    "born": "timestamp",
    "met": "timestamp",
    "income": "numeric",
    "paid": "numeric",
}
ROWS: tuple[dict[str, Any], ...] = (
    {"who": "สมมติ ใจดี", "phone": "0812345678", "born": "1950-06-15", "met": "2024-05-17",
     "income": 5000, "paid": 1000},
    {"who": "สมศรี", "phone": "02", "born": "2000-01-01", "met": "2024-05-18",
     "income": 250000, "paid": 1000},
    {"who": None, "phone": None, "born": None, "met": None, "income": None, "paid": None},
    {"who": "สมหญิง", "phone": "0898765432", "born": "1999-12-31", "met": "2023-01-01",
     "income": 54321, "paid": 250.50},
)  # fmt: skip
KINDS = {
    "who": ("identifier", "name"),
    "phone": ("identifier", "phone"),
    "born": ("quasi_identifier", "birth_date"),
    "met": ("quasi_identifier", "event_date"),
    "income": ("quasi_identifier", "income"),
    "paid": ("measure", "amount"),
}
Described = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def table(instance: Instance) -> Iterator[str]:
    """Return an internal table with one column of each kind."""
    fields = [{"id": name, "type": kind} for name, kind in COLUMNS.items()]
    with internal_table(instance, name="kinds", fields=fields, records=list(ROWS)) as made:
        yield made


@pytest.fixture
def prasit(instance: Instance) -> RemoteCKAN:
    """An official of another agency, who has internal data masked without asking."""
    return instance.portal("prasit")


@pytest.fixture
def seen(instance: Instance, table: str, prasit: RemoteCKAN) -> Described:
    """Return what writes the dictionary and gives the rows as the official sees them."""

    def look(**changes: tuple[str, str]) -> list[dict[str, Any]]:
        instance.portal("suda").action.datastore_create(
            resource_id=table, force=True,
            fields=[{"id": name, "info": {"disclosure": disclosure, "kind": kind}}
                    for name, (disclosure, kind) in {**KINDS, **changes}.items()],
        )  # fmt: skip
        rows: list[dict[str, Any]] = prasit.action.datastore_search(resource_id=table)["records"]
        return rows

    return look


def _band(born: datetime) -> str:
    today = datetime.now(UTC)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return f"{age // 10 * 10}–{age // 10 * 10 + 9}"


def test_each_kind_has_its_mask_and_nothing_stays_nothing(seen: Described) -> None:
    rows = seen()
    shown = {name: [row[name] for row in rows] for name in COLUMNS}
    assert shown["who"] == ["***", "***", None, "***"]
    assert shown["phone"] == ["••••••5678", "••", None, "••••••5432"]
    bands = [_band(datetime(*day, tzinfo=UTC)) for day in ((1950, 6, 15), (2000, 1, 1))]
    assert shown["born"] == [*bands, None, _band(datetime(1999, 12, 31, tzinfo=UTC))]
    assert shown["met"] == ["2024-05", "2024-05", None, "2023-01"]
    assert shown["income"] == ["≤ 10,000", "≥ 100,000", None, "54321"]


def test_what_is_short_is_not_shown_whole(seen: Described) -> None:
    rows = seen(phone=("quasi_identifier", ""), who=("identifier", "account"))
    assert [row["phone"] for row in rows] == ["08…", "…", None, "08…"]
    assert [row["who"] for row in rows][1:] == ["•••••", None, "••••••"]


def test_noise_is_within_its_bounds_the_same_each_time_and_not_that_of_another_row(
    seen: Described, instance: Instance, table: str
) -> None:
    once, again = ([row["paid"] for row in seen()] for _ in range(2))
    assert once == again
    assert once[2] is None
    for noisy, real in ((once[0], 1000), (once[1], 1000), (once[3], 250.5)):
        assert abs(float(noisy) - real) <= real * 0.05 + 1
    assert once[0] != once[1], "rows of the same value have noise of their own"
    own = instance.portal("suda").action.datastore_search(resource_id=table)["records"]
    assert [row["paid"] for row in own][:2] == [1000, 1000]


def test_a_column_of_another_type_than_its_kind_is_hidden(seen: Described) -> None:
    rows = seen(who=("quasi_identifier", "birth_date"), paid=("identifier", "phone"),
                met=("measure", "amount"))  # fmt: skip
    assert {row[name] for row in rows for name in ("who", "paid", "met")} == {None}


def test_no_filter_or_sort_sees_behind_a_kind(
    seen: Described, prasit: RemoteCKAN, table: str
) -> None:
    seen()
    for name, value in (("who", "สมศรี"), ("phone", "0812345678"), ("income", "250000")):
        found = prasit.action.datastore_search(resource_id=table, filters={name: value})
        assert found["total"] == 0, name
    shown = prasit.action.datastore_search(resource_id=table, filters={"income": "≥ 100,000"})
    assert shown["total"] == 1


def test_the_page_says_how_a_column_is_masked(
    seen: Described, prasit: RemoteCKAN, table: str
) -> None:
    seen()
    fields = prasit.action.dgatier_view_search(resource_id=table)["fields"]
    methods = {one["id"]: one["mask"]["method"] for one in fields}
    assert methods == {
        "who": "replace", "phone": "partial", "born": "generalise",
        "met": "generalise", "income": "limit", "paid": "noise",
    }  # fmt: skip
