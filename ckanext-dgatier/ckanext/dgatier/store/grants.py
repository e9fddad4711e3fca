"""The grants' table."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.grant import Conditions, Grant, GrantState, Withholding
from ckanext.dgatier.core.tier import AccessTier

from .tables import grant

log = logging.getLogger(__name__)

#: What lists of grants can be sorted by.
ORDERS = {
    "valid_until desc": grant.c.valid_until.desc(),
    "valid_until asc": grant.c.valid_until,
    "valid_from desc": grant.c.valid_from.desc(),
}


def held_by(subject_id: str | None, dataset_ids: Sequence[str]) -> dict[str, list[Grant]]:
    """Return the grants of a person on datasets, by dataset id, in one indexed query.

    Ended and revoked ones too: policy says what counts, and why the others do not. One that cannot
    be read counts for nothing and is logged; the others count.
    """
    if subject_id is None or not dataset_ids:
        return {}
    return _by(
        grant.c.dataset_id, grant.c.subject_id == subject_id, grant.c.dataset_id.in_(dataset_ids)
    )


def held_on(dataset_ids: Sequence[str]) -> dict[str, list[Grant]]:
    """Return all grants on datasets by the id of their holder."""
    return _by(grant.c.subject_id, grant.c.dataset_id.in_(dataset_ids))


def put(one: Grant, agency: str | None, connection: Connection) -> None:
    """Store a grant as it is now, in the transaction of the event that made or ended it."""
    values = row_of(one, agency)
    connection.execute(
        insert(grant).values(**values).on_conflict_do_update(index_elements=["id"], set_=values)
    )


def row_of(one: Grant, agency: str | None) -> dict[str, Any]:
    """Return the row of the table that a grant is, by column."""
    return {
        "id": one.id,
        "request_id": one.request_id,
        "subject_id": one.subject,
        "dataset_id": one.dataset_id,
        "agency": agency,
        "resource_ids": list(one.resource_ids),
        "tier": one.tier,
        "purpose": one.purpose,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "conditions": one.conditions.to_dict(),
        "approved_by": list(one.approved_by),
        "organisation": one.organisation,
        "revoked_at": one.revoked_at,
        "revoked_by": one.revoked_by,
        "revoke_reason": one.revoke_reason,
        "level": one.level,
        "accepted_terms": one.accepted_terms,
        "withheld": one.withheld,
    }


def get(grant_id: str) -> tuple[Grant, str | None] | None:
    """Return a grant and its agency, or `None` where there is none that can be read."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.select(grant).where(grant.c.id == grant_id)).all()
    return next(((one, row.agency) for row, one in _readable(rows)), None)


def search(
    *,
    subject_id: str | None = None,
    agency: str | None = None,
    dataset_id: str | None = None,
    state: GrantState | None = None,
    now: datetime,
    order: str = "valid_until desc",
    limit: int = 100,
    offset: int = 0,
) -> list[Grant]:
    """Return grants that fit all that is given, in one of `ORDERS`; `now` is for their state."""
    conditions = [
        column == wanted
        for column, wanted in (
            (grant.c.subject_id, subject_id),
            (grant.c.agency, agency),
            (grant.c.dataset_id, dataset_id),
        )
        if wanted is not None
    ]
    if state is not None:
        conditions.append(_in_state(state, now))
    query = (
        sa.select(grant)
        .where(*conditions)
        .order_by(ORDERS[order], grant.c.id)
        .limit(limit)
        .offset(offset)
    )
    with model.meta.engine.connect() as connection:
        return [one for _row, one in _readable(connection.execute(query))]


def ending(now: datetime, days: int) -> list[str]:
    """Return the ids of the grants in force that end within so many days, the next to end first.

    Ids alone, so that one grant that cannot be read does not hide the others.
    """
    query = (
        sa.select(grant.c.id)
        .where(
            grant.c.revoked_at.is_(None),
            grant.c.valid_until > now,
            grant.c.valid_until <= now + timedelta(days=days),
        )
        .order_by(grant.c.valid_until, grant.c.id)
    )
    with model.meta.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def living(now: datetime) -> list[Any]:
    """Return `(id, request_id, dataset_id, level, accepted_terms, withheld)` of what has not ended.

    Texts as they stand, by dataset, so that one grant that cannot be read does not hide the others.
    """
    columns = (grant.c.id, grant.c.request_id, grant.c.dataset_id)
    weighed = (grant.c.level, grant.c.accepted_terms, grant.c.withheld)
    query = (
        sa.select(*columns, *weighed)
        .where(grant.c.revoked_at.is_(None), grant.c.valid_until > now)
        .order_by(grant.c.dataset_id, grant.c.id)
    )
    with model.meta.engine.connect() as connection:
        return list(connection.execute(query))


def _in_state(state: GrantState, now: datetime) -> sa.ColumnElement[bool]:
    """Say of rows what `Grant.state` says of a grant."""
    revoked = sa.func.coalesce(grant.c.revoked_at <= now, sa.false())
    begun, over = grant.c.valid_from <= now, grant.c.valid_until <= now
    lives = ~revoked & begun & ~over
    return {
        GrantState.REVOKED: revoked,
        GrantState.PENDING: ~revoked & ~begun,
        GrantState.EXPIRED: ~revoked & begun & over,
        GrantState.ACTIVE: lives & grant.c.withheld.is_(None),
        GrantState.RECALLED: lives & (grant.c.withheld == Withholding.LEVEL_RAISED),
        GrantState.SUSPENDED: lives & (grant.c.withheld == Withholding.TERMS_CHANGED),
    }[state]


def _by(key: sa.Column[Any], *conditions: sa.ColumnElement[bool]) -> dict[str, list[Grant]]:
    """Return the grants that fit, by the text in a column."""
    found: dict[str, list[Grant]] = {}
    # In the connection that CKAN's session holds anyway, as another costs four round trips. Each
    # statement sees what is committed by then (READ COMMITTED), so a revocation is seen at once.
    rows = model.Session.connection().execute(sa.select(grant).where(*conditions))
    for row, one in _readable(rows):
        found.setdefault(row._mapping[key], []).append(one)
    return found


def _readable(rows: Iterable[Any]) -> Iterator[tuple[Any, Grant]]:
    """Yield the rows that are grants, with them; any other is logged and passed over."""
    for row in rows:
        try:
            one = _grant(row)
        except (AttributeError, KeyError, TypeError, ValueError):
            log.exception("grant %s cannot be read and counts for nothing", row.id)
            continue
        yield row, one


def _grant(row: Any) -> Grant:
    return Grant(
        id=row.id,
        request_id=row.request_id,
        subject=row.subject_id,
        dataset_id=row.dataset_id,
        tier=AccessTier(row.tier),
        purpose=row.purpose,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        resource_ids=_listed(row.resource_ids),
        conditions=Conditions.from_dict(row.conditions),
        approved_by=_listed(row.approved_by),
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        revoke_reason=row.revoke_reason,
        organisation=row.organisation,
        level=ClassificationLevel(row.level),
        accepted_terms=row.accepted_terms,
        withheld=Withholding(row.withheld) if row.withheld else None,
    )


def _listed(found: Any) -> tuple[str, ...]:
    # What is no list must not pass for an empty one, which is the whole dataset.
    if not isinstance(found, list):
        raise TypeError(f"{found!r} is no list")
    return tuple(found)
