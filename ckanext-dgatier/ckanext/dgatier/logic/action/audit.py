"""Reading and proving the audit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, store
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.calendar import BANGKOK
from ckanext.dgatier.core.subject import Role, Subject
from ckanext.dgatier.logic import schema
from ckanext.dgatier.store.audit import Recorded

from .requests import page_bounds, require_permission

_MOST_PROBLEMS = 100
_EXACT = ("outcome", "decision_id", "grant_id", "request_id")


@toolkit.side_effect_free
def dgatier_audit_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return what happened, the newest first: all of it to auditors, their agency's to stewards.

    :param actor, action, dataset_id: only these (optional); the dataset by id or name
    :param since, until: moments, or days in Thailand, in ISO 8601 (optional)
    :param outcome: `done` or `refused` (optional)
    :param decision_id, grant_id, request_id: only what belongs to it (optional)
    :param limit: at most 200 (default 50); offset
    :returns: `{count, results}`; `sequence` of an event is its place, `<lane>.<number>`
    """
    toolkit.check_access("dgatier_audit_list", context, data_dict)
    subject = identity.subject_for(context)
    require_permission(subject, "audit_list", subject.agency)
    limit, offset = page_bounds(data_dict)
    count, found = store.audit.search(_filters(data_dict), visible_datasets(subject), limit, offset)
    return {"count": count, "results": _shapes(found)}


def export(context: Context, data_dict: DataDict) -> Iterator[dict[str, Any]]:
    """Return all that `dgatier_audit_list` would find, event by event, and write that down first.

    Raises `ValidationError` or `NotAuthorized` before the first event.
    """
    toolkit.check_access("dgatier_audit_list", context, data_dict)
    subject = identity.subject_for(context)
    require_permission(subject, "audit_list", subject.agency)
    filters = _filters(data_dict)
    visible = visible_datasets(subject)
    store.audit.append(
        AuditEvent(
            AuditAction.AUDIT_EXPORTED,
            subject.id,
            datetime.now(UTC),
            dataset_id=filters.get("dataset_id"),
            words={"filters": json.dumps(filters, default=str, sort_keys=True)},
        )
    )
    return (shape for part in store.audit.found(filters, visible) for shape in _shapes(part))


@toolkit.side_effect_free
def dgatier_audit_verify(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Prove the whole audit: `{valid, events, checkpoints, problems}`, at most 100 of these."""
    toolkit.check_access("dgatier_audit_verify", context, data_dict)
    require_permission(identity.subject_for(context), "audit_verify", None)
    proof = store.audit.verify()
    return {
        "valid": not proof.problems,
        "events": proof.events,
        "checkpoints": proof.checkpoints,
        "problems": list(proof.problems[:_MOST_PROBLEMS]),
    }


@toolkit.side_effect_free
def dgatier_audit_receipt(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return what proves one event to anyone who has the portal's public key, and shows no other.

    :param id: the event's place, `<lane>.<number>`, as `sequence` of `dgatier_audit_list`
    :returns: `{event, path, checkpoint, public_key}`; the path leads to the root of the checkpoint
        by Merkle hashes (RFC 6962), the checkpoint is signed with Ed25519
    """
    toolkit.check_access("dgatier_audit_receipt", context, data_dict)
    require_permission(identity.subject_for(context), "audit_verify", None)
    lane, _dot, number = schema.id_of(data_dict).partition(".")
    if not (lane.isdecimal() and number.isdecimal() and len(lane) < 4 and len(number) < 18):
        raise toolkit.ObjectNotFound(toolkit._("There is no such event."))
    receipt = store.audit.receipt(int(lane), int(number))
    if receipt is None:
        raise toolkit.ObjectNotFound(
            toolkit._("No checkpoint holds such an event yet; there is one each minute.")
        )
    return {**receipt, "public_key": store.signing.public_key()}


def _shapes(found: Sequence[Recorded]) -> list[dict[str, Any]]:
    names = store.people.names_of(one.event.actor_id for one in found)
    titles = store.people.titles_of(one.event.dataset_id for one in found if one.event.dataset_id)
    return [
        {
            "sequence": one.place,
            "at": one.event.at.isoformat(),
            "actor": names.get(one.event.actor_id or ""),
            "action": str(one.event.action),
            "dataset_id": one.event.dataset_id,
            "dataset_name": titles.get(one.event.dataset_id or "", ("", ""))[0],
            "dataset_title": titles.get(one.event.dataset_id or "", ("", ""))[1],
            "resource_id": one.event.resource_id,
            "outcome": one.event.outcome,
            "decision_id": one.event.decision_id,
            "detail": {**one.event.detail, **one.event.words},
            "hash": one.hash,
        }
        for one in found
    ]


def _filters(data_dict: DataDict) -> dict[str, Any]:
    filters: dict[str, Any] = {
        name: str(data_dict[name]).replace("\0", "") for name in _EXACT if data_dict.get(name)
    }
    if data_dict.get("dataset_id"):
        wanted = str(data_dict["dataset_id"]).replace("\0", "")
        package = model.Package.get(wanted)
        filters["dataset_id"] = package.id if package else wanted
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
                moment = datetime.fromisoformat(str(data_dict[name]))
            except ValueError as error:
                raise toolkit.ValidationError(
                    {name: [toolkit._("Give a moment as 2026-01-31T12:00:00+07:00.")]}
                ) from error
            filters[name] = moment if moment.tzinfo else moment.replace(tzinfo=BANGKOK)
    return filters


def visible_datasets(subject: Subject) -> list[str] | None:
    """Return the datasets that the subject looks after, `None` for all of them."""
    if Role.AUDITOR in subject.roles:
        return None
    packages = (
        model.Session.query(model.Package.id)
        .join(model.Group, model.Group.id == model.Package.owner_org)
        .filter(model.Group.name == subject.agency)
    )
    return [package_id for (package_id,) in packages]
