"""The audit's tables: written before data leaves, read, tied by checkpoints, proved."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from ckanext.dgatier.core import audit as core
from ckanext.dgatier.core import checkpoint as core_checkpoint
from ckanext.dgatier.core.audit import AuditEvent, Link
from ckanext.dgatier.core.checkpoint import Checkpoint
from ckanext.dgatier.unavailable import Unavailable

from . import proving, signing
from .tables import audit_checkpoint, audit_event, audit_words

_ERASED = core.AuditAction.WORDS_ERASED
_CHECKPOINT_LOCK = (0x64676174, 1000)  # the letters "dgat", beyond the numbers of lanes
_PERMISSIONS = Path(__file__).with_name("audit_permissions.sql")


class AuditUnavailable(Unavailable):
    """The audit could not be written, so what it would record must not happen."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place, `<lane>.<sequence>`, and its hash, hexadecimal."""

    place: str
    hash: str
    event: AuditEvent


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look at the whole audit found."""

    events: int
    checkpoints: int
    problems: Sequence[str]


def append(event: AuditEvent, connection: Connection | None = None) -> None:
    """Add an event, in a transaction of its own, or in the one of `connection`.

    Writers do not wait for each other. Raises `AuditUnavailable`.
    """
    try:
        if connection is not None:
            _append(event, connection)
            return
        with model.meta.engine.begin() as own:
            _append(event, own)
    except SQLAlchemyError as error:
        raise AuditUnavailable(str(event.action)) from error


def _append(event: AuditEvent, connection: Connection) -> None:
    digests = {}
    for name, words in event.words.items():
        salt = secrets.token_bytes(16)
        digests[name] = core.digest_of(words, salt)
        connection.execute(
            audit_words.insert().values(digest=digests[name], salt=salt, words=words)
        )
    body = core.body_of(event, digests)
    connection.execute(_APPEND, {"seal": core.seal_of(body, _seal_key()), "body": body})


_APPEND = sa.text("SELECT dgatier_audit.append(:seal, :body)")
_PART = 1_000
_OF_BODY = {"outcome": "outcome", "decision_id": "decision"}
_SAID = (*_OF_BODY, "request_id", "grant_id")
_NEWEST = (
    audit_event.c.at_us.desc(),
    audit_event.c.lane.desc(),
    audit_event.c.sequence.desc(),
)


def search(
    filters: Mapping[str, Any], dataset_ids: list[str] | None, limit: int, offset: int
) -> tuple[int, list[Recorded]]:
    """Return how many events fit, and a page of them, the newest first.

    `filters` may hold `actor_id`, `action`, `dataset_id`, `since`, `until`, `outcome`,
    `decision_id`, `grant_id` and `request_id`; `dataset_ids` bounds what may be seen, `None` for
    no bound.
    """
    conditions = _conditions(filters, dataset_ids)
    query = sa.select(audit_event).where(*conditions).order_by(*_NEWEST)
    with model.meta.engine.connect() as connection:
        count = connection.execute(
            sa.select(sa.func.count()).select_from(audit_event).where(*conditions)
        ).scalar_one()
        rows = connection.execute(query.limit(limit).offset(offset)).all()
        return count, _recorded(rows, connection)


def found(
    filters: Mapping[str, Any], dataset_ids: list[str] | None
) -> Iterator[Sequence[Recorded]]:
    """Yield every event that fits as `search` does, in parts, in memory that does not grow."""
    query = sa.select(audit_event).where(*_conditions(filters, dataset_ids)).order_by(*_NEWEST)
    with model.meta.engine.connect() as reading, model.meta.engine.connect() as words:
        rows = reading.execution_options(yield_per=_PART).execute(query)
        for part in rows.partitions():
            yield _recorded(part, words)


def verify() -> Proof:
    """Read the whole audit and say what is wrong with it, event by event."""
    lane = audit_event.c.lane
    with model.meta.engine.connect() as connection:
        # Before the events, so that it knows of none that those who read them do not see.
        checkpoints = _checkpoints(connection)
        counted = sa.select(lane, sa.func.count()).group_by(lane)
        sizes = {row[0]: row[1] for row in connection.execute(counted)}
    chains = proving.prove(model.meta.engine, sizes, _seal_key())
    against = core_checkpoint.problems(checkpoints, chains.hashes, signing.verify)
    events = sum(map(len, chains.hashes.values())) // 32
    return Proof(events, len(checkpoints), [*chains.problems, *against])


def everything() -> Iterator[Link]:
    """Yield every event in order of its place, in memory that does not grow with them."""
    with model.meta.engine.connect() as connection:
        yield from _links(connection)


def make_checkpoint(now: datetime) -> Checkpoint | None:
    """Sign what came since the last checkpoint; `None` where nothing did."""
    with model.meta.engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(*_CHECKPOINT_LOCK)))
        checkpoints = _checkpoints(connection, last=True)
        previous = checkpoints[-1] if checkpoints else None
        new = list(_links(connection, after=previous.heads if previous else {}))
        if not new:
            return None
        body = core_checkpoint.body_of(previous, new, _microseconds(now))
        made = Checkpoint(body, signing.sign(body.encode()))
        connection.execute(
            sa.text("SELECT dgatier_audit.add_checkpoint(:number, :body, :signature)"),
            {"number": made.content["number"], "body": body, "signature": made.signature},
        )
    return made


def receipt(lane: int, sequence: int) -> dict[str, Any] | None:
    """Return what proves one event by itself, `None` where no checkpoint holds it yet."""
    with model.meta.engine.connect() as connection:
        before: Checkpoint | None = None
        for one in _checkpoints(connection):
            if one.heads.get(lane, (0, ""))[0] >= sequence:
                after = before.heads if before else {}
                covered = list(_links(connection, after, one.heads))
                link = next(
                    (each for each in covered if (each.lane, each.sequence) == (lane, sequence)),
                    None,
                )
                return core_checkpoint.receipt(link, covered, one) if link else None
            before = one
    return None


def forget(user_id: str, by: str, now: datetime) -> int:
    """Erase what a person wrote, or what was written of them; return how many texts that were.

    The events stay, with the digests of the texts (Personal Data Protection Act, s. 33).
    """
    of_them = sa.or_(
        audit_event.c.actor_id == user_id,
        sa.cast(audit_event.c.body, JSONB)["detail"]["holder"].astext == user_id,
    )
    return _erase(of_them, AuditEvent(_ERASED, by, now, detail={"holder": user_id}))


def retain(since: datetime | None, until: datetime, by: str, now: datetime) -> int:
    """Erase the words of events before a moment, as `forget` does; return how many texts.

    Looks at the events from `since` on, at all where it is `None`.
    """
    old = audit_event.c.at_us < _microseconds(until)
    if since is not None:
        old = sa.and_(old, audit_event.c.at_us >= _microseconds(since))
    return _erase(old, AuditEvent(_ERASED, by, now, detail={"until": until.isoformat()}))


def _erase(which: sa.ColumnElement[bool], event: AuditEvent) -> int:
    """Erase the words of some events, and write down how many texts that were, where any."""
    wordless = audit_event.c.body.contains('"words":{}')
    query = sa.select(audit_event.c.body).where(which, ~wordless)
    done = 0
    with model.meta.engine.begin() as connection, model.meta.engine.connect() as reading:
        bodies = reading.execution_options(yield_per=_PART).execute(query).scalars()
        for part in bodies.partitions():
            digests = {digest for body in part for digest in core.digests_of(body).values()}
            erased = audit_words.delete().where(audit_words.c.digest.in_(digests))
            done += connection.execute(erased).rowcount
        if done:
            _append(replace(event, detail={**event.detail, "texts": done}), connection)
    return done


def permissions(role: str) -> str:
    """Return the SQL by which an administrator takes the audit out of the portal's hands."""
    return _PERMISSIONS.read_text().replace("{role}", role.replace('"', '""'))


def changeable_by_us() -> list[str]:
    """Return what the portal's own role could do to the audit and must not; empty where safe."""
    wrong = []
    with model.meta.engine.connect() as connection:
        for table in ("event", "checkpoint"):
            for act in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                asked = sa.func.has_table_privilege(f"dgatier_audit.{table}", act)
                if connection.execute(sa.select(asked)).scalar():
                    wrong.append(f"{act} on {table}")
    return wrong


def _conditions(
    filters: Mapping[str, Any], dataset_ids: list[str] | None
) -> list[sa.ColumnElement[bool]]:
    columns = audit_event.c
    conditions = [
        columns[name] == filters[name]
        for name in ("actor_id", "action", "dataset_id")
        if filters.get(name)
    ]
    if filters.get("since"):
        conditions.append(columns.at_us >= _microseconds(filters["since"]))
    if filters.get("until"):
        conditions.append(columns.at_us < _microseconds(filters["until"]))
    if dataset_ids is not None:
        conditions.append(columns.dataset_id.in_(dataset_ids))
    for name in _SAID:
        if wanted := filters.get(name):
            # The text is looked for first, as reading each body as JSON takes far longer.
            mentioned = columns.body.contains(wanted, autoescape=True)
            conditions.append(sa.case((mentioned, _says(name, wanted)), else_=False))
    return conditions


def _says(name: str, wanted: str) -> sa.ColumnElement[bool]:
    """Say of which events the body says this of an outcome, decision, grant or request."""
    said = sa.cast(audit_event.c.body, JSONB)
    if name in _OF_BODY:
        return said[_OF_BODY[name]].astext == wanted
    if name == "request_id":
        return said["detail"]["request_id"].astext == wanted
    used = said["detail"]["grants"].op("?", is_comparison=True)(wanted)
    return sa.or_(said["detail"]["grant_id"].astext == wanted, sa.func.coalesce(used, sa.false()))


def _recorded(rows: Sequence[Any], connection: Connection) -> list[Recorded]:
    words = _words(rows, connection)
    return [
        Recorded(f"{row.lane}.{row.sequence}", row.hash.hex(), core.event_of(row.body, words))
        for row in rows
    ]


def _links(
    connection: Connection,
    after: Mapping[int, tuple[int, str]] = {},
    until: Mapping[int, tuple[int, str]] | None = None,
) -> Iterator[Link]:
    """Yield events in order of lane and sequence, in memory that does not grow with them."""
    columns = audit_event.c
    query = sa.select(
        columns.lane, columns.sequence, columns.previous, columns.hash, columns.seal, columns.body
    )
    if after or until is not None:
        query = query.where(_beyond(after), sa.true() if until is None else ~_beyond(until))
    rows = connection.execution_options(yield_per=10_000).execute(
        query.order_by(columns.lane, columns.sequence)
    )
    for lane, sequence, previous, hashed, seal, body in rows:
        yield Link(lane, sequence, bytes(previous), bytes(hashed), bytes(seal), body)


def _beyond(heads: Mapping[int, tuple[int, str]]) -> sa.ColumnElement[bool]:
    """Say which events come after the heads of their lanes."""
    head = sa.case(
        *((audit_event.c.lane == lane, sequence) for lane, (sequence, _hash) in heads.items()),
        else_=0,
    ) if heads else sa.literal(0)  # fmt: skip
    return audit_event.c.sequence > head


def _checkpoints(connection: Connection, *, last: bool = False) -> list[Checkpoint]:
    order = audit_checkpoint.c.number
    query = sa.select(audit_checkpoint).order_by(order.desc() if last else order)
    rows = connection.execute(query.limit(1) if last else query)
    return [Checkpoint(row.body, bytes(row.signature)) for row in rows]


def _words(rows: Iterable[Any], connection: Connection) -> dict[str, str]:
    digests = {digest for row in rows for digest in core.digests_of(row.body).values()}
    if not digests:
        return {}
    query = sa.select(audit_words).where(audit_words.c.digest.in_(digests))
    return {row.digest: row.words for row in connection.execute(query)}


def _microseconds(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1_000_000)


def _seal_key() -> bytes:
    return str(toolkit.config["ckanext.dgatier.audit.seal_key"]).encode()
