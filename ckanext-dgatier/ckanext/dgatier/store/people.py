"""Who a CKAN user is at the identity provider, and how strong an API token's maker signed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.engine import Connection

from ckanext.dgatier.core.subject import Role

from .tables import person, token_assurance


def user_id_of(issuer: str, subject: str) -> str | None:
    """Return the CKAN user of an identity, or `None`."""
    with model.meta.engine.connect() as connection:
        return connection.execute(
            sa.select(person.c.user_id).where(
                person.c.issuer == issuer, person.c.subject == subject
            )
        ).scalar()


def subject_of(user_id: str) -> str | None:
    """Return the `sub` by which the provider knows a CKAN user, `None` for one of our own."""
    with model.meta.engine.connect() as connection:
        return connection.execute(
            sa.select(person.c.subject).where(person.c.user_id == user_id)
        ).scalar()


def known_user_ids() -> list[str]:
    """Return the CKAN users whom the identity provider has told us of."""
    with model.meta.engine.connect() as connection:
        return list(connection.execute(sa.select(person.c.user_id)).scalars())


def claims_of(user_id: str) -> Mapping[str, Any] | None:
    """Return the claims last heard of a user, `None` for one the provider does not know."""
    with model.meta.engine.connect() as connection:
        return connection.execute(
            sa.select(person.c.claims).where(person.c.user_id == user_id)
        ).scalar()


def remember(
    issuer: str, subject: str, user_id: str, claims: Mapping[str, Any], now: datetime
) -> None:
    """Store what was heard of an identity; its user stays the one it first had."""
    values = {"claims": dict(claims), "updated_at": now}
    with model.meta.engine.begin() as connection:
        connection.execute(
            insert(person)
            .values(issuer=issuer, subject=subject, user_id=user_id, **values)
            .on_conflict_do_update(index_elements=["issuer", "subject"], set_=values)
        )


def use_language(user_id: str, language: str) -> None:
    """Store in which language a person last used the portal, by its code."""
    with model.meta.engine.begin() as connection:
        connection.execute(
            person.update().where(person.c.user_id == user_id).values(language=language)
        )


def language_of(user_id: str) -> str | None:
    """Return in which language a person last used the portal, `None` where that is unknown."""
    with model.meta.engine.connect() as connection:
        return connection.execute(
            sa.select(person.c.language).where(person.c.user_id == user_id)
        ).scalar()


def stewards_of(agency: str, connection: Connection | None = None) -> set[str]:
    """Return the user ids of an agency's stewards, as the identity provider last said."""
    roles = sa.cast([Role.STEWARD, Role.SENIOR_STEWARD], ARRAY(sa.Text))
    query = (
        sa.select(person.c.user_id)
        .join(model.user_table, model.user_table.c.id == person.c.user_id)
        .where(
            person.c.claims["agency"].astext == agency,
            person.c.claims["roles"].op("?|")(roles),
            model.user_table.c.state == model.State.ACTIVE,
        )
    )
    return set((connection or model.Session.connection()).execute(query).scalars())


def remember_token(token_id: str, aal: int, authenticated_at: datetime | None) -> None:
    """Store how strong the sign-in was in which an API token was made."""
    with model.meta.engine.begin() as connection:
        connection.execute(
            insert(token_assurance)
            .values(token_id=token_id, aal=aal, authenticated_at=authenticated_at)
            .on_conflict_do_nothing()
        )


def assurance_of_token(token_id: str) -> tuple[int, datetime | None]:
    """Return the level and moment of the sign-in in which a token was made; 0 when unknown."""
    with model.meta.engine.connect() as connection:
        row = connection.execute(
            sa.select(token_assurance).where(token_assurance.c.token_id == token_id)
        ).first()
    return (row.aal, row.authenticated_at) if row else (0, None)


def names_of(user_ids: Iterable[str | None]) -> dict[str, dict[str, str]]:
    """Return `{id, name, display_name}` of users by id, in one query."""
    wanted = {user_id for user_id in user_ids if user_id}
    if not wanted:
        return {}
    users = model.Session.query(model.User.id, model.User.name, model.User.fullname)
    return {
        user.id: {"id": user.id, "name": user.name, "display_name": user.fullname or user.name}
        for user in users.filter(model.User.id.in_(wanted))
    }


def titles_of(dataset_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return `(name, title)` of datasets by id, in one query."""
    packages = model.Session.query(model.Package.id, model.Package.name, model.Package.title)
    found = packages.filter(model.Package.id.in_(set(dataset_ids)))
    return {package.id: (package.name, package.title or package.name) for package in found}
