"""The audit for those who may read it."""

from __future__ import annotations

from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint

from ckanext.dgatier.core.audit import AuditAction

from .access import to_sign_in

blueprint = Blueprint("dgatier_audit", __name__, url_prefix="/audit")

_PAGE = 50


@blueprint.route("/")
def events() -> Any:
    """Show what happened, the newest first; with `verify` also whether the chain is whole."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    arguments = toolkit.request.args
    page = toolkit.h.get_page_number(arguments)
    filters = {name: arguments.get(name, "") for name in ("actor", "action")}
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
