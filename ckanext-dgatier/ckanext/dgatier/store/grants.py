"""The grants' table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from ckanext.dgatier.core.grant import Conditions, Grant, GrantState
from ckanext.dgatier.core.tier import AccessTier

from .tables import grant

#: What lists of grants can be sorted by.
ORDERS = {
    "valid_until desc": grant.c.valid_until.desc(),
    "valid_until asc": grant.c.valid_until,
    "valid_from desc": grant.c.valid_from.desc(),
}


def held_by(subject_id: str | None, dataset_ids: Sequence[str]) -> dict[str, list[Grant]]:
    """Return the grants of a person on datasets, by dataset id, in one indexed query.

    Ended and revoked ones too: policy says what counts, and why the others do not.
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
    }


def get(grant_id: str) -> tuple[Grant, str | None] | None:
    """Return a grant and its agency, or `None`."""
    with model.meta.engine.connect() as connection:
        row = connection.execute(sa.select(grant).where(grant.c.id == grant_id)).first()
    return (_grant(row), row.agency) if row else None


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
        return [_grant(row) for row in connection.execute(query)]


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


def _in_state(state: GrantState, now: datetime) -> sa.ColumnElement[bool]:
    """Say of rows what `Grant.state` says of a grant."""
    revoked = sa.func.coalesce(grant.c.revoked_at <= now, sa.false())
    begun, over = grant.c.valid_from <= now, grant.c.valid_until <= now
    return {
        GrantState.REVOKED: revoked,
        GrantState.PENDING: ~revoked & ~begun,
        GrantState.EXPIRED: ~revoked & begun & over,
        GrantState.ACTIVE: ~revoked & begun & ~over,
    }[state]


def _by(key: sa.Column[Any], *conditions: sa.ColumnElement[bool]) -> dict[str, list[Grant]]:
    """Return the grants that fit, by the text in a column."""
    found: dict[str, list[Grant]] = {}
    # In the connection that CKAN's session holds anyway, as another costs four round trips. Each
    # statement sees what is committed by then (READ COMMITTED), so a revocation is seen at once.
    rows = model.Session.connection().execute(sa.select(grant).where(*conditions))
    for row in rows:
        found.setdefault(row._mapping[key], []).append(_grant(row))
    return found


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
        resource_ids=tuple(row.resource_ids),
        conditions=Conditions.from_dict(row.conditions),
        approved_by=tuple(row.approved_by),
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        revoke_reason=row.revoke_reason,
        organisation=row.organisation,
    )
