"""What falls due on requests without anyone's doing: told late, it is as true as told in time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import Connection

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core.request import RequestCommand, RequestRole
from ckanext.dgatier.store.requests import StoredRequest

from . import attachments, notices, request_log

log = logging.getLogger(__name__)

_THE_CLOCK = frozenset({RequestRole.CLOCK})


def escalate() -> None:
    """Note on each request that waits for too long that it does."""
    _each(store.requests.waiting_ids(), RequestCommand.ESCALATE, _is_overdue)


def expire() -> None:
    """Note on each approved request whose period is over that it ended."""
    _each(store.requests.ended_ids(datetime.now(UTC)), RequestCommand.EXPIRE, lambda _one: True)


def clear_drafts() -> None:
    """Tell people of drafts that they left alone for long; throw away what they were told of."""
    now = datetime.now(UTC)
    environment = identity.current_environment()
    periods = policy.draft_left(now, None, environment=environment)
    since = now - timedelta(days=periods.untouched_days)
    for request_id, touched_at in store.drafts.untouched_since(since):
        try:
            _clear(request_id, touched_at, now)
        except Exception:
            log.exception("the draft %s could not be cleared away", request_id)


def _clear(request_id: str, touched_at: datetime, now: datetime) -> None:
    # The id says since when it is untouched: who goes on with it is told anew the next time.
    notice_id = f"draft/{request_id}/{touched_at.timestamp():.0f}"
    told_at = store.notices.told_at(notice_id)
    left = policy.draft_left(touched_at, told_at, environment=identity.current_environment())
    stored = store.requests.load(request_id)
    if stored is None or not left.tell:
        return
    if left.throw_away:
        written = store.drafts.of(request_id)
        if written.saved_at is not None and written.saved_at > touched_at:
            return
        current = stored.request

        def also(connection: Connection) -> None:
            store.drafts.take(request_id, written.version, connection)
            attachments.forget(current, connection)

        request_log.act(stored, RequestCommand.WITHDRAW, request_log.CLOCK, _THE_CLOCK, {}, also)
        attachments.remove(current.attachments)
    elif told_at is None:
        with store.transaction() as connection:
            notices.tell_of_draft(stored.request, notice_id, left.notice_days, now, connection)


def _is_overdue(stored: StoredRequest) -> bool:
    return policy.overdue(stored.request, environment=identity.current_environment())


def _each(
    request_ids: Iterable[str], command: RequestCommand, due: Callable[[StoredRequest], bool]
) -> None:
    for request_id in request_ids:
        # One that cannot be read or written has its next turn; the others go on.
        try:
            stored = store.requests.load(request_id)
            possible = stored and command in stored.request.commands(_THE_CLOCK)
            if stored and possible and due(stored):
                request_log.act(stored, command, request_log.CLOCK, _THE_CLOCK, {})
        except Exception:
            log.exception("request %s could not be brought up to date", request_id)
