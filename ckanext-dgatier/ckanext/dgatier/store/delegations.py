"""The delegations' table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection

from ckanext.dgatier.core.delegation import Delegation

from .tables import delegation

_C = delegation.c
_OVER_AT = sa.func.least(_C.ends_at, _C.ended_at)


def lock(agency: str, connection: Connection) -> None:
    """Let nobody else make a delegation of this agency until the transaction is over."""
    connection.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"delegation {agency}")))
    )


def add(one: Delegation, connection: Connection) -> None:
    """Store a new delegation."""
    values = {name: getattr(one, name) for name in delegation.columns.keys()}  # noqa: SIM118
    connection.execute(delegation.insert().values(**values))


def end(delegation_id: str, actor_id: str, now: datetime, connection: Connection) -> bool:
    """End a delegation that is not over; return whether there was one."""
    done = connection.execute(
        delegation.update()
        .where(_C.id == delegation_id, now < _OVER_AT)
        .values(ended_at=now, ended_by=actor_id)
    )
    return done.rowcount > 0


def get(delegation_id: str) -> Delegation | None:
    """Return a delegation, or `None`."""
    with model.meta.engine.connect() as connection:
        row = connection.execute(sa.select(delegation).where(_C.id == delegation_id)).first()
    return _delegation(row) if row else None


def not_over(
    agency: str | None, now: datetime, connection: Connection | None = None
) -> list[Delegation]:
    """Return the delegations of an agency that run or are planned, the first to end first."""
    query = sa.select(delegation).where(_C.agency == agency, now < _OVER_AT)
    rows = (connection or model.Session.connection()).execute(query.order_by(_C.ends_at, _C.id))
    return [_delegation(row) for row in rows]


def of_agency(agency: str | None, limit: int = 50) -> list[Delegation]:
    """Return an agency's delegations, the last to end first; of all agencies for `None`."""
    query = sa.select(delegation).order_by(_OVER_AT.desc(), _C.id).limit(limit)
    if agency is not None:
        query = query.where(_C.agency == agency)
    with model.meta.engine.connect() as connection:
        return [_delegation(row) for row in connection.execute(query)]


def _delegation(row: Any) -> Delegation:
    return Delegation(**row._mapping)
