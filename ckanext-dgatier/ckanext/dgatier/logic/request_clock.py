"""What falls due on requests without anyone's doing: told late, it is as true as told in time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core.request import RequestCommand, RequestRole
from ckanext.dgatier.store.requests import StoredRequest

from . import request_log

log = logging.getLogger(__name__)

_THE_CLOCK = frozenset({RequestRole.CLOCK})


def escalate() -> None:
    """Note on each request that waits for too long that it does."""
    _each(store.requests.waiting_ids(), RequestCommand.ESCALATE, _is_overdue)


def expire() -> None:
    """Note on each approved request whose period is over that it ended."""
    _each(store.requests.ended_ids(datetime.now(UTC)), RequestCommand.EXPIRE, lambda _one: True)


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
