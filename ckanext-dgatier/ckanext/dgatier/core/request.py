"""Access requests: commands make events, and the state of a request is the fold of its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from .tier import AccessTier


class RequestState(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class RequestRole(StrEnum):
    """What a person is to a request."""

    REQUESTER = "requester"
    STEWARD = "steward"


class RequestCommand(StrEnum):
    """What can be done with a request."""

    UPDATE = "update"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RETURN = "return"
    APPROVE = "approve"
    REJECT = "reject"


class EventType(StrEnum):
    """What can have happened to a request."""

    CREATED = "created"
    UPDATED = "updated"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    APPROVAL_GIVEN = "approval_given"
    APPROVED = "approved"
    REJECTED = "rejected"


#: Which role may do which command in which state: the one table that code and docs share.
WORKFLOW: Mapping[RequestState, Mapping[RequestRole, frozenset[RequestCommand]]] = {
    RequestState.DRAFT: {
        RequestRole.REQUESTER: frozenset(
            {RequestCommand.UPDATE, RequestCommand.SUBMIT, RequestCommand.WITHDRAW}
        ),
    },
    RequestState.SUBMITTED: {
        RequestRole.REQUESTER: frozenset({RequestCommand.WITHDRAW}),
        RequestRole.STEWARD: frozenset(
            {RequestCommand.RETURN, RequestCommand.APPROVE, RequestCommand.REJECT}
        ),
    },
    RequestState.RETURNED: {
        RequestRole.REQUESTER: frozenset(
            {RequestCommand.UPDATE, RequestCommand.SUBMIT, RequestCommand.WITHDRAW}
        ),
    },
    RequestState.APPROVED: {},
    RequestState.REJECTED: {},
    RequestState.WITHDRAWN: {},
}

_EVENT_OF = {
    RequestCommand.UPDATE: EventType.UPDATED,
    RequestCommand.SUBMIT: EventType.SUBMITTED,
    RequestCommand.WITHDRAW: EventType.WITHDRAWN,
    RequestCommand.RETURN: EventType.RETURNED,
    RequestCommand.REJECT: EventType.REJECTED,
}

_STATE_AFTER = {
    EventType.CREATED: RequestState.DRAFT,
    EventType.SUBMITTED: RequestState.SUBMITTED,
    EventType.WITHDRAWN: RequestState.WITHDRAWN,
    EventType.RETURNED: RequestState.RETURNED,
    EventType.APPROVED: RequestState.APPROVED,
    EventType.REJECTED: RequestState.REJECTED,
}


class CommandNotPossible(Exception):
    """The command does not fit the state of the request or the role of the person."""

    def __init__(self, command: RequestCommand, state: RequestState) -> None:
        super().__init__(f"{command} is not possible while the request is {state}")
        self.command = command
        self.state = state


class GivenTooMuch(Exception):
    """An approval gave a higher tier or more days than were asked for."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for: how much, for what, for how long and of which resources (all if empty)."""

    tier: AccessTier
    purpose: str
    justification: str
    days: int
    resource_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """Something that happened to a request; `payload` is JSON and depends on the type."""

    type: EventType
    actor_id: str
    at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """The state of a request; `approvals` maps the approver's user id to their seniority.

    `organisation` is the company or institute for which the requester asked.
    """

    id: str
    requester_id: str
    dataset_id: str
    terms: Terms
    state: RequestState
    created_at: datetime
    version: int
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    approvals: Mapping[str, bool] = field(default_factory=dict)
    organisation: str | None = None

    def commands(self, roles: Iterable[RequestRole]) -> frozenset[RequestCommand]:
        """Return what a person of these roles may do now."""
        table = WORKFLOW[self.state]
        return frozenset(command for role in roles for command in table.get(role, frozenset()))


def create(
    request_id: str,
    requester_id: str,
    dataset_id: str,
    terms: Terms,
    now: datetime,
    organisation: str | None = None,
) -> RequestEvent:
    """Return the event with which a request begins."""
    payload = {
        "id": request_id,
        "dataset_id": dataset_id,
        "terms": terms_to_dict(terms),
        "organisation": organisation,
    }
    return RequestEvent(EventType.CREATED, requester_id, now, payload)


def handle(
    request: Request,
    command: RequestCommand,
    *,
    actor_id: str,
    roles: Iterable[RequestRole],
    now: datetime,
    payload: Mapping[str, Any] | None = None,
) -> tuple[RequestEvent, ...]:
    """Return the events that a command makes.

    For `approve` the payload is `{tier, days, reason, senior, complete}`: `complete` is policy's
    word that no further approval is needed. Raises `CommandNotPossible` or `GivenTooMuch`.
    """
    if command not in request.commands(roles):
        raise CommandNotPossible(command, request.state)
    details = dict(payload or {})
    if command is not RequestCommand.APPROVE:
        return (RequestEvent(_EVENT_OF[command], actor_id, now, details),)
    given = AccessTier(details["tier"])
    if not request.terms.tier.allows(given) or details["days"] > request.terms.days:
        raise GivenTooMuch
    approval = RequestEvent(EventType.APPROVAL_GIVEN, actor_id, now, details)
    if not details["complete"]:
        return (approval,)
    return (approval, RequestEvent(EventType.APPROVED, actor_id, now, details))


def fold(events: Iterable[RequestEvent]) -> Request:
    """Return the state that the events lead to; the first is `created`."""
    request: Request | None = None
    for event in events:
        request = _begin(event) if request is None else _apply(request, event)
    if request is None:
        raise ValueError("a request has at least one event")
    return request


def terms_to_dict(terms: Terms) -> dict[str, Any]:
    """Return the JSON shape of terms, as events carry it."""
    return {
        "tier": str(terms.tier),
        "purpose": terms.purpose,
        "justification": terms.justification,
        "days": terms.days,
        "resource_ids": list(terms.resource_ids),
    }


def terms_from_dict(shape: Mapping[str, Any]) -> Terms:
    """Return the terms of their JSON shape."""
    return Terms(
        tier=AccessTier(shape["tier"]),
        purpose=shape["purpose"],
        justification=shape["justification"],
        days=shape["days"],
        resource_ids=tuple(shape["resource_ids"]),
    )


def _begin(event: RequestEvent) -> Request:
    return Request(
        id=event.payload["id"],
        requester_id=event.actor_id,
        dataset_id=event.payload["dataset_id"],
        terms=terms_from_dict(event.payload["terms"]),
        state=RequestState.DRAFT,
        created_at=event.at,
        version=1,
        organisation=event.payload.get("organisation"),
    )


def _apply(request: Request, event: RequestEvent) -> Request:
    changed = replace(
        request,
        state=_STATE_AFTER.get(event.type, request.state),
        version=request.version + 1,
    )
    match event.type:
        case EventType.UPDATED:
            return replace(changed, terms=terms_from_dict(event.payload["terms"]))
        case EventType.SUBMITTED:
            # Approvals were given to what was asked then, so a new submission starts without.
            return replace(changed, submitted_at=event.at, approvals={})
        case EventType.APPROVAL_GIVEN:
            senior = bool(event.payload["senior"])
            return replace(changed, approvals={**request.approvals, event.actor_id: senior})
        case EventType.APPROVED | EventType.REJECTED:
            return replace(
                changed, decided_at=event.at, decision_reason=event.payload.get("reason")
            )
        case _:
            return changed
