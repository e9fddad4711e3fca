"""The download route of a resource, in the place of CKAN's own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ckan import model
from ckan.common import current_user
from ckan.lib import base
from ckan.plugins import toolkit
from ckan.types import Context
from ckan.views import resource as ckan_resource
from flask import Blueprint, stream_with_context
from werkzeug.http import parse_options_header

from ckanext.dgatier.enforce import exports, files

from . import streams

blueprint = Blueprint("dgatier_downloads", __name__)

_GOES_OUT = (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT)


@blueprint.route("/dataset/<id>/resource/<resource_id>/download", methods=["GET", "HEAD"])
@blueprint.route(
    "/dataset/<id>/resource/<resource_id>/download/<filename>", methods=["GET", "HEAD"]
)
def download(id: str, resource_id: str, filename: str | None = None) -> Any:  # noqa: A002
    """Give the original to those who may have it, the graded table to others, or refuse."""
    context: Context = {"user": current_user.name, "auth_user_obj": current_user}
    record = model.Resource.get(resource_id)
    if record is None or id not in (record.package.id, record.package.name):
        return base.abort(404, toolkit._("Resource not found"))
    try:
        toolkit.check_access("resource_show", context.copy(), {"id": resource_id})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return base.abort(404, toolkit._("Resource not found"))
    purpose = toolkit.request.args.get("purpose")
    try:
        given = files.given(context, resource_id, purpose)
    except toolkit.NotAuthorized as refusal:
        return base.abort(403, str(refusal))
    except exports.TooManyRows:
        return base.abort(400, toolkit._("A sheet cannot hold so many rows: use CSV or Parquet."))
    if given and given.graded:
        return streams.answer(given.graded.export, given.graded.name)
    response = _to_be_saved(ckan_resource.download("dataset", id, resource_id, filename))
    if given is None:
        return response
    if response.status_code in _GOES_OUT:
        response.response = stream_with_context(
            files.while_theirs(context, resource_id, purpose, response.response)
        )
    response.headers.update(streams.named(given.decision_id))
    return streams.private(response)


def _to_be_saved(response: Any) -> Any:
    """Let a browser save a file and not show it, as one may hold a script; links lead on."""
    if response.status_code == HTTPStatus.OK:
        disposition = response.headers.get("Content-Disposition", "")
        _shown, options = parse_options_header(disposition)
        response.headers.set("Content-Disposition", "attachment", **options)
    return response
