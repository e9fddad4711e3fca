"""Statistics of a graded view, without the small groups."""

from __future__ import annotations

import sqlalchemy as sa

from ckanext.datastore.backend.postgres import get_read_engine

from .view import GradedView, column_of, table_of


def summary(view: GradedView, by: str, smallest_cell: int) -> list[tuple[str | None, int | None]]:
    """Return the count of rows for each value of a column, `None` where it is suppressed.

    Counts below `smallest_cell` are suppressed. Where that hides only one, the next smallest is
    hidden too, so that it cannot be had by subtraction from a known total.
    """
    table = table_of(view)
    column = column_of(table, by)
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
