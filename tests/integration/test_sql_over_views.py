"""A statement over graded views gives what the same words give over tables that hold the views."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.dgatier.core.decision import Cell, ColumnMask
from ckanext.dgatier.core.row_filter import AnyOf, Comparison
from ckanext.dgatier.core.target import Column
from ckanext.dgatier.enforce import sql
from ckanext.dgatier.enforce.graded_view import GradedView, Parts
from instance import Instance
from stack import database
from stack.settings import Settings

_COLUMNS = (
    Column("จังหวัด x", "text"),
    Column("Card", "text"),
    Column("income", "numeric"),
    Column("day", "timestamp"),
)
_MASKED = GradedView(
    resource_id="dgatier-test-masked",
    columns=_COLUMNS,
    masks={
        "Card": ColumnMask("pseudonym"),
        "income": ColumnMask("generalise", {"by": "band", "size": 10}),
    },
    key=b"k" * 32,
)
_FILTERED = GradedView(
    resource_id="dgatier-test-filtered",
    columns=_COLUMNS,
    masks={"Card": ColumnMask("partial", {"keep": 2})},
    key=b"k" * 32,
    parts=Parts(
        rows={
            "whole": Comparison("จังหวัด x", "eq", ("น่าน",)),
            "g": AnyOf((Comparison("income", "gt", (20,)), Comparison("จังหวัด x", "eq", ("แพร่",)))),
        },
        keys={"whole": b"k" * 32, "g": b"l" * 32},
        cells={
            "จังหวัด x": (Cell("g", None), Cell("whole", None)),
            "Card": (Cell("whole", ColumnMask("partial", {"keep": 2})), Cell("g", None)),
            "income": (Cell("g", None),),
            "day": (Cell("whole", None),),
        },
    ),
)  # fmt: skip
_VIEWS: dict[str, GradedView | str] = {view.resource_id: view for view in (_MASKED, _FILTERED)}
_STATEMENTS = 40


@pytest.fixture(scope="module")
def raw(instance: Instance) -> Iterator[Any]:
    """Return a connection with the tables, and temporary ones of the same names with the views.

    What is made goes with the connection.
    """
    stack = Settings.load()
    address = database.administrator_url(stack, stack.secrets(), "datastore")
    dice = Random(1)  # noqa: S311
    with psycopg2.connect(address) as made, made.cursor() as cursor:
        for name, view in _VIEWS.items():
            cursor.execute(
                f'CREATE TABLE public."{name}" (_id int, "จังหวัด x" text, "Card" text, '
                "income numeric, day timestamp)"
            )
            for number in range(60):
                cursor.execute(
                    f'INSERT INTO public."{name}" VALUES (%s, %s, %s, %s, %s)',
                    (
                        number,
                        dice.choice(["น่าน", "แพร่", "น่าน ", "it's", None]),
                        dice.choice(["0812345678", "12", "%", "\\", None]),
                        dice.choice([0, 5, 15, 25, 100, None]),
                        dice.choice(["2023-01-01", "2024-05-06T07:08:09", None]),
                    ),
                )
            held = sql.whole_text(made, sql.read(f'TABLE "{name}"'), {name: view}, 1000)
            cursor.execute(f'CREATE TEMPORARY TABLE "{name}" AS {held}')
        cursor.execute("SET search_path TO pg_catalog")
        yield made
        made.rollback()


def _name(dice: Random) -> str:
    return f'"{dice.choice(list(_VIEWS))}"'


def _value(dice: Random, table: str) -> str:
    number = dice.choice(
        [f"{table}._id", f'length({table}."Card")', str(dice.randint(-1, 30)), f"{table}._id % 7"]
    )
    text = dice.choice(
        [
            f'{table}."จังหวัด x"', f'{table}."Card"', f"{table}.income::text",
            "'น่าน'", "'it''s'", "'%'", f'left({table}."Card", 2)', f"upper({table}.\"Card\")",
        ]
    )  # fmt: skip
    return dice.choice([number, f"({number})::text", text, f"coalesce({text}, '')"])


def _condition(dice: Random, table: str, depth: int = 2) -> str:
    if depth and dice.random() < 0.4:
        word = dice.choice(["AND", "OR"])
        parts = [_condition(dice, table, depth - 1) for _ in range(2)]
        return f"({parts[0]} {word} {parts[1]})"
    operator = dice.choice(["=", "<>", "<", "~~"])
    return dice.choice(
        [
            f"({_value(dice, table)})::text {operator} ({_value(dice, table)})::text",
            f"{table}.day > '2023-06-01'",
            f'{table}."จังหวัด x" IN (SELECT i."จังหวัด x" FROM {_name(dice)} AS i WHERE i._id < 30)',
            f"EXISTS (SELECT FROM {_name(dice)} AS e WHERE e._id = {table}._id + 1)",
            f"NOT {table}.income IS NULL",
        ]
    )  # fmt: skip


def _source(dice: Random, depth: int) -> str:
    kind = dice.random()
    if depth and kind < 0.25:
        return f"({_select(dice, depth - 1)}) AS t"
    if kind < 0.45:
        return f"{_name(dice)} AS t LEFT JOIN {_name(dice)} AS u USING (_id)"
    if kind < 0.55:
        most = f'SELECT max(l."Card") AS most FROM {_name(dice)} AS l WHERE l._id < t._id'
        return f"public.{_name(dice)} AS t, LATERAL ({most}) AS m"
    return f"{_name(dice)} AS t"


def _select(dice: Random, depth: int = 2) -> str:
    kind = dice.random()
    if depth and kind < 0.1:
        # Fails on rows that a filter takes out, and on values that a mask hides. Alone, because
        # PostgreSQL may ask conditions in any order.
        fails = [f"10 / (t._id - {dice.randint(0, 60)}) > 0", 't."Card"::numeric > 3']
        return f"SELECT * FROM {_name(dice)} AS t WHERE {dice.choice(fails)}"
    where = _condition(dice, "t")
    if kind < 0.2:
        most = (
            'count(*) AS _id, max(t."Card") AS "Card", max(t.income) AS income, min(t.day) AS day'
        )
        return f'SELECT t."จังหวัด x", {most} FROM {_name(dice)} AS t WHERE {where} GROUP BY 1'
    if kind < 0.3:
        # A name of a part is never a table, so only where all of the statement is the part's.
        own = dice.choice(["part", "dgatier_0", *([_name(dice).strip('"')] if depth == 2 else [])])
        other = next(one for one in _VIEWS if one != own)
        return f'WITH "{own}" AS (SELECT * FROM "{other}") SELECT * FROM "{own}" AS t WHERE {where}'
    if kind < 0.4:
        word = dice.choice(["UNION", "EXCEPT", "INTERSECT ALL"])
        return f"SELECT * FROM {_name(dice)} AS t WHERE {where} {word} TABLE {_name(dice)}"
    if kind < 0.5:
        place = "row_number() OVER (ORDER BY t._id DESC) AS place"
        return f"SELECT t.*, {place} FROM {_name(dice)} AS t WHERE {where}"
    columns = 't._id, t."จังหวัด x", t."Card", t.income, t.day'
    return f"SELECT {columns} FROM {_source(dice, depth)} WHERE {where}"


def _found(raw: Any, text: str) -> list[str] | str:
    """Return the rows in an order that does not depend on how they came, or the error's kind."""
    with raw.cursor() as cursor:
        cursor.execute("SAVEPOINT one")
        try:
            cursor.execute(text)
            return sorted(map(repr, cursor.fetchall()))
        except psycopg2.Error as error:
            return f"error {error.pgcode}"
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT one")


@settings(max_examples=15, deadline=None, database=None)
@given(st.integers(0, 2**32).map(Random))
def test_any_statement_sees_the_views_and_nothing_else(raw: Any, dice: Random) -> None:
    answered = 0
    for _ in range(_STATEMENTS):
        text = _select(dice)
        ours = sql.whole_text(raw, sql.read(text), _VIEWS, 100_000)
        wanted = _found(raw, text.replace("public.", ""))  # the temporary tables are not there
        assert _found(raw, ours) == wanted, text
        answered += isinstance(wanted, list)
    assert answered > _STATEMENTS / 4
