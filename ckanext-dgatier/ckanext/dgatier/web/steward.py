"""The work of stewards: what waits, who holds what, taking it back."""

from __future__ import annotations

import json
from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint

from .access import to_sign_in
from .pages import ListPage

blueprint = Blueprint("dgatier_steward", __name__, url_prefix="/steward")

_PAGE = 50


@blueprint.route("/queue")
def queue() -> Any:
    """Show the requests and the levels that wait, the oldest first, and what was decided."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    state = toolkit.request.args.get("state", "waiting")
    try:
        wanted = {"all": {}, "mine": {"assigned": True, "state": "waiting"}}.get(
            state, {"state": state}
        )
        page = ListPage.wanted()
        found = toolkit.get_action("dgatier_request_list")(
            {}, {"queue": True, **page.bounds, **wanted}
        )
        levels = toolkit.get_action("dgatier_level_list")({}, {"limit": 200})
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    return toolkit.render(
        "dgatier/queue.html",
        {
            "requests": found["results"],
            "pages": page.ways(found["count"]),
            "state": state,
            "levels": levels,
        },
    )


@blueprint.route("/outlook/<id>")
def outlook(id: str) -> Any:  # noqa: A002
    """Show who has what of a dataset, and who would have what at another level."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    level = toolkit.request.args.get("level", "")
    errors: dict[str, Any] = {}
    try:
        package = toolkit.get_action("package_show")({}, {"id": id})
        try:
            found = toolkit.get_action("dgatier_policy_simulate")({}, {"id": id, "level": level})
        except toolkit.ValidationError as refused:
            errors, level = refused.error_dict, ""
            found = toolkit.get_action("dgatier_policy_simulate")({}, {"id": id})
    except toolkit.ObjectNotFound:
        return base.abort(404, toolkit._("Dataset not found"))
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    return toolkit.render(
        "dgatier/outlook.html",
        {"pkg_dict": package, "found": found, "level": level, "errors": errors},
    )


@blueprint.route("/outlook")
def outlook_of_agency() -> Any:
    """Show who has what of all the agency's data, and who would by another level or other rules."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    asked = {name: toolkit.request.args.get(name, "") for name in ("level", "rules")}
    errors: dict[str, Any] = {}
    try:
        try:
            found = toolkit.get_action("dgatier_policy_simulate")(
                {}, {"level": asked["level"], "rules": _json(asked["rules"])}
            )
        except toolkit.ValidationError as refused:
            errors = refused.error_dict
            found = toolkit.get_action("dgatier_policy_simulate")({}, {})
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    proposed = bool(asked["level"] or asked["rules"].strip()) and not errors
    return toolkit.render(
        "dgatier/outlook_of_agency.html",
        {"found": found, "asked": asked, "proposed": proposed, "errors": errors},
    )


def _json(text: str) -> Any:
    """Return what a JSON text says, `None` where it is empty, the text itself where it is none."""
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text


@blueprint.route("/holders", methods=["GET", "POST"])
def holders() -> Any:
    """Show who holds what on the agency's data; take a grant back with a reason."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    arguments = toolkit.request.args
    page = toolkit.h.get_page_number(arguments)
    filters = {name: arguments.get(name, "") for name in ("holder", "dataset_id", "sort")}
    # Those that count, unless others are asked for: what has ended only grows.
    filters["state"] = arguments.get("state", "active")
    errors: dict[str, Any] = {}
    try:
        if toolkit.request.method == "POST":
            errors = _revoke()
            if not errors:
                return toolkit.redirect_to("dgatier_steward.holders", **filters)
        try:
            # One more than is shown tells whether there is another page.
            wanted = {"agency": True, "limit": _PAGE + 1, "offset": (page - 1) * _PAGE}
            grants = toolkit.get_action("dgatier_grant_list")({}, {**filters, **wanted})
        except toolkit.ValidationError as refused:
            errors, grants = refused.error_dict, []
    except toolkit.ObjectNotFound:
        return base.abort(404, toolkit._("There is no such grant."))
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    return toolkit.render(
        "dgatier/holders.html",
        {
            "grants": grants[:_PAGE],
            "more": len(grants) > _PAGE,
            "page": page,
            "filters": filters,
            "errors": errors,
            "revoking": toolkit.request.form.get("id", ""),
        },
    )


@blueprint.route("/reading", methods=["GET", "POST"])
def reading() -> Any:
    """Show who reads far above their habit; suspend a grant of theirs with a reason."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    errors: dict[str, Any] = {}
    try:
        if toolkit.request.method == "POST":
            errors = _revoke()
            if not errors:
                return toolkit.redirect_to("dgatier_steward.reading")
        found = toolkit.get_action("dgatier_reading_list")({}, {})
    except toolkit.ObjectNotFound:
        return base.abort(404, toolkit._("There is no such grant."))
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    return toolkit.render(
        "dgatier/reading.html",
        {"found": found, "errors": errors, "revoking": toolkit.request.form.get("id", "")},
    )


def _revoke() -> dict[str, Any]:
    """Take the grant of the form back; return what is wrong with the form, nothing where done."""
    form = toolkit.request.form
    try:
        toolkit.get_action("dgatier_grant_revoke")(
            {}, {"id": form.get("id", ""), "reason": form.get("reason", "")}
        )
    except toolkit.ValidationError as refused:
        return dict(refused.error_dict)
    toolkit.h.flash_success(toolkit._("The grant was revoked; the next reading is refused."))
    return {}
