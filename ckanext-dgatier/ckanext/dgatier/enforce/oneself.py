"""Whether a table has rows about the person who asks, or about a company of theirs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ckanext.datastore.backend.postgres import get_read_engine
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.core.target import Target

log = logging.getLogger(__name__)


def keys(subject: Subject, target: Target) -> tuple[str, ...]:
    """Return the keys, of `citizen_id` and `juristic_id`, by which a table has rows about them.

    One query where the table has such columns and the person such numbers, and none elsewhere.
    """
    if target.level is ClassificationLevel.OPEN:
        return ()
    numbers = {"citizen_id": subject.citizen_ids, "juristic_id": subject.juristic_ids}
    found = {
        key: _has(str(target.resource_id), column.name, numbers[key])
        for column in target.columns
        if (key := column.subject_key) and column.type == "text" and numbers.get(key)
    }
    return _true(found) if found else ()


def _has(table: str, column: str, numbers: tuple[str, ...]) -> Any:
    held: Any = sa.column(column)
    return sa.exists().select_from(sa.table(table, held)).where(held.in_(numbers))


def _true(found: Mapping[str, Any]) -> tuple[str, ...]:
    asked = sa.select(*(one.label(key) for key, one in found.items()))
    try:
        with get_read_engine().connect() as connection:
            row = connection.execute(asked).one()
    except sa.exc.DBAPIError:
        # The table has gone meanwhile. What PostgreSQL says of it would have the number in it.
        log.warning("a table could not be looked through for rows about the person who asks")
        return ()
    return tuple(key for key, is_there in row._mapping.items() if is_there)
