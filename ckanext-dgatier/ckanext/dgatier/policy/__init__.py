"""Asking the policy decision point: facts go in, decisions come out; no rule is kept here."""

from .client import PolicyUnavailable
from .levelling import (
    LevelledDataset,
    LevelOutcome,
    LevelVerdict,
    level_allowed,
    level_outcome,
    level_verdict,
)
from .questions import (
    ApprovalRequirements,
    ApprovalVerdict,
    Ask,
    Permission,
    Person,
    RequestFacts,
    Violation,
    allowed,
    approval_requirements,
    approval_verdict,
    decide,
    discoverable_labels,
    last_public_labels,
    publishing_violations,
    simulate,
)

__all__ = [
    "ApprovalRequirements",
    "ApprovalVerdict",
    "Ask",
    "LevelOutcome",
    "LevelVerdict",
    "LevelledDataset",
    "Permission",
    "Person",
    "PolicyUnavailable",
    "RequestFacts",
    "Violation",
    "allowed",
    "approval_requirements",
    "approval_verdict",
    "decide",
    "discoverable_labels",
    "last_public_labels",
    "level_allowed",
    "level_outcome",
    "level_verdict",
    "publishing_violations",
    "simulate",
]
