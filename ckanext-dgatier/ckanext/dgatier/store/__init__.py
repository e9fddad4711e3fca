"""Tables and repositories, on CKAN's own database.

Requests, grants and the audit are written together or not at all, in transactions of their own
and not in CKAN's session: what is recorded here does not depend on what CKAN does afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ckan import model
from sqlalchemy.engine import Connection, Engine

from . import (
    attachments,
    audit,
    data_keys,
    delegations,
    drafts,
    grants,
    levels,
    notices,
    numbers,
    outbox,
    people,
    readings,
    rebuild,
    requests,
    sealing,
    signing,
    summaries,
    webhooks,
)

__all__ = [
    "attachments",
    "audit",
    "data_keys",
    "delegations",
    "drafts",
    "engine",
    "grants",
    "levels",
    "notices",
    "numbers",
    "outbox",
    "people",
    "readings",
    "rebuild",
    "requests",
    "sealing",
    "signing",
    "summaries",
    "transaction",
    "webhooks",
]


def engine() -> Engine:
    """Return the engine of CKAN's main database."""
    return model.meta.engine


@contextmanager
def transaction() -> Iterator[Connection]:
    """Give a connection whose work is committed as a whole at the end."""
    with engine().begin() as connection:
        yield connection
