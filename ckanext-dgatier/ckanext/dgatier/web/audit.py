"""The audit for those who may read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint, Response, stream_with_context

from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.enforce import graded_view
from ckanext.dgatier.logic.action import audit as action_audit

from .access import to_sign_in

blueprint = Blueprint("dgatier_audit", __name__, url_prefix="/audit")

_PAGE = 50
_FILTERS = (
    "actor", "action", "dataset_id", "outcome", "since", "until",
    "decision_id", "grant_id", "request_id",
)  # fmt: skip
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
_COLUMNS = (
    "sequence", "at", "actor", "action", "dataset_id", "dataset_name", "resource_id",
    "outcome", "decision_id", "detail", "hash",
)  # fmt: skip


@blueprint.route("/")
def events() -> Any:
    """Show what happened, the newest first; with `verify` also whether the chain is whole."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    arguments = toolkit.request.args
    page = toolkit.h.get_page_number(arguments)
    filters = _filters()
    errors: dict[str, Any] = {}
    proof = None
    try:
        try:
            found = toolkit.get_action("dgatier_audit_list")(
                {}, {**filters, "limit": _PAGE, "offset": (page - 1) * _PAGE}
            )
        except toolkit.ValidationError as refused:
            errors, found = refused.error_dict, {"count": 0, "results": []}
        if arguments.get("verify"):
            proof = toolkit.get_action("dgatier_audit_verify")({}, {})
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    return toolkit.render(
        "dgatier/audit.html",
        {
            "events": found["results"],
            "count": found["count"],
            "page": page,
            "pages": -(-found["count"] // _PAGE),
            "filters": filters,
            "actions": [str(action) for action in AuditAction],
            "errors": errors,
            "proof": proof,
        },
    )


@blueprint.route("/export/<form>")
def export(form: str) -> Any:
    """Give all that a search finds as CSV or JSON Lines, while it is read."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    if form not in _TYPES:
        return base.abort(404, toolkit._("There is no such page"))
    context = {"user": toolkit.current_user.name, "auth_user_obj": toolkit.current_user}
    try:
        found = action_audit.export(context, _filters())
    except toolkit.ValidationError as refused:
        return base.abort(
            400, " ".join(text for texts in refused.error_dict.values() for text in texts)
        )
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    toolkit.request.environ["__no_cache__"] = True
    lines = _as_csv(found) if form == "csv" else _as_json_lines(found)
    return Response(
        stream_with_context(lines),
        content_type=_TYPES[form],
        headers={
            "Content-Disposition": f"attachment; filename=audit.{form}",
            "Cache-Control": "no-store",
        },
    )


def _filters() -> dict[str, str]:
    return {name: toolkit.request.args.get(name, "").strip() for name in _FILTERS}


def _as_json_lines(found: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        yield f"{json.dumps(one, ensure_ascii=False)}\n"


def _as_csv(found: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    yield graded_view.delimited([_COLUMNS], ",")
    for one in found:
        flat = {
            **one,
            "actor": one["actor"]["name"] if one["actor"] else "",
            "detail": json.dumps(one["detail"], ensure_ascii=False, sort_keys=True),
        }
        yield graded_view.delimited([[graded_view.safe(flat[name]) for name in _COLUMNS]], ",")
