"""Telling people: notices in the portal, and what of them leaves it by mail and webhook."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ckan.plugins import toolkit
from sqlalchemy.engine import Connection

from ckanext.dgatier import store
from ckanext.dgatier.core import calendar, notice
from ckanext.dgatier.core.grant import Withholding
from ckanext.dgatier.core.notice import Channel, NoticeKind
from ckanext.dgatier.core.request import EventType, Membership, Request, RequestEvent

from . import absences

log = logging.getLogger(__name__)

_TO_STEWARDS = {
    EventType.SUBMITTED: NoticeKind.REQUEST_SUBMITTED,
    EventType.ESCALATED: NoticeKind.REQUEST_OVERDUE,
    EventType.APPEALED: NoticeKind.REQUEST_APPEALED,
}
_TO_THE_STEWARD = {
    EventType.HANDED_OVER: NoticeKind.REQUEST_ASSIGNED,
    EventType.REVIEWED: NoticeKind.REVIEW_GIVEN,
}
_TO_REQUESTER = {
    EventType.ACCEPTED: NoticeKind.TEAM_ACCEPTED,
    EventType.DECLINED: NoticeKind.TEAM_DECLINED,
    EventType.RETURNED: NoticeKind.REQUEST_RETURNED,
    EventType.APPROVED: NoticeKind.REQUEST_APPROVED,
    EventType.REJECTED: NoticeKind.REQUEST_REJECTED,
}
#: How much an approval gives.
_AMOUNT = ("tier", "days", "conditions")
_TO_HOLDER = {
    EventType.REVOKED: NoticeKind.GRANT_REVOKED,
    EventType.WITHHELD: NoticeKind.GRANT_RECALLED,
    EventType.RESTORED: NoticeKind.GRANT_RESTORED,
}


def tell(
    kind: NoticeKind,
    dataset_id: str | None,
    people: Iterable[str],
    payload: Mapping[str, Any],
    agency: str | None,
    now: datetime,
    connection: Connection,
) -> None:
    """Tell people, and the agency's systems, in the transaction of what happened.

    `payload` stays in the portal but for the facts of the kind.
    """
    named = {str(uuid.uuid4()): person for person in set(people)}
    _tell(kind, dataset_id, named, payload, agency, now, connection)


def tell_of_request(
    current: Request, events: Iterable[RequestEvent], agency: str | None, connection: Connection
) -> None:
    """Tell those concerned of what happened to a request; nobody of what they did themselves."""
    for event in events:
        for kind, people, payload in _news(current, event, agency, connection):
            others = people - {event.actor_id}
            tell(kind, current.dataset_id, others, payload, agency, event.at, connection)
            if kind is NoticeKind.GRANT_RECALLED:
                _tell_stewards(current.dataset_id, event, agency, connection)


def _news(
    current: Request, event: RequestEvent, agency: str | None, connection: Connection
) -> Iterator[tuple[NoticeKind, set[str], dict[str, Any]]]:
    """Yield what is to be told of an event, whom, and with which payload."""
    payload: dict[str, Any] = {"request_id": current.id}
    if event.type is EventType.SUBMITTED and current.decided_at is not None:
        # It was given in the same moment, by a rule or on paper, as its approval tells.
        return
    if event.type in _TO_STEWARDS:
        yield _TO_STEWARDS[event.type], _deciding(current, agency, connection), payload
    elif event.type is EventType.APPROVED and current.narrowed:
        given = {name: event.payload[name] for name in _AMOUNT}
        yield NoticeKind.REQUEST_NARROWED, {current.requester_id}, {**payload, "given": given}
    elif event.type is EventType.APPROVED and "rule" in event.payload:
        yield NoticeKind.REQUEST_APPROVED, {current.requester_id}, payload
        by_rule = {**payload, "rule": event.payload["rule"]}
        yield NoticeKind.REQUEST_BY_RULE, _deciding(current, agency, connection), by_rule
    elif event.type in _TO_REQUESTER:
        yield _TO_REQUESTER[event.type], {current.requester_id}, payload
    elif event.type in _TO_THE_STEWARD:
        at_work = absences.at_work_on(current, connection)
        people = at_work or _deciding(current, agency, connection)
        yield _TO_THE_STEWARD[event.type], people, payload
    elif event.type is EventType.REVIEW_ASKED:
        yield NoticeKind.REVIEW_ASKED, {event.payload["reviewer"]}, payload
    elif event.type in _TO_HOLDER:
        grant_id = event.payload["grant_id"]
        holder = current.grants[grant_id].subject
        yield _kind_of(event), {holder}, {"grant_id": grant_id}
    elif event.type is EventType.EXPIRED:
        held = current.grants.values()
        holders = {one.subject for one in held if one.revoked_at is None}
        yield NoticeKind.GRANT_ENDED, holders, payload
    if event.type is EventType.SUBMITTED:
        asked = {
            person for person, member in current.members.items() if member.state is Membership.ASKED
        }
        if asked:
            yield NoticeKind.TEAM_ASKED, asked, payload


def _deciding(current: Request, agency: str | None, connection: Connection) -> set[str]:
    """Return the stewards of the agency but those who want the data, or rejected it before."""
    stewards = store.people.stewards_of(agency, connection) if agency else set()
    return stewards - {current.requester_id, *current.members, *current.rejected_by}


def _kind_of(event: RequestEvent) -> NoticeKind:
    suspended = event.payload.get("why") == Withholding.TERMS_CHANGED
    return NoticeKind.GRANT_SUSPENDED if suspended else _TO_HOLDER[event.type]


def _tell_stewards(
    dataset_id: str, event: RequestEvent, agency: str | None, connection: Connection
) -> None:
    """Tell stewards of a recall, once a day for a level however many grants it takes."""
    level = event.payload["level"]
    about = f"recalled/{dataset_id}/{level}/{calendar.today(event.at)}"
    people = store.people.stewards_of(agency, connection) if agency else set()
    named = {f"{about}/{person}": person for person in people}
    kind = NoticeKind.GRANTS_RECALLED
    _tell(kind, dataset_id, named, {"level": level}, agency, event.at, connection)


def remind(now: datetime) -> int:
    """Tell holders whose grants end soon, each once for each of `notice.REMINDERS`.

    A grant that cannot be read is logged, and the others have their turn. Returns how many were
    told.
    """
    told = 0
    for grant_id in store.grants.ending(now, max(notice.REMINDERS)):
        try:
            told += _remind(grant_id, now)
        except Exception:
            log.exception("the holder of grant %s could not be told of its end", grant_id)
    return told


def tell_of_draft(
    current: Request, notice_id: str, days: int, now: datetime, connection: Connection
) -> None:
    """Tell its author that a draft is thrown away in some days; once for each id."""
    payload = {"request_id": current.id, "days": days}
    named = {notice_id: current.requester_id}
    _tell(NoticeKind.DRAFT_LEFT, current.dataset_id, named, payload, None, now, connection)


def _remind(grant_id: str, now: datetime) -> bool:
    found = store.grants.get(grant_id)
    if found is None:
        return False
    grant, agency = found
    days = notice.due_reminder(grant, now)
    if days is None:
        return False
    held = store.grants.held_by(grant.subject, [grant.dataset_id]).get(grant.dataset_id, [])
    if notice.is_renewed(grant, held):
        return False
    payload = {"grant_id": grant.id, "days": days, "until": grant.valid_until.isoformat()}
    # The id says what is told, so that it is told once however often the clock comes by.
    named = {f"ends/{grant.id}/{days}": grant.subject}
    with store.transaction() as connection:
        return _tell(
            NoticeKind.GRANT_ENDS, grant.dataset_id, named, payload, agency, now, connection
        )


def _tell(
    kind: NoticeKind,
    dataset_id: str | None,
    people: Mapping[str, str],
    payload: Mapping[str, Any],
    agency: str | None,
    now: datetime,
    connection: Connection,
) -> bool:
    """Tell people by the id of each notice; return whether anything was told that was not yet."""
    new = store.notices.add(people, kind, dataset_id, payload, now, connection)
    if people and not new:
        return False
    leaving = (kind, dataset_id, notice.facts_of(kind, payload), now, connection)
    if notice.KINDS[kind].mail and toolkit.config["ckanext.dgatier.mail.server"]:
        store.outbox.add(Channel.MAIL, sorted(people[one] for one in new), *leaving)
    if agency:
        hooks = store.webhooks.wanting(agency, kind, connection)
        store.outbox.add(Channel.WEBHOOK, hooks, *leaving)
    return True
