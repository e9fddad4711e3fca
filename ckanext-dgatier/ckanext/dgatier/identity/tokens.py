"""API tokens: which one a request came with, and how strong the sign-in was that made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan import model
from flask import g, has_request_context

from ckanext.dgatier import store

from . import liveness


def note_use(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remember for this request that it came with a token (`IApiToken.preprocess_api_token`).

    The token of an account that is no longer live is as if it said nothing.
    """
    token = model.ApiToken.get(data.get("jti"))
    if token is not None and not liveness.is_live(token.user_id):
        return {}
    if has_request_context():
        g.dgatier_token_id = data.get("jti")
    return data


def note_making(data: dict[str, Any], token_id: str) -> dict[str, Any]:
    """Keep the strength of the sign-in in which a token is made.

    A token made with a token is as strong as that one; one made from the command line has none.
    """
    from .standing import current_subject

    maker = current_subject()
    store.people.remember_token(token_id, maker.aal, maker.authenticated_at)
    return data


def id_of_request() -> str | None:
    """Return the id of the token that this request came with, `None` without one."""
    return getattr(g, "dgatier_token_id", None)
