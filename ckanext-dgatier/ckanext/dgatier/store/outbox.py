"""The outbox: what is to leave the portal by mail or webhook, each row for one receiver.

A row is appended in the transaction of the thing that it tells of. A clock takes one row at a
time, with a lease; each later step names the attempt that it belongs to, so that a clock whose
lease has run out changes nothing that another one does meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection

from ckanext.dgatier.core.notice import Channel, Delivery, NoticeKind

from .tables import outbox

#: Longer than any one delivery may take.
LEASE = timedelta(minutes=5)
_COLUMNS = outbox.c


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to tell one receiver: the id of a user for mail, of a webhook for that.

    `id` stays the same over all attempts, so that a receiver can tell a repeat.
    """

    id: str
    channel: Channel
    recipient: str
    kind: NoticeKind
    dataset_id: str | None
    facts: Mapping[str, Any]
    told_at: datetime
    attempts: int


def add(
    channel: Channel,
    recipients: Iterable[str],
    kind: NoticeKind,
    dataset_id: str | None,
    facts: Mapping[str, Any],
    now: datetime,
    connection: Connection,
) -> None:
    """Put a notice into the outbox for each receiver, in the transaction of what happened."""
    rows = [
        {
            "id": str(uuid.uuid4()),
            "channel": channel,
            "recipient": recipient,
            "kind": kind,
            "dataset_id": dataset_id,
            "facts": dict(facts),
            "told_at": now,
            "state": Delivery.WAITING,
            "attempts": 0,
            "next_at": now,
        }
        for recipient in recipients
    ]
    if rows:
        connection.execute(outbox.insert(), rows)


def claim(channel: Channel, now: datetime) -> Parcel | None:
    """Take the next row that is due, for `LEASE`; no other clock takes the same."""
    due = (
        sa.select(_COLUMNS.id)
        .where(
            _COLUMNS.channel == channel,
            _COLUMNS.state == Delivery.WAITING,
            _COLUMNS.next_at <= now,
        )
        .order_by(_COLUMNS.next_at, _COLUMNS.told_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = (
        outbox.update()
        .where(_COLUMNS.id == due.scalar_subquery())
        .values(state=Delivery.SENDING, attempts=_COLUMNS.attempts + 1, lease_until=now + LEASE)
        .returning(outbox)
    )
    with model.meta.engine.begin() as connection:
        row = connection.execute(taken).first()
    return _parcel(row) if row else None


def begin_handing(parcel: Parcel) -> bool:
    """Note that the last byte of a mail goes out now; false where the lease has run out."""
    return _step(parcel, (Delivery.SENDING,), state=Delivery.HANDING)


def sent(parcel: Parcel, now: datetime) -> None:
    """Note that the receiver has taken it."""
    # An answer that came after all settles what another clock had to leave open.
    since = (Delivery.SENDING, Delivery.HANDING, Delivery.UNSURE)
    _step(parcel, since, state=Delivery.SENT, settled_at=now, error=None)


def failed(parcel: Parcel, error: str, now: datetime) -> None:
    """Note that it will not be taken, and why; `error` is a code or a short reply."""
    since = (Delivery.SENDING, Delivery.HANDING)
    _step(parcel, since, state=Delivery.FAILED, settled_at=now, error=error)


def try_again(parcel: Parcel, next_at: datetime, error: str) -> None:
    """Put a row that was certainly not taken back, to be tried at `next_at`."""
    since = (Delivery.SENDING, Delivery.HANDING)
    _step(parcel, since, state=Delivery.WAITING, next_at=next_at, lease_until=None, error=error)


def hold(parcel: Parcel, until: datetime) -> None:
    """Let what waits for the same receiver wait as long, as it would meet the same."""
    with model.meta.engine.begin() as connection:
        connection.execute(
            outbox.update()
            .where(
                _COLUMNS.channel == parcel.channel,
                _COLUMNS.recipient == parcel.recipient,
                _COLUMNS.state == Delivery.WAITING,
                _COLUMNS.next_at < until,
            )
            .values(next_at=until)
        )


def prune(before: datetime) -> int:
    """Take away what was sent before a moment; return how many rows that were."""
    old = sa.and_(_COLUMNS.state == Delivery.SENT, _COLUMNS.settled_at < before)
    with model.meta.engine.begin() as connection:
        return connection.execute(outbox.delete().where(old)).rowcount


def unsure(parcel: Parcel, error: str, now: datetime) -> None:
    """Note that a mail went out whole and no answer came; it is not sent again by itself."""
    _step(parcel, (Delivery.HANDING,), state=Delivery.UNSURE, settled_at=now, error=error)


def recover(channel: Channel, now: datetime) -> int:
    """Free the rows of clocks that stopped half-way; return how many cannot be sure.

    What was certainly not taken waits again. A mail that may have been taken is left as unsure.
    """
    late = (_COLUMNS.channel == channel, _COLUMNS.lease_until <= now)
    with model.meta.engine.begin() as connection:
        connection.execute(
            outbox.update()
            .where(*late, _COLUMNS.state == Delivery.SENDING)
            .values(state=Delivery.WAITING, next_at=now, lease_until=None, error="interrupted")
        )
        left = connection.execute(
            outbox.update()
            .where(*late, _COLUMNS.state == Delivery.HANDING)
            .values(state=Delivery.UNSURE, settled_at=now, error="interrupted")
        )
    return left.rowcount


def counts() -> dict[str, dict[str, int]]:
    """Return how many rows there are, by channel and state."""
    query = sa.select(_COLUMNS.channel, _COLUMNS.state, sa.func.count()).group_by(
        _COLUMNS.channel, _COLUMNS.state
    )
    found = {str(channel): {str(state): 0 for state in Delivery} for channel in Channel}
    with model.meta.engine.connect() as connection:
        for channel, state, count in connection.execute(query):
            found[channel][state] = count
    return found


def in_state(states: Sequence[Delivery], limit: int) -> list[Any]:
    """Return rows in these states, the newest first."""
    query = (
        sa.select(outbox)
        .where(_COLUMNS.state.in_(states))
        .order_by(_COLUMNS.told_at.desc(), _COLUMNS.id)
        .limit(limit)
    )
    with model.meta.engine.connect() as connection:
        return list(connection.execute(query))


def settle(parcel_id: str, *, again: bool, now: datetime) -> bool:
    """Carry out what an operator says of an unsure or failed row: sent it was, or send it again.

    Returns whether there was such a row.
    """
    values: dict[str, Any] = {"state": Delivery.SENT, "settled_at": now}
    if again:
        # As told now, or what failed for a day would be given up at once.
        values = {"state": Delivery.WAITING, "next_at": now, "told_at": now, "settled_at": None}
    with model.meta.engine.begin() as connection:
        done = connection.execute(
            outbox.update()
            .where(_COLUMNS.id == parcel_id, _COLUMNS.state.in_((Delivery.UNSURE, Delivery.FAILED)))
            .values(**values)
        )
    return bool(done.rowcount)


def _step(parcel: Parcel, since: Sequence[Delivery], **values: Any) -> bool:
    with model.meta.engine.begin() as connection:
        done = connection.execute(
            outbox.update()
            .where(
                _COLUMNS.id == parcel.id,
                _COLUMNS.attempts == parcel.attempts,
                _COLUMNS.state.in_(since),
            )
            .values(**values)
        )
    return bool(done.rowcount)


def _parcel(row: Any) -> Parcel:
    return Parcel(
        id=row.id,
        channel=Channel(row.channel),
        recipient=row.recipient,
        kind=NoticeKind(row.kind),
        dataset_id=row.dataset_id,
        facts=row.facts,
        told_at=row.told_at,
        attempts=row.attempts,
    )
