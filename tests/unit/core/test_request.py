"""The life of a request: every command in every state by every role, and the fold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core import request
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.grant import Conditions, GrantState
from ckanext.dgatier.core.request import (
    EventType,
    RequestCommand,
    RequestEvent,
    RequestRole,
    RequestState,
    Terms,
)
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.core.workflow import EVENT_OF

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TERMS = Terms(AccessTier.MASKED, "dpv:AcademicResearch", "to learn something", 90)
PAYLOAD = {
    "tier": "masked",
    "days": 30,
    "reason": "because",
    "senior": False,
    "complete": True,
    "terms": request.terms_to_dict(TERMS),
    "to": "another",
    "reviewer": "expert",
    "copies": "deleted",
    "grant_id": "grant",
    "attachment_id": "file",
    "kind": "pdf",
    "size": 9,
    "sha256": "0" * 64,
    "level": "internal",
    "terms_version": "these",
    "why": "level_raised",
}


def _in_state(state: RequestState) -> list[request.RequestEvent]:
    events = [request.create("r", "asker", "dataset", TERMS, NOW)]
    path = {
        RequestState.DRAFT: [],
        RequestState.SUBMITTED: [RequestCommand.SUBMIT],
        RequestState.RETURNED: [RequestCommand.SUBMIT, RequestCommand.RETURN],
        RequestState.APPROVED: [RequestCommand.SUBMIT, RequestCommand.APPROVE],
        RequestState.REJECTED: [RequestCommand.SUBMIT, RequestCommand.REJECT],
        RequestState.WITHDRAWN: [RequestCommand.WITHDRAW],
        RequestState.IN_REVIEW: [RequestCommand.SUBMIT, RequestCommand.CLAIM],
        RequestState.EXPIRED: [
            RequestCommand.SUBMIT, RequestCommand.APPROVE, RequestCommand.EXPIRE,
        ],
        RequestState.CLOSED: [RequestCommand.SUBMIT, RequestCommand.APPROVE, RequestCommand.CLOSE],
    }[state]  # fmt: skip
    for command in path:
        events += _handle(request.fold(events), command, list(RequestRole))
        events += request.grants_due(request.fold(events), "someone", NOW, lambda: "grant")
    return events


def _handle(
    current: request.Request, command: RequestCommand, roles: list[RequestRole]
) -> tuple[request.RequestEvent, ...]:
    return request.handle(
        current, command, actor_id="someone", roles=roles, now=NOW, payload=PAYLOAD
    )


@pytest.mark.parametrize("state", RequestState)
@pytest.mark.parametrize("role", RequestRole)
@pytest.mark.parametrize("command", RequestCommand)
def test_the_table_is_what_the_code_does(
    state: RequestState, role: RequestRole, command: RequestCommand
) -> None:
    current = request.fold(_in_state(state))
    assert current.state is state
    if command in request.WORKFLOW[state].get(role, frozenset()):
        assert _handle(current, command, [role])
    else:
        with pytest.raises(request.CommandNotPossible):
            _handle(current, command, [role])


def test_an_incomplete_approval_leaves_the_request_waiting() -> None:
    current = request.fold(_in_state(RequestState.SUBMITTED))
    events = request.handle(
        current,
        RequestCommand.APPROVE,
        actor_id="steward",
        roles=[RequestRole.STEWARD],
        now=NOW,
        payload={**PAYLOAD, "complete": False},
    )
    after = request.fold([*_in_state(RequestState.SUBMITTED), *events])
    assert after.state is RequestState.SUBMITTED
    assert after.approvals == {"steward": False}


def test_a_new_submission_starts_without_approvals() -> None:
    events = _in_state(RequestState.SUBMITTED)
    events += request.handle(
        request.fold(events),
        RequestCommand.APPROVE,
        actor_id="steward",
        roles=[RequestRole.STEWARD],
        now=NOW,
        payload={**PAYLOAD, "complete": False},
    )
    for command in (RequestCommand.RETURN, RequestCommand.SUBMIT):
        events += _handle(request.fold(events), command, list(RequestRole))
    assert request.fold(events).approvals == {}


def _asked(**conditions: tuple[Any, ...]) -> list[request.RequestEvent]:
    """Return the events of a request that was handed in and is bound to these conditions."""
    terms = replace(TERMS, conditions=Conditions(**conditions))
    events = [request.create("r", "asker", "dataset", terms, NOW)]
    return [*events, *_handle(request.fold(events), RequestCommand.SUBMIT, list(RequestRole))]


def _approve(
    events: list[request.RequestEvent], steward: str = "steward", **said: Any
) -> list[request.RequestEvent]:
    new = request.handle(
        request.fold(events),
        RequestCommand.APPROVE,
        actor_id=steward,
        roles=[RequestRole.STEWARD],
        now=NOW,
        payload={**PAYLOAD, **said},
    )
    return [*events, *new]


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"tier": "full"}, ("tier",)),
        ({"days": 91}, ("days",)),
        ({"tier": "full", "days": 91}, ("tier", "days")),
        ({"conditions": {"provinces": ["Trang"], "years": [2567]}}, ("provinces",)),
        ({"conditions": {"provinces": [], "years": [2567]}}, ("provinces",)),
        ({"conditions": {"provinces": ["Nan"], "years": [2566, 2567]}}, ("years",)),
    ],
)
def test_no_more_is_given_than_was_asked(said: dict[str, Any], fields: tuple[str, ...]) -> None:
    with pytest.raises(request.GivenTooMuch) as refused:
        _approve(_asked(provinces=("Nan", "Phrae"), years=(2567,)), **said)
    assert refused.value.fields == fields


def test_what_was_given_less_of_is_named() -> None:
    asked = _asked(provinces=("Nan", "Phrae"))
    bound = {"provinces": ["Nan"], "columns": ["gender"]}
    given = request.fold(_approve(asked, tier="summary", days=30, conditions=bound))
    assert given.narrowed == ("tier", "days", "provinces", "columns")
    assert given.conditions == Conditions(("Nan",), (), ("gender",))
    as_asked = request.fold(_approve(asked, days=90))
    assert as_asked.narrowed == ()
    assert request.fold(asked).narrowed == ()


def test_a_second_approval_gives_no_more_than_the_first() -> None:
    bound = {"provinces": ["Nan"]}
    first = _approve(_asked(), complete=False, tier="summary", days=30, conditions=bound)
    for wider in ({"tier": "masked"}, {"days": 31}, {"conditions": {}}):
        with pytest.raises(request.GivenTooMuch):
            _approve(
                first, "another", **{"tier": "summary", "days": 30, "conditions": bound, **wider}
            )
    both = request.fold(_approve(first, "another", tier="summary", days=7, conditions=bound))
    assert (both.tier, both.days) == (AccessTier.SUMMARY, 7)
    returned = _handle(request.fold(first), RequestCommand.RETURN, list(RequestRole))
    sent = _handle(
        request.fold([*first, *returned]), RequestCommand.SUBMIT, [RequestRole.REQUESTER]
    )
    assert request.fold([*first, *returned, *sent]).limit == request.fold(first).terms


def test_an_approval_in_place_of_an_absent_steward_counts_for_who_gave_it_alone() -> None:
    events = _approve(_asked(), "deputy", complete=False, acting_for="absent")
    assert request.fold(events).approvals == {"deputy": False}
    events = _approve(events, "deputy", complete=False)
    assert request.fold(events).approvals == {"deputy": False}


@given(
    st.lists(st.tuples(st.sampled_from(RequestCommand), st.sampled_from(RequestRole)), max_size=12)
)
def test_whatever_is_tried_the_fold_of_the_events_is_the_state(
    tries: list[tuple[RequestCommand, RequestRole]],
) -> None:
    events = [request.create("r", "asker", "dataset", TERMS, NOW)]
    for number, (command, role) in enumerate(tries):
        current = request.fold(events)
        try:
            new = request.handle(
                current,
                command,
                actor_id="someone",
                roles=[role],
                now=NOW + timedelta(minutes=number),
                payload=PAYLOAD,
            )
        except (request.CommandNotPossible, request.NoSuchGrant):
            continue
        events += new
        after = request.fold(events)
        assert after.version == len(events)
        assert after.id == "r"
    assert request.fold(events) == request.fold(list(events))


def test_a_file_goes_with_a_request_until_it_is_taken_away() -> None:
    events = [request.create("r", "asker", "dataset", TERMS, NOW)]
    for command, ids in ((RequestCommand.ATTACH, {"file"}), (RequestCommand.DETACH, set())):
        events += _handle(request.fold(events), command, [RequestRole.REQUESTER])
        assert request.fold(events).attachments.keys() == ids
    events += _handle(request.fold(events), RequestCommand.SUBMIT, [RequestRole.REQUESTER])
    for command in (RequestCommand.ATTACH, RequestCommand.DETACH):
        with pytest.raises(request.CommandNotPossible):
            _handle(request.fold(events), command, list(RequestRole))


def test_each_who_takes_part_gets_a_grant_of_their_own_and_nobody_else() -> None:
    terms = replace(TERMS, members=("mate", "shy", "silent"))
    events = [request.create("r", "asker", "dataset", terms, NOW, "institute", "fpo")]
    events += _handle(request.fold(events), RequestCommand.SUBMIT, [RequestRole.REQUESTER])
    for person, command in (("mate", RequestCommand.ACCEPT), ("shy", RequestCommand.DECLINE)):
        events += request.handle(
            request.fold(events), command, actor_id=person, roles=[RequestRole.MEMBER], now=NOW
        )
    events += _handle(request.fold(events), RequestCommand.APPROVE, [RequestRole.STEWARD])
    ids = iter(("one", "two", "three"))
    events += request.grants_due(request.fold(events), "someone", NOW, lambda: next(ids))
    approved = request.fold(events)
    assert {one.subject for one in approved.grants.values()} == {"asker", "mate"}
    assert {one.valid_until for one in approved.grants.values()} == {approved.ends_at}

    later = NOW + timedelta(days=1)
    events += request.handle(
        approved, RequestCommand.ACCEPT, actor_id="silent", roles=[RequestRole.MEMBER], now=later
    )
    due = request.grants_due(request.fold(events), "silent", later, lambda: next(ids))
    assert [event.payload["subject"] for event in due] == ["silent"]
    assert request.fold([*events, *due]).grants["three"].valid_from == later
    too_late = NOW + timedelta(days=40)
    assert request.grants_due(request.fold(events), "silent", too_late, lambda: "no") == ()


def test_a_grant_is_revoked_once() -> None:
    events = _in_state(RequestState.APPROVED)
    events += _handle(request.fold(events), RequestCommand.REVOKE, [RequestRole.STEWARD])
    revoked = request.fold(events).grants["grant"]
    assert (revoked.revoked_at, revoked.revoke_reason) == (NOW, "because")
    with pytest.raises(request.NoSuchGrant):
        _handle(request.fold(events), RequestCommand.REVOKE, [RequestRole.STEWARD])
    assert request.revoke(request.fold(events), "someone", NOW, "closed") == ()


def _after(events: list[request.RequestEvent], *commands: RequestCommand) -> request.Request:
    for command in commands:
        events += _handle(request.fold(events), command, list(RequestRole))
    return request.fold(events)


def test_a_grant_remembers_the_level_and_the_terms_that_it_was_given_on() -> None:
    events = _in_state(RequestState.SUBMITTED)
    payload = {**PAYLOAD, "level": "secret"}
    events += request.handle(
        request.fold(events), RequestCommand.APPROVE,
        actor_id="steward", roles=[RequestRole.STEWARD], now=NOW, payload=payload,
    )  # fmt: skip
    events += request.grants_due(request.fold(events), "steward", NOW, lambda: "grant")
    grant = request.fold(events).grants["grant"]
    assert grant.level is ClassificationLevel.SECRET
    assert grant.accepted_terms == "these"


def test_a_grant_of_which_no_level_is_known_covers_open_data_alone() -> None:
    events = _in_state(RequestState.SUBMITTED)
    unsaid = {name: value for name, value in PAYLOAD.items() if name != "level"}
    events += request.handle(
        request.fold(events), RequestCommand.APPROVE,
        actor_id="steward", roles=[RequestRole.STEWARD], now=NOW, payload=unsaid,
    )  # fmt: skip
    events += request.grants_due(request.fold(events), "steward", NOW, lambda: "grant")
    assert request.fold(events).grants["grant"].level is ClassificationLevel.OPEN
    said = {"grant_id": "grant", "level": "internal"}
    events.append(RequestEvent(EventType.LEVELLED, "clock", NOW, said))
    now = request.fold(events)
    assert now.grants["grant"].level is now.level is ClassificationLevel.INTERNAL


def test_a_withheld_grant_shows_why_until_it_counts_again() -> None:
    events = _in_state(RequestState.APPROVED)
    for command, state in (
        (RequestCommand.WITHHOLD, GrantState.RECALLED),
        (RequestCommand.ACCEPT_TERMS, GrantState.RECALLED),
        (RequestCommand.RESTORE, GrantState.ACTIVE),
    ):
        assert _after(events, command).grants["grant"].state(NOW) is state
    said = {"grant_id": "grant", "why": "terms_changed", "level": "internal"}
    events.append(RequestEvent(EventType.WITHHELD, "clock", NOW, said))
    assert request.fold(events).grants["grant"].state(NOW) is GrantState.SUSPENDED
    accepted = _after(events, RequestCommand.ACCEPT_TERMS).grants["grant"]
    assert (accepted.state(NOW), accepted.accepted_terms) == (GrantState.ACTIVE, "these")
    assert accepted.state(accepted.valid_until) is GrantState.EXPIRED


def test_an_approval_that_policy_no_longer_counts_is_dropped_by_the_next() -> None:
    events = _in_state(RequestState.SUBMITTED)
    for person, standing in (("first", []), ("second", []), ("third", ["second"])):
        events += request.handle(
            request.fold(events), RequestCommand.APPROVE,
            actor_id=person, roles=[RequestRole.STEWARD], now=NOW,
            payload={**PAYLOAD, "complete": False, "standing": standing},
        )  # fmt: skip
    assert list(request.fold(events).approvals) == ["second", "third"]


def test_an_appeal_is_decided_anew_and_remembers_who_rejected() -> None:
    events = _in_state(RequestState.REJECTED)
    events += _handle(request.fold(events), RequestCommand.APPEAL, [RequestRole.REQUESTER])
    again = request.fold(events)
    assert (again.state, again.appealed, again.decided_at) == (RequestState.SUBMITTED, 1, None)
    assert again.rejected_by == ("someone",)


def test_every_state_is_reached_and_every_event_is_made() -> None:
    made = {event.type for state in RequestState for event in _in_state(state)}
    assert {request.fold(_in_state(state)).state for state in RequestState} == set(RequestState)
    assert made <= set(request.EventType)
    assert set(EVENT_OF) == set(RequestCommand)
