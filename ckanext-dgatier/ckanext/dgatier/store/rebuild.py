"""The tables of requests and grants once more from the events, compared with what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from . import grants, requests
from .tables import grant, request, request_event

_Rows = dict[str, Mapping[str, Any]]
_TABLES = (request, grant)


def differences(connection: Connection) -> Iterator[str]:
    """Say each row and column in which the tables are not what the events lead to."""
    for request_id, folded in requests.logs(connection):
        if folded is None:
            yield f"the events of request {request_id} cannot be read"
    for table, expected, found in _both(connection):
        for key in sorted(expected.keys() | found.keys()):
            if key not in found:
                yield f"{table.name} {key} is missing"
            elif key not in expected:
                yield f"{table.name} {key} is in no event"
            else:
                yield from (
                    f"{table.name} {key}: {name} is {found[key][name]!r}"
                    f" and should be {expected[key][name]!r}"
                    for name in _differing(expected[key], found[key])
                )


def repair(connection: Connection) -> int:
    """Make the tables what the events lead to; returns how many rows were put right.

    Nobody else writes meanwhile. What is in no event is taken away; what is of a request whose
    events cannot be read is left as it is.
    """
    for table in (*_TABLES, request_event):
        connection.execute(sa.text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))
    count = 0
    for table, expected, found in _both(connection):
        wrong = [
            row
            for key, row in expected.items()
            if key not in found or any(_differing(row, found[key]))
        ]
        unknown = [key for key in found if key not in expected]
        connection.execute(table.delete().where(table.c.id.in_(unknown)))
        for row in wrong:
            connection.execute(
                insert(table).values(**row).on_conflict_do_update(index_elements=["id"], set_=row)
            )
        count += len(wrong) + len(unknown)
    return count


def _both(connection: Connection) -> Iterator[tuple[sa.Table, _Rows, _Rows]]:
    """Yield each table with its rows by id, as they should be and as they are."""
    logs = dict(requests.logs(connection))
    unreadable = [request_id for request_id, folded in logs.items() if folded is None]
    folded = [one for one in logs.values() if one is not None]
    held = [(one, state.agency) for state in folded for one in state.grants.values()]
    yield (
        request,
        {one.id: requests.row_of(one) for one in folded},
        _found(sa.select(request).where(request.c.id.not_in(unreadable)), connection),
    )
    yield (
        grant,
        {one.id: grants.row_of(one, agency) for one, agency in held},
        _found(sa.select(grant).where(grant.c.request_id.not_in(unreadable)), connection),
    )


def _found(query: sa.sql.Select[Any], connection: Connection) -> _Rows:
    return {row.id: row._asdict() for row in connection.execute(query)}


def _differing(expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    return (name for name, value in expected.items() if found[name] != value)
