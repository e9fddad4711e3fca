"""Searches a graded view in the terms of `datastore_search`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit
from sqlalchemy.dialects.postgresql import REGCONFIG
from sqlalchemy.exc import DataError, ProgrammingError

from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine
from ckanext.datastore.filters import FilterOp, parse_query_filters
from ckanext.dgatier import policy

from .view import GradedView, column_of, shown, table_of


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asks of a view, in the terms of `datastore_search`.

    `q` are words, or words by column; with `plain` they are all looked for, without they are a
    query of PostgreSQL's text search. `limit` is `None` for all rows.
    """

    filters: Any = None
    q: Any = None
    plain: bool = True
    language: str = "simple"
    fields: tuple[str, ...] | None = None
    sort: tuple[str, ...] = ()
    distinct: bool = False
    limit: int | None = 100
    offset: int = 0
    include_total: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as JSON values, the columns' names, the count of all that fit, the last `_id`."""

    fields: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    total: int | None
    last_id: int | None


class UnreadableQuery(Exception):
    """A filter or a text search is none; says nothing of what PostgreSQL made of it."""


def read(view: GradedView, query: Query) -> Page:
    """Return one page of the view.

    Raises `UnknownColumn`, `UnreadableQuery` or CKAN's `ValidationError`.
    """
    table = table_of(view)
    fields = names_of(view, query)
    page = selected(view, table, query, [shown(view, table, name) for name in fields])
    keyed = not query.distinct
    if keyed:
        page = page.add_columns(table.c["_id"].label("__id"))
    try:
        with get_read_engine().connect() as connection:
            found = connection.execute(page).all()
            counted = query.include_total and not _is_of_all(view, query)
            total = _total(connection, view, table, query) if counted else None
        if query.include_total and total is None:
            total = _kept_count(view.resource_id)
    except (DataError, ProgrammingError):
        raise UnreadableQuery from None
    last = found[-1][-1] if found and keyed and not query.sort else None
    rows = [tuple(row[:-1]) if keyed else tuple(row) for row in found]
    return Page(fields, rows, total, last)


def names_of(view: GradedView, query: Query) -> tuple[str, ...]:
    """Return the columns that are asked for, all of them where none is named."""
    return query.fields or ("_id", *(column.name for column in view.columns))


def selected(view: GradedView, table: Any, query: Query, columns: Sequence[Any]) -> Any:
    """Return the SELECT of columns of the rows that a query asks for, in its order."""
    found = sa.select(*columns).where(*_conditions(view, table, query))
    order = [_order(table, one) for one in query.sort]
    if query.distinct:
        found = found.distinct()
    elif not order:
        order = [table.c["_id"]]
    return found.order_by(*order).limit(query.limit).offset(query.offset)


def _total(connection: Any, view: GradedView, table: Any, query: Query) -> int:
    columns = [column_of(table, name) for name in names_of(view, query)]
    counted = sa.select(*columns).where(*_conditions(view, table, query))
    counted = counted.distinct() if query.distinct else counted
    statement = sa.select(sa.func.count()).select_from(counted.subquery())
    return int(connection.execute(statement).scalar_one())


def _is_of_all(view: GradedView, query: Query) -> bool:
    return view.parts is None and not (query.filters or query.q or query.distinct)


def _kept_count(resource_id: str) -> int:
    """Return the number of all rows of a table, which CKAN keeps and counts anew when it changes.

    Its function stores what it has counted, and so it is for the role that writes. No reading of
    the table may be open meanwhile: a loader that waits for that would have both wait for it.
    """
    with get_write_engine().begin() as connection:
        kept = sa.select(sa.func.cached_table_row_count(resource_id))
        return int(connection.execute(kept).scalar_one())


def count(view: GradedView) -> int:
    """Return how many rows the view has."""
    with get_read_engine().connect() as connection:
        statement = sa.select(sa.func.count()).select_from(table_of(view))
        return int(connection.execute(statement).scalar_one())


def _order(table: Any, text: str) -> Any:
    name, *rest = text.strip().rsplit(" ", 1) if text.strip().lower().endswith(
        (" asc", " desc")
    ) else (text.strip(),)  # fmt: skip
    column = column_of(table, name.strip().strip('"'))
    return column.desc() if rest and rest[0].lower() == "desc" else column.asc()


def _conditions(view: GradedView, table: Any, query: Query) -> list[Any]:
    conditions = []
    if query.filters:
        types = {"_id": "int", **{one.name: view.visible_type(one) for one in view.columns}}
        parsed = parse_query_filters(query.filters, {"fields": types})
        if parsed is not None:
            conditions.append(_filter(table, types, parsed))
    searched = query.q if isinstance(query.q, dict) else {None: query.q} if query.q else {}
    for name, words in searched.items():
        columns = [column_of(table, name)] if name else list(table.c)[1:]
        text = sa.func.concat_ws(" ", *(sa.cast(column, sa.Text) for column in columns))
        language = sa.cast(query.language, REGCONFIG)
        asked = sa.func.plainto_tsquery if query.plain else sa.func.to_tsquery
        found = sa.func.to_tsvector(language, text)
        conditions.append(found.op("@@")(asked(language, str(words))))
    return conditions


def _filter(table: Any, types: Mapping[str, str], one: FilterOp) -> Any:
    if one.op in ("$and", "$or"):
        parts = [_filter(table, types, part) for part in one.value]
        return sa.and_(sa.true(), *parts) if one.op == "$and" else sa.or_(sa.false(), *parts)
    column = column_of(table, str(one.field))
    values = one.value if one.op == "in" else [one.value]
    if types[str(one.field)] == "text":
        values = [str(value) for value in values]
    try:
        return policy.compared(column, one.op, values)
    except KeyError as error:
        raise toolkit.ValidationError(
            {"filters": [f"Unknown filter operation: {one.op}"]}
        ) from error
