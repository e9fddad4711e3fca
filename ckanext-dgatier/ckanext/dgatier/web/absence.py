"""The page on which stewards say who stands in for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint

from ckanext.dgatier import identity
from ckanext.dgatier.core import calendar

from .access import to_sign_in

blueprint = Blueprint("dgatier_absence", __name__, url_prefix="/steward/absence")

_FIELDS = ("to", "first_day", "last_day", "reason")


@blueprint.route("", methods=["GET", "POST"])
def page() -> Any:
    """Show who stands in for whom; take a new absence, or end one."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    errors: dict[str, Any] = {}
    try:
        if toolkit.request.method == "POST":
            try:
                _carry_out()
            except toolkit.ValidationError as refused:
                errors = refused.error_dict
            else:
                return toolkit.redirect_to("dgatier_absence.page")
        found = toolkit.get_action("dgatier_delegation_list")({}, {})
    except toolkit.ObjectNotFound as missing:
        return base.abort(404, str(missing))
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    return toolkit.render(
        "dgatier/absence.html",
        {
            "delegations": found["results"],
            "agency": identity.current_subject().agency,
            "today": calendar.today(datetime.now(UTC)).isoformat(),
            "data": toolkit.request.form,
            "errors": errors,
        },
    )


def _carry_out() -> None:
    form = toolkit.request.form
    if form.get("command") == "end":
        toolkit.get_action("dgatier_delegation_end")({}, {"id": form.get("id", "")})
        toolkit.h.flash_success(toolkit._("Nobody stands in any more."))
    else:
        given = {name: form.get(name, "") for name in _FIELDS}
        toolkit.get_action("dgatier_delegation_create")({}, given)
        toolkit.h.flash_success(toolkit._("Your work is handed over for that time."))
