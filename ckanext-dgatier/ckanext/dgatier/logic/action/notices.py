"""What one was told."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, store

from .requests import page_bounds


@toolkit.side_effect_free
def dgatier_notice_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return what one was told, the newest first.

    :param limit: at most 200 (default 50); offset
    :returns: `{count, results}`; each result is `{id, at, kind, dataset_id, dataset_name, payload,
        read_at}`, where `dataset_name` is `null` once one may not know of the dataset any more.
    """
    toolkit.check_access("dgatier_notice_list", context, data_dict)
    limit, offset = page_bounds(data_dict)
    count, rows = store.notices.search(
        str(identity.subject_for(context).id), limit=limit, offset=offset
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
            "dataset_name": names[row.dataset_id],
            "payload": row.payload,
            "read_at": row.read_at.isoformat() if row.read_at else None,
        }
        for row in rows
    ]
    return {"count": count, "results": results}


def _name(context: Context, dataset_id: str | None) -> str | None:
    package = model.Package.get(dataset_id)
    if package is None:
        return None
    own = {"user": context.get("user"), "auth_user_obj": context.get("auth_user_obj")}
    try:
        toolkit.check_access("package_show", {**own, "package": package}, {"id": package.id})
    except toolkit.NotAuthorized:
        return None
    return str(package.name)
