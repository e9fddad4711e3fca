"""Notices on their way out of the portal: how they stand, and settling those in doubt."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import click

from ckanext.dgatier import store
from ckanext.dgatier.core.notice import Delivery

_MOST_SHOWN = 100


@click.group()
def notices() -> None:
    """Notices that leave the portal by mail and webhook."""


@notices.command("status")
@click.option("--json", "as_json", is_flag=True, help="for programs")
def notices_status(as_json: bool) -> None:
    """Print how many wait, were sent, failed or are unsure; ends with 1 where some are unsure.

    A mail is unsure when it went out whole and no answer came: it may have arrived or not, and is
    not sent again by itself. `notices settle` says what became of it.
    """
    rows = store.outbox.in_state((Delivery.UNSURE, Delivery.FAILED), _MOST_SHOWN)
    shape: dict[str, Any] = {
        "counts": store.outbox.counts(),
        "look_at": [_shape(row) for row in rows],
    }
    if as_json:
        click.echo(json.dumps(shape))
    else:
        for channel, states in shape["counts"].items():
            said = ", ".join(f"{count:,} {state}" for state, count in states.items() if count)
            click.echo(f"{channel}: {said or 'nothing'}")
        for row in shape["look_at"]:
            click.echo(
                f"  {row['state']} {row['channel']} {row['id']} {row['kind']} {row['error']}"
            )
    if any(states[Delivery.UNSURE] for states in shape["counts"].values()):
        sys.exit(1)


@notices.command("settle")
@click.argument("id")
@click.option("--sent", "outcome", flag_value="sent", help="it has arrived")
@click.option("--again", "outcome", flag_value="again", help="it has not: send it again")
def notices_settle(id: str, outcome: str | None) -> None:  # noqa: A002
    """Say what became of a notice that failed or is unsure.

    The receiver's server knows: the Message-ID of a mail begins with the notice's id.
    """
    if outcome is None:
        raise click.UsageError("Give --sent or --again")
    if not store.outbox.settle(id, again=outcome == "again", now=datetime.now(UTC)):
        click.echo(f"No notice {id} failed or is unsure", err=True)
        sys.exit(1)


def _shape(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel": row.channel,
        "recipient": row.recipient,
        "kind": row.kind,
        "state": row.state,
        "attempts": row.attempts,
        "told_at": row.told_at.isoformat(),
        "error": row.error,
    }
