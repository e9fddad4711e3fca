"""Searches a graded view in the terms of `datastore_search`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit

from ckanext.datastore.backend.postgres import get_read_engine
from ckanext.datastore.filters import FilterOp, parse_query_filters
from ckanext.dgatier import policy

from .view import GradedView, column_of, shown, table_of


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asks of a view, in the terms of `datastore_search`."""

    filters: Any = None
    q: Any = None
    fields: tuple[str, ...] | None = None
    sort: tuple[str, ...] = ()
    distinct: bool = False
    limit: int = 100
    offset: int = 0
    include_total: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as JSON values, the columns' names, the count of all that fit, the last `_id`."""

    fields: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    total: int | None
    last_id: int | None


def read(view: GradedView, query: Query) -> Page:
    """Return one page of the view; raises `UnknownColumn` or CKAN's `ValidationError`."""
    table = table_of(view)
    names = ("_id", *(column.name for column in view.columns))
    fields = query.fields or names
    for name in fields:
        column_of(table, name)
    conditions = _conditions(view, table, query)
    page = sa.select(*(shown(view, table, name) for name in fields)).where(*conditions)
    if query.distinct:
        page = page.distinct()
    keyed = not query.distinct
    order = [_order(table, one) for one in query.sort]
    if keyed:
        page = page.add_columns(table.c["_id"].label("__id"))
        page = page.order_by(*(order or [table.c["_id"]]))
    elif order:
        page = page.order_by(*order)
    with get_read_engine().connect() as connection:
        found = connection.execute(page.limit(query.limit).offset(query.offset)).all()
        total = None
        if query.include_total:
            counted = sa.select(*(table.c[name] for name in fields)).where(*conditions)
            counted = counted.distinct() if query.distinct else counted
            total = connection.execute(
                sa.select(sa.func.count()).select_from(counted.subquery())
            ).scalar_one()
    last = found[-1][-1] if found and keyed and not order else None
    rows = [tuple(row[:-1]) if keyed else tuple(row) for row in found]
    return Page(tuple(fields), rows, total, last)


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
        conditions.append(
            sa.func.to_tsvector("simple", text).op("@@")(
                sa.func.plainto_tsquery("simple", str(words))
            )
        )
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
