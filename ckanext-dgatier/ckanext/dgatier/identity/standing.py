"""The standing of the person who is asking, found once a request."""

from __future__ import annotations

from ckan import model
from ckan.common import current_user
from ckan.plugins import toolkit
from ckan.types import Context
from flask import g, has_request_context, session

from ckanext.dgatier import store
from ckanext.dgatier.core.subject import ANONYMOUS, Role, Subject

from . import bearer, claims, liveness, tokens

SESSION_KEY = "dgatier_sign_in"


def current_subject() -> Subject:
    """Return the person of this request.

    Signed in by the browser, the strength of that sign-in counts; with an API token, the
    strength of the sign-in in which the token was made.
    """
    if not has_request_context() or not current_user.is_authenticated:
        return ANONYMOUS
    known: tuple[str, Subject] | None = getattr(g, "dgatier_subject", None)
    if known is None or known[0] != current_user.id:
        known = (current_user.id, _subject(current_user, _sign_in()))
        g.dgatier_subject = known
    return known[1]


def look_again() -> None:
    """Let the person of this request be looked at anew: an answer may go on for long.

    Whose account the identity provider has closed meanwhile is nobody from then on.
    """
    if not has_request_context():
        return
    g.pop("dgatier_subject", None)
    if current_user.is_authenticated and not liveness.is_live(current_user.id):
        g.dgatier_subject = (current_user.id, ANONYMOUS)


def subject_of_user(user_id: str | None) -> Subject:
    """Return the standing of a user apart from any sign-in."""
    user = model.User.get(user_id) if user_id else None
    return _subject(user, claims.NO_ASSURANCE) if user else ANONYMOUS


def subject_signed_in(user: model.User, sign_in: claims.Assurance) -> Subject:
    """Return the standing of a user in a sign-in that someone trusted tells of."""
    return _subject(user, sign_in)


def subject_for(context: Context) -> Subject:
    """Return the person on whose behalf an action runs.

    The person of this request where the context names them, else that user's standing without
    a sign-in. An empty name is nobody's, as where CKAN answers to a script of another site.
    `ignore_auth` makes nobody more than they are.
    """
    name = context.get("user")
    signed_in = has_request_context() and current_user.is_authenticated
    if signed_in and name in (None, current_user.name, current_user.id):
        return current_subject()
    return subject_of_user(name) if name else ANONYMOUS


def _subject(user: model.User, sign_in: claims.Assurance) -> Subject:
    if not user.is_active:
        return ANONYMOUS
    # CKAN's site user is the one in whose name the loader's background work runs.
    if user.name in (toolkit.config["ckanext.dgatier.ingest_user"], toolkit.config["ckan.site_id"]):
        return Subject(id=user.id, name=user.name, roles=frozenset({Role.INGEST}))
    heard = store.people.claims_of(user.id)
    if heard is not None:
        return claims.subject(user.id, heard, sign_in)
    roles = frozenset({Role.SYSADMIN}) if user.sysadmin else frozenset()
    return Subject(id=user.id, name=user.fullname or user.name, roles=roles)


def _sign_in() -> claims.Assurance:
    if bearing := getattr(g, "dgatier_bearer", None):
        return bearer.assurance(bearing)
    token_id = tokens.id_of_request()
    if token_id is not None:
        return claims.Assurance(*store.people.assurance_of_token(token_id))
    return claims.assurance(session.get(SESSION_KEY, {}))
