"""Absent stewards: naming who stands in, seeing it, and ending it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context, DataDict
from sqlalchemy.engine import Connection

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import calendar, delegation
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.delegation import Delegation, DelegationState
from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.core.notice import NoticeKind
from ckanext.dgatier.core.subject import Role, Subject
from ckanext.dgatier.logic import absences, notices, request_log, schema

from .requests import require_permission

_FIELDS = {
    "deputy_is_yourself": "to",
    "deputy_not_a_steward": "to",
    "deputy_is_away": "to",
    "delegation_overlaps": "first_day",
    "delegation_too_long": "last_day",
}


def dgatier_delegation_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Name who stands in for oneself as a steward, on the requests that one works on.

    :param to: the user name of another steward of the agency
    :param first_day: the first day of the absence in Thailand, as `2031-01-31`
    :param last_day: its last day
    :param reason: why, in words
    :returns: the delegation, as `dgatier_delegation_list` gives it
    """
    toolkit.check_access("dgatier_delegation_create", context, data_dict)
    subject = identity.subject_for(context)
    require_permission(subject, "request_list", subject.agency)
    environment = identity.current_environment()
    reason = schema.reason(data_dict.get("reason"))
    first, last = schema.absence(data_dict, calendar.today(environment.now))
    deputy = schema.candidate(data_dict, "to")
    agency = str(subject.agency)
    starts, ends = delegation.period(first, last, environment.now)
    with store.transaction() as connection:
        store.delegations.lock(agency, connection)
        others = store.delegations.not_over(agency, environment.now, connection)
        answer = policy.naming(
            subject,
            deputy.subject,
            (starts, ends),
            absences.with_deputies(others),
            environment=environment,
        )
        _refuse(answer)
        made = Delegation(
            str(uuid.uuid4()), agency, str(subject.id), deputy.user_id(),
            starts, ends, reason, environment.now,
        )  # fmt: skip
        store.delegations.add(made, connection)
        store.audit.append(
            AuditEvent(
                AuditAction.DELEGATION_CREATED,
                made.steward_id,
                environment.now,
                detail={
                    "delegation_id": made.id,
                    "to": made.deputy_id,
                    "agency": made.agency,
                    "from": starts.isoformat(),
                    "until": ends.isoformat(),
                },
                words={"reason": reason},
            ),
            connection,
        )
        _tell(NoticeKind.DELEGATION_GIVEN, made, {made.deputy_id}, environment, connection)
    return _shapes([made], subject, environment)[0]


@toolkit.side_effect_free
def dgatier_delegation_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return who stands in for whom in one's agency, in all agencies for auditors.

    :returns: `{results}`, the last to end first, fifty at most; each result is `{id,
        agency, steward, deputy, starts_at, ends_at, last_day, reason, state, can_end}`, where
        `state` is `planned`, `active`, `ended` or `called_off`
    """
    toolkit.check_access("dgatier_delegation_list", context, data_dict)
    subject = identity.subject_for(context)
    require_permission(subject, "request_list", subject.agency)
    environment = identity.current_environment()
    agency = None if Role.AUDITOR in subject.roles else subject.agency
    return {"results": _shapes(store.delegations.of_agency(agency), subject, environment)}


def dgatier_delegation_end(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End a delegation before its time, or call a planned one off.

    :param id: the delegation
    :returns: the delegation, as `dgatier_delegation_list` gives it
    """
    toolkit.check_access("dgatier_delegation_end", context, data_dict)
    subject = identity.subject_for(context)
    require_permission(subject, "request_list", subject.agency)
    environment = identity.current_environment()
    one = store.delegations.get(schema.id_of(data_dict))
    if one is None or one.agency != subject.agency:
        raise toolkit.ObjectNotFound(toolkit._("There is no such delegation."))
    permission = policy.ending(subject, absences.with_deputies([one])[0], environment=environment)
    if not permission.allowed:
        raise toolkit.NotAuthorized(request_log.said(permission.reasons))
    actor_id = str(subject.id)
    with store.transaction() as connection:
        if not store.delegations.end(one.id, actor_id, environment.now, connection):
            raise toolkit.ValidationError({"id": [toolkit._("This is over already.")]})
        store.audit.append(
            AuditEvent(
                AuditAction.DELEGATION_ENDED,
                actor_id,
                environment.now,
                detail={"delegation_id": one.id, "to": one.deputy_id, "agency": one.agency},
            ),
            connection,
        )
        concerned = {one.steward_id, one.deputy_id} - {actor_id}
        _tell(NoticeKind.DELEGATION_ENDED, one, concerned, environment, connection)
    ended = store.delegations.get(one.id)
    return _shapes([ended or one], subject, environment)[0]


def _refuse(answer: policy.Naming) -> None:
    """Raise with policy's reasons where a deputy may not be named."""
    errors: dict[str, list[str]] = {}
    for reason in answer.reasons:
        text = request_log.said((reason,))
        if reason.code == "delegation_too_long":
            limit = toolkit._("At most: {limit} days.").format(limit=answer.max_days)
            text = f"{text} {limit}"
        errors.setdefault(_FIELDS.get(reason.code, "to"), []).append(text)
    if not answer.allowed:
        raise toolkit.ValidationError(errors)


def _tell(
    kind: NoticeKind,
    one: Delegation,
    people: set[str],
    environment: Environment,
    connection: Connection,
) -> None:
    until = one.ends_at - timedelta(minutes=1)
    payload = {"delegation_id": one.id, "until": until.isoformat()}
    notices.tell(kind, None, people, payload, one.agency, environment.now, connection)


def _shapes(
    found: Sequence[Delegation], subject: Subject, environment: Environment
) -> list[dict[str, Any]]:
    names = store.people.names_of(
        person for one in found for person in (one.steward_id, one.deputy_id)
    )
    shapes = []
    for absence in absences.with_deputies(found):
        one = absence.delegation
        state = one.state(environment.now)
        shapes.append(
            {
                "id": one.id,
                "agency": one.agency,
                "steward": names.get(one.steward_id),
                "deputy": names.get(one.deputy_id),
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.over_at.isoformat(),
                "last_day": one.last_day.isoformat(),
                "reason": one.reason,
                "state": str(state),
                "can_end": state in (DelegationState.PLANNED, DelegationState.ACTIVE)
                and policy.ending(subject, absence, environment=environment).allowed,
            }
        )
    return shapes
