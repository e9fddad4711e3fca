"""The questions about the life of a request: what a person is to it, and who can be given work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.decision import Message
from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.core.request import Request, RequestRole
from ckanext.dgatier.core.subject import ANONYMOUS, Subject

from . import document
from .client import PolicyUnavailable, ask
from .delegation import Absence
from .questions import messages


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is to a request, and what of it they see."""

    roles: frozenset[RequestRole]
    sees: bool
    sees_private: bool
    sees_attachments: bool


@dataclass(frozen=True, slots=True)
class Assignable:
    """For what a person can be given work on a request."""

    steward: bool
    reviewer: bool


@dataclass(frozen=True, slots=True)
class Appeal:
    """Whether a rejection can still be appealed, and for how many days after it."""

    allowed: bool
    days: int
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days the audit keeps words, and the outbox what it has sent."""

    words_days: int
    sent_days: int


@dataclass(frozen=True, slots=True)
class DraftLeft:
    """Whether its author is told of a draft, and whether it is thrown away.

    `untouched_days` must have passed before they are told, `notice_days` since then.
    """

    tell: bool
    throw_away: bool
    untouched_days: int
    notice_days: int


def appeal(request: Request, *, environment: Environment) -> Appeal:
    """Return whether a rejected request can be appealed. Raises `PolicyUnavailable`."""
    answer = ask("process/appeal", _facts(ANONYMOUS, request, environment))
    try:
        return Appeal(answer["allowed"] is True, int(answer["days"]), messages(answer["reasons"]))
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("process/appeal") from error


def overdue(request: Request, *, environment: Environment) -> bool:
    """Say whether a request has waited too long for an answer. Raises `PolicyUnavailable`."""
    answer = ask("process/clock", _facts(ANONYMOUS, request, environment))
    try:
        return answer["overdue"] is True
    except (KeyError, TypeError) as error:
        raise PolicyUnavailable("process/clock") from error


def answer_days() -> int:
    """Return the days within which a request is to be answered. Raises `PolicyUnavailable`."""
    answer = ask("process/periods", {})
    try:
        return int(answer["answer_days"])
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("process/periods") from error


def retention() -> Retention:
    """Return how long words are kept. Raises `PolicyUnavailable`."""
    answer = ask("process/retention", {})
    try:
        return Retention(int(answer["words_days"]), int(answer["sent_days"]))
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("process/retention") from error


def draft_left(
    touched_at: datetime, told_at: datetime | None, *, environment: Environment
) -> DraftLeft:
    """Return what becomes of a draft that was touched last so long ago.

    `told_at` is when its author was told of it since. Raises `PolicyUnavailable`.
    """
    answer = ask(
        "process/draft",
        {
            "draft": {"touched_at": touched_at.timestamp(), "told_at": _seconds(told_at)},
            "environment": document.of_environment(environment),
        },
    )
    try:
        return DraftLeft(
            answer["tell"] is True,
            answer["throw_away"] is True,
            int(answer["untouched_days"]),
            int(answer["notice_days"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("process/draft") from error


def standing(
    subject: Subject,
    request: Request,
    *,
    environment: Environment,
    level: ClassificationLevel | None = None,
    absences: Sequence[Absence] = (),
) -> Standing:
    """Return what the subject is to a request. Raises `PolicyUnavailable`.

    `absences` are the delegations of the request's agency, and `level` that of its dataset; they
    say whether the subject is the deputy of the steward who works on it.
    """
    facts = _facts(subject, request, environment, level, absences)
    answer = ask("process/standing", facts)
    try:
        return Standing(
            frozenset(RequestRole(role) for role in answer["roles"]),
            answer["sees"] is True,
            answer["sees_private"] is True,
            answer["sees_attachments"] is True,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("process/standing") from error


def assignable(subject: Subject, request: Request, *, environment: Environment) -> Assignable:
    """Return what work the subject can be given on a request. Raises `PolicyUnavailable`."""
    answer = ask("process/assignable", _facts(subject, request, environment))
    try:
        return Assignable(answer["steward"] is True, answer["reviewer"] is True)
    except (KeyError, TypeError) as error:
        raise PolicyUnavailable("process/assignable") from error


def _facts(
    subject: Subject,
    request: Request,
    environment: Environment,
    level: ClassificationLevel | None = None,
    absences: Sequence[Absence] = (),
) -> Mapping[str, Any]:
    return {
        "subject": document.of_subject(subject),
        "request": {
            "requester_id": request.requester_id,
            "agency": request.agency,
            "submitted": request.submitted_at is not None,
            "members": sorted(request.members),
            "reviewers": list(request.reviewers),
            "decided_at": _seconds(request.decided_at),
            "waiting_since": _seconds(request.submitted_at),
            "assignee_id": request.assignee_id,
            "level": level,
        },
        "delegations": [one.to_dict() for one in absences],
        "environment": document.of_environment(environment),
    }


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
