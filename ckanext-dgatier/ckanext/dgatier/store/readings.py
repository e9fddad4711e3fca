"""Who read how much on which day, out of the audit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB

from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.calendar import BANGKOK
from ckanext.dgatier.core.reading import ReadingDay

from .tables import audit_event

#: A download is one read when it begins, and its rows are known when it ends.
_ENDED = AuditAction.DATA_SENT
_READING = (AuditAction.DATA_READ, AuditAction.FILE_DOWNLOAD, _ENDED)


def by_day(since: date, dataset_ids: Collection[str] | None) -> list[ReadingDay]:
    """Return what each person read on each day in Thailand, of these datasets or (`None`) of all.

    Rows are those that were counted: what is given whole, a file or a table, counts as a read.
    """
    columns = audit_event.c
    begin = datetime.combine(since, time.min, BANGKOK)
    moment = sa.func.to_timestamp(columns.at_us / 1_000_000)
    day = sa.cast(sa.func.timezone("Asia/Bangkok", moment), sa.Date).label("day")
    rows = sa.cast(columns.body, JSONB)["detail"]["rows"].astext
    conditions = [
        columns.at_us >= int(begin.timestamp() * 1_000_000),
        columns.action.in_(_READING),
        columns.actor_id.is_not(None),
    ]
    if dataset_ids is not None:
        conditions.append(columns.dataset_id.in_(dataset_ids))
    query = (
        sa.select(
            columns.actor_id,
            day,
            sa.func.count().filter(columns.action != _ENDED),
            sa.func.coalesce(sa.func.sum(sa.cast(rows, sa.BigInteger)), 0),
        )
        .where(*conditions)
        .group_by(columns.actor_id, day)
    )
    with model.meta.engine.connect() as connection:
        return [
            ReadingDay(person, day_, reads, int(total))
            for person, day_, reads, total in connection.execute(query)
        ]
