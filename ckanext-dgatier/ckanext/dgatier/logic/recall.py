"""Writing down, and telling people, that grants do not count any more on their data, or do again.

What counts is weighed at each reading; this only says what changed, and late is as true as in time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from ckan import model

from ckanext.dgatier import policy, store
from ckanext.dgatier.core.grant import Withholding
from ckanext.dgatier.core.request import RequestCommand, RequestRole
from ckanext.dgatier.enforce import facts

from . import request_log

log = logging.getLogger(__name__)

_THE_CLOCK = frozenset({RequestRole.CLOCK})


def note() -> None:
    """Note on each grant that has not ended whether it still counts; one that fails stops no other.

    Raises `policy.PolicyUnavailable`.
    """
    weighed = list(_with_what_stands(datetime.now(UTC)))
    notes = policy.withheld([stands for _row, stands in weighed])
    for (row, stands), why in zip(weighed, notes, strict=True):
        if why == row.withheld:
            continue
        try:
            _write(row, stands.level_now, why)
        except Exception:
            log.exception("it could not be noted that grant %s is withheld: %s", row.id, why)


def _with_what_stands(now: datetime) -> Iterator[tuple[Any, policy.Approved]]:
    """Yield the rows of the grants with the level and the terms of their data today."""
    for dataset_id, rows in groupby(store.grants.living(now), key=lambda row: row.dataset_id):
        try:
            package = model.Package.get(dataset_id)
            known = facts.of_package(package) if package else None
        except Exception:
            log.exception("it could not be weighed what stands for dataset %s", dataset_id)
            continue
        if known is None:
            continue
        for row in rows:
            was = (row.level, row.accepted_terms)
            yield row, policy.Approved(*was, str(known.level), known.terms)


def _write(row: Any, level: str, why: Withholding | None) -> None:
    command = RequestCommand.WITHHOLD if why else RequestCommand.RESTORE
    stored = store.requests.load(row.request_id)
    if stored and command in stored.request.commands(_THE_CLOCK):
        payload = {"grant_id": row.id, "level": level, **({"why": why} if why else {})}
        request_log.act(stored, command, request_log.CLOCK, _THE_CLOCK, payload)
