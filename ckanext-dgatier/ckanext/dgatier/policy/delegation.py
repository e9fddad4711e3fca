"""The questions about absent stewards: who may stand in, and on which requests they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.decision import Message
from ckanext.dgatier.core.delegation import Delegation
from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.core.subject import Subject

from . import document
from .client import PolicyUnavailable, ask
from .questions import Permission, messages


@dataclass(frozen=True, slots=True)
class Absence:
    """A delegation, and who the deputy is."""

    delegation: Delegation
    deputy: Subject

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as policy reads them; times are seconds since 1970."""
        one = self.delegation
        return {
            "id": one.id,
            "steward": one.steward_id,
            "agency": one.agency,
            "starts": one.starts_at.timestamp(),
            "ends": one.over_at.timestamp(),
            "deputy": document.of_subject(self.deputy),
        }


@dataclass(frozen=True, slots=True)
class Assigned:
    """A request that someone works on, as far as it matters who may stand in for them."""

    id: str
    requester_id: str
    agency: str | None
    assignee_id: str | None
    members: Sequence[str]
    level: ClassificationLevel | None


@dataclass(frozen=True, slots=True)
class Naming:
    """Whether a deputy may be named, and for how many days at most."""

    allowed: bool
    max_days: int
    reasons: tuple[Message, ...]


def naming(
    subject: Subject,
    deputy: Subject,
    period: tuple[datetime, datetime],
    absences: Sequence[Absence],
    *,
    environment: Environment,
) -> Naming:
    """Return whether the subject may name a deputy for a period. Raises `PolicyUnavailable`."""
    answer = ask(
        "delegation/naming",
        {
            "subject": document.of_subject(subject),
            "deputy": document.of_subject(deputy),
            "period": {"starts": period[0].timestamp(), "ends": period[1].timestamp()},
            "delegations": [one.to_dict() for one in absences],
            "environment": document.of_environment(environment),
        },
    )
    try:
        reasons = messages(answer["reasons"])
        return Naming(answer["allowed"] is True, int(answer["max_days"]), reasons)
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("delegation/naming") from error


def ending(subject: Subject, absence: Absence, *, environment: Environment) -> Permission:
    """Return whether the subject may end a delegation. Raises `PolicyUnavailable`."""
    answer = ask(
        "delegation/ending",
        {
            "subject": document.of_subject(subject),
            "delegation": absence.to_dict(),
            "environment": document.of_environment(environment),
        },
    )
    try:
        return Permission(answer["allowed"] is True, messages(answer["reasons"]))
    except (KeyError, TypeError) as error:
        raise PolicyUnavailable("delegation/ending") from error


def stand_ins(
    assigned: Iterable[Assigned], absences: Sequence[Absence], *, environment: Environment
) -> dict[str, Delegation]:
    """Return the delegation that counts for each request, by its id; nothing for the others.

    Raises `PolicyUnavailable`.
    """
    known = {one.delegation.id: one.delegation for one in absences}
    answer = ask(
        "delegation/stand_ins",
        {
            "requests": [
                {
                    "id": one.id,
                    "requester_id": one.requester_id,
                    "agency": one.agency,
                    "assignee_id": one.assignee_id,
                    "members": list(one.members),
                    "level": one.level,
                }
                for one in assigned
            ],
            "delegations": [one.to_dict() for one in absences],
            "environment": document.of_environment(environment),
        },
    )
    try:
        counting = answer["delegations"].items()
        return {request_id: known[found] for request_id, found in counting}
    except (AttributeError, KeyError, TypeError) as error:
        raise PolicyUnavailable("delegation/stand_ins") from error
