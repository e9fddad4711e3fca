"""Attaching files to a request, and taking them away again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context, DataDict
from sqlalchemy.engine import Connection

from ckanext.dgatier import store
from ckanext.dgatier.core import attachment
from ckanext.dgatier.core.request import RequestCommand
from ckanext.dgatier.logic import attachments, request_log
from ckanext.dgatier.logic.request_log import Seen

_MIB = 1024 * 1024


def dgatier_request_attach(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Attach a file to a draft or a returned request of one's own.

    :param id: the request
    :param upload: the file, as a part of a form: PDF, DOCX, XLSX, PNG or JPEG
    :returns: the request, as `dgatier_request_show` gives it
    """
    one = request_log.seen(context, data_dict)
    request_log.require_possible(one, RequestCommand.ATTACH)
    most = int(toolkit.config["ckanext.dgatier.attachments.most"])
    if len(one.request.attachments) >= most:
        text = toolkit._("At most {most} files can be attached.").format(most=most)
        raise toolkit.ValidationError({"upload": [text]})
    name, content = _uploaded(data_dict.get("upload"))
    added = attachments.checked(name, content, one.request, str(one.subject.id))
    shown = attachment.shown_name(name, added.kind)
    attachments.keep(added, content)
    try:
        request_log.carry_out(
            one,
            RequestCommand.ATTACH,
            {
                "attachment_id": added.id,
                "kind": str(added.kind),
                "size": added.size,
                "sha256": added.sha256,
            },
            partial(store.attachments.add, added.id, one.request.id, shown),
            {"name": shown},
        )
    except BaseException:
        attachments.remove([added.id])
        raise
    return _shown(context, one)


def dgatier_request_detach(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a file away from a draft or a returned request of one's own; its content is erased.

    :param id: the request
    :param attachment_id: the file
    """
    one = request_log.seen(context, data_dict)
    request_log.require_possible(one, RequestCommand.DETACH)
    gone = str(toolkit.get_or_bust(data_dict, "attachment_id"))
    if gone not in one.request.attachments:
        raise toolkit.ObjectNotFound(toolkit._("There is no such file."))

    def forget(connection: Connection) -> None:
        store.attachments.forget([gone], connection)

    request_log.carry_out(one, RequestCommand.DETACH, {"attachment_id": gone}, forget)
    attachments.remove([gone])
    return _shown(context, one)


def shape(one: Seen) -> list[dict[str, Any]]:
    """Return the files of a request; `name` is `null` where it was erased."""
    names = store.attachments.names(one.request.id) if one.request.attachments else {}
    return [
        {
            "id": each.id,
            "name": names.get(each.id),
            "kind": str(each.kind),
            "size": each.size,
            "sha256": each.sha256,
            "url": _address(one, each.id) if one.standing.sees_attachments else None,
        }
        for each in one.request.attachments.values()
    ]


def _address(one: Seen, attachment_id: str) -> str:
    return str(
        toolkit.url_for(
            "dgatier_attachments.download",
            id=one.request.id,
            attachment_id=attachment_id,
            locale="default",
        )
    )


def _shown(context: Context, one: Seen) -> dict[str, Any]:
    shown: Mapping[str, Any] = toolkit.get_action("dgatier_request_show")(
        context, {"id": one.request.id}
    )
    return dict(shown)


def _uploaded(upload: Any) -> tuple[str, bytes]:
    """Return the name and the content of an uploaded file. Raises `ValidationError`."""
    name, read = getattr(upload, "filename", None), getattr(upload, "read", None)
    if not isinstance(name, str) or not name or read is None:
        raise toolkit.ValidationError({"upload": [toolkit._("Choose a file.")]})
    largest = int(toolkit.config["ckanext.dgatier.attachments.largest_mib"])
    content: bytes = read(largest * _MIB + 1)
    if len(content) > largest * _MIB:
        text = toolkit._("A file may have at most {largest} MiB.").format(largest=largest)
        raise toolkit.ValidationError({"upload": [text]})
    return name, content
