"""The question whether a request is given when it is handed in, by a rule of the agency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.dgatier.core.decision import Message
from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.core.target import Target
from ckanext.dgatier.core.tier import AccessTier

from . import document
from .client import PolicyUnavailable, answer_to
from .questions import messages

_RULE = "approval/at_once"


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked for, and what matters of who else asks and of what was said before.

    `members` are the others who are named in the team; `refused_before` says that a steward
    returned or rejected what this person asked for of this data, or took it back; `agency` is the
    one that decides.
    """

    tier: AccessTier
    days: int
    purpose: str
    members: Sequence[str]
    refused_before: bool
    agency: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of an agency, by its name and its words."""

    name: str
    th: str
    en: str


@dataclass(frozen=True, slots=True)
class AtOnce:
    """By which rule it is given at once; `None`, and the reasons, where a steward reads it.

    `decision_id` is that under which OPA logs the answer.
    """

    rule: Rule | None
    reasons: tuple[Message, ...]
    decision_id: str


def at_once(
    subject: Subject, target: Target, asking: Asking, *, environment: Environment
) -> AtOnce:
    """Return whether a rule gives what the subject asks for. Raises `PolicyUnavailable`."""
    answer = answer_to(
        _RULE,
        {
            "subject": document.of_subject(subject),
            "target": document.of_target(target),
            "tier": asking.tier,
            "days": asking.days,
            "purpose": asking.purpose,
            "asking": {
                "members": list(asking.members),
                "refused_before": asking.refused_before,
                "agency": asking.agency,
            },
            "environment": document.of_environment(environment),
        },
    )
    try:
        return AtOnce(_given(answer.result), messages(answer.result["reasons"]), answer.decision_id)
    except (KeyError, TypeError) as error:
        raise PolicyUnavailable(_RULE) from error


def _given(said: Mapping[str, Any]) -> Rule | None:
    """Return the rule that gives; an answer that contradicts itself raises `TypeError`."""
    if said["approved"] is not (said["rule"] is not None):
        raise TypeError(said)
    if said["rule"] is None:
        return None
    return Rule(*(str(said["rule"][part]) for part in ("name", "th", "en")))
