"""The sealed way in for when the identity provider is down: a link that works once.

Only whoever runs the server can make one, only for a local sysadmin whom the provider does not
know, and being a sysadmin gives no tier of any data.
"""

from __future__ import annotations

import secrets

from ckan import model
from ckan.lib.redis import connect_to_redis

from ckanext.dgatier import store

MINUTES = 10
_KEY = "dgatier:recovery:"


class NotRecoverable(Exception):
    """The user is not a local sysadmin."""


def seal(user_name: str) -> str:
    """Return a token that signs this sysadmin in once, within ten minutes."""
    user = model.User.by_name(user_name)
    if user is None or not user.sysadmin or store.people.claims_of(user.id) is not None:
        raise NotRecoverable(user_name)
    token = secrets.token_urlsafe(32)
    connect_to_redis().set(_KEY + token, user.id, ex=MINUTES * 60)
    return token


def unseal(token: str) -> model.User | None:
    """Return the user of a token and use the token up; `None` when it is not valid."""
    user_id = connect_to_redis().getdel(_KEY + token)
    return model.User.get(user_id.decode()) if user_id else None
