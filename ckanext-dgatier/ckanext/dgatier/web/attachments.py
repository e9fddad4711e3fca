"""The files of a request as those who have a role in it open them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from ckan.lib import base
from ckan.plugins import toolkit
from flask import Blueprint, Response

from ckanext.dgatier import store
from ckanext.dgatier.core.attachment import MEDIA_TYPES
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.logic import attachments, request_log

from .access import to_sign_in

blueprint = Blueprint("dgatier_attachments", __name__, url_prefix="/access")


@blueprint.route("/request/<id>/attachment/<attachment_id>")
def download(id: str, attachment_id: str) -> Any:  # noqa: A002
    """Give a file to keep, never to show in the portal's own name; each time is in the audit."""
    try:
        one = request_log.seen({}, {"id": id})
    except toolkit.NotAuthorized:
        return to_sign_in()
    except toolkit.ObjectNotFound:
        return base.abort(404, toolkit._("There is no such file."))
    wanted = one.request.attachments.get(attachment_id)
    if wanted is None or not one.standing.sees_attachments:
        return base.abort(404, toolkit._("There is no such file."))
    try:
        content = attachments.read(wanted)
    except attachments.FileLost:
        return base.abort(404, toolkit._("This file is no longer there."))
    name = store.attachments.names(id).get(attachment_id) or f"{attachment_id}.{wanted.kind}"
    store.audit.append(
        AuditEvent(
            AuditAction.ATTACHMENT_SENT,
            str(one.subject.id),
            datetime.now(UTC),
            dataset_id=one.request.dataset_id,
            detail={"request_id": id, "attachment_id": attachment_id, "sha256": wanted.sha256},
        )
    )
    toolkit.request.environ["__no_cache__"] = True
    return Response(
        content,
        mimetype=MEDIA_TYPES[wanted.kind],
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store, private",
        },
    )
