"""Access requests: commands make events, and the state of a request is the fold of its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from . import calendar
from .attachment import Attachment, Kind
from .classification import ClassificationLevel
from .grant import UNBOUND, Conditions, Grant, Withholding
from .tier import AccessTier
from .workflow import (
    EVENT_OF,
    STATE_AFTER,
    WORKFLOW,
    EventType,
    RequestCommand,
    RequestRole,
    RequestState,
)

__all__ = [
    "WORKFLOW",
    "CommandNotPossible",
    "EventType",
    "GivenTooMuch",
    "Member",
    "Membership",
    "NoSuchGrant",
    "Request",
    "RequestCommand",
    "RequestEvent",
    "RequestRole",
    "RequestState",
    "Terms",
    "approval",
    "create",
    "fold",
    "grants_due",
    "handle",
    "revoke",
    "terms_from_dict",
    "terms_to_dict",
    "wider",
]


class CommandNotPossible(Exception):
    """The command does not fit the state of the request or the role of the person."""

    def __init__(self, command: RequestCommand, state: RequestState) -> None:
        super().__init__(f"{command} is not possible while the request is {state}")
        self.command = command
        self.state = state


class GivenTooMuch(Exception):
    """An approval gave more than was asked for, or than another approver of it gave.

    `fields` are among `tier`, `days`, `provinces`, `years` and `columns`.
    """

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class NoSuchGrant(Exception):
    """The request has no such grant, or it was revoked before."""


class Membership(StrEnum):
    """Whether someone who is named as a member of the team takes part."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the team; `organisation` is that for which they accepted."""

    state: Membership = Membership.ASKED
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for: how much, for what, for how long and of which resources (all if empty).

    `members` are the user ids of those who are to work with the data too, `legal_ground` and
    `data_uses` codes of `core.legal`. A draft may lack a purpose.
    """

    tier: AccessTier
    purpose: str
    justification: str
    days: int
    resource_ids: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    legal_ground: str | None = None
    conditions: Conditions = UNBOUND
    data_uses: tuple[str, ...] = ()


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

    `organisation` is the company or institute for which the requester asked, `agency` the one that
    decides. `tier`, `days` and `conditions` are what was given, `None` until then;
    `approved_terms` are those of the last approval, also while another one is needed. `members`,
    `grants`, `rejected_by` and `attachments` go by user id, grant id, user id and attachment id.
    `appealed` counts the appeals; `decision_ground` is the code of the ground of a rejection.
    `level` is that of the data when it was approved, `approved_at` that at which each approval was
    given; `accepted_terms` are the versions of the dataset's terms that people accepted. Both go by
    user id.
    """

    id: str
    requester_id: str
    dataset_id: str
    agency: str | None
    terms: Terms
    state: RequestState
    created_at: datetime
    version: int
    submitted_at: datetime | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    decision_ground: str | None = None
    approvals: Mapping[str, bool] = field(default_factory=dict)
    organisation: str | None = None
    tier: AccessTier | None = None
    days: int | None = None
    conditions: Conditions | None = None
    assignee_id: str | None = None
    members: Mapping[str, Member] = field(default_factory=dict)
    reviewers: tuple[str, ...] = ()
    rejected_by: tuple[str, ...] = ()
    appealed: int = 0
    escalated_at: datetime | None = None
    grants: Mapping[str, Grant] = field(default_factory=dict)
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
    approved_terms: Terms | None = None

    level: ClassificationLevel | None = None
    approved_at: Mapping[str, ClassificationLevel | None] = field(default_factory=dict)
    accepted_terms: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def limit(self) -> Terms:
        """The most that can still be given: what was asked, or less where an approver gave less."""
        return self.approved_terms or self.terms

    @property
    def narrowed(self) -> tuple[str, ...]:
        """What was given less of than was asked, by the names that `GivenTooMuch` has."""
        if self.tier is None or self.days is None:
            return ()
        bound = self.conditions or self.terms.conditions
        given = replace(self.terms, tier=self.tier, days=self.days, conditions=bound)
        return wider(self.terms, given)

    @property
    def ends_at(self) -> datetime | None:
        """The aware moment at which what was given ends, `None` where nothing was."""
        if self.decided_at is None or self.days is None:
            return None
        return calendar.end_of_day_after(self.decided_at, self.days)

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
    agency: str | None = None,
) -> RequestEvent:
    """Return the event with which a request begins."""
    payload = {
        "id": request_id,
        "dataset_id": dataset_id,
        "terms": terms_to_dict(terms),
        "organisation": organisation,
        "agency": agency,
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

    For `approve` the payload is that of `approval`:
    `complete` is policy's word that no further approval is needed, `standing` names whose earlier
    approvals still count, `level` is that of the data; where a rule of the agency gives it, `rule`
    is its name, `rule_words` `{th, en}` and `decision_id` that of the answer. For `hand_over` it is
    `{to}`, for `ask_review` `{reviewer, reason}`, for `remark` `{reason, private}`, for `submit`
    `{terms_version}` of the dataset's terms of use, for `accept` `{organisation, terms_version}`,
    for `close` `{copies, reason}`, for `update` `{terms}`, for `attach`
    `{attachment_id, kind, size, sha256}`, for `detach` `{attachment_id}`; the others `{reason}`.
    Of a grant, `revoke` takes `{grant_id, reason}`, `withhold` `{grant_id, why, level}`,
    `restore` `{grant_id}` and `accept_terms` `{grant_id, terms_version}`.
    Raises `CommandNotPossible`, `GivenTooMuch` or `NoSuchGrant`.
    """
    if command not in request.commands(roles):
        raise CommandNotPossible(command, request.state)
    details = dict(payload or {})
    if command in _OF_A_GRANT:
        _require_grant(request, details["grant_id"])
    if command is not RequestCommand.APPROVE:
        return (RequestEvent(EVENT_OF[command], actor_id, now, details),)
    if too_much := wider(_given(request, details), request.limit):
        raise GivenTooMuch(too_much)
    approval = RequestEvent(EventType.APPROVAL_GIVEN, actor_id, now, details)
    if not details["complete"]:
        return (approval,)
    return (approval, RequestEvent(EventType.APPROVED, actor_id, now, details))


def approval(
    given: Terms,
    level: ClassificationLevel,
    *,
    complete: bool,
    standing: Iterable[str] = (),
    senior: bool = False,
    reason: str = "",
) -> dict[str, Any]:
    """Return the payload of an approval of so much of data of a level, as `handle` takes it."""
    return {
        "tier": str(given.tier),
        "days": given.days,
        "conditions": given.conditions.to_dict(),
        "reason": reason,
        "senior": senior,
        "complete": complete,
        "standing": list(standing),
        "level": str(level),
    }


def wider(terms: Terms, limit: Terms) -> tuple[str, ...]:
    """Return of what terms give more than others, by the names that `GivenTooMuch` has."""
    more = {"tier": not limit.tier.allows(terms.tier), "days": terms.days > limit.days}
    names = tuple(name for name, is_more in more.items() if is_more)
    return names + terms.conditions.wider_than(limit.conditions)


def grants_due(
    request: Request, actor_id: str, now: datetime, new_id: Callable[[], str]
) -> tuple[RequestEvent, ...]:
    """Return the events by which whoever takes part in an approved request gets their grant.

    That is the requester and each member who has accepted, once; nobody after the end.
    """
    end = request.ends_at
    if request.state is not RequestState.APPROVED or end is None or end <= now:
        return ()
    holders = {request.requester_id: request.organisation} | {
        person: member.organisation
        for person, member in request.members.items()
        if member.state is Membership.ACCEPTED
    }
    have = {one.subject for one in request.grants.values()}
    return tuple(
        RequestEvent(
            EventType.GRANTED,
            actor_id,
            now,
            {
                "grant_id": new_id(),
                "subject": holder,
                "organisation": organisation,
                "tier": str(request.tier),
                "valid_until": end.isoformat(),
                "level": request.level,
                "terms_version": request.accepted_terms.get(holder),
            },
        )
        for holder, organisation in holders.items()
        if holder not in have
    )


def revoke(
    request: Request, actor_id: str, now: datetime, reason: str, holder: str | None = None
) -> tuple[RequestEvent, ...]:
    """Return the events by which the grants of a request end that have not ended yet.

    `holder` is the one whose grant ends, all where it is `None`.
    """
    return tuple(
        RequestEvent(EventType.REVOKED, actor_id, now, {"grant_id": one.id, "reason": reason})
        for one in request.grants.values()
        if one.revoked_at is None and one.valid_until > now and holder in (None, one.subject)
    )


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
        "members": list(terms.members),
        "legal_ground": terms.legal_ground,
        "conditions": terms.conditions.to_dict(),
        "data_uses": list(terms.data_uses),
    }


def terms_from_dict(shape: Mapping[str, Any]) -> Terms:
    """Return the terms of their JSON shape."""
    return Terms(
        tier=AccessTier(shape["tier"]),
        purpose=shape["purpose"],
        justification=shape["justification"],
        days=shape["days"],
        resource_ids=tuple(shape["resource_ids"]),
        members=tuple(shape.get("members", ())),
        legal_ground=shape.get("legal_ground"),
        conditions=Conditions.from_dict(shape.get("conditions", {})),
        data_uses=tuple(shape.get("data_uses", ())),
    )


def _begin(event: RequestEvent) -> Request:
    terms = terms_from_dict(event.payload["terms"])
    return Request(
        id=event.payload["id"],
        requester_id=event.actor_id,
        dataset_id=event.payload["dataset_id"],
        agency=event.payload.get("agency"),
        terms=terms,
        state=RequestState.DRAFT,
        created_at=event.at,
        version=1,
        organisation=event.payload.get("organisation"),
        members={person: Member() for person in terms.members},
    )


def _apply(request: Request, event: RequestEvent) -> Request:
    changed = replace(
        request,
        state=STATE_AFTER.get(event.type, request.state),
        version=request.version + 1,
    )
    return replace(changed, **_asked(request, event), **_looked_at(request, event))


def _asked(request: Request, event: RequestEvent) -> dict[str, Any]:
    """Return what an event changes of what is asked for, by whom, and of what they hold."""
    said = event.payload
    match event.type:
        case EventType.ADDRESSED:
            return {"agency": said["agency"]}
        case EventType.UPDATED:
            terms = terms_from_dict(said["terms"])
            members = {one: request.members.get(one, Member()) for one in terms.members}
            return {"terms": terms, "members": members}
        case EventType.ATTACHED:
            names = ("size", "sha256")
            one = Attachment(
                said["attachment_id"], Kind(said["kind"]), **{name: said[name] for name in names}
            )
            return {"attachments": {**request.attachments, one.id: one}}
        case EventType.DETACHED:
            gone = said["attachment_id"]
            left = {key: one for key, one in request.attachments.items() if key != gone}
            return {"attachments": left}
        case EventType.SUBMITTED:
            accepted = {
                **request.accepted_terms,
                request.requester_id: said.get("terms_version"),
            }
            return {"submitted_at": event.at, "accepted_terms": accepted, **_ANEW}
        case EventType.APPEALED:
            # The clock of the steward who decides again runs from the appeal on.
            appealed = request.appealed + 1
            undecided = {"decided_at": None, "decision_ground": None}
            return {"submitted_at": event.at, "appealed": appealed, **undecided, **_ANEW}
        case EventType.ACCEPTED | EventType.DECLINED:
            member = Member(Membership(event.type), said.get("organisation"))
            accepted = {**request.accepted_terms, event.actor_id: said.get("terms_version")}
            members = {**request.members, event.actor_id: member}
            return {"members": members, "accepted_terms": accepted}
        case EventType.GRANTED:
            return {"grants": {**request.grants, said["grant_id"]: _granted(request, event)}}
        case EventType.LEVELLED:
            # Who joins an older team later holds what was approved then.
            grants = {**request.grants, said["grant_id"]: _changed(request, event)}
            return {"grants": grants, "level": _level(said)}
    if event.type in _GRANT_EVENTS:
        return {"grants": {**request.grants, said["grant_id"]: _changed(request, event)}}
    return {}


_OF_A_GRANT = {
    RequestCommand.REVOKE,
    RequestCommand.WITHHOLD,
    RequestCommand.RESTORE,
    RequestCommand.ACCEPT_TERMS,
}
_GRANT_EVENTS = {EVENT_OF[command] for command in _OF_A_GRANT}


#: Approvals were given to what was asked then, so a new submission starts without.
_ANEW: Mapping[str, Any] = {
    "approvals": {},
    "approved_terms": None,
    "approved_at": {},
    "assignee_id": None,
    "escalated_at": None,
}


def _looked_at(request: Request, event: RequestEvent) -> dict[str, Any]:
    """Return what an event changes of who looks at a request, and how it is decided."""
    said = event.payload
    match event.type:
        case EventType.CLAIMED:
            return {"assignee_id": event.actor_id}
        case EventType.RELEASED:
            return {"assignee_id": None}
        case EventType.HANDED_OVER:
            return {"assignee_id": said["to"]}
        case EventType.REVIEW_ASKED:
            return {"reviewers": tuple(dict.fromkeys((*request.reviewers, said["reviewer"])))}
        case EventType.APPROVAL_GIVEN:
            standing = said.get("standing", request.approvals)
            kept = {one: senior for one, senior in request.approvals.items() if one in standing}
            return {
                "approvals": {**kept, event.actor_id: bool(said["senior"])},
                "approved_terms": _given(request, said),
                "approved_at": {**request.approved_at, event.actor_id: _level(said)},
            }
        case EventType.APPROVED:
            given: dict[str, Any] = {"tier": AccessTier(said["tier"]), "days": said["days"]}
            if "conditions" in said:
                given["conditions"] = Conditions.from_dict(said["conditions"])
            given["level"] = _level(said)
            return {"decided_at": event.at, "decision_reason": said.get("reason"), **given}
        case EventType.REJECTED:
            rejected_by = tuple(dict.fromkeys((*request.rejected_by, event.actor_id)))
            return {
                "decided_at": event.at,
                "decision_reason": said.get("reason"),
                "decision_ground": said.get("ground"),
                "rejected_by": rejected_by,
            }
        case EventType.ESCALATED:
            return {"escalated_at": event.at}
    return {}


def _given(request: Request, said: Mapping[str, Any]) -> Terms:
    """Return the terms that an approval gives; events of before name no conditions."""
    limit = request.limit
    bound = Conditions.from_dict(said["conditions"]) if "conditions" in said else limit.conditions
    return replace(limit, tier=AccessTier(said["tier"]), days=said["days"], conditions=bound)


def _granted(request: Request, event: RequestEvent) -> Grant:
    """Return a new grant; what a grant's own event does not say, the request does."""
    said = event.payload
    return Grant(
        id=said["grant_id"],
        request_id=request.id,
        subject=said["subject"],
        dataset_id=request.dataset_id,
        tier=AccessTier(said["tier"]),
        purpose=request.terms.purpose,
        valid_from=event.at,
        valid_until=datetime.fromisoformat(said["valid_until"]),
        resource_ids=request.terms.resource_ids,
        conditions=request.conditions or request.terms.conditions,
        organisation=said["organisation"],
        approved_by=tuple(said.get("approved_by", request.approvals)),
        level=_level(said) or ClassificationLevel.OPEN,
        accepted_terms=said.get("terms_version"),
    )


def _changed(request: Request, event: RequestEvent) -> Grant:
    """Return a grant after something happened to it."""
    said = event.payload
    grant = request.grants[said["grant_id"]]
    match event.type:
        case EventType.REVOKED:
            return replace(
                grant,
                revoked_at=event.at,
                revoked_by=event.actor_id,
                revoke_reason=said["reason"],
            )
        case EventType.WITHHELD:
            return replace(grant, withheld=Withholding(said["why"]))
        case EventType.RESTORED:
            return replace(grant, withheld=None)
        case EventType.TERMS_ACCEPTED:
            raised = grant.withheld is Withholding.LEVEL_RAISED
            still = grant.withheld if raised else None
            return replace(grant, accepted_terms=said["terms_version"], withheld=still)
        case _:
            return replace(grant, level=ClassificationLevel(said["level"]))


def _level(said: Mapping[str, Any]) -> ClassificationLevel | None:
    return ClassificationLevel(said["level"]) if said.get("level") else None


def _require_grant(request: Request, grant_id: str) -> None:
    one = request.grants.get(grant_id)
    if one is None or one.revoked_at is not None:
        raise NoSuchGrant(grant_id)
