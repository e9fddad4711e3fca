"""The events of levels, and the table in which their state can be searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from ckanext.dgatier.core.levelling import LevelEvent, LevelEventType, Levelling, fold

from .tables import level, level_event

_PACKAGE, _GROUP, _RESOURCE = model.package_table, model.group_table, model.resource_table


class LevelChangedMeanwhile(Exception):
    """Someone else changed the level in the same moment; nothing of this attempt is kept."""


@dataclass(frozen=True, slots=True)
class StoredLevel:
    """A level with its events."""

    levelling: Levelling
    events: tuple[LevelEvent, ...]


def load(log_id: str) -> StoredLevel | None:
    """Return the level of a dataset or resource folded from its events, or `None`."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(
            sa.select(level_event)
            .where(level_event.c.log_id == log_id)
            .order_by(level_event.c.sequence)
        ).all()
    if not rows:
        return None
    events = tuple(
        LevelEvent(LevelEventType(row.type), row.actor_id, row.at, row.payload) for row in rows
    )
    return StoredLevel(fold(events), events)


def of_proposal(proposal_id: str) -> StoredLevel | None:
    """Return the level to which a proposal was made, waiting or not, or `None`."""
    with model.meta.engine.connect() as connection:
        log_id = connection.execute(
            sa.select(level_event.c.log_id).where(level_event.c.proposal_id == proposal_id).limit(1)
        ).scalar()
    return load(log_id) if log_id else None


def of_dataset(dataset_id: str) -> list[Any]:
    """Return the rows of a dataset's level and of its resources' levels, the dataset's first."""
    order = (level.c.resource_id.is_not(None), level.c.proposed_at, level.c.log_id)
    query = _of_what_is_there().where(level.c.dataset_id == dataset_id).order_by(*order)
    with model.meta.engine.connect() as connection:
        return list(connection.execute(query))


def append(
    known: Sequence[LevelEvent], new: Sequence[LevelEvent], connection: Connection
) -> Levelling:
    """Add events after those that the caller has seen, and bring the searchable state up to date.

    Raises `LevelChangedMeanwhile` when other events came in between.
    """
    state = fold((*known, *new))
    try:
        connection.execute(
            level_event.insert(),
            [
                {
                    "log_id": state.id,
                    "sequence": sequence,
                    "type": event.type,
                    "actor_id": event.actor_id,
                    "at": event.at,
                    "proposal_id": event.payload.get("id"),
                    "payload": dict(event.payload),
                }
                for sequence, event in enumerate(new, start=len(known) + 1)
            ],
        )
    except IntegrityError as error:
        raise LevelChangedMeanwhile(state.id) from error
    values = _values(state)
    if known:
        connection.execute(level.update().where(level.c.log_id == state.id).values(**values))
    else:
        connection.execute(level.insert().values(**values))
    return state


def search(agency: str | None, today: date, limit: int) -> list[Any]:
    """Return the rows of what waits or is overdue, the oldest first, what waits before the rest.

    Only those of an agency where one is named.
    """
    overdue = sa.and_(level.c.confirmed.is_not(None), level.c.review_on < today)
    query = _of_what_is_there().where(sa.or_(level.c.proposal_id.is_not(None), overdue))
    if agency is not None:
        query = query.where(_GROUP.c.name == agency)
    order = (level.c.proposed_at.asc().nulls_last(), level.c.review_on, level.c.log_id)
    with model.meta.engine.connect() as connection:
        return list(connection.execute(query.order_by(*order).limit(limit)))


def waiting(agency: str | None, dataset: str | None) -> list[Any]:
    """Return the rows of what waits, of an agency or a dataset by name; the oldest first."""
    query = _of_what_is_there().where(level.c.proposal_id.is_not(None))
    if agency is not None:
        query = query.where(_GROUP.c.name == agency)
    if dataset is not None:
        query = query.where(sa.or_(_PACKAGE.c.name == dataset, _PACKAGE.c.id == dataset))
    with model.meta.engine.connect() as connection:
        return list(connection.execute(query.order_by(level.c.proposed_at, level.c.log_id)))


def _of_what_is_there() -> sa.Select[Any]:
    """Return what selects levels of datasets and resources that were not deleted."""
    return (
        sa.select(level)
        .join(_PACKAGE, _PACKAGE.c.id == level.c.dataset_id)
        .join(_GROUP, _GROUP.c.id == _PACKAGE.c.owner_org, isouter=True)
        .join(_RESOURCE, _RESOURCE.c.id == level.c.resource_id, isouter=True)
        .where(
            _PACKAGE.c.state != model.State.DELETED,
            sa.or_(level.c.resource_id.is_(None), _RESOURCE.c.state != model.State.DELETED),
        )
    )


def _values(state: Levelling) -> dict[str, Any]:
    proposal = state.proposal
    return {
        "log_id": state.id,
        "dataset_id": state.dataset_id,
        "resource_id": state.resource_id,
        "standing": state.standing,
        "confirmed": state.confirmed,
        "ground": state.ground,
        "review_on": state.review_on,
        "confirmed_by": list(state.confirmed_by),
        "confirmed_at": state.confirmed_at,
        "proposal_id": proposal.id if proposal else None,
        "proposed_at": proposal.proposed_at if proposal else None,
    }
