"""Reads a DataStore table as a person may see it.

The masks are part of the query's innermost table, so that filters, sorting, full-text search,
counts and distinct values work on what is shown, and tell nothing of what is behind it.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan.plugins import toolkit
from sqlalchemy.dialects.postgresql import BIT, BYTEA

from ckanext.datastore.backend.postgres import get_read_engine
from ckanext.datastore.filters import FilterOp, parse_query_filters
from ckanext.dgatier import policy
from ckanext.dgatier.core.decision import Cell, ColumnMask
from ckanext.dgatier.core.row_filter import RowFilter
from ckanext.dgatier.core.target import Column

_BLOCK = 64  # the block of SHA-256 in bytes, for HMAC (RFC 2104)
_PSEUDONYM_DIGITS = 16
_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Parts:
    """What a filtered view is made of: by share its rows and its key, by column the cells."""

    rows: Mapping[str, RowFilter]
    keys: Mapping[str, bytes]
    cells: Mapping[str, tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class GradedView:
    """A table with the masks of one person; `key` is the key of this person's pseudonyms.

    `parts` are `None` where all rows are shown, each by the same `masks`.
    """

    resource_id: str
    columns: tuple[Column, ...]
    masks: Mapping[str, ColumnMask]
    key: bytes
    parts: Parts | None = None

    def visible_type(self, column: Column) -> str:
        """Return the type that a column has as it is shown."""
        return "text" if column.name in self.masks else column.type


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


class UnknownColumn(Exception):
    """A query names a column that the view does not have."""


def pseudonym_key(secret: str, subject_id: str | None, resource_id: str, grant: str) -> bytes:
    """Return a key for one person, resource and grant, so that two releases cannot be joined."""
    message = "\x1f".join((subject_id or "", resource_id, grant)).encode()
    return hmac.digest(secret.encode(), message, "sha256")


def read(view: GradedView, query: Query) -> Page:
    """Return one page of the view; raises `UnknownColumn` or CKAN's `ValidationError`."""
    table = _table(view)
    names = ("_id", *(column.name for column in view.columns))
    fields = query.fields or names
    for name in fields:
        _column(table, name)
    conditions = _conditions(view, table, query)
    page = sa.select(*(_shown(view, table, name) for name in fields)).where(*conditions)
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
        statement = sa.select(sa.func.count()).select_from(_table(view))
        return int(connection.execute(statement).scalar_one())


def parts(view: GradedView, delimiter: str = ",") -> Iterator[tuple[str, int]]:
    """Yield the whole view as delimited text, a header first, in pages of constant memory.

    With each part comes how many rows are in it.

    A cell that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    names = tuple(column.name for column in view.columns)
    yield _line(names, delimiter), 0
    table = _table(view)
    statement = sa.select(*(_shown(view, table, name) for name in names)).order_by(table.c["_id"])
    with get_read_engine().connect().execution_options(yield_per=_PAGE) as connection:
        for rows in connection.execute(statement).partitions():
            text = "".join(_line([safe(value) for value in row], delimiter) for row in rows)
            yield text, len(rows)


def summary(view: GradedView, by: str, smallest_cell: int) -> list[tuple[str | None, int | None]]:
    """Return the count of rows for each value of a column, `None` where it is suppressed.

    Counts below `smallest_cell` are suppressed. Where that hides only one, the next smallest is
    hidden too, so that it cannot be had by subtraction from a known total.
    """
    table = _table(view)
    column = _column(table, by)
    statement = (
        sa.select(sa.cast(column, sa.Text), sa.func.count().label("n"))
        .group_by(column)
        .order_by(sa.desc("n"), sa.cast(column, sa.Text))
        .limit(200)
    )
    with get_read_engine().connect() as connection:
        counted = connection.execute(statement).all()
    hidden = {index for index, row in enumerate(counted) if row[1] < smallest_cell}
    if len(hidden) == 1 and len(counted) > 1:
        hidden.add(next(i for i in reversed(range(len(counted))) if i not in hidden))
    return [(row[0], None if i in hidden else row[1]) for i, row in enumerate(counted)]


def _table(view: GradedView) -> Any:
    """Return the graded view as a subquery; everything else selects from it."""
    raw = sa.table(
        view.resource_id, sa.column("_id"), *(sa.column(one.name) for one in view.columns)
    )
    if view.parts is not None:
        return _filtered(view, view.parts, raw)
    masked = [
        _masked(raw, column.name, view.masks.get(column.name), view.key).label(column.name)
        for column in view.columns
    ]
    return sa.select(raw.c["_id"], *masked).subquery("graded")


def _filtered(view: GradedView, parts: Parts, raw: Any) -> Any:
    """Return the rows of the shares, each cell as the first share that has the row shows it.

    The rows are counted anew: the gaps in their own numbers would tell of those between them.
    """
    has = {name: policy.condition(rows, raw.c) for name, rows in parts.rows.items()}

    def shown(column: Column) -> Any:
        cells = [
            (has[cell.share], _masked(raw, column.name, cell.mask, parts.keys[cell.share]))
            for cell in parts.cells.get(column.name, ())
        ]
        if column.name not in view.masks:
            return sa.case(*cells).label(column.name)
        texts = [(one, sa.cast(value, sa.Text)) for one, value in cells]
        hidden = sa.cast(sa.null(), sa.Text)
        return (sa.case(*texts, else_=hidden) if texts else hidden).label(column.name)

    number = sa.func.row_number().over(order_by=raw.c["_id"]).label("_id")
    rows = sa.select(number, *map(shown, view.columns)).where(sa.or_(sa.false(), *has.values()))
    return rows.subquery("graded")


def _masked(raw: Any, name: str, mask: ColumnMask | None, key: bytes) -> Any:
    """Return a column of the table as a mask shows it, a text; NULL stays NULL."""
    column = raw.c[name]
    if mask is None:
        return column
    text = sa.cast(column, sa.Text)
    match mask.method:
        case "replace":
            return sa.case((column.is_not(None), str(mask.options.get("with", "***"))))
        case "limit" if {"lowest", "highest"} <= mask.options.keys():
            return _limited(column, mask.options["lowest"], mask.options["highest"])
        case "noise" if "percent" in mask.options:
            return _noisy(column, raw.c["_id"], name, mask.options["percent"], key)
        case "partial":
            return _last(text, int(mask.options.get("keep", 4)))
        case "truncate":
            length = int(mask.options.get("length", 2))
            shown = sa.case((sa.func.length(text) > length, sa.func.left(text, length)), else_="")
            return sa.case((text.is_not(None), shown.op("||")("…")))
        case "pseudonym":
            return sa.func.left(_hmac(text, key), _PSEUDONYM_DIGITS)
        case "generalise" if mask.options.get("by") == "band":
            return _band(column, int(mask.options.get("size", 10)))
        case "generalise" if mask.options.get("by") == "age":
            age = sa.extract("year", sa.func.age(sa.func.current_date(), sa.cast(column, sa.Date)))
            return _band(age, int(mask.options.get("size", 10)))
        case "generalise" if mask.options.get("by") == "year":
            return sa.func.to_char(sa.cast(column, sa.DateTime), "YYYY")
        case "generalise" if mask.options.get("by") == "month":
            return sa.func.to_char(sa.cast(column, sa.DateTime), "YYYY-MM")
        case _:
            return sa.cast(sa.null(), sa.Text)


def _band(column: Any, size: int) -> Any:
    lower = sa.func.floor(sa.cast(column, sa.Numeric) / size) * size
    return sa.cast(lower, sa.Text).op("||")("–").op("||")(sa.cast(lower + (size - 1), sa.Text))


def _last(text: Any, keep: int) -> Any:
    """Return dots and the last characters; dots alone where they would be half of it or more."""
    length = sa.func.length(text)
    hidden = sa.case((length >= 2 * keep, length - keep), else_=length)
    return sa.func.repeat("•", hidden).op("||")(sa.func.right(text, length - hidden))


def _limited(column: Any, lowest: float, highest: float) -> Any:
    """Return a number, from either limit on only that it is as small or as large as that."""
    return sa.case(
        (column <= lowest, f"≤ {lowest:,}"),
        (column >= highest, f"≥ {highest:,}"),
        else_=sa.cast(column, sa.Text),
    )


def _noisy(column: Any, number: Any, name: str, percent: float, key: bytes) -> Any:
    """Return a number changed by at most so many per cent, rounded to its own digits.

    By how much is drawn from the key, the row and the value, so that reading it again does not
    average the noise out, and two releases differ.
    """
    drawn = sa.func.concat_ws(":", name, sa.cast(number, sa.Text), sa.cast(column, sa.Text))
    digits = sa.func.concat("x", sa.func.left(_hmac(drawn, key), 7))
    between = sa.cast(sa.cast(sa.cast(digits, BIT(28)), sa.Integer), sa.Numeric) / (2**28 - 1)
    exact = sa.cast(column, sa.Numeric)
    changed = exact * (1 + (between * 2 - 1) * sa.cast(percent, sa.Numeric) / 100)
    return sa.cast(sa.func.round(changed, sa.func.scale(exact)), sa.Text)


def _hmac(text: Any, key: bytes) -> Any:
    """Return HMAC-SHA-256 of a text in hexadecimal (RFC 2104), worked out in PostgreSQL."""
    padded = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
    inner = sa.bindparam(None, bytes(byte ^ 0x36 for byte in padded), type_=BYTEA)
    outer = sa.bindparam(None, bytes(byte ^ 0x5C for byte in padded), type_=BYTEA)
    digest = sa.func.sha256(inner.op("||")(sa.func.convert_to(text, "UTF8")), type_=BYTEA)
    return sa.func.encode(sa.func.sha256(outer.op("||")(digest), type_=BYTEA), "hex")


def _column(table: Any, name: str) -> Any:
    if name not in table.c:
        raise UnknownColumn(name)
    return table.c[name]


def _shown(view: GradedView, table: Any, name: str) -> Any:
    """Return a column as JSON carries it: moments as ISO 8601 text, the rest as it is."""
    column = _column(table, name)
    kind = next((view.visible_type(one) for one in view.columns if one.name == name), "int")
    if kind in ("timestamp", "timestamptz"):
        return sa.func.to_char(column, 'YYYY-MM-DD"T"HH24:MI:SS').label(name)
    if kind == "date":
        return sa.cast(column, sa.Text).label(name)
    return column.label(name)


def _order(table: Any, text: str) -> Any:
    name, *rest = text.strip().rsplit(" ", 1) if text.strip().lower().endswith(
        (" asc", " desc")
    ) else (text.strip(),)  # fmt: skip
    column = _column(table, name.strip().strip('"'))
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
        columns = [_column(table, name)] if name else list(table.c)[1:]
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
    column = _column(table, str(one.field))
    values = one.value if one.op == "in" else [one.value]
    if types[str(one.field)] == "text":
        values = [str(value) for value in values]
    match one.op:
        case "eq":
            return column == values[0]
        case "in":
            return column.in_(values)
        case "gt":
            return column > values[0]
        case "gte":
            return column >= values[0]
        case "lt":
            return column < values[0]
        case "lte":
            return column <= values[0]
    raise toolkit.ValidationError({"filters": [f"Unknown filter operation: {one.op}"]})


def _line(values: Sequence[Any], delimiter: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerow(values)
    return buffer.getvalue()


def safe(value: Any) -> Any:
    """Return a cell so that no spreadsheet takes it for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def delimited(rows: Sequence[Sequence[Any]], delimiter: str) -> str:
    """Return rows as delimited text without a header, as `datastore_search` gives it."""
    return "".join(_line(row, delimiter) for row in rows)
