"""Signing in, stepping up, signing out."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from ckan import model
from ckan.common import current_user, login_user, logout_user
from ckan.lib import helpers
from ckan.plugins import toolkit
from ckan.views.user import regenerate_session, rotate_token
from flask import Blueprint, jsonify, make_response, session
from werkzeug.wrappers import Response

from ckanext.dgatier import store
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.local_address import local_path
from ckanext.dgatier.identity import bearer, liveness, logout, provider, provisioning, recovery
from ckanext.dgatier.identity import claims as claim_reader
from ckanext.dgatier.identity.keys import FalseToken
from ckanext.dgatier.identity.standing import SESSION_KEY

log = logging.getLogger(__name__)

blueprint = Blueprint("dgatier_session", __name__, url_prefix="/access")

_RETURN_KEY = "dgatier_return_to"
_WANTED_KEY = "dgatier_wanted_aal"
_LANGUAGE_KEY = "dgatier_language"


@blueprint.route("/sign-in")
def sign_in() -> Response | tuple[str, int]:
    """Send the browser to the identity provider; `aal=2` asks for two factors."""
    wanted = 2 if toolkit.request.args.get("aal") == "2" else 1
    session[_RETURN_KEY] = _wanted_page()
    session[_WANTED_KEY] = wanted
    session[_LANGUAGE_KEY] = helpers.lang()
    try:
        return provider.redirect_to_sign_in(
            toolkit.url_for("dgatier_session.callback", _external=True, locale="default"),
            wanted,
            helpers.lang(),
        )
    except provider.ProviderUnreachable:
        log.exception("the identity provider is unreachable")
        return _failed(
            503, toolkit._("The identity service does not answer. Please try again in a minute.")
        )


@blueprint.route("/callback")
def callback() -> Response | tuple[str, int]:
    """Take the provider's answer; a false one leaves everything as it was.

    The provider knows one address for all languages, so the answer goes on to the one of the
    language in which the person had begun.
    """
    language = session.pop(_LANGUAGE_KEY, None)
    if language and language != helpers.lang():
        return toolkit.redirect_to(
            "dgatier_session.callback", locale=language, **toolkit.request.args.to_dict()
        )
    return_to = session.get(_RETURN_KEY) or toolkit.url_for("home.index")
    wanted = session.get(_WANTED_KEY, 1)
    try:
        claims, id_token = provider.claims_of_callback()
    except provider.SignInFailed as failure:
        log.warning("sign-in refused: %s", failure)
        return _failed(
            400,
            toolkit._("You could not be signed in: the answer was not valid. Please try again."),
        )
    except provider.ProviderUnreachable:
        log.exception("the identity provider is unreachable")
        return _failed(
            503, toolkit._("The identity service does not answer. Please try again in a minute.")
        )
    sign_in_strength = claim_reader.assurance(claims)
    if sign_in_strength.aal < wanted:
        return _failed(403, toolkit._("Two factors are needed for this, and one was not given."))
    user_id = provisioning.provision(provider.issuer_and_client()[0], claims)
    # An ID token names one organisation; who belongs to several is known whole by asking.
    user = model.User.get(user_id) if liveness.ask_now(user_id) else None
    if user is None or not user.is_active:
        return _failed(403, toolkit._("This account is closed."))
    _begin_session(user)
    session[SESSION_KEY] = {
        "sub": claims["sub"],
        "sid": claims.get("sid"),
        "acr": claims.get("acr"),
        "auth_time": claims.get("auth_time"),
        "at": time.time(),
        "id_token": id_token,
    }
    _record(AuditAction.SIGN_IN, user.id, aal=sign_in_strength.aal)
    return toolkit.redirect_to(return_to)


@blueprint.route("/sign-out", methods=["GET", "POST"])
def sign_out() -> Response | str:
    """End the session here and at the identity provider; a GET alone asks whether to.

    A picture or a link on another site can make a browser GET this address, and a form there
    does not know the form token.
    """
    if toolkit.request.method == "POST":
        return end_session()
    if not current_user.is_authenticated:
        return toolkit.redirect_to("dgatier_session.signed_out")
    return toolkit.render("dgatier/sign_out.html")


@blueprint.route("/signed-out")
def signed_out() -> str:
    """Say that both sessions have ended."""
    return toolkit.render("dgatier/signed_out.html")


@blueprint.route("/backchannel-logout", methods=["POST"])
def backchannel_logout() -> Response:
    """Let the provider end sessions by a logout token that it has signed.

    It comes without a cookie, so CKAN asks for no form token; the signature is what counts.
    """
    status, said = 200, ""
    try:
        sub = logout.end_sessions(toolkit.request.form.get("logout_token", ""))
        user_id = store.people.user_id_of(provider.issuer_and_client()[0], sub) if sub else None
        if user_id:
            _record(AuditAction.SIGN_OUT, user_id, by="identity provider")
    except FalseToken as failure:
        log.warning("logout token refused: %s", failure)
        status, said = 400, "invalid_request"
    except provider.ProviderUnreachable:
        log.exception("a logout token cannot be checked: the identity provider is unreachable")
        status, said = 503, "temporarily_unavailable"
    response = make_response(jsonify({"error": said} if said else {}), status)
    toolkit.request.environ["__no_cache__"] = True
    response.cache_control.no_store = True
    return response


@blueprint.route("/recovery/<token>")
def recover(token: str) -> Response | tuple[str, int]:
    """Sign a local sysadmin in by a link that works once."""
    user = recovery.unseal(token)
    if user is None:
        return _failed(404, toolkit._("This link is not valid, or was used already."))
    _begin_session(user)
    _record(AuditAction.RECOVERY_SIGN_IN, user.id)
    return toolkit.redirect_to("home.index")


def begin_sign_in() -> Response | None:
    """Take the place of CKAN's own sign-in page (`IAuthenticator.login`)."""
    if current_user.is_authenticated:
        return None
    return toolkit.redirect_to("dgatier_session.sign_in", came_from=_wanted_page() or None)


def begin_sign_out() -> Response | str:
    """Take the place of CKAN's own signing out, which a GET does too (`IAuthenticator.logout`)."""
    return sign_out()


def end_session() -> Response:
    """Kill the session here first, then send the browser to end it at the provider."""
    sign_in_claims = session.get(SESSION_KEY)
    if current_user.is_authenticated:
        _record(AuditAction.SIGN_OUT, current_user.id)
    logout_user()
    _forget_session()
    here = toolkit.url_for("dgatier_session.signed_out", _external=True)
    if not sign_in_claims:
        return toolkit.redirect_to(here)
    return toolkit.redirect_to(provider.sign_out_address(sign_in_claims.get("id_token"), here))


def identify(user_id: str | None) -> model.User | model.AnonymousUser | None:
    """Take whom a bearer token speaks for; let nobody in whose account is no longer live."""
    bearing = bearer.user_of_request()
    if bearing is not None:
        return bearing
    if user_id is None:
        return None
    sign_in_claims = session.get(SESSION_KEY)
    if sign_in_claims and logout.is_over(sign_in_claims):
        session.clear()
        return model.AnonymousUser()
    return None if liveness.is_live(user_id) else model.AnonymousUser()


def refuse_password(identity: object) -> model.AnonymousUser:
    """Refuse every local password (`IAuthenticator.authenticate`)."""
    return model.AnonymousUser()


def _begin_session(user: model.User) -> None:
    """Sign in, in a session whose id nobody knew before, with form tokens of its own."""
    _forget_session()
    login_user(user)
    rotate_token()


def _forget_session() -> None:
    """Drop the session and its id, for one that the browser cannot have been given by others.

    Flask-Session takes an id that a browser comes with as it is, and gives a session that holds
    nothing no new one.
    """
    session[_RETURN_KEY] = ""
    regenerate_session()
    session.clear()


def _wanted_page() -> str:
    """Return the page of this portal that someone wants to come back to, empty for any other."""
    asked = toolkit.request.args.get("came_from") or toolkit.request.args.get("next")
    return local_path(asked, toolkit.config["ckan.site_url"])


def _failed(status: int, text: str) -> tuple[str, int]:
    return toolkit.render("dgatier/sign_in_failed.html", {"text": text}), status


def _record(action: AuditAction, user_id: str, **detail: object) -> None:
    store.audit.append(AuditEvent(action, user_id, datetime.now(UTC), detail=detail))
