"""Asking for access, and deciding on it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict
from sqlalchemy.engine import Connection

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import request
from ckanext.dgatier.core.delegation import Delegation, DelegationState
from ckanext.dgatier.core.request import (
    Request,
    RequestCommand,
    RequestEvent,
    RequestRole,
    RequestState,
)
from ckanext.dgatier.core.subject import Role, Subject
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import facts, memory
from ckanext.dgatier.logic import absences, approving, at_once, conditions, request_log, schema
from ckanext.dgatier.logic import attachments as files
from ckanext.dgatier.logic.request_log import Seen

from . import attachments, drafts
from .access import visible_package

_PAGE = 50
_LARGEST_PAGE = 200
_A_YEAR = timedelta(days=365)


def dgatier_request_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask for access to a dataset, or to some of its resources.

    Where a rule of the agency gives it at once, it is approved when it is handed in.

    :param id: id or name of the dataset
    :param resource_ids: the resources asked for (optional, default: all)
    :param tier: `summary`, `masked` or `full`
    :param purpose: code of the purpose, as `dpv:AcademicResearch`
    :param justification: what for, in words
    :param days: for how long
    :param members: names of the users who are to work with the data too; each accepts by themselves
        (optional)
    :param legal_ground: code of the legal ground, as `pdpa-24-1` (optional)
    :param data_uses: for health data, codes of GA4GH's Data Use Ontology (optional)
    :param conditions: `{provinces, years, columns}`, to which part it is bound (optional)
    :param submit: false keeps it, checked, to be handed in later (optional, default: true)
    :param draft: true keeps a draft, which may lack anything yet (optional, default: false)
    :param terms_version: of the dataset's terms of use, the version that one has read; handing in
        accepts them (optional, default: those that stand)
    :returns: the request, as `dgatier_request_show` gives it
    """
    toolkit.check_access("dgatier_request_create", context, data_dict)
    asker = identity.subject_for(context)
    package = visible_package(context, data_dict)
    known = facts.of_package(package)
    draft = toolkit.asbool(data_dict.get("draft") or False)
    terms = schema.terms(data_dict, {one.id for one in known.resources}, str(asker.id), draft=draft)
    if not draft:
        approving.refuse_what_cannot_be_given(asker, known, terms)
    now = datetime.now(UTC)
    events = [
        request.create(
            str(uuid.uuid4()),
            str(asker.id),
            package.id,
            terms,
            now,
            asker.organisation,
            known.agency,
        )
    ]
    if not draft and toolkit.asbool(data_dict.get("submit", True)):
        events += request.handle(
            request.fold(events),
            RequestCommand.SUBMIT,
            actor_id=str(asker.id),
            roles=[RequestRole.REQUESTER],
            now=now,
            payload={"terms_version": schema.terms_read(data_dict, known.terms)},
        )
        events += at_once.follow(events, asker, known, now)
    made = request_log.write((), events)
    return dgatier_request_show(context, {"id": made.id})


def dgatier_request_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change a draft or a returned request; takes what `dgatier_request_create` takes.

    What it does not name stays as it was kept last.
    """
    one = request_log.seen(context, data_dict)
    package = visible_package(context, {"id": one.request.dataset_id})
    known = facts.of_package(package)
    written = store.drafts.of(one.request.id)
    merged = {**request.terms_to_dict(one.request.terms), **(written.words or {}), **data_dict}
    draft = toolkit.asbool(data_dict.get("draft") or False)
    terms = schema.terms(
        merged, {each.id for each in known.resources}, one.request.requester_id, draft=draft
    )
    if not draft:
        approving.refuse_what_cannot_be_given(one.subject, known, terms)
    request_log.carry_out(
        one,
        RequestCommand.UPDATE,
        {"terms": request.terms_to_dict(terms)},
        partial(store.drafts.take, one.request.id, written.version),
    )
    return dgatier_request_show(context, {"id": one.request.id})


def dgatier_request_submit(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Hand a draft or a returned request in, as it was kept last.

    A rule of the agency may give it at once, as with `dgatier_request_create`.
    """
    one = request_log.seen(context, data_dict)
    package = visible_package(context, {"id": one.request.dataset_id})
    known = facts.of_package(package)
    request_log.require_possible(one, RequestCommand.SUBMIT)
    written = store.drafts.of(one.request.id)
    # A draft may have lacked something, and a resource may have gone meanwhile.
    terms = schema.terms(
        {**request.terms_to_dict(one.request.terms), **(written.words or {})},
        {each.id for each in known.resources},
        one.request.requester_id,
    )
    approving.refuse_what_cannot_be_given(one.subject, known, terms)
    version = schema.terms_read(data_dict, known.terms)
    taken = partial(store.drafts.take, one.request.id, written.version)
    request_log.hand_in(one, terms, known, version, taken)
    return dgatier_request_show(context, {"id": one.request.id})


def dgatier_request_withdraw(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take one's own request back, or throw its draft away with all that was typed."""
    one = request_log.seen(context, data_dict)
    begun = one.request.submitted_at is None

    def also(connection: Connection) -> None:
        store.drafts.forget(one.request.id, connection)
        if begun:
            files.forget(one.request, connection)

    request_log.carry_out(one, RequestCommand.WITHDRAW, {}, also)
    if begun:
        files.remove(one.request.attachments)
    return dgatier_request_show(context, {"id": one.request.id})


def dgatier_request_accept(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Accept to work in the team of a request; what is granted counts for whoever accepted.

    :param id: the request
    :param terms_version: of the dataset's terms of use, the version that one has read; to take part
        accepts them (optional, default: those that stand)
    """
    one = request_log.seen(context, data_dict)
    version = schema.terms_read(data_dict, _facts(one.request).terms)
    payload = {"organisation": one.subject.organisation, "terms_version": version}
    return _done(context, one, RequestCommand.ACCEPT, payload)


def dgatier_request_decline(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take no part, or no longer, in the team of a request; a grant held by it ends.

    :param id: the request
    """
    return _done(context, request_log.seen(context, data_dict), RequestCommand.DECLINE, {})


def dgatier_request_remark(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Write a remark on a request.

    :param id: the request
    :param reason: the remark
    :param private: true to write to stewards and reviewers alone (theirs only; default: false)
    """
    one = request_log.seen(context, data_dict)
    private = toolkit.asbool(data_dict.get("private", False))
    if private and not one.standing.sees_private:
        raise toolkit.NotAuthorized(
            toolkit._("Only stewards and reviewers write among themselves.")
        )
    payload = {"reason": schema.reason(data_dict.get("reason")), "private": private}
    return _done(context, one, RequestCommand.REMARK, payload)


def dgatier_request_appeal(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Appeal a rejection; a steward who did not reject the request decides again.

    :param id: the request
    :param reason: why the rejection is wrong
    """
    one = request_log.seen(context, data_dict)
    payload = {"reason": schema.reason(data_dict.get("reason"))}
    request_log.require_possible(one, RequestCommand.APPEAL)
    answer = policy.appeal(one.request, environment=identity.current_environment())
    if not answer.allowed:
        raise toolkit.ValidationError({"state": [request_log.said(answer.reasons)]})
    return _done(context, one, RequestCommand.APPEAL, payload)


def dgatier_request_close(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Close an approved request out: the work is done, and every grant of it ends.

    :param id: the request
    :param copies: what became of the copies: `none`, `deleted`, `returned`, `anonymised` or
        `kept_by_law`
    :param reason: in words, needed where copies are kept
    """
    one = request_log.seen(context, data_dict)
    return _done(context, one, RequestCommand.CLOSE, schema.close_out(data_dict))


def dgatier_request_return(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give a request back to be changed, with a reason."""
    one = request_log.seen(context, data_dict)
    payload = {"reason": schema.reason(data_dict.get("reason"))}
    require_verdict(one, one.request.terms.tier, one.request.terms.days)
    return _done(context, one, RequestCommand.RETURN, payload)


def dgatier_request_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Approve or reject a request.

    :param id: the request
    :param decision: `approve` or `reject`
    :param tier: a tier no higher than asked (optional)
    :param days: no more than asked (optional)
    :param conditions: `{provinces, years, columns}`, no wider than asked (optional); a second
        approval gives no more than the first, and as much where it names nothing
    :param reason: needed to reject
    :param ground: to reject, the ground of the Official Information Act s. 15: `oia-15-1` to
        `oia-15-7` (optional)
    """
    one = request_log.seen(context, data_dict)
    asked = one.request.terms
    if data_dict.get("decision") == "reject":
        payload = {
            "reason": schema.reason(data_dict.get("reason")),
            **schema.refusal_ground(data_dict.get("ground")),
        }
        require_verdict(one, asked.tier, asked.days)
        return _done(context, one, RequestCommand.REJECT, payload)
    if data_dict.get("decision") != "approve":
        raise toolkit.ValidationError({"decision": [toolkit._("Choose approve or reject.")]})
    given = schema.given(data_dict, one.request.limit)
    request_log.require_possible(one, RequestCommand.APPROVE)
    # One look at the dataset, so that what is approved is written down at the level it was weighed.
    known = _facts(one.request)
    verdict = require_verdict(one, given.tier, given.days, known)
    approving.refuse_what_cannot_be_given(
        identity.subject_of_user(one.request.requester_id), known, given
    )
    decided = request.approval(
        given,
        known.level,
        complete=verdict.complete,
        standing=verdict.standing,
        senior=Role.SENIOR_STEWARD in one.subject.roles,
        reason=str(data_dict.get("reason") or "").strip()[: schema.LONGEST_REASON],
    )
    return _done(context, one, RequestCommand.APPROVE, decided)


@toolkit.side_effect_free
def dgatier_request_requirements(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return what a request for a dataset would need, before it is sent.

    :param id: id or name of the dataset
    :param tier: `summary`, `masked` or `full` (optional, default: `summary`)
    :param days: for how long (optional, default: 1)
    :param purpose: code of the purpose (optional)
    :param members: names of those who are to work with the data too (optional)
    :returns: `{allowed, reasons, max_tier, max_days, approvals, senior, reading, usual_days,
        at_once}`;
        `reading` is what reading at that tier takes: `{ial, aal, max_age_s, hours, networks,
        log_purpose, watermark, smallest_cell}`; `usual_days` the median from handing in to deciding
        of the agency's requests for data of this level in the last year, `null` where fewer than
        five were decided by stewards; `at_once` `{rule, reasons}`: the rule of the agency, `{name,
        th, en}`, that gives it when it is handed in, or `null` and why a steward reads it
    """
    toolkit.check_access("dgatier_request_create", context, data_dict)
    known = facts.of_package(visible_package(context, data_dict))
    tier, days = schema.asked(data_dict)
    purpose = schema.purpose(data_dict.get("purpose")) or ""
    asker = identity.subject_for(context)
    needed = policy.approval_requirements(
        asker,
        known.target(),
        tier=tier,
        days=days,
        purpose=purpose,
        environment=identity.current_environment(),
    )
    members = schema.named(data_dict.get("members"))
    given = at_once.weigh(asker, known, tier, days, purpose, members, known.agency)
    now = datetime.now(UTC)
    return {
        "allowed": needed.allowed,
        "reasons": [one.to_dict() for one in needed.reasons],
        "max_tier": str(needed.max_tier),
        "max_days": needed.max_days,
        "approvals": needed.approvals,
        "senior": needed.senior,
        "reading": asdict(needed.reading),
        "usual_days": store.numbers.usual_days(known.agency, known.level, now - _A_YEAR),
        "at_once": {
            "rule": asdict(given.rule) if given.rule else None,
            "reasons": [one.to_dict() for one in given.reasons],
        },
    }


@toolkit.side_effect_free
def dgatier_request_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return a request with its history and what the asker may do with it now.

    :returns: among others `rule`, `{name, th, en, decision_id}` of the rule of the agency by which
        it was given at once, else `null`; `attachments`, each `{id, name, kind, size, sha256,
        url}`, `size` in bytes, `url` for those who may open it; for whoever writes it `draft`,
        else `null`: `{version, words, saved_at, errors}`, the words as they were typed last, and by
        field what is wrong with them; and for whoever can approve it `not_kept`, else `null`: by
        `provinces`, `years` and `columns` the names of the resources in which an approval that is
        bound to them opens nothing, as their data dictionary does not tell them
    """
    one = request_log.seen(context, data_dict)
    shown = _shape(one)
    return {
        **shown,
        "attachments": attachments.shape(one),
        "draft": drafts.shape(one, shown["members"]),
        "not_kept": conditions.not_kept(
            _facts(one.request), one.request.terms.resource_ids, one.request.limit.conditions
        )
        if RequestCommand.APPROVE in one.commands
        else None,
    }


@toolkit.side_effect_free
def dgatier_request_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return requests: one's own, or with `queue` those that wait for one's agency.

    :param queue: true for the requests to one's agency (stewards); else one's own
    :param assigned: with `queue`, true for those alone that one works on, or on which one stands in
    :param taking_part: true for those in whose team one is named or on which one's opinion is asked
    :param state: only requests in this state; `waiting` for those that wait for a decision
        (optional)
    :param limit: at most 200 (default 50); offset
    :returns: `{count, results}`, each without its history
    """
    toolkit.check_access("dgatier_request_list", context, data_dict)
    subject = identity.subject_for(context)
    environment = identity.current_environment()
    away: list[policy.Absence] = []
    bounds: dict[str, Any] = {"requester_id": str(subject.id)}
    if toolkit.asbool(data_dict.get("queue", False)):
        require_permission(subject, "request_list", subject.agency)
        bounds = {} if Role.AUDITOR in subject.roles else {"agency": str(subject.agency)}
        away = absences.of_agency(subject.agency, environment)
        if toolkit.asbool(data_dict.get("assigned", False)):
            bounds["assignees"] = [str(subject.id), *_absent(away, subject, environment.now)]
    elif toolkit.asbool(data_dict.get("taking_part", False)):
        bounds = {"taking_part": str(subject.id)}
    state = str(data_dict.get("state") or "")
    states = store.requests.WAITING if state == "waiting" else [state] if state else []
    limit, offset = page_bounds(data_dict)
    count, rows = store.requests.search(**bounds, states=states, limit=limit, offset=offset)
    standing_in = absences.stand_ins(_assigned(rows, away), away, environment)
    names = store.people.names_of(
        [
            *(person for row in rows for person in (row.requester_id, row.assignee_id)),
            *(one.deputy_id for one in standing_in.values()),
        ]
    )
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
            "assignee": names.get(row.assignee_id),
            "escalated_at": _moment(row.escalated_at),
            "stand_in": _stand_in(standing_in.get(row.id), names),
            "by_rule": RequestRole.POLICY in row.approvals,
        }
        for row in rows
    ]
    return {"count": count, "results": results}


def _absent(away: Iterable[policy.Absence], subject: Subject, now: datetime) -> list[str]:
    """Return the stewards for whom the subject stands in now."""
    return [
        one.delegation.steward_id
        for one in away
        if one.deputy.id == subject.id and one.delegation.state(now) is DelegationState.ACTIVE
    ]


def _assigned(rows: Iterable[Any], away: Iterable[policy.Absence]) -> list[policy.Assigned]:
    """Return what matters, of requests whose steward is or will be away, for who stands in."""
    absent = {one.delegation.steward_id for one in away}
    return [
        policy.Assigned(
            row.id,
            row.requester_id,
            row.agency,
            row.assignee_id,
            sorted(row.members),
            absences.level_of(row.dataset_id),
        )
        for row in rows
        if row.state == RequestState.IN_REVIEW and row.assignee_id in absent
    ]


def _stand_in(one: Delegation | None, names: Mapping[str, dict[str, str]]) -> dict[str, Any] | None:
    """Return `{deputy, last_day}` of who stands in for the steward who works on a request."""
    if one is None:
        return None
    return {"deputy": names.get(one.deputy_id), "last_day": one.last_day.isoformat()}


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
        raise toolkit.NotAuthorized(request_log.said(permission.reasons))


def _done(
    context: Context, one: Seen, command: RequestCommand, payload: Mapping[str, Any]
) -> dict[str, Any]:
    request_log.carry_out(one, command, payload)
    return dgatier_request_show(context, {"id": one.request.id})


def require_verdict(
    one: Seen, tier: AccessTier, days: int, known: facts.DatasetFacts | None = None
) -> policy.ApprovalVerdict:
    """Return policy's verdict on a decision; raises `NotAuthorized` where there can be none.

    `known` are the dataset's facts where the caller has them.
    """
    current = one.request
    verdict = policy.approval_verdict(
        one.subject,
        policy.RequestFacts(
            requester_id=current.requester_id,
            agency=current.agency,
            level=(known or _facts(current)).level,
            tier=tier,
            days=days,
            approved_by=current.approvals,
            members=sorted(current.members),
            rejected_by=current.rejected_by,
            approved_at=current.approved_at,
        ),
        environment=identity.current_environment(),
    )
    if not verdict.allowed:
        raise toolkit.NotAuthorized(request_log.said(verdict.reasons))
    return verdict


def _shape(one: Seen) -> dict[str, Any]:
    current = one.request
    names = store.people.names_of(
        [
            current.requester_id,
            current.assignee_id,
            *current.approvals,
            *current.members,
            *current.reviewers,
            *(event.actor_id for event in one.stored.events),
            *(event.payload.get("acting_for") for event in one.stored.events),
            one.stand_in.deputy_id if one.stand_in else None,
        ]
    )
    name, title = store.people.titles_of([current.dataset_id]).get(current.dataset_id, ("", ""))
    return {
        "id": current.id,
        "state": str(current.state),
        "dataset_id": current.dataset_id,
        "dataset_name": name,
        "dataset_title": title,
        "agency": current.agency,
        **request.terms_to_dict(current.terms),
        "requester": names.get(current.requester_id),
        "organisation": current.organisation,
        "created_at": current.created_at.isoformat(),
        "submitted_at": _moment(current.submitted_at),
        "decided_at": _moment(current.decided_at),
        "ends_at": _moment(current.ends_at),
        "decision_reason": current.decision_reason,
        "decision_ground": current.decision_ground,
        "given": _given(current),
        "narrowed": list(current.narrowed),
        "limit": _amount(current.limit),
        "appeal_days": _appeal_days(one),
        "assignee": names.get(current.assignee_id or ""),
        "stand_in": _stand_in(one.stand_in, names) if one.standing.sees_private else None,
        "members": [
            {**names[person], "state": str(member.state)}
            for person, member in current.members.items()
            if person in names
        ],
        "reviewers": [names[person] for person in current.reviewers if person in names],
        "escalated_at": _moment(current.escalated_at),
        "approvals": [
            {"by": names.get(person), "senior": senior}
            for person, senior in current.approvals.items()
        ],
        "approvals_needed": _approvals_needed(current),
        "rule": next(filter(None, map(_rule, reversed(one.stored.events))), None),
        "history": [
            _happened(event, names)
            for event in one.stored.events
            if one.standing.sees_private or not _among_stewards(event)
        ],
        "commands": sorted(str(command) for command in one.commands),
        "roles": sorted(str(role) for role in one.standing.roles),
        "sees_private": one.standing.sees_private,
    }


def _given(current: Request) -> dict[str, Any] | None:
    """Return how much was given, `None` where nothing was."""
    return _amount(current.limit) if current.tier is not None else None


def _amount(terms: request.Terms) -> dict[str, Any]:
    return {
        "tier": str(terms.tier),
        "days": terms.days,
        "conditions": terms.conditions.to_dict(),
    }


def _approvals_needed(current: Request) -> int:
    """Return how many people it takes; on data that is gone, as many as there were."""
    package = model.Package.get(current.dataset_id)
    if package is None:
        return len(current.approvals)
    known = facts.of_package(package)

    def ask() -> int:
        return policy.approval_requirements(
            identity.subject_of_user(current.requester_id),
            known.target(),
            tier=current.terms.tier,
            days=current.terms.days,
            purpose=current.terms.purpose,
            environment=identity.current_environment(),
        ).approvals

    return memory.kept(approving.key_of_approvals(known), ask)


def _appeal_days(one: Seen) -> int | None:
    """Return within how many days of the decision one can appeal, `None` where one cannot."""
    if RequestCommand.APPEAL not in one.commands:
        return None
    answer = policy.appeal(one.request, environment=identity.current_environment())
    return answer.days if answer.allowed else None


def _happened(event: RequestEvent, names: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "type": str(event.type),
        "at": event.at.isoformat(),
        "by": names.get(event.actor_id),
        "acting_for": names.get(event.payload.get("acting_for", "")),
        "reason": event.payload.get("reason"),
        "tier": event.payload.get("tier"),
        "days": event.payload.get("days"),
        "conditions": event.payload.get("conditions"),
        "copies": event.payload.get("copies"),
        "reference": event.payload.get("reference"),
        "rule": _rule(event),
        "private": _among_stewards(event),
    }


def _rule(event: RequestEvent) -> dict[str, str] | None:
    """Return `{name, th, en, decision_id}` of the rule of the agency by which it was approved."""
    said = event.payload
    if "rule" not in said:
        return None
    return {"name": said["rule"], **said["rule_words"], "decision_id": said["decision_id"]}


def _among_stewards(event: RequestEvent) -> bool:
    return bool(event.payload.get("private", False))


def _facts(current: Request) -> facts.DatasetFacts:
    package = model.Package.get(current.dataset_id)
    if package is None:
        raise toolkit.ObjectNotFound(toolkit._("The dataset is no longer there."))
    return facts.of_package(package)


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
