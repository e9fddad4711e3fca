"""The life of a request: every command in every state by every role, and the fold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core import request
from ckanext.dgatier.core.request import RequestCommand, RequestRole, RequestState, Terms
from ckanext.dgatier.core.tier import AccessTier

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TERMS = Terms(AccessTier.MASKED, "dpv:AcademicResearch", "to learn something", 90)
PAYLOAD = {
    "tier": "masked",
    "days": 30,
    "reason": "because",
    "senior": False,
    "complete": True,
    "terms": request.terms_to_dict(TERMS),
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
    }[state]
    for command in path:
        events += _handle(request.fold(events), command, list(RequestRole))
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


@pytest.mark.parametrize(("tier", "days"), [("full", 30), ("masked", 91)])
def test_no_more_is_given_than_was_asked(tier: str, days: int) -> None:
    current = request.fold(_in_state(RequestState.SUBMITTED))
    with pytest.raises(request.GivenTooMuch):
        request.handle(
            current,
            RequestCommand.APPROVE,
            actor_id="steward",
            roles=[RequestRole.STEWARD],
            now=NOW,
            payload={**PAYLOAD, "tier": tier, "days": days},
        )


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
        except request.CommandNotPossible:
            continue
        events += new
        after = request.fold(events)
        assert after.version == len(events)
        assert after.id == "r"
    assert request.fold(events) == request.fold(list(events))
