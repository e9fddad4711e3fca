"""What stands beside a copy: who had it, when, by which decision and on which terms."""

from __future__ import annotations

from typing import Any

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint, jsonify

from . import streams

blueprint = Blueprint("dgatier_companions", __name__, url_prefix="/access")


@blueprint.route("/copy/<decision_id>")
def companion(decision_id: str) -> Any:
    """Tell, as JSON, of a copy that the person was given; of others' there is nothing."""
    try:
        told = toolkit.get_action("dgatier_copy_show")({}, {"decision_id": decision_id})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return base.abort(404, toolkit._("There is no such copy."))
    return streams.private(jsonify(told))
