"""Reading and proving the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, store
from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.subject import Role, Subject

from .requests import page_bounds, require_permission


@toolkit.side_effect_free
def dgatier_audit_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return what happened, the newest first: all of it to auditors, their agency's to stewards.

    :param actor, action, dataset_id: only these (optional)
    :param since, until: moments in ISO 8601 (optional)
    :param limit: at most 200 (default 50); offset
    :returns: `{count, results}`
    """
    toolkit.check_access("dgatier_audit_list", context, data_dict)
    subject = identity.subject_for(context)
    require_permission(subject, "audit_list", subject.agency)
    limit, offset = page_bounds(data_dict)
    count, links = store.audit.search(
        _filters(data_dict), _visible_datasets(subject), limit, offset
    )
    names = store.people.names_of(link.event.actor_id for link in links)
    titles = store.people.titles_of(
        link.event.dataset_id for link in links if link.event.dataset_id
    )
    results = [
        {
            "sequence": link.sequence,
            "at": link.event.at.isoformat(),
            "actor": names.get(link.event.actor_id or ""),
            "action": str(link.event.action),
            "dataset_id": link.event.dataset_id,
            "dataset_name": titles.get(link.event.dataset_id or "", ("", ""))[0],
            "dataset_title": titles.get(link.event.dataset_id or "", ("", ""))[1],
            "resource_id": link.event.resource_id,
            "outcome": link.event.outcome,
            "decision_id": link.event.decision_id,
            "detail": dict(link.event.detail),
            "hash": link.hash,
        }
        for link in links
    ]
    return {"count": count, "results": results}


@toolkit.side_effect_free
def dgatier_audit_verify(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Prove the whole audit: `{valid, events, checkpoints, problems}`."""
    toolkit.check_access("dgatier_audit_verify", context, data_dict)
    require_permission(identity.subject_for(context), "audit_verify", None)
    events, problems = store.audit.verify()
    return {"valid": not problems, "events": events, "checkpoints": 0, "problems": problems[:100]}


def _filters(data_dict: DataDict) -> dict[str, Any]:
    filters: dict[str, Any] = {"dataset_id": data_dict.get("dataset_id")}
    if data_dict.get("actor"):
        user = model.User.get(str(data_dict["actor"]))
        filters["actor_id"] = user.id if user else "nobody"
    if data_dict.get("action"):
        try:
            filters["action"] = AuditAction(data_dict["action"])
        except ValueError as error:
            raise toolkit.ValidationError(
                {"action": [toolkit._("There is no such kind of event.")]}
            ) from error
    for name in ("since", "until"):
        if data_dict.get(name):
            try:
                filters[name] = datetime.fromisoformat(str(data_dict[name]))
            except ValueError as error:
                raise toolkit.ValidationError(
                    {name: [toolkit._("Give a moment as 2026-01-31T12:00:00+07:00.")]}
                ) from error
    return filters


def _visible_datasets(subject: Subject) -> list[str] | None:
    if Role.AUDITOR in subject.roles:
        return None
    packages = (
        model.Session.query(model.Package.id)
        .join(model.Group, model.Group.id == model.Package.owner_org)
        .filter(model.Group.name == subject.agency)
    )
    return [package_id for (package_id,) in packages]
