"""The page on which a steward sees a table as others do."""

from __future__ import annotations

from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint

from .access import to_sign_in

blueprint = Blueprint("dgatier_previewing", __name__, url_prefix="/steward")

_TIER = "tier:"
_PERSON = "person:"


@blueprint.route("/preview/<resource_id>")
def preview(resource_id: str) -> Any:
    """Show a table as a person or anyone at a tier would see it, masked rows if not said."""
    if not toolkit.current_user.is_authenticated:
        return to_sign_in()
    seen_as = toolkit.request.args.get("as", f"{_TIER}masked")
    kind, _, name = seen_as.partition(":")
    asked = {"resource_id": resource_id, "tier" if kind == "tier" else "person": name}
    try:
        shown = toolkit.get_action("dgatier_view_preview")({}, asked)
        resource = toolkit.get_action("resource_show")({}, {"id": resource_id})
        package = toolkit.get_action("package_show")({}, {"id": resource["package_id"]})
        people = toolkit.get_action("dgatier_policy_simulate")({}, {"id": package["id"]})["people"]
    except (toolkit.ObjectNotFound, toolkit.ValidationError):
        return base.abort(404, toolkit._("Resource was not found."))
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    return toolkit.render(
        "dgatier/preview.html",
        {
            "preview": shown,
            "resource": resource,
            "pkg_dict": package,
            "seen_as": seen_as,
            "people": [
                {
                    "value": f"{_PERSON}{one['name'] or ''}",
                    "name": one["display_name"],
                    "tier": one["tiers"][0],
                }
                for one in people
            ],
        },
    )
