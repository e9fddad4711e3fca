"""Indexes by which the rows about somebody are found in a large table."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from ckanext.datastore.backend.postgres import get_write_engine

from . import facts

_KEYS = ("citizen_id", "juristic_id", "owner_org")
_LEADING = sa.text(
    "SELECT attribute.attname FROM pg_index AS held"
    " JOIN pg_attribute AS attribute"
    " ON attribute.attrelid = held.indrelid AND attribute.attnum = held.indkey[0]"
    " WHERE held.indrelid = to_regclass(quote_ident(:table)) AND held.indpred IS NULL"
)


def keep(resource_id: str) -> None:
    """Index the columns that tell whose a row is, as far as nothing has indexed them yet.

    By hash: they are only ever compared for being equal, and a value may be of any length.
    """
    wanted = [
        column.name
        for column in facts.columns_of(resource_id)
        if column.subject_key in _KEYS and column.type == "text"
    ]
    if not wanted:
        return
    with get_write_engine().begin() as connection:
        known = set(connection.execute(_LEADING, {"table": resource_id}).scalars())
        columns = [sa.Column(name, sa.Text) for name in wanted]
        table = sa.Table(resource_id, sa.MetaData(), *columns)
        for name in (one for one in wanted if one not in known):
            index = sa.Index(_name(resource_id, name), table.c[name], postgresql_using="hash")
            connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))


def _name(resource_id: str, column: str) -> str:
    digest = hashlib.sha256(f"{resource_id}\x1f{column}".encode()).hexdigest()
    return f"dgatier_{digest[:40]}"
