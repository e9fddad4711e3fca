"""Writing a request: the form, the draft that it keeps by itself, and sending it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint, Response, jsonify

from ckanext.dgatier.logic.action.drafts import TypedElsewhere
from ckanext.dgatier.logic.schema import CONDITIONS

from . import request_texts
from .access import to_sign_in

blueprint = Blueprint("dgatier_asking", __name__, url_prefix="/access")

_TEXTS = ("tier", "purpose", "justification", "days", "members", "legal_ground")
#: On what of it depends what it would take, and whether it is given at once.
_DECISIVE = ("tier", "days", "purpose", "members")
_DETACH = "detach:"
_LISTS = ("resource_ids", "data_uses")


@blueprint.route("/ask/<id>", methods=["GET", "POST"])
def ask(id: str) -> Any:  # noqa: A002
    """Show an empty form, or the draft that the person has; take what was written in it."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    try:
        package = toolkit.get_action("package_show")({}, {"id": id})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return base.abort(404, toolkit._("Dataset not found"))
    if toolkit.request.method == "POST":
        return _take(package, None)
    renewed = _as_before(package["id"])
    beside = request_texts.dgatier_draft_of(package["id"])
    if beside and not renewed:
        return toolkit.redirect_to("dgatier_asking.edit", id=beside)
    begin = {"days": 90, "tier": "masked", **_pointed_at(), **renewed}
    return _form(package, begin, beside=beside)


@blueprint.route("/request/<id>/edit", methods=["GET", "POST"])
def edit(id: str) -> Any:  # noqa: A002
    """Go on with a draft, or change a request that was returned."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    try:
        shown = toolkit.get_action("dgatier_request_show")({}, {"id": id})
        package = toolkit.get_action("package_show")({}, {"id": shown["dataset_id"]})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return base.abort(404, toolkit._("There is no such request."))
    if toolkit.request.method == "POST":
        return _take(package, shown)
    if shown["draft"] is None:
        return toolkit.redirect_to("dgatier_access.request_page", id=id)
    draft = shown["draft"]
    return _form(package, _flat(draft["words"]), marks=draft["errors"], shown=shown)


@blueprint.route("/ask/<id>/needs")
def needs(id: str) -> Any:  # noqa: A002
    """Show what a request would take by what is chosen in the form now, as a part of its page."""
    if not toolkit.current_user.is_authenticated:
        return base.abort(401, toolkit._("You are signed out. Sign in again."))
    chosen = toolkit.request.args
    try:
        needed = _needed(id, chosen)
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return base.abort(404, toolkit._("Dataset not found"))
    return toolkit.render_snippet("dgatier/snippets/needed.html", {"needed": needed})


@blueprint.route("/draft", methods=["POST"])
def save() -> Any:
    """Keep what is typed, as the form sends it by itself; the answer is JSON with what to say."""
    if not toolkit.current_user.is_authenticated:
        return _answer(401, {"said": toolkit._("You are signed out. Sign in again.")})
    try:
        saved = _save()
    except TypedElsewhere as elsewhere:
        request_id = toolkit.request.form.get("request_id")
        request_id = request_id or request_texts.dgatier_draft_of(
            toolkit.request.form["dataset_id"]
        )
        told: dict[str, Any] = {"said": _texts(elsewhere.error_dict)}
        if request_id:
            told["url"] = toolkit.url_for("dgatier_asking.edit", id=request_id)
        return _answer(409, told)
    except toolkit.ValidationError as refused:
        return _answer(422, {"said": _texts(refused.error_dict)})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return _answer(404, {"said": toolkit._("There is no such request.")})
    url = toolkit.url_for("dgatier_asking.edit", id=saved["id"])
    return _answer(200, {**saved, "said": request_texts.dgatier_saved_at(saved), "url": url})


def _take(package: Mapping[str, Any], shown: Mapping[str, Any] | None) -> Any:
    """Carry out what a button of the form says; show the form again where that cannot be."""
    wanted = toolkit.request.form.get("do", "send")
    try:
        if wanted == "discard" and shown:
            toolkit.get_action("dgatier_request_withdraw")({}, {"id": shown["id"]})
            toolkit.h.flash_success(toolkit._("The draft was thrown away."))
            return toolkit.redirect_to("dataset.read", id=package["name"])
        if wanted == "send" and shown is None:
            asked = {"id": package["id"], **_typed(), **_read()}
            handed_in = toolkit.get_action("dgatier_request_create")({}, asked)
        else:
            sent = _save()
            if wanted == "attach":
                _attach(sent["id"])
            elif wanted.startswith(_DETACH):
                gone = {"id": sent["id"], "attachment_id": wanted.removeprefix(_DETACH)}
                toolkit.get_action("dgatier_request_detach")({}, gone)
            if wanted != "send":
                return toolkit.redirect_to("dgatier_asking.edit", id=sent["id"])
            said = {"id": sent["id"], **_read()}
            handed_in = toolkit.get_action("dgatier_request_submit")({}, said)
    except toolkit.ValidationError as refused:
        return _form(package, _flat(_typed()), errors=refused.error_dict, shown=shown)
    except toolkit.ObjectNotFound as lost:
        return base.abort(404, str(lost))
    if handed_in["rule"]:
        toolkit.h.flash_success(
            toolkit._("Your request was approved at once, by a rule of the agency.")
        )
    else:
        toolkit.h.flash_success(toolkit._("Your request was sent."))
    return toolkit.redirect_to("dgatier_access.request_page", id=handed_in["id"])


def _attach(request_id: str) -> None:
    """Attach the files of the form one by one; what cannot be is told, and the others are kept."""
    for upload in toolkit.request.files.getlist("upload"):
        try:
            toolkit.get_action("dgatier_request_attach")({}, {"id": request_id, "upload": upload})
        except toolkit.ValidationError as refused:
            told = {"name": upload.filename or "–", "reason": _texts(refused.error_dict)}
            toolkit.h.flash_error(toolkit._("{name} was not attached: {reason}").format(**told))


def _needed(dataset: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a request would take; tier, days and a purpose that are none are left out."""
    action = toolkit.get_action("dgatier_request_requirements")
    asked = {"id": dataset, **{name: chosen.get(name) for name in _DECISIVE}}
    try:
        return dict(action({}, asked))
    except toolkit.ValidationError as wrong:
        right = {name: value for name, value in chosen.items() if name not in wrong.error_dict}
        return _needed(dataset, right)


def _save() -> dict[str, Any]:
    form = toolkit.request.form
    of = {name: form.get(name, "") for name in ("dataset_id", "version", "beside")}
    asked = {"id": form.get("request_id", ""), **of, **_typed()}
    saved: dict[str, Any] = toolkit.get_action("dgatier_request_save")({}, asked)
    return saved


def _form(
    package: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    errors: Mapping[str, Any] | None = None,
    marks: Mapping[str, Any] | None = None,
    shown: Mapping[str, Any] | None = None,
    beside: str | None = None,
) -> Any:
    sent = toolkit.request.form
    draft = (shown or {}).get("draft") or {}
    return toolkit.render(
        "dgatier/ask.html",
        {
            "pkg_dict": package,
            "data": data,
            "errors": errors or {},
            "marks": {**(marks or {}), **(errors or {})},
            "request_dict": shown,
            # What was refused does not count as seen: the older words stay those of the older form.
            "version": sent.get("version", draft.get("version", "")),
            "beside": sent.get("beside", beside or ""),
            "saved": request_texts.dgatier_saved_at(draft) if draft.get("saved_at") else "",
            "needed": _needed(package["id"], data),
        },
    )


def _typed() -> dict[str, Any]:
    """Return what the form says, by the names of `dgatier_request_create`."""
    form = toolkit.request.form
    return {
        **{name: form.get(name, "") for name in _TEXTS},
        **{name: form.getlist(name) for name in _LISTS},
        "conditions": {name: form.get(name, "") for name in CONDITIONS},
    }


def _read() -> dict[str, str]:
    """Return the version of the dataset's terms of use that the form showed."""
    return {"terms_version": toolkit.request.form.get("terms_version", "")}


def _flat(words: Mapping[str, Any]) -> dict[str, Any]:
    """Return words by the names of the form's fields; some lists are one text with commas."""
    flat = {**words, **(words.get("conditions") or {})}
    for name in ("members", *CONDITIONS):
        if isinstance(flat.get(name), list):
            flat[name] = ", ".join(map(str, flat[name]))
    return flat


def _pointed_at() -> dict[str, Any]:
    """Return what the link to the form says is wanted: a tier, tables, a column of them."""
    said = toolkit.request.args
    wanted = {
        "tier": said.get("tier"),
        "resource_ids": said.getlist("resource_ids"),
        "columns": said.get("columns"),
    }
    return {name: value for name, value in wanted.items() if value}


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


def _texts(errors: Mapping[str, Any]) -> str:
    return " ".join(text for texts in errors.values() for text in texts)


def _answer(status: int, body: Mapping[str, Any]) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.cache_control.no_store = True
    return response
