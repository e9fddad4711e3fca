"""Asking for access, and seeing what one has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint

from . import helpers

blueprint = Blueprint("dgatier_access", __name__, url_prefix="/access")

#: What each command of a request's page takes of its form.
_WORDS_OF = {
    "approve": ("tier", "days", "reason"),
    "reject": ("reason", "ground"),
    "return": ("reason",),
    "withdraw": (),
    "submit": (),
    "accept": (),
    "decline": (),
    "claim": (),
    "release": (),
    "hand_over": ("to",),
    "ask_review": ("reviewer", "reason"),
    "review": ("reason",),
    "remark": ("reason", "private"),
    "appeal": ("reason",),
    "close": ("copies", "reason"),
}
_FORM_FIELDS = ("tier", "purpose", "justification", "days", "members", "legal_ground", "draft")
_CONDITIONS = ("provinces", "years", "columns")


@blueprint.route("/mine")
def mine() -> Any:
    """Show one's grants and requests, and what one was told."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    grants = toolkit.get_action("dgatier_grant_list")({}, {"limit": 200})
    requests = toolkit.get_action("dgatier_request_list")({}, {"limit": 200})
    teams = toolkit.get_action("dgatier_request_list")({}, {"taking_part": True, "limit": 200})
    notices = toolkit.get_action("dgatier_notice_list")({}, {"limit": 20})
    return toolkit.render(
        "dgatier/mine.html",
        {
            "grants": grants,
            "requests": requests["results"],
            "teams": teams["results"],
            "notices": notices["results"],
        },
    )


@blueprint.route("/ask/<id>", methods=["GET", "POST"])
def ask(id: str) -> Any:  # noqa: A002
    """Show the form, and take what was written in it."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    try:
        package = toolkit.get_action("package_show")({}, {"id": id})
        decision = toolkit.get_action("dgatier_access_show")({}, {"id": id})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return base.abort(404, toolkit._("Dataset not found"))
    data: dict[str, Any] = {"days": 90, "tier": "masked", **_as_before(package["id"])}
    errors: dict[str, Any] = {}
    if toolkit.request.method == "POST":
        form = toolkit.request.form
        data = {name: form.get(name, "") for name in _FORM_FIELDS}
        data |= {name: form.getlist(name) for name in ("resource_ids", "data_uses")}
        conditions = {name: form.get(name, "") for name in _CONDITIONS}
        asked = {"id": id, **data, "conditions": conditions}
        data |= conditions
        try:
            made = toolkit.get_action("dgatier_request_create")({}, asked)
        except toolkit.ValidationError as refused:
            errors = refused.error_dict
        else:
            if not data["draft"]:
                toolkit.h.flash_success(toolkit._("Your request was sent."))
            return toolkit.redirect_to("dgatier_access.request_page", id=made["id"])
    return toolkit.render(
        "dgatier/ask.html",
        {
            "pkg_dict": package,
            "decision": decision,
            "data": data,
            "errors": errors,
            "needed": toolkit.get_action("dgatier_request_requirements")({}, {"id": id}),
        },
    )


def _as_before(dataset_id: str) -> dict[str, Any]:
    """Return what the form says for a grant that is to be renewed, nothing for any other."""
    wanted = toolkit.request.args.get("renew")
    if not wanted:
        return {}
    try:
        grant = toolkit.get_action("dgatier_grant_show")({}, {"id": wanted})
    except toolkit.ObjectNotFound:
        return {}
    if grant["dataset_id"] != dataset_id:
        return {}
    lasted = datetime.fromisoformat(grant["valid_until"]) - datetime.fromisoformat(
        grant["valid_from"]
    )
    asked = {"tier": grant["tier"], "purpose": grant["purpose"], "days": max(lasted.days, 1)}
    return {**asked, "resource_ids": grant["resource_ids"]}


@blueprint.route("/request/<id>", methods=["GET", "POST"])
def request_page(id: str) -> Any:  # noqa: A002
    """Show a request and its history; carry out what one does with it."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    errors: dict[str, Any] = {}
    if toolkit.request.method == "POST":
        try:
            _carry_out(id)
        except toolkit.ValidationError as refused:
            errors = refused.error_dict
        except toolkit.NotAuthorized as refused:
            errors = {"decision": [str(refused)]}
        except toolkit.ObjectNotFound:
            return base.abort(404, toolkit._("There is no such request."))
        else:
            return toolkit.redirect_to("dgatier_access.request_page", id=id)
    try:
        shown = toolkit.get_action("dgatier_request_show")({}, {"id": id})
    except toolkit.ObjectNotFound:
        return base.abort(404, toolkit._("There is no such request."))
    return toolkit.render(
        "dgatier/request.html",
        {"request_dict": shown, "errors": errors, "data": toolkit.request.form},
    )


def to_sign_in() -> Any:
    """Send the person to sign in and back to this page."""
    return toolkit.redirect_to("dgatier_session.sign_in", came_from=helpers.dgatier_here())


def _carry_out(request_id: str) -> None:
    form = toolkit.request.form
    command = form.get("command", "")
    given = {name: form[name] for name in _WORDS_OF.get(command, ()) if name in form}
    if command in ("approve", "reject"):
        given["decision"] = command
        command = "decide"
    elif command not in _WORDS_OF:
        raise toolkit.ValidationError({"state": [toolkit._("This cannot be done here.")]})
    toolkit.get_action(f"dgatier_request_{command}")({}, {"id": request_id, **given})
