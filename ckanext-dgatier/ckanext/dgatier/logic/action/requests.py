"""Asking for access, and deciding on it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import calendar, request
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.decision import Message
from ckanext.dgatier.core.grant import Grant
from ckanext.dgatier.core.request import EventType, Request, RequestCommand, RequestRole
from ckanext.dgatier.core.subject import Role, Subject
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import decision_point, facts
from ckanext.dgatier.logic import schema
from ckanext.dgatier.store.requests import DecidedMeanwhile, StoredRequest

from .access import visible_package

_AUDIT_OF = {
    EventType.CREATED: AuditAction.REQUEST_CREATED,
    EventType.UPDATED: AuditAction.REQUEST_UPDATED,
    EventType.SUBMITTED: AuditAction.REQUEST_SUBMITTED,
    EventType.WITHDRAWN: AuditAction.REQUEST_WITHDRAWN,
    EventType.RETURNED: AuditAction.REQUEST_RETURNED,
    EventType.APPROVAL_GIVEN: AuditAction.REQUEST_APPROVAL_GIVEN,
    EventType.APPROVED: AuditAction.REQUEST_APPROVED,
    EventType.REJECTED: AuditAction.REQUEST_REJECTED,
}
_PAGE = 50
_LARGEST_PAGE = 200


def dgatier_request_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask for access to a dataset, or to some of its resources.

    :param id: id or name of the dataset
    :param resource_ids: the resources asked for (optional, default: all)
    :param tier: `summary`, `masked` or `full`
    :param purpose: code of the purpose, as `dpv:AcademicResearch`
    :param justification: what for, in words
    :param days: for how long
    :param submit: false keeps a draft (optional, default: true)
    :returns: the request, as `dgatier_request_show` gives it
    """
    toolkit.check_access("dgatier_request_create", context, data_dict)
    asker = identity.subject_for(context)
    package = visible_package(context, data_dict)
    known = facts.of_package(package)
    terms = schema.terms(data_dict, {one.id for one in known.resources})
    _refuse_what_cannot_be_approved(asker, known, terms)
    now = datetime.now(UTC)
    events = [
        request.create(str(uuid.uuid4()), str(asker.id), package.id, terms, now, asker.organisation)
    ]
    if toolkit.asbool(data_dict.get("submit", True)):
        events += request.handle(
            request.fold(events),
            RequestCommand.SUBMIT,
            actor_id=str(asker.id),
            roles=[RequestRole.REQUESTER],
            now=now,
        )
    made = request.fold(events)
    with store.transaction() as connection:
        store.requests.append(made.id, (), events, known.agency, connection)
        _record(made, events, connection)
    return dgatier_request_show(context, {"id": made.id})


def dgatier_request_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change a draft or a returned request; takes what `dgatier_request_create` takes."""
    stored, subject, roles = _load(context, data_dict)
    package = visible_package(context, {"id": stored.request.dataset_id})
    known = facts.of_package(package)
    merged = {**request.terms_to_dict(stored.request.terms), **data_dict}
    terms = schema.terms(merged, {one.id for one in known.resources})
    _refuse_what_cannot_be_approved(subject, known, terms)
    payload = {"terms": request.terms_to_dict(terms)}
    return _do(context, stored, subject, roles, RequestCommand.UPDATE, payload)


def dgatier_request_submit(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Hand a draft or a returned request in."""
    stored, subject, roles = _load(context, data_dict)
    package = visible_package(context, {"id": stored.request.dataset_id})
    known = facts.of_package(package)
    _refuse_what_cannot_be_approved(subject, known, stored.request.terms)
    return _do(context, stored, subject, roles, RequestCommand.SUBMIT, {})


def dgatier_request_withdraw(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take one's own request back."""
    stored, subject, roles = _load(context, data_dict)
    return _do(context, stored, subject, roles, RequestCommand.WITHDRAW, {})


def dgatier_request_return(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give a request back to be changed, with a reason."""
    stored, subject, roles = _load(context, data_dict)
    payload = {"reason": schema.reason(data_dict.get("reason"))}
    _require_verdict(stored, subject, stored.request.terms.tier, stored.request.terms.days)
    return _do(context, stored, subject, roles, RequestCommand.RETURN, payload)


def dgatier_request_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Approve or reject a request.

    :param id: the request
    :param decision: `approve` or `reject`
    :param tier: a tier no higher than asked (optional)
    :param days: no more than asked (optional)
    :param reason: needed to reject
    """
    stored, subject, roles = _load(context, data_dict)
    if data_dict.get("decision") == "reject":
        payload = {"reason": schema.reason(data_dict.get("reason"))}
        _require_verdict(stored, subject, stored.request.terms.tier, stored.request.terms.days)
        return _do(context, stored, subject, roles, RequestCommand.REJECT, payload)
    if data_dict.get("decision") != "approve":
        raise toolkit.ValidationError({"decision": [toolkit._("Choose approve or reject.")]})
    terms = schema.terms(
        {
            **request.terms_to_dict(stored.request.terms),
            "tier": data_dict.get("tier") or stored.request.terms.tier,
            "days": data_dict.get("days") or stored.request.terms.days,
        },
        set(stored.request.terms.resource_ids),
    )
    if RequestCommand.APPROVE not in stored.request.commands(roles):
        raise _not_possible(RequestCommand.APPROVE, stored.request)
    verdict = _require_verdict(stored, subject, terms.tier, terms.days)
    _refuse_what_cannot_be_approved(
        identity.subject_of_user(stored.request.requester_id), _facts(stored), terms
    )
    decided: dict[str, Any] = {
        "tier": str(terms.tier),
        "days": terms.days,
        "reason": str(data_dict.get("reason") or "").strip()[: schema.LONGEST_REASON],
        "senior": Role.SENIOR_STEWARD in subject.roles,
        "complete": verdict.complete,
    }
    return _do(context, stored, subject, roles, RequestCommand.APPROVE, decided)


@toolkit.side_effect_free
def dgatier_request_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return a request with its history and what the asker may do with it now."""
    stored, _subject, roles = _load(context, data_dict)
    current = stored.request
    names = store.people.names_of(
        [current.requester_id, *current.approvals, *(event.actor_id for event in stored.events)]
    )
    name, title = store.people.titles_of([current.dataset_id]).get(current.dataset_id, ("", ""))
    requirements = policy.approval_requirements(
        identity.subject_of_user(current.requester_id),
        _facts(stored).target(),
        tier=current.terms.tier,
        days=current.terms.days,
        purpose=current.terms.purpose,
        environment=identity.current_environment(),
    )
    return {
        "id": current.id,
        "state": str(current.state),
        "dataset_id": current.dataset_id,
        "dataset_name": name,
        "dataset_title": title,
        "agency": stored.agency,
        **request.terms_to_dict(current.terms),
        "requester": names.get(current.requester_id),
        "organisation": current.organisation,
        "created_at": current.created_at.isoformat(),
        "submitted_at": _moment(current.submitted_at),
        "decided_at": _moment(current.decided_at),
        "decision_reason": current.decision_reason,
        "approvals": [
            {"by": names.get(person), "senior": senior}
            for person, senior in current.approvals.items()
        ],
        "approvals_needed": requirements.approvals,
        "history": [
            {
                "type": str(event.type),
                "at": event.at.isoformat(),
                "by": names.get(event.actor_id),
                "reason": event.payload.get("reason"),
                "tier": event.payload.get("tier"),
                "days": event.payload.get("days"),
            }
            for event in stored.events
        ],
        "commands": sorted(str(command) for command in current.commands(roles)),
    }


@toolkit.side_effect_free
def dgatier_request_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return requests: one's own, or with `queue` those that wait for one's agency.

    :param queue: true for the requests to one's agency (stewards); else one's own
    :param state: only requests in this state (optional)
    :param limit: at most 200 (default 50); offset
    :returns: `{count, results}`, each without its history
    """
    toolkit.check_access("dgatier_request_list", context, data_dict)
    subject = identity.subject_for(context)
    bounds: dict[str, Any] = {"requester_id": str(subject.id)}
    if toolkit.asbool(data_dict.get("queue", False)):
        require_permission(subject, "request_list", subject.agency)
        bounds = {} if Role.AUDITOR in subject.roles else {"agency": str(subject.agency)}
    states = [str(data_dict["state"])] if data_dict.get("state") else []
    limit, offset = page_bounds(data_dict)
    count, rows = store.requests.search(**bounds, states=states, limit=limit, offset=offset)
    names = store.people.names_of(row.requester_id for row in rows)
    titles = store.people.titles_of(row.dataset_id for row in rows)
    results = [
        {
            "id": row.id,
            "state": row.state,
            "dataset_id": row.dataset_id,
            "dataset_name": titles.get(row.dataset_id, ("", ""))[0],
            "dataset_title": titles.get(row.dataset_id, ("", ""))[1],
            "agency": row.agency,
            "tier": row.tier,
            "purpose": row.purpose,
            "days": row.days,
            "requester": names.get(row.requester_id),
            "created_at": row.created_at.isoformat(),
            "submitted_at": _moment(row.submitted_at),
            "decided_at": _moment(row.decided_at),
        }
        for row in rows
    ]
    return {"count": count, "results": results}


def page_bounds(data_dict: Mapping[str, Any]) -> tuple[int, int]:
    """Return limit and offset; raises `ValidationError` for what is no count."""
    try:
        limit = int(data_dict.get("limit", _PAGE))
        offset = int(data_dict.get("offset", 0))
    except (TypeError, ValueError):
        limit = offset = -1
    if limit < 0 or offset < 0:
        raise toolkit.ValidationError({"limit": [toolkit._("Give whole numbers from 0.")]})
    return min(limit, _LARGEST_PAGE), offset


def require_permission(
    subject: Subject, action: str, agency: str | None, requester_id: str | None = None
) -> None:
    """Raise `NotAuthorized` with policy's reason unless the act is permitted."""
    permission = policy.allowed(subject, action, agency=agency, requester_id=requester_id)
    if not permission.allowed:
        raise toolkit.NotAuthorized(_said(permission.reasons))


def _load(
    context: Context, data_dict: DataDict
) -> tuple[StoredRequest, Subject, list[RequestRole]]:
    """Return a request that the asker may see; any other is not found."""
    toolkit.check_access("dgatier_request_show", context, data_dict)
    subject = identity.subject_for(context)
    stored = store.requests.load(schema.id_of(data_dict))
    if stored is None:
        raise toolkit.ObjectNotFound(toolkit._("There is no such request."))
    requester_id = stored.request.requester_id
    mine = requester_id == subject.id
    steward = policy.allowed(subject, "grant_revoke", agency=stored.agency).allowed
    seen = policy.allowed(
        subject, "request_show", agency=stored.agency, requester_id=requester_id
    ).allowed
    if not seen or (not mine and stored.request.submitted_at is None):
        raise toolkit.ObjectNotFound(toolkit._("There is no such request."))
    roles = [RequestRole.REQUESTER] if mine else []
    if steward and not mine:
        roles.append(RequestRole.STEWARD)
    return stored, subject, roles


def _do(
    context: Context,
    stored: StoredRequest,
    subject: Subject,
    roles: list[RequestRole],
    command: RequestCommand,
    payload: Mapping[str, Any],
) -> dict[str, Any]:
    """Carry a command out: events, state, grant and audit in one transaction."""
    now = datetime.now(UTC)
    try:
        events = request.handle(
            stored.request,
            command,
            actor_id=str(subject.id),
            roles=roles,
            now=now,
            payload=payload,
        )
    except request.CommandNotPossible as error:
        raise _not_possible(command, stored.request) from error
    except request.GivenTooMuch as error:
        raise toolkit.ValidationError(
            {"tier": [toolkit._("No more can be approved than was asked for.")]}
        ) from error
    try:
        with store.transaction() as connection:
            after = store.requests.append(
                stored.request.id, stored.events, events, stored.agency, connection
            )
            if after.state is request.RequestState.APPROVED:
                grant = _grant(after, payload, now)
                store.grants.add(grant, stored.agency, connection)
            _record(after, events, connection)
    except DecidedMeanwhile as error:
        raise toolkit.ValidationError(
            {"id": [toolkit._("Someone else changed this request meanwhile; look at it again.")]}
        ) from error
    return dgatier_request_show(context, {"id": stored.request.id})


def _grant(approved: Request, payload: Mapping[str, Any], now: datetime) -> Grant:
    return Grant(
        id=str(uuid.uuid4()),
        request_id=approved.id,
        subject=approved.requester_id,
        dataset_id=approved.dataset_id,
        tier=AccessTier(payload["tier"]),
        purpose=approved.terms.purpose,
        valid_from=now,
        valid_until=calendar.end_of_day_after(now, payload["days"]),
        resource_ids=approved.terms.resource_ids,
        approved_by=tuple(approved.approvals),
        organisation=approved.organisation,
    )


def _record(current: Request, events: Any, connection: Any) -> None:
    for event in events:
        detail = {k: event.payload[k] for k in ("tier", "days") if k in event.payload}
        reason = event.payload.get("reason")
        store.audit.append(
            AuditEvent(
                _AUDIT_OF[event.type],
                event.actor_id,
                event.at,
                dataset_id=current.dataset_id,
                detail={"request_id": current.id, "purpose": current.terms.purpose, **detail},
                words={"reason": reason} if reason else {},
            ),
            connection,
        )


def _require_verdict(
    stored: StoredRequest, subject: Subject, tier: AccessTier, days: int
) -> policy.ApprovalVerdict:
    verdict = policy.approval_verdict(
        subject,
        policy.RequestFacts(
            requester_id=stored.request.requester_id,
            agency=stored.agency,
            level=_facts(stored).level,
            tier=tier,
            days=days,
            approved_by=stored.request.approvals,
        ),
        environment=identity.current_environment(),
    )
    if not verdict.allowed:
        raise toolkit.NotAuthorized(_said(verdict.reasons))
    return verdict


def _refuse_what_cannot_be_approved(
    asker: Subject, known: facts.DatasetFacts, terms: request.Terms
) -> None:
    requirements = policy.approval_requirements(
        asker,
        known.target(),
        tier=terms.tier,
        days=terms.days,
        purpose=terms.purpose,
        environment=identity.current_environment(),
    )
    if requirements.allowed:
        return
    fields = {"tier_too_high": "tier", "period_too_long": "days", "not_requestable": "tier"}
    limits = {
        "tier": toolkit._("At most: {limit}.").format(limit=requirements.max_tier),
        "days": toolkit._("At most: {limit} days.").format(limit=requirements.max_days),
    }
    errors: dict[str, list[str]] = {}
    for reason in requirements.reasons:
        field = fields.get(reason.code, "tier")
        errors.setdefault(field, []).append(f"{_said((reason,))} {limits[field]}")
    raise toolkit.ValidationError(errors)


def _facts(stored: StoredRequest) -> facts.DatasetFacts:
    package = model.Package.get(stored.request.dataset_id)
    if package is None:
        raise toolkit.ObjectNotFound(toolkit._("The dataset is no longer there."))
    return facts.of_package(package)


def _not_possible(command: RequestCommand, current: Request) -> toolkit.ValidationError:
    text = toolkit._("This cannot be done while the request is {state}.").format(
        state=current.state
    )
    return toolkit.ValidationError({"state": [text], "command": [str(command)]})


def _said(messages: tuple[Message, ...]) -> str:
    return " ".join(decision_point.in_language(one) for one in messages)


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
