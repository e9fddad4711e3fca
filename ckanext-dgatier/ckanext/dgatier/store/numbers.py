"""The numbers of requests, in one query."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.numbers import OUTCOME_OF, Line, Numbers, Outcome
from ckanext.dgatier.core.request import EventType, RequestRole, RequestState

from .tables import level as level_table
from .tables import request, request_event

_KINDS = ("agency", "purpose", "month", "ground")
# PostgreSQL's GROUPING: a bit for each of the kinds that a row does not go by.
_GROUPED = {"agency": 0b0111, "purpose": 0b1011, "month": 0b1101, "ground": 0b1110}
_EVERYTHING = 0b1111
_DECIDED = (RequestState.APPROVED, RequestState.REJECTED)


def asked_for() -> set[str]:
    """Return the datasets for which anyone has handed a request in."""
    query = sa.select(request.c.dataset_id).where(request.c.submitted_at.is_not(None)).distinct()
    with model.meta.engine.connect() as connection:
        return set(connection.execute(query).scalars())


def count(dataset_ids: Collection[str]) -> Numbers:
    """Return the numbers of the requests for these datasets that were handed in, nothing hidden."""
    columns = request.c
    month = sa.func.to_char(sa.func.timezone("Asia/Bangkok", columns.submitted_at), "YYYY-MM")
    rejected = columns.state == RequestState.REJECTED
    ground = sa.case((rejected, sa.func.coalesce(_last_ground(), "")))
    kinds = (sa.func.coalesce(columns.agency, ""), columns.purpose, month, ground)
    days = sa.extract("epoch", columns.decided_at - columns.submitted_at) / 86_400
    decided = columns.state.in_(_DECIDED)
    waiting = columns.state.not_in(OUTCOME_OF)
    inside = sa.select(
        *(kind.label(name) for name, kind in zip(_KINDS, kinds, strict=True)),
        *(columns.state.in_(_states(one)).label(one) for one in Outcome if _states(one)),
        waiting.label(Outcome.WAITING),
        sa.case((decided, days)).label("days"),
    ).where(columns.submitted_at.is_not(None), columns.dataset_id.in_(dataset_ids))
    each = inside.subquery().c
    query = sa.select(
        *(each[name] for name in _KINDS),
        sa.func.grouping(*(each[name] for name in _KINDS)).label("kind"),
        *(sa.func.count().filter(each[one]).label(f"{one}_count") for one in Outcome),
        sa.func.count().label("total"),
        *(
            sa.func.percentile_cont(part).within_group(each.days).label(name)
            for name, part in (("median_days", 0.5), ("slow_days", 0.9))
        ),
    ).group_by(sa.func.grouping_sets(*(sa.tuple_(each[name]) for name in _KINDS), sa.tuple_()))
    with model.meta.engine.connect() as connection:
        rows = connection.execute(query).all()
    total = [_line(row, "") for row in rows if row.kind == _EVERYTHING]
    return Numbers(total[0], *(_lines(rows, name, bits) for name, bits in _GROUPED.items()))


def _last_ground() -> sa.ScalarSelect[Any]:
    """Return the ground that the last rejection of a request gave."""
    events = request_event.c
    return (
        sa.select(events.payload["ground"].astext)
        .where(events.request_id == request.c.id, events.type == EventType.REJECTED)
        .order_by(events.sequence.desc())
        .limit(1)
        .correlate(request)
        .scalar_subquery()
    )


def usual_days(
    agency: str | None, level: ClassificationLevel, since: datetime, fewest: int = 5
) -> float | None:
    """Return the median days from handing in to deciding, `None` for fewer than `fewest`.

    Of the requests to an agency that stewards decided since a moment, for datasets of this level.
    """
    ranks = {one: one.rank for one in ClassificationLevel}
    highest = sa.func.max(sa.case(ranks, value=level_table.c.standing))
    of_level = (
        sa.select(level_table.c.dataset_id)
        .group_by(level_table.c.dataset_id)
        .having(highest == level.rank)
    )
    took = sa.extract("epoch", request.c.decided_at - request.c.submitted_at) / 86_400
    query = sa.select(sa.func.count(), sa.func.percentile_cont(0.5).within_group(took)).where(
        request.c.agency == agency,
        request.c.decided_at >= since,
        request.c.dataset_id.in_(of_level),
        # What a rule gives at once says nothing of how long a steward takes.
        ~request.c.approvals.has_key(str(RequestRole.POLICY)),
    )
    with model.meta.engine.connect() as connection:
        count, median = connection.execute(query).one()
    return round(float(median), 1) if count >= fewest else None


def _states(outcome: Outcome) -> list[RequestState]:
    return [state for state, one in OUTCOME_OF.items() if one is outcome]


def _lines(rows: Any, name: str, bits: int) -> tuple[Line, ...]:
    found = [row for row in rows if row.kind == bits and row._mapping[name] is not None]
    lines = [_line(row, row._mapping[name]) for row in found]
    return tuple(sorted(lines, key=lambda line: line.key))


def _line(row: Any, key: str) -> Line:
    found = row._mapping
    return Line(
        key=key,
        counts=tuple(found[f"{one}_count"] for one in Outcome),
        total=row.total,
        median_days=row.median_days,
        slow_days=row.slow_days,
    )
