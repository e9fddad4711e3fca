"""How a level comes to stand: proposals, confirmations, and the fold of their events.

Each dataset, each resource that has a level of its own, and each column that was lowered has
one log. What stands is never lower than the level that was confirmed last and, before any was,
never lower than `FLOOR`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from .classification import ClassificationLevel

#: What stands at least until a first level is confirmed.
FLOOR = ClassificationLevel.CONFIDENTIAL


class LevelState(StrEnum):
    """Where a level stands."""

    SETTLED = "settled"
    WAITING = "waiting"


class LevelRole(StrEnum):
    """What a person is to a level."""

    EDITOR = "editor"
    PROPOSER = "proposer"
    STEWARD = "steward"


class LevelCommand(StrEnum):
    """What can be done with a level."""

    PROPOSE = "propose"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    REVIEW = "review"


class ProposalKind(StrEnum):
    """What a proposal would do to what is confirmed."""

    FIRST = "first"
    RAISE = "raise"
    LOWER = "lower"


class LevelEventType(StrEnum):
    """What can have happened to a level; `begun` says what it was found at."""

    BEGUN = "begun"
    PROPOSED = "proposed"
    RAISED = "raised"
    APPROVAL_GIVEN = "approval_given"
    CONFIRMED = "confirmed"
    LOWERED = "lowered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVIEWED = "reviewed"


#: Which role may do which command in which state.
WORKFLOW: Mapping[LevelState, Mapping[LevelRole, frozenset[LevelCommand]]] = {
    LevelState.SETTLED: {
        LevelRole.EDITOR: frozenset({LevelCommand.PROPOSE}),
        LevelRole.STEWARD: frozenset({LevelCommand.REVIEW}),
    },
    LevelState.WAITING: {
        LevelRole.EDITOR: frozenset({LevelCommand.PROPOSE}),
        LevelRole.PROPOSER: frozenset({LevelCommand.WITHDRAW}),
        LevelRole.STEWARD: frozenset({LevelCommand.CONFIRM, LevelCommand.REFUSE}),
    },
}


class NotPossible(Exception):
    """The command does not fit the state of the level or the role of the person."""

    def __init__(self, command: LevelCommand, state: LevelState) -> None:
        super().__init__(f"{command} is not possible while the level is {state}")
        self.command = command
        self.state = state


class StandsTooLow(Exception):
    """What would stand is lower than what may; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A level that waits to be confirmed; `approvals` are the user ids of stewards."""

    id: str
    kind: ProposalKind
    level: ClassificationLevel
    ground: str
    review_on: date | None
    proposed_by: str
    proposed_at: datetime
    approvals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelEvent:
    """Something that happened to a level; `payload` is JSON and depends on the type."""

    type: LevelEventType
    actor_id: str
    at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Levelling:
    """The level of a dataset, of a resource of it (`resource_id`), or of a `column` of that.

    `standing` is what holds, `None` before a first level was proposed; `confirmed` what stewards
    confirmed last, with its ground, its review date and who they were.
    """

    dataset_id: str
    resource_id: str | None
    standing: ClassificationLevel | None
    confirmed: ClassificationLevel | None
    ground: str = ""
    review_on: date | None = None
    confirmed_by: tuple[str, ...] = ()
    confirmed_at: datetime | None = None
    proposal: Proposal | None = None
    column: str | None = None

    @property
    def id(self) -> str:
        """Return the id of the log: `resource/column`, the resource's, or the dataset's."""
        own = self.resource_id or self.dataset_id
        return own if self.column is None else f"{own}/{self.column}"

    @property
    def state(self) -> LevelState:
        """Return whether something waits."""
        return LevelState.WAITING if self.proposal else LevelState.SETTLED

    def commands(self, roles: Iterable[LevelRole]) -> frozenset[LevelCommand]:
        """Return what a person of these roles may do now."""
        table = WORKFLOW[self.state]
        return frozenset(command for role in roles for command in table.get(role, frozenset()))

    def is_overdue(self, today: date) -> bool:
        """Say whether the confirmed level is past the day on which it was to be looked at."""
        return self.confirmed is not None and bool(self.review_on and self.review_on < today)


def begin(
    dataset_id: str,
    resource_id: str | None,
    found: ClassificationLevel | None,
    actor_id: str,
    now: datetime,
    *,
    column: str | None = None,
) -> LevelEvent:
    """Return the event with which a log begins.

    A level that is `found` there counts as confirmed, without a ground or a review date.
    """
    payload = {"dataset_id": dataset_id, "resource_id": resource_id, "found": found}
    if column is not None:
        payload["column"] = column
    return LevelEvent(LevelEventType.BEGUN, actor_id, now, payload)


def handle(
    levelling: Levelling,
    command: LevelCommand,
    *,
    actor_id: str,
    roles: Iterable[LevelRole],
    now: datetime,
    payload: Mapping[str, Any],
) -> tuple[LevelEvent, ...]:
    """Return the events that a command makes.

    The payload carries policy's word. For `propose` it is `{id, kind, level, ground, review_on,
    stands, confirmed, counts}`: `confirmed` says that proposing has confirmed it, `counts` that
    the proposer is the first of those who approve. For `confirm` it is `{complete, reason}`, for
    `refuse` and `withdraw` `{stands, reason}`, for `review` `{review_on, ground}`. Raises
    `NotPossible` or `StandsTooLow`.
    """
    if command not in levelling.commands(roles):
        raise NotPossible(command, levelling.state)
    if command is LevelCommand.REVIEW and levelling.confirmed is None:
        raise NotPossible(command, levelling.state)
    events = _events(levelling, command, actor_id, now, dict(payload))
    after = levelling
    for event in events:
        after = _apply(after, event)
    _guard(command, levelling, after)
    return events


def fold(events: Iterable[LevelEvent]) -> Levelling:
    """Return the state that the events lead to; the first is `begun`."""
    levelling: Levelling | None = None
    for event in events:
        levelling = _begin(event) if levelling is None else _apply(levelling, event)
    if levelling is None:
        raise ValueError("a log has at least one event")
    return levelling


def higher(
    one: ClassificationLevel | None, other: ClassificationLevel | None
) -> ClassificationLevel | None:
    """Return the higher of two levels, of which either may be unknown."""
    known = [level for level in (one, other) if level is not None]
    return max(known, key=lambda level: level.rank, default=None)


def _events(
    levelling: Levelling,
    command: LevelCommand,
    actor_id: str,
    now: datetime,
    payload: dict[str, Any],
) -> tuple[LevelEvent, ...]:
    def event(kind: LevelEventType) -> LevelEvent:
        return LevelEvent(kind, actor_id, now, payload)

    match command:
        case LevelCommand.PROPOSE:
            raised = payload["kind"] == ProposalKind.RAISE
            made = event(LevelEventType.RAISED if raised else LevelEventType.PROPOSED)
            return (made, event(LevelEventType.CONFIRMED)) if payload["confirmed"] else (made,)
        case LevelCommand.CONFIRM:
            given = event(LevelEventType.APPROVAL_GIVEN)
            if not payload["complete"]:
                return (given,)
            assert levelling.proposal is not None  # noqa: S101 - the table says so
            lowered = levelling.proposal.kind is ProposalKind.LOWER
            return (given, event(LevelEventType.LOWERED if lowered else LevelEventType.CONFIRMED))
        case LevelCommand.REFUSE:
            return (event(LevelEventType.REFUSED),)
        case LevelCommand.WITHDRAW:
            return (event(LevelEventType.WITHDRAWN),)
        case LevelCommand.REVIEW:
            return (event(LevelEventType.REVIEWED),)


def _guard(command: LevelCommand, before: Levelling, after: Levelling) -> None:
    """Refuse what policy, data or a fault would let stand too low, whatever they say."""
    floors = [after.confirmed or FLOOR]
    if after.confirmed is None and after.proposal is not None:
        floors.append(after.proposal.level)
    if command is LevelCommand.PROPOSE:
        # Proposing alone lowers nothing that was confirmed, and nothing that waits.
        floors += [level for level in (before.confirmed,) if level]
        floors += [level for level in (before.standing,) if level and after.proposal]
    if after.standing is None or any(after.standing.rank < floor.rank for floor in floors):
        raise StandsTooLow


def _begin(event: LevelEvent) -> Levelling:
    found = event.payload["found"]
    level = ClassificationLevel(found) if found else None
    return Levelling(
        event.payload["dataset_id"],
        event.payload["resource_id"],
        level,
        level,
        column=event.payload.get("column"),
    )


def _apply(levelling: Levelling, event: LevelEvent) -> Levelling:
    payload = event.payload
    match event.type:
        case LevelEventType.PROPOSED | LevelEventType.RAISED:
            proposal = Proposal(
                id=payload["id"],
                kind=ProposalKind(payload["kind"]),
                level=ClassificationLevel(payload["level"]),
                ground=payload["ground"],
                review_on=_day(payload["review_on"]),
                proposed_by=event.actor_id,
                proposed_at=event.at,
                approvals=(event.actor_id,) if payload["counts"] else (),
            )
            stands = ClassificationLevel(payload["stands"])
            return replace(levelling, standing=stands, proposal=proposal)
        case LevelEventType.APPROVAL_GIVEN:
            assert levelling.proposal is not None  # noqa: S101 - the table says so
            approvals = (*levelling.proposal.approvals, event.actor_id)
            return replace(levelling, proposal=replace(levelling.proposal, approvals=approvals))
        case LevelEventType.CONFIRMED | LevelEventType.LOWERED:
            return _confirmed(levelling, event)
        case LevelEventType.REFUSED | LevelEventType.WITHDRAWN:
            stands = ClassificationLevel(payload["stands"])
            return replace(levelling, standing=stands, proposal=None)
        case _:
            return replace(
                levelling,
                review_on=_day(payload["review_on"]),
                ground=payload["ground"] or levelling.ground,
                confirmed_by=levelling.confirmed_by or (event.actor_id,),
                confirmed_at=levelling.confirmed_at or event.at,
            )


def _confirmed(levelling: Levelling, event: LevelEvent) -> Levelling:
    proposal = levelling.proposal
    assert proposal is not None  # noqa: S101 - the table says so
    # A raise is confirmed as far as it went; what stands higher since then stays.
    raised = higher(levelling.standing, proposal.level)
    return replace(
        levelling,
        standing=raised if proposal.kind is ProposalKind.RAISE else proposal.level,
        confirmed=proposal.level,
        ground=proposal.ground,
        review_on=proposal.review_on,
        confirmed_by=proposal.approvals or (event.actor_id,),
        confirmed_at=event.at,
        proposal=None,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
