"""The page of an agency's webhooks."""

from __future__ import annotations

from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint

from .access import to_sign_in

blueprint = Blueprint("dgatier_webhooks", __name__, url_prefix="/steward/webhooks")


@blueprint.route("", methods=["GET", "POST"])
def page() -> Any:
    """Show the agency's webhooks; make one, whose secret is shown this once, or delete one."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    form = toolkit.request.form
    errors: dict[str, Any] = {}
    made = None
    try:
        if toolkit.request.method == "POST" and form.get("command") == "delete":
            toolkit.get_action("dgatier_webhook_delete")({}, {"id": form.get("id", "")})
            toolkit.h.flash_success(toolkit._("The webhook was deleted."))
            return toolkit.redirect_to("dgatier_webhooks.page")
        if toolkit.request.method == "POST":
            given = {"url": form.get("url", ""), "kinds": form.getlist("kinds")}
            try:
                made = toolkit.get_action("dgatier_webhook_create")({}, given)
            except toolkit.ValidationError as refused:
                errors = refused.error_dict
        found = toolkit.get_action("dgatier_webhook_list")({}, {})
    except toolkit.ObjectNotFound as missing:
        return base.abort(404, str(missing))
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    return toolkit.render(
        "dgatier/webhooks.html",
        {"webhooks": found, "made": made, "errors": errors, "data": {} if made else form},
    )
