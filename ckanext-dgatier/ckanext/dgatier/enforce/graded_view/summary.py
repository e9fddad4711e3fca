"""Counts and sums of a table by groups, in one pass over it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ckanext.datastore.backend.postgres import get_read_engine
from ckanext.dgatier import policy
from ckanext.dgatier.core.decision import SummaryTerms
from ckanext.dgatier.core.release import Group, Question

from . import masks
from .view import GradedView

_VERSION = sa.text(
    "SELECT concat_ws('.', oid, relfilenode, pg_stat_get_tuples_inserted(oid),"
    " pg_stat_get_tuples_updated(oid), pg_stat_get_tuples_deleted(oid))"
    " FROM pg_class WHERE oid = to_regclass(quote_ident(:name))"
)


def content_version(resource_id: str) -> str:
    """Return a text that is another once a table holds other rows, some seconds later at most.

    PostgreSQL counts what is written to a table, whoever writes; its counters reach others with
    the writer's next pause.
    """
    with get_read_engine().connect() as connection:
        return str(connection.execute(_VERSION, {"name": resource_id}).scalar_one())


def groups(view: GradedView, question: Question, terms: SummaryTerms) -> list[Group]:
    """Return the exact figures of each group that is large enough; they must not go out."""
    names = {*question.by, *question.summed, *(name for name, _ in question.filters)}
    tells = {column.name for column in view.columns}
    raw: Any = sa.table(view.resource_id, sa.column("_id"), *map(sa.column, sorted(names | tells)))

    def dimension(name: str) -> Any:
        return masks.masked(raw, name, terms.dimensions[name], view.key)

    conditions = [_among(dimension(name), values) for name, values in question.filters]
    if view.parts is not None:
        rows = [policy.condition(one, raw.c) for one in view.parts.rows.values()]
        conditions.append(sa.or_(sa.false(), *rows))
    keys = [dimension(name).label(f"key_{place}") for place, name in enumerate(question.by)]
    figures = []
    for name in question.summed:
        column = raw.c[name]
        figures += [sa.func.sum(_bounded(column, terms.measures[name])), sa.func.count(column)]
    inside = (
        sa.select(*keys, sa.func.count().label("rows"), *figures)
        .select_from(raw)
        .where(*conditions)
        .group_by(*(sa.text(str(place)) for place in range(1, len(keys) + 1)))
        .having(sa.func.count() >= terms.smallest_cell)
    )
    grouped = inside.subquery()
    texts = [sa.cast(grouped.c[key.name], sa.Text) for key in keys]
    rest = list(grouped.c)[len(keys) :]
    with get_read_engine().connect() as connection:
        found = connection.execute(sa.select(*texts, *rest)).all()
    return [_group(tuple(row), len(keys)) for row in found]


def _group(row: tuple[Any, ...], keys: int) -> Group:
    figures = row[keys + 1 :]
    pairs = zip(figures[::2], figures[1::2], strict=True)
    return Group(row[:keys], row[keys], tuple((total or 0, count) for total, count in pairs))


def _bounded(column: Any, bounds: tuple[float, float]) -> Any:
    """Return a value as it counts: no less and no more than the bounds; NULL stays NULL."""
    lowest, highest = (int(one) if float(one).is_integer() else one for one in bounds)
    return sa.case(
        (column < sa.literal_column(repr(lowest)), sa.literal_column(repr(lowest))),
        (column > sa.literal_column(repr(highest)), sa.literal_column(repr(highest))),
        else_=column,
    )


def _among(column: Any, values: tuple[str | None, ...]) -> Any:
    text = sa.cast(column, sa.Text)
    named = text.in_([value for value in values if value is not None])
    return sa.or_(named, text.is_(None)) if None in values else named
