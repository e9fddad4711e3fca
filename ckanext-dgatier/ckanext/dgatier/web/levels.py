"""The page of a level: what stands and why, what waits, and deciding on it."""

from __future__ import annotations

from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint, Response, g

from . import helpers
from .access import to_sign_in

blueprint = Blueprint("dgatier_level", __name__, url_prefix="/steward/level")

_REDIRECTS = range(300, 400)


@blueprint.route("/<id>", methods=["GET", "POST"])
def page(id: str) -> Any:  # noqa: A002
    """Show the level of a dataset and what waits for it; carry out what one does with it."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    errors: dict[str, Any] = {}
    try:
        if toolkit.request.method == "POST":
            try:
                _carry_out(id)
            except toolkit.ValidationError as refused:
                errors = refused.error_dict
            except toolkit.NotAuthorized as refused:
                errors = {"decision": [str(refused)]}
            else:
                return toolkit.redirect_to("dgatier_level.page", id=id)
        shown = toolkit.get_action("dgatier_level_show")({}, {"id": id})
    except toolkit.ObjectNotFound:
        return base.abort(404, toolkit._("Dataset not found"))
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    logs = [shown, *shown["resources"]]
    return toolkit.render(
        "dgatier/level.html",
        {
            "pkg_dict": toolkit.get_action("package_show")({}, {"id": id}),
            "logs": logs,
            "outlooks": {
                one["proposal"]["id"]: _outlook(id, one) for one in logs if one["proposal"]
            },
            "errors": errors,
            "data": toolkit.request.form,
        },
    )


def register(app: Any) -> Any:
    """Register on CKAN's application, which is returned."""
    app.after_request(_say_that_a_level_waits)
    return app


def _say_that_a_level_waits(response: Response) -> Response:
    """Tell whoever has saved a form what became of the level that they chose."""
    waiting = g.pop("dgatier_level_waiting", None)
    if waiting and response.status_code in _REDIRECTS:
        toolkit.h.flash_notice(
            toolkit._("The level {level} waits for a steward. Until then it is {standing}.").format(
                level=helpers.dgatier_level_label(waiting["level"]),
                standing=helpers.dgatier_level_label(waiting["standing_level"]),
            )
        )
    return response


def _outlook(dataset_id: str, log: dict[str, Any]) -> dict[str, Any] | None:
    """Return who would have what at the proposed level, `None` for those who may not ask.

    A column's alone does not say what its dataset comes to.
    """
    if log["column"] is not None:
        return None
    asked = {"id": dataset_id, "level": log["proposal"]["level"]}
    try:
        return toolkit.get_action("dgatier_policy_simulate")({}, asked)
    except toolkit.NotAuthorized:
        return None


def _carry_out(dataset_id: str) -> None:
    form = toolkit.request.form
    command = form.get("command")
    if command in ("confirm", "refuse"):
        toolkit.get_action("dgatier_level_decide")(
            {},
            {"id": form.get("id"), "decision": command, "reason": form.get("reason", "")},
        )
        toolkit.h.flash_success(toolkit._("Your decision was stored."))
    elif command == "withdraw":
        toolkit.get_action("dgatier_level_withdraw")({}, {"id": form.get("id")})
    elif command == "propose":
        given = _given("resource_id", "column", "level", "ground", "review_on")
        toolkit.get_action("dgatier_level_propose")({}, {"id": dataset_id, **given})
    elif command == "review":
        given = _given("resource_id", "column", "review_on", "ground")
        toolkit.get_action("dgatier_level_review")({}, {"id": dataset_id, **given})
        toolkit.h.flash_success(toolkit._("The level stays, and its next review is noted."))
    else:
        raise toolkit.ValidationError({"command": [toolkit._("This cannot be done here.")]})


def _given(*names: str) -> dict[str, str]:
    return {name: toolkit.request.form.get(name, "") for name in names}
