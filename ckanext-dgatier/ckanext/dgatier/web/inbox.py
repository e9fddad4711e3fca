"""The inbox: what one was told, and in which language one is told the next thing."""

from __future__ import annotations

from typing import Any

from ckan.common import current_user
from ckan.lib import helpers as ckan_helpers
from ckan.plugins import toolkit
from flask import Blueprint, Response, session

from ckanext.dgatier import store
from ckanext.dgatier.identity.standing import SESSION_KEY

from .access import to_sign_in

blueprint = Blueprint("dgatier_inbox", __name__, url_prefix="/access/inbox")

_PAGE = 20
_LANGUAGES = ("th", "en")
_KEPT_KEY = "dgatier_language_kept"


@blueprint.route("", methods=["GET", "POST"])
def page() -> Any:
    """Show what one was told, a page at a time; mark it as read."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    number = ckan_helpers.get_page_number(toolkit.request.args)
    if toolkit.request.method == "POST":
        ids = toolkit.request.form.getlist("id")
        toolkit.get_action("dgatier_notice_mark_read")({}, {"ids": ids} if ids else {})
        return toolkit.redirect_to("dgatier_inbox.page", page=number)
    found = toolkit.get_action("dgatier_notice_list")(
        {}, {"limit": _PAGE, "offset": (number - 1) * _PAGE}
    )
    return toolkit.render(
        "dgatier/inbox.html",
        {
            "notices": found["results"],
            "count": found["count"],
            "number": number,
            "last": max(1, -(-found["count"] // _PAGE)),
        },
    )


def register(app: Any) -> Any:
    """Register on CKAN's application, which is returned."""
    app.after_request(_keep_language)
    return app


def _keep_language(response: Response) -> Response:
    """Keep in which language a person last used the portal: in that they are written to.

    What was kept stands in the session too, so that a page in the same language costs nothing.
    """
    if not (response.mimetype == "text/html" and current_user and current_user.is_authenticated):
        return response
    language = ckan_helpers.lang()
    if SESSION_KEY in session and language in _LANGUAGES and session.get(_KEPT_KEY) != language:
        store.people.use_language(current_user.id, language)
        session[_KEPT_KEY] = language
    return response
