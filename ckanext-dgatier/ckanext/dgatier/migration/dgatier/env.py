"""Runs the migrations of dgatier's tables; `ckan db upgrade -p dgatier` calls it."""

from alembic import context
from sqlalchemy import engine_from_config, pool

VERSION_TABLE = "dgatier_alembic_version"

engine = engine_from_config(
    context.config.get_section(context.config.config_ini_section) or {},
    prefix="sqlalchemy.",
    poolclass=pool.NullPool,
)
with engine.connect() as connection:
    context.configure(connection=connection, version_table=VERSION_TABLE)
    with context.begin_transaction():
        context.run_migrations()
