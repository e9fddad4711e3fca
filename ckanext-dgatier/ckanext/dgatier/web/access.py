"""Seeing what one has and asked for, and what is done with a request that was sent."""

from __future__ import annotations

from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint

from ckanext.dgatier.logic.schema import CONDITIONS

from . import helpers
from .pages import ListPage

blueprint = Blueprint("dgatier_access", __name__, url_prefix="/access")

#: What each command of a request's page takes of its form.
_WORDS_OF = {
    "approve": ("tier", "days", "reason"),
    "reject": ("reason", "ground"),
    "return": ("reason",),
    "withdraw": (),
    "submit": ("terms_version",),
    "accept": ("terms_version",),
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
_STILL_HELD = ("active", "pending", "recalled", "suspended")


@blueprint.route("/mine")
def mine() -> Any:
    """Show one's grants and requests, and what one was told."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    grants = toolkit.get_action("dgatier_grant_list")({}, {"limit": 200})
    asked, counted_on = ListPage.wanted("asked"), ListPage.wanted("counted_on")
    requests = toolkit.get_action("dgatier_request_list")({}, asked.bounds)
    teams = toolkit.get_action("dgatier_request_list")(
        {}, {"taking_part": True, **counted_on.bounds}
    )
    notices = toolkit.get_action("dgatier_notice_list")({}, {"limit": 20})
    return toolkit.render(
        "dgatier/mine.html",
        {
            "grants": grants,
            "requests": requests["results"],
            "pages_of_requests": asked.ways(requests["count"]),
            "teams": teams["results"],
            "pages_of_teams": counted_on.ways(teams["count"]),
            "notices": notices["results"],
        },
    )


@blueprint.route("/terms/<id>", methods=["GET", "POST"])
def terms(id: str) -> Any:  # noqa: A002
    """Show the terms of use of a dataset on which one holds grants; accept them for all."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    listed = toolkit.get_action("dgatier_grant_list")({}, {"dataset_id": id, "limit": 200})
    held = [
        toolkit.get_action("dgatier_grant_show")({}, {"id": one["id"]})
        for one in listed
        if one["state"] in _STILL_HELD
    ]
    if not held or held[0]["terms"] is None:
        return base.abort(404, toolkit._("Dataset not found"))
    errors: dict[str, Any] = {}
    if toolkit.request.method == "POST":
        read = {"terms_version": toolkit.request.form.get("terms_version", "")}
        try:
            for one in held:
                toolkit.get_action("dgatier_grant_accept")({}, {"id": one["id"], **read})
        except toolkit.ValidationError as refused:
            errors = refused.error_dict
        else:
            toolkit.h.flash_success(toolkit._("You have accepted the terms of use."))
            return toolkit.redirect_to("dataset.read", id=held[0]["dataset_name"])
    return toolkit.render(
        "dgatier/terms.html", {"held": held, "terms": held[0]["terms"], "errors": errors}
    )


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
    if shown["state"] == "draft" and not errors:
        return toolkit.redirect_to("dgatier_asking.edit", id=id)
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
    given: dict[str, Any] = {
        name: form[name] for name in _WORDS_OF.get(command, ()) if name in form
    }
    if command == "approve":
        given["conditions"] = {name: _condition(form, name) for name in CONDITIONS}
    if command in ("approve", "reject"):
        given["decision"] = command
        command = "decide"
    elif command not in _WORDS_OF:
        raise toolkit.ValidationError({"state": [toolkit._("This cannot be done here.")]})
    toolkit.get_action(f"dgatier_request_{command}")({}, {"id": request_id, **given})


def _condition(form: Any, name: str) -> list[str] | str:
    """Return what is kept of values that were asked for, else those that the steward wrote."""
    return form.getlist(name) if f"{name}_asked" in form else form.get(name, "")
