"""Reading a request as its asker may, and writing what happens to it.

Events, request, grants and audit are written in one transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context, DataDict
from sqlalchemy.engine import Connection

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import request
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.decision import Message
from ckanext.dgatier.core.delegation import Delegation
from ckanext.dgatier.core.request import (
    EventType,
    Membership,
    Request,
    RequestCommand,
    RequestEvent,
    RequestRole,
    RequestState,
)
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.enforce import decision_point
from ckanext.dgatier.enforce.facts import DatasetFacts
from ckanext.dgatier.store.requests import DecidedMeanwhile, StoredRequest

from . import absences, at_once, notices, schema

_AUDIT_OF = {
    EventType.GRANTED: AuditAction.GRANT_CREATED,
    EventType.REVOKED: AuditAction.GRANT_REVOKED,
    EventType.WITHHELD: AuditAction.GRANT_WITHHELD,
    EventType.RESTORED: AuditAction.GRANT_RESTORED,
    EventType.TERMS_ACCEPTED: AuditAction.GRANT_TERMS_ACCEPTED,
}
#: What the audit tells of an event besides the request: codes, ids and numbers.
_RECORDED = (
    "tier",
    "days",
    "conditions",
    "to",
    "reviewer",
    "acting_for",
    "copies",
    "ground",
    "private",
    "grant_id",
    "reference",
    "attachment_id",
    "kind",
    "size",
    "sha256",
    "level",
    "why",
    "terms_version",
    "rule",
    "decision_id",
)
#: The actor of what nobody does, but the time.
CLOCK = "clock"


class ChangedMeanwhile(toolkit.ValidationError):
    """Someone else changed the request in the same moment; nothing of this attempt is kept."""

    def __init__(self) -> None:
        text = toolkit._("Someone else changed this request meanwhile; look at it again.")
        super().__init__({"id": [text]})


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that its asker may see, and what they are to it.

    `stand_in` says who stands in for the steward who works on it, `None` where nobody does.
    """

    stored: StoredRequest
    subject: Subject
    standing: policy.Standing
    stand_in: Delegation | None = None

    @property
    def request(self) -> Request:
        """The request as it is now."""
        return self.stored.request

    @property
    def commands(self) -> frozenset[RequestCommand]:
        """What the asker may do with it now."""
        return self.request.commands(self.standing.roles)


def seen(context: Context, data_dict: DataDict) -> Seen:
    """Return a request that the asker may see; any other is not found."""
    toolkit.check_access("dgatier_request_show", context, data_dict)
    subject = identity.subject_for(context)
    stored = store.requests.load(schema.id_of(data_dict))
    if stored is not None:
        environment = identity.current_environment()
        away: list[policy.Absence] = []
        if stored.request.state is RequestState.IN_REVIEW:
            away = absences.of_agency(stored.agency, environment)
        level, stand_in = absences.of_request(stored.request, away, environment)
        standing = policy.standing(
            subject, stored.request, environment=environment, level=level, absences=away
        )
        if standing.sees:
            return Seen(stored, subject, standing, stand_in)
    raise toolkit.ObjectNotFound(toolkit._("There is no such request."))


def require_possible(one: Seen, command: RequestCommand) -> None:
    """Raise `ValidationError` where the command fits neither the state nor the asker's roles."""
    if command not in one.commands:
        raise _not_possible(command, one.request)


def carry_out(
    one: Seen,
    command: RequestCommand,
    payload: Mapping[str, Any],
    also: Callable[[Connection], object] | None = None,
    words: Mapping[str, str] | None = None,
) -> Request:
    """Carry a command out, and return the request as it is then.

    What a deputy does says for whom; it counts as the deputy's own, and as nobody else's.
    `also` is done in the same transaction; `words` go to the audit besides the reason, and into
    no event.
    """
    if RequestRole.DEPUTY in one.standing.roles and command is not RequestCommand.REVIEW:
        payload = {**payload, "acting_for": one.request.assignee_id}
    by = (str(one.subject.id), one.standing.roles)
    return act(one.stored, command, *by, payload, also, words)


def hand_in(
    one: Seen,
    terms: request.Terms,
    known: DatasetFacts,
    terms_version: str | None,
    also: Callable[[Connection], object] | None = None,
) -> Request:
    """Hand a request in with these terms, as `carry_out` does, and give what a rule gives at once.

    `terms_version` is that of the dataset's own terms of use, which it accepts.
    """
    require_possible(one, RequestCommand.SUBMIT)
    now = datetime.now(UTC)
    by: dict[str, Any] = {
        "actor_id": str(one.subject.id),
        "roles": one.standing.roles,
        "now": now,
    }
    events: tuple[RequestEvent, ...] = ()
    if terms != one.request.terms:
        payload = {"terms": request.terms_to_dict(terms)}
        events = request.handle(one.request, RequestCommand.UPDATE, payload=payload, **by)
    after = request.fold((*one.stored.events, *events))
    accepted = {"terms_version": terms_version}
    events += request.handle(after, RequestCommand.SUBMIT, payload=accepted, **by)
    events += at_once.follow((*one.stored.events, *events), one.subject, known, now)
    return _write(one.stored.events, events, also)


def act(
    stored: StoredRequest,
    command: RequestCommand,
    actor_id: str,
    roles: frozenset[RequestRole],
    payload: Mapping[str, Any],
    also: Callable[[Connection], object] | None = None,
    words: Mapping[str, str] | None = None,
) -> Request:
    """Carry a command out for someone of these roles. Raises `ValidationError` and stores nothing.

    A grant follows an approval and each acceptance after it; it ends with a decline or a close-out.
    """
    now = datetime.now(UTC)
    current = stored.request
    try:
        events = request.handle(
            current, command, actor_id=actor_id, roles=roles, now=now, payload=payload
        )
    except request.CommandNotPossible as error:
        raise _not_possible(command, current) from error
    except request.NoSuchGrant as error:
        raise toolkit.ValidationError(
            {"id": [toolkit._("This grant was revoked before.")]}
        ) from error
    except request.GivenTooMuch as error:
        text = toolkit._("No more can be approved than was asked for.")
        if current.approvals:
            text = toolkit._("No more can be approved than another steward has approved.")
        raise toolkit.ValidationError({name: [text] for name in error.fields}) from error
    if command is RequestCommand.DECLINE:
        events += request.revoke(current, actor_id, now, str(Membership.DECLINED), holder=actor_id)
    elif command is RequestCommand.CLOSE:
        events += request.revoke(current, actor_id, now, str(RequestState.CLOSED))
    after = request.fold((*stored.events, *events))
    events += request.grants_due(after, actor_id, now, lambda: str(uuid.uuid4()))
    return _write(stored.events, events, also, words)


def write(
    known: Sequence[RequestEvent],
    new: Sequence[RequestEvent],
    also: Callable[[Connection], object] | None = None,
    words: Mapping[str, str] | None = None,
) -> Request:
    """Store events and what follows of them, all or nothing; returns the request.

    `also` is done in the same transaction. Raises `store.requests.DecidedMeanwhile` or
    `store.audit.AuditUnavailable`.
    """
    after = request.fold((*known, *new))
    with store.transaction() as connection:
        store.requests.append(after.id, known, new, connection)
        for event in new:
            _record(after, event, words or {}, connection)
        notices.tell_of_request(after, new, after.agency, connection)
        if also is not None:
            also(connection)
    return after


def said(messages: Sequence[Message]) -> str:
    """Return policy's reasons as one text in the person's language."""
    return " ".join(decision_point.in_language(one) for one in messages)


def _write(
    known: Sequence[RequestEvent],
    new: Sequence[RequestEvent],
    also: Callable[[Connection], object] | None,
    words: Mapping[str, str] | None = None,
) -> Request:
    try:
        return write(known, new, also, words)
    except DecidedMeanwhile as error:
        raise ChangedMeanwhile from error


def _record(
    current: Request, event: RequestEvent, words: Mapping[str, str], connection: Connection
) -> None:
    detail = {name: event.payload[name] for name in _RECORDED if name in event.payload}
    if holder := event.payload.get("subject"):
        detail["holder"] = holder
    elif event.type in _AUDIT_OF:
        detail["holder"] = current.grants[event.payload["grant_id"]].subject
    reason = event.payload.get("reason")
    store.audit.append(
        AuditEvent(
            _AUDIT_OF.get(event.type) or AuditAction(f"request_{event.type}"),
            event.actor_id,
            event.at,
            dataset_id=current.dataset_id,
            detail={"request_id": current.id, "purpose": current.terms.purpose, **detail},
            words={**words, "reason": reason} if reason else words,
        ),
        connection,
    )


def _not_possible(command: RequestCommand, current: Request) -> toolkit.ValidationError:
    text = toolkit._("This cannot be done while the request is {state}.").format(
        state=current.state
    )
    return toolkit.ValidationError({"state": [text], "command": [str(command)]})
