"""Statements of SQLAlchemy as text, for what only psycopg2 can run."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import registry


def written(raw: Any, statement: Any) -> str:
    """Return a statement with its values quoted into it by psycopg2, whose connection is `raw`."""
    dialect = registry.load("postgresql.psycopg2")()
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    with raw.cursor() as cursor:
        return str(cursor.mogrify(str(compiled), compiled.params).decode())
