"""The questions about levels: what follows of a proposal, who decides on it, who sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.decision import Message
from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.core.levelling import LevelCommand, Levelling, Proposal, ProposalKind
from ckanext.dgatier.core.subject import Subject

from . import document
from .client import PolicyUnavailable, ask
from .questions import Permission, messages


@dataclass(frozen=True, slots=True)
class LevelledDataset:
    """A dataset as these rules see it: its agency, and whether CKAN lets the person change it."""

    agency: str | None
    editable: bool


@dataclass(frozen=True, slots=True)
class LevelOutcome:
    """What follows when someone sets another level; `review_years` until it is looked at again."""

    allowed: bool
    kind: ProposalKind
    stands: ClassificationLevel
    confirmed: bool
    counts: bool
    review_years: int
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class LevelVerdict:
    """Whether this person may decide, whether that completes it, and what stands after it.

    `approvals` is how many stewards the proposal needs.
    """

    allowed: bool
    complete: bool
    stands: ClassificationLevel
    approvals: int
    reasons: tuple[Message, ...]


def level_outcome(
    subject: Subject,
    dataset: LevelledDataset,
    levelling: Levelling,
    level: ClassificationLevel,
    *,
    ground: str,
    inner: bool,
    environment: Environment,
) -> LevelOutcome:
    """Return what follows when the subject sets a level.

    `inner` says that no person does, but the portal's own work. Raises `PolicyUnavailable`.
    """
    answer = ask(
        "levelling/outcome",
        {
            **_facts(subject, dataset, environment),
            "level": level,
            "standing": levelling.standing,
            "confirmed": levelling.confirmed,
            "ground": ground,
            "inner": inner,
        },
    )
    try:
        return LevelOutcome(
            allowed=answer["allowed"] is True,
            kind=ProposalKind(answer["kind"]),
            stands=ClassificationLevel(answer["stands"]),
            confirmed=answer["confirmed"] is True,
            counts=answer["counts"] is True,
            review_years=int(answer["review_years"]),
            reasons=messages(answer["reasons"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("levelling/outcome") from error


def level_verdict(
    subject: Subject,
    dataset: LevelledDataset,
    levelling: Levelling,
    proposal: Proposal,
    decision: LevelCommand,
    *,
    operator: bool,
    environment: Environment,
) -> LevelVerdict:
    """Return whether the subject may confirm, refuse or withdraw a proposal.

    `operator` says that it is done on the server's command line. Raises `PolicyUnavailable`.
    """
    answer = ask(
        "levelling/verdict",
        {
            **_facts(subject, dataset, environment),
            "standing": levelling.standing,
            "confirmed": levelling.confirmed,
            "decision": decision,
            "operator": operator,
            "proposal": {
                "kind": proposal.kind,
                "level": proposal.level,
                "proposed_by": proposal.proposed_by,
                "approved_by": list(proposal.approvals),
            },
        },
    )
    try:
        return LevelVerdict(
            allowed=answer["allowed"] is True,
            complete=answer["complete"] is True,
            stands=ClassificationLevel(answer["stands"]),
            approvals=int(answer["approvals"]),
            reasons=messages(answer["reasons"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("levelling/verdict") from error


def level_allowed(
    subject: Subject, dataset: LevelledDataset, action: str, *, environment: Environment
) -> Permission:
    """Return whether the subject may `show`, `list` or `review` levels; `PolicyUnavailable`."""
    answer = ask("levelling/allow", {**_facts(subject, dataset, environment), "action": action})
    try:
        return Permission(answer["allowed"] is True, messages(answer["reasons"]))
    except (KeyError, TypeError) as error:
        raise PolicyUnavailable("levelling/allow") from error


def _facts(subject: Subject, dataset: LevelledDataset, environment: Environment) -> dict[str, Any]:
    return {
        "subject": document.of_subject(subject),
        "dataset": {"agency": dataset.agency, "editable": dataset.editable},
        "environment": document.of_environment(environment),
    }
