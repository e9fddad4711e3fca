"""What is done again and again, apart from anyone's request."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

import click
from ckan import model
from ckan.lib.redis import connect_to_redis

from ckanext.dgatier import store
from ckanext.dgatier.logic import (
    attachments,
    delivery,
    notices,
    numbers,
    recall,
    request_clock,
    request_log,
    retention,
)

log = logging.getLogger(__name__)

#: The key that tells in Valkey that the clock goes; gone half a minute after it stops.
HEARTBEAT = "dgatier:clock"
_HEARTBEAT_SECONDS = 30
_TICK_SECONDS = 0.5


def _checkpoint() -> None:
    made = store.audit.make_checkpoint(datetime.now(UTC))
    if made is not None:
        # In the log too: what is cut off with its checkpoint shows there.
        log.info("audit checkpoint %s %s", made.content["number"], made.digest)


def _remind() -> None:
    notices.remind(datetime.now(UTC))


def _publish_numbers() -> None:
    numbers.publish_daily(datetime.now(UTC))


def _sweep() -> None:
    attachments.sweep(datetime.now(UTC))


def _retain() -> None:
    retention.apply(request_log.CLOCK, datetime.now(UTC), everything=False)


#: Each task with the seconds between two turns of it.
TASKS: tuple[tuple[float, Callable[[], object]], ...] = (
    (60.0, _checkpoint),
    (60.0, request_clock.escalate),
    (60.0, request_clock.expire),
    (900.0, request_clock.clear_drafts),
    (30.0, recall.note),
    (300.0, _remind),
    (2.0, delivery.send_mail),
    (2.0, delivery.send_webhooks),
    (900.0, _publish_numbers),
    (3600.0, _sweep),
    (3600.0, _retain),
)


@click.command("clock")
def clock() -> None:
    """Go on until stopped: sign checkpoints, say what falls due, tell people, publish, forget.

    A task that fails is logged and has its next turn; the others go on.
    """
    stopped = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    due = [0.0] * len(TASKS)
    while not stopped:
        for place, (seconds, task) in enumerate(TASKS):
            if time.monotonic() >= due[place]:
                due[place] = time.monotonic() + seconds
                _run(task)
        _beat()
        time.sleep(_TICK_SECONDS)


def _run(task: Callable[[], object]) -> None:
    # Giving the session back fails too where the database went away in between.
    for step in (task, model.Session.remove):
        try:
            step()
        except Exception:
            log.exception("a task of the clock failed; it has its next turn")


def _beat() -> None:
    try:
        connect_to_redis().set(HEARTBEAT, datetime.now(UTC).isoformat(), ex=_HEARTBEAT_SECONDS)
    except Exception:
        log.exception("the clock could not say that it goes")
