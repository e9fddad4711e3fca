"""How a level comes to stand: every command by every role in every state, and what never is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core import levelling
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.levelling import (
    FLOOR,
    LevelCommand,
    LevelEvent,
    LevelEventType,
    Levelling,
    LevelRole,
    LevelState,
    NotPossible,
    ProposalKind,
    StandsTooLow,
)

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OPEN, INTERNAL, CONFIDENTIAL, SECRET, _TOP = ClassificationLevel
LEVELS = (OPEN, INTERNAL, CONFIDENTIAL, SECRET)


def _begun(found: ClassificationLevel | None) -> list[LevelEvent]:
    return [levelling.begin("dataset", None, found, "someone", NOW)]


def _proposing(level: ClassificationLevel, **changes: Any) -> dict[str, Any]:
    return {
        "id": "p", "kind": ProposalKind.FIRST, "level": level, "ground": "a law",
        "review_on": "2029-11-24", "stands": max(level, FLOOR, key=lambda one: one.rank),
        "confirmed": False, "counts": False, **changes,
    }  # fmt: skip


def _do(
    events: list[LevelEvent],
    command: LevelCommand,
    payload: Mapping[str, Any],
    roles: tuple[LevelRole, ...] = tuple(LevelRole),
    actor: str = "someone",
) -> list[LevelEvent]:
    new = levelling.handle(
        levelling.fold(events), command, actor_id=actor, roles=roles, now=NOW, payload=payload
    )
    return [*events, *new]


def _in_state(state: LevelState) -> list[LevelEvent]:
    settled = _begun(SECRET)
    if state is LevelState.SETTLED:
        return settled
    lower = _proposing(OPEN, kind=ProposalKind.LOWER, stands=SECRET)
    return _do(settled, LevelCommand.PROPOSE, lower)


PAYLOADS = {
    LevelCommand.PROPOSE: _proposing(OPEN, kind=ProposalKind.LOWER, stands=SECRET),
    LevelCommand.CONFIRM: {"complete": True, "reason": ""},
    LevelCommand.REFUSE: {"stands": SECRET, "reason": "no"},
    LevelCommand.WITHDRAW: {"stands": SECRET, "reason": ""},
    LevelCommand.REVIEW: {"review_on": "2030-01-01", "ground": ""},
}


@pytest.mark.parametrize("state", LevelState)
@pytest.mark.parametrize("role", LevelRole)
@pytest.mark.parametrize("command", LevelCommand)
def test_the_table_is_what_the_code_does(
    state: LevelState, role: LevelRole, command: LevelCommand
) -> None:
    events = _in_state(state)
    assert levelling.fold(events).state is state
    if command in levelling.WORKFLOW[state].get(role, frozenset()):
        assert len(_do(events, command, PAYLOADS[command], (role,))) > len(events)
    else:
        with pytest.raises(NotPossible):
            _do(events, command, PAYLOADS[command], (role,))


def test_a_first_level_waits_and_is_then_confirmed_with_its_ground() -> None:
    events = _do(_begun(None), LevelCommand.PROPOSE, _proposing(OPEN), actor="editor")
    waiting = levelling.fold(events)
    assert (waiting.standing, waiting.confirmed) == (CONFIDENTIAL, None)
    events = _do(events, LevelCommand.CONFIRM, PAYLOADS[LevelCommand.CONFIRM], actor="steward")
    after = levelling.fold(events)
    assert (after.standing, after.confirmed, after.proposal) == (OPEN, OPEN, None)
    assert (after.ground, after.review_on, after.confirmed_by) == (
        "a law", date(2029, 11, 24), ("steward",),
    )  # fmt: skip


def test_lowering_stands_only_when_the_last_approval_is_there() -> None:
    lower = _proposing(OPEN, kind=ProposalKind.LOWER, stands=SECRET, counts=True)
    events = _do(_begun(SECRET), LevelCommand.PROPOSE, lower, actor="suda")
    assert levelling.fold(events).standing is SECRET
    events = _do(events, LevelCommand.CONFIRM, {"complete": True, "reason": ""}, actor="wichai")
    after = levelling.fold(events)
    assert (after.standing, after.confirmed_by) == (OPEN, ("suda", "wichai"))
    assert [event.type for event in events[-2:]] == [
        LevelEventType.APPROVAL_GIVEN, LevelEventType.LOWERED,
    ]  # fmt: skip


def test_an_approval_that_does_not_complete_leaves_everything_standing() -> None:
    events = _in_state(LevelState.WAITING)
    after = levelling.fold(_do(events, LevelCommand.CONFIRM, {"complete": False, "reason": ""}))
    assert after.standing is SECRET
    assert after.proposal is not None
    assert after.proposal.approvals == ("someone",)


def test_a_raise_that_is_refused_goes_back_to_what_was_confirmed_and_no_lower() -> None:
    raised = _proposing(SECRET, kind=ProposalKind.RAISE, stands=SECRET)
    events = _do(_begun(INTERNAL), LevelCommand.PROPOSE, raised)
    assert levelling.fold(events).standing is SECRET
    after = _do(events, LevelCommand.REFUSE, {"stands": INTERNAL, "reason": "no"})
    assert levelling.fold(after).standing is INTERNAL
    with pytest.raises(StandsTooLow):
        _do(events, LevelCommand.REFUSE, {"stands": OPEN, "reason": "no"})


def test_what_was_found_is_confirmed_and_is_reviewed_on_no_day() -> None:
    found = levelling.fold(_begun(INTERNAL))
    assert (found.confirmed, found.review_on) == (INTERNAL, None)
    assert not found.is_overdue(date(2099, 1, 1))
    reviewed = levelling.fold(
        _do(_begun(INTERNAL), LevelCommand.REVIEW, PAYLOADS[LevelCommand.REVIEW])
    )
    assert not reviewed.is_overdue(date(2030, 1, 1))
    assert reviewed.is_overdue(date(2030, 1, 2))
    assert reviewed.confirmed_by == ("someone",)


def test_a_review_leaves_who_confirmed() -> None:
    events = _do(_begun(None), LevelCommand.PROPOSE, _proposing(OPEN), actor="editor")
    events = _do(events, LevelCommand.CONFIRM, PAYLOADS[LevelCommand.CONFIRM], actor="suda")
    events = _do(events, LevelCommand.REVIEW, PAYLOADS[LevelCommand.REVIEW], actor="wichai")
    assert levelling.fold(events).confirmed_by == ("suda",)


def test_what_was_never_confirmed_cannot_be_reviewed() -> None:
    events = _do(_begun(None), LevelCommand.PROPOSE, _proposing(OPEN))
    events = _do(events, LevelCommand.REFUSE, {"stands": CONFIDENTIAL, "reason": "no"})
    with pytest.raises(NotPossible):
        _do(events, LevelCommand.REVIEW, PAYLOADS[LevelCommand.REVIEW])


levels = st.sampled_from(LEVELS)
tries = st.one_of(
    st.tuples(
        st.just(LevelCommand.PROPOSE),
        st.fixed_dictionaries(
            {
                "id": st.just("p"),
                "kind": st.sampled_from(ProposalKind),
                "level": levels,
                "ground": st.just(""),
                "review_on": st.none(),
                "stands": levels,
                "confirmed": st.booleans(),
                "counts": st.booleans(),
            }
        ),
    ),
    st.tuples(
        st.just(LevelCommand.CONFIRM),
        st.fixed_dictionaries({"complete": st.booleans(), "reason": st.just("")}),
    ),
    st.tuples(
        st.sampled_from([LevelCommand.REFUSE, LevelCommand.WITHDRAW]),
        st.fixed_dictionaries({"stands": levels, "reason": st.just("")}),
    ),
)


@given(st.one_of(st.none(), levels), st.lists(tries, max_size=15))
def test_whatever_policy_says_what_stands_is_never_lower_than_it_may(
    found: ClassificationLevel | None, attempts: list[tuple[LevelCommand, dict[str, Any]]]
) -> None:
    events = _begun(found)
    for number, (command, payload) in enumerate(attempts):
        before = levelling.fold(events)
        try:
            new = levelling.handle(
                before, command, actor_id="someone", roles=tuple(LevelRole),
                now=NOW + timedelta(minutes=number), payload=payload,
            )  # fmt: skip
        except (NotPossible, StandsTooLow):
            continue
        events += new
        after = levelling.fold(events)
        _holds(after)
        if command is LevelCommand.PROPOSE and before.confirmed is not None:
            assert after.standing is not None
            assert after.standing.rank >= before.confirmed.rank, "proposing alone lowered it"


def _holds(after: Levelling) -> None:
    assert after.standing is not None
    if after.confirmed is not None:
        assert after.standing.rank >= after.confirmed.rank
        return
    proposed = after.proposal.level if after.proposal else FLOOR
    assert after.standing.rank >= max(proposed.rank, FLOOR.rank)
