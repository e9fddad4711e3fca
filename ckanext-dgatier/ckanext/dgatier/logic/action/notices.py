"""What one was told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, store

from .requests import page_bounds


@toolkit.side_effect_free
def dgatier_notice_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return what one was told, the newest first.

    :param unread: true for those alone that one has not read (optional)
    :param limit: at most 200 (default 50); offset
    :returns: `{count, results}`; each result is `{id, at, kind, dataset_id, dataset_name,
        dataset_title, dataset_title_en, payload, read_at}`, where name and titles are `null` once
        one may not know of the dataset any more.
    """
    toolkit.check_access("dgatier_notice_list", context, data_dict)
    limit, offset = page_bounds(data_dict)
    count, rows = store.notices.search(
        str(identity.subject_for(context).id),
        limit=limit,
        offset=offset,
        unread=toolkit.asbool(data_dict.get("unread", False)),
    )
    names = {
        dataset_id: _name(context, dataset_id) for dataset_id in {row.dataset_id for row in rows}
    }
    results = [
        {
            "id": row.id,
            "at": row.at.isoformat(),
            "kind": row.kind,
            "dataset_id": row.dataset_id,
            "dataset_name": names[row.dataset_id][0],
            "dataset_title": names[row.dataset_id][1],
            "dataset_title_en": names[row.dataset_id][2],
            "payload": row.payload,
            "read_at": row.read_at.isoformat() if row.read_at else None,
        }
        for row in rows
    ]
    return {"count": count, "results": results}


def dgatier_notice_mark_read(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Note that one has read what one was told; without ids, all of it.

    :param ids: a list of ids of one's notices (optional)
    :returns: `{marked, unread}`: how many were not marked before, and how many are left
    """
    toolkit.check_access("dgatier_notice_mark_read", context, data_dict)
    ids = data_dict.get("ids")
    if ids is not None and (
        not isinstance(ids, list)
        or not all(isinstance(one, str) and "\0" not in one for one in ids)
    ):
        raise toolkit.ValidationError({"ids": [toolkit._("Give a list of ids.")]})
    user_id = str(identity.subject_for(context).id)
    marked = store.notices.mark_read(user_id, ids, datetime.now(UTC))
    return {"marked": marked, "unread": store.notices.unread(user_id)}


def _name(context: Context, dataset_id: str | None) -> tuple[str | None, str | None, str | None]:
    """Return the name and the titles, Thai and English, of a dataset that one may know of."""
    package = model.Package.get(dataset_id) if dataset_id else None
    if package is None:
        return None, None, None
    own = {"user": context.get("user"), "auth_user_obj": context.get("auth_user_obj")}
    try:
        toolkit.check_access("package_show", {**own, "package": package}, {"id": package.id})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return None, None, None
    english = package.extras.get("title_en") or None
    return str(package.name), str(package.title or package.name), english
