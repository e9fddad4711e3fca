"""`datastore_search_sql`: every table in a SELECT is the asker's own view of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from ckanapi import NotAuthorized, ValidationError

from instance import REGISTER, Instance, internal_table
from stack import database
from stack.settings import Settings

_FIELDS = [
    {"id": "card", "type": "text", "info": {"disclosure": "identifier"}},
    {"id": "amount", "type": "numeric", "info": {"disclosure": "plain"}},
    {"id": "province", "type": "text", "info": {"disclosure": "plain"}},
]
_CARDS = ("1103700012345", "1103700054321", "1103700099999")
_ROWS = [
    {"card": card, "amount": 10 * (place + 1), "province": "น่าน"}
    for place, card in enumerate(_CARDS)
]


@pytest.fixture(scope="module")
def table(instance: Instance) -> Iterator[str]:
    """Return an internal table, which officials of other agencies have masked."""
    made = internal_table(instance, name="cards", fields=_FIELDS, records=_ROWS)
    with made as resource_id:
        yield resource_id


def _run(instance: Instance, who: str | None, text: str) -> list[dict[str, Any]]:
    found = instance.portal(who).action.datastore_search_sql(sql=text)
    return list(found["records"])


def _answer(instance: Instance, who: str | None, text: str) -> requests.Response:
    token = instance.person(who)["api_token"] if who else ""
    return requests.post(
        f"{instance.url}/api/3/action/datastore_search_sql",
        json={"sql": text}, headers={"Authorization": token}, timeout=60,
    )  # fmt: skip


def test_each_person_has_what_other_ways_of_reading_give(instance: Instance, table: str) -> None:
    for who in ("suda", "prasit"):
        listed = instance.portal(who).action.datastore_search(resource_id=table)["records"]
        assert _run(instance, who, f'SELECT * FROM "{table}" ORDER BY _id') == listed
    masked = [row["card"] for row in _run(instance, "prasit", f'TABLE "{table}"')]
    assert not set(masked) & set(_CARDS)
    with pytest.raises(NotAuthorized) as refused:
        _run(instance, None, f'SELECT 1 FROM "{table}"')
    assert "เข้าสู่ระบบ" in str(refused.value) or "Sign in" in str(refused.value)


def test_no_condition_gets_behind_a_mask(instance: Instance, table: str) -> None:
    for condition in (
        f"card = '{_CARDS[0]}'",
        "card LIKE '11037%'",
        "EXISTS (SELECT FROM public.\"{0}\" AS b WHERE b.card LIKE '1103%')",
        "left(card, 3) || right(card, 10) LIKE '110%'",
        "card IN (SELECT card FROM \"{0}\" WHERE card ~ '^1103')",
    ):
        text = f'SELECT * FROM "{table}" WHERE {condition.format(table)}'
        assert len(_run(instance, "suda", text)) > 0
        assert _run(instance, "prasit", text) == []
    said = _answer(instance, "prasit", f'SELECT card::numeric FROM "{table}"')
    assert said.status_code == 409
    assert not any(card in said.text for card in _CARDS)


def test_an_error_says_no_value(instance: Instance, table: str) -> None:
    said = _answer(instance, "suda", f"SELECT (card || 'x')::numeric FROM \"{table}\"")
    assert said.status_code == 409
    assert not any(card in said.text for card in _CARDS)
    unknown = _answer(instance, "suda", f'SELECT kard FROM "{table}"')
    assert 'column "kard" does not exist' in unknown.json()["error"]["sql"][0]
    assert "dgatier_" not in _answer(instance, "suda", f'SELECT x.y FROM "{table}"').text


def test_system_columns_and_the_catalogue_are_not_there(instance: Instance, table: str) -> None:
    for part in ("ctid", "xmin", "tableoid", "_full_text"):
        assert _answer(instance, "prasit", f'SELECT {part} FROM "{table}"').status_code == 409
    for name in ("_table_metadata", "pg_class", "pg_stats", "_table_stats"):
        assert _answer(instance, "suda", f"SELECT * FROM {name}").status_code == 404
    # a name of the catalogue that the statement gives itself, used where it does not hold
    text = "SELECT * FROM (WITH pg_class AS (SELECT 1) TABLE pg_class) AS a, pg_class"
    assert _answer(instance, "suda", text).status_code == 409


def test_no_function_of_a_row_runs_sql_or_waits(instance: Instance, table: str) -> None:
    for name in ("ts_stat", "query_to_xml", "pg_sleep", "pg_read_file", "lo_import", "dblink"):
        for text in (
            f'SELECT t.{name} FROM "{table}" AS t',
            f'SELECT a.{name} FROM (SELECT t.card FROM "{table}" AS t) AS a',
            f"SELECT a.{name} FROM (VALUES ('SELECT 1'::text)) AS a",
        ):
            assert _answer(instance, "suda", text).status_code == 409, text


def test_open_and_closed_tables_go_together(
    instance: Instance, table: str, resource_of: Callable[[str], str]
) -> None:
    provinces = resource_of("provinces")
    text = (
        f'SELECT count(*) AS n FROM "{provinces}" AS p JOIN "{table}" AS t '
        "ON t.province = p.name_th"
    )
    assert _run(instance, "prasit", text) == [{"n": 3}]
    assert _answer(instance, None, text).status_code == 403
    assert len(_run(instance, None, f'SELECT * FROM "{provinces}"')) == 77


def test_a_hidden_table_is_as_one_that_is_not(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    hidden = str(
        instance.portal("suda").action.package_show(id="promptpay-transfers")["resources"][0]["id"]
    )
    nowhere = "00000000-0000-4000-8000-000000000000"
    for who in (None, "somchai", "admin"):
        said = [_answer(instance, who, f'SELECT 1 FROM "{one}"') for one in (hidden, nowhere)]
        assert [one.status_code for one in said] == [404, 404]
        assert said[0].text.replace(hidden, nowhere) == said[1].text
        shadowed = f'WITH "{hidden}" AS (SELECT 1 AS n) SELECT n FROM "{hidden}"'
        assert _run(instance, who, shadowed) == [{"n": 1}]


def test_whose_tier_is_a_summary_has_no_rows_and_is_told_what_next(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    said = _answer(instance, "somchai", f'SELECT 1 FROM "{resource_of(REGISTER)}"')
    assert said.status_code == 403
    assert said.json()["error"]["next_steps"]


def test_rows_and_time_have_an_end(instance: Instance, resource_of: Callable[[str], str]) -> None:
    provinces = resource_of("provinces")
    many = f'SELECT 1 AS n FROM "{provinces}" AS a, "{provinces}" AS b, "{provinces}" AS c'
    found = instance.portal().action.datastore_search_sql(sql=many)
    assert found["records_truncated"]
    assert len(found["records"]) == 32_000
    tables = ", ".join(f'"{provinces}" AS t{number}' for number in range(8))
    for text in (
        f"SELECT count(*) FROM {tables}",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i FROM n) SELECT max(i) FROM n",
    ):
        with pytest.raises(ValidationError) as ended:
            _run(instance, None, text)
        assert "นาน" in str(ended.value) or "too long" in str(ended.value)


def test_each_closed_table_that_was_read_is_in_the_audit_and_no_word_of_the_query(
    instance: Instance, table: str
) -> None:
    said = f"a word {table[:8]}"
    _run(instance, "prasit", f"SELECT *, '{said}' FROM \"{table}\"")
    newest = instance.portal("anan").action.dgatier_audit_list(actor="prasit", limit=1)
    (event,) = newest["results"]
    assert (event["action"], event["resource_id"]) == ("data_read", table)
    assert event["detail"]["path"] == "datastore_search_sql"
    assert event["detail"]["rows"] == 3
    assert said not in str(event)


def test_the_reader_of_the_database_is_held_short() -> None:
    stack = Settings.load()
    with database.connect(stack, stack.secrets(), "datastore").cursor() as cursor:
        cursor.execute("SELECT rolconfig FROM pg_roles WHERE rolname = 'datastore_ro'")
        (settings,) = cursor.fetchone()
        # What takes one row must not, of what PostgreSQL lets be written as a column, do anything.
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronargs = 1 AND provariadic = 0 "
            "AND provolatile = 'v' "
            "AND pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND proargtypes[0] IN "
            "('record'::regtype, '\"any\"'::regtype, 'anyelement'::regtype, "
            "'anynonarray'::regtype, 'anycompatible'::regtype)"
        )
        assert cursor.fetchall() == []
    assert "idle_in_transaction_session_timeout=60s" in settings
    assert "log_min_error_statement=panic" in settings
