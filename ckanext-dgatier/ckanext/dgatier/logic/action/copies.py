"""Copies that someone was given."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, store
from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.enforce.facts import TERMS_FIELD


@toolkit.side_effect_free
def dgatier_copy_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Tell of a copy that the asker downloaded: what a file cannot say of itself, as CSV.

    :param decision_id: as the header `X-Decision-Id` of the download has it
    :returns: `{recipient, made_at, decision_id, dataset, resource_id, format, tier, purpose,
        grants, terms}`; `terms` are the terms of use as they are today
    """
    toolkit.check_access("dgatier_copy_show", context, data_dict)
    person = identity.subject_for(context)
    decision_id = str(toolkit.get_or_bust(data_dict, "decision_id"))
    wanted = {
        "actor_id": person.id,
        "action": AuditAction.FILE_DOWNLOAD,
        "decision_id": decision_id,
    }
    _count, found = store.audit.search(wanted, None, 1, 0)
    if not found:
        raise toolkit.ObjectNotFound(toolkit._("There is no such copy."))
    event = found[0].event
    package = model.Package.get(event.dataset_id) if event.dataset_id else None
    return {
        "recipient": person.name,
        "made_at": event.at.isoformat(timespec="seconds"),
        "decision_id": decision_id,
        "dataset": package.name if package else None,
        "resource_id": event.resource_id,
        "format": event.detail.get("format"),
        "tier": event.detail["tier"],
        "purpose": event.detail["purpose"],
        "grants": event.detail["grants"],
        "terms": package.extras.get(TERMS_FIELD) if package else None,
    }
