"""Asking the policy decision point: facts go in, decisions come out; no rule is kept here."""

from .client import PolicyUnavailable
from .questions import (
    ApprovalRequirements,
    ApprovalVerdict,
    Ask,
    Permission,
    RequestFacts,
    Violation,
    allowed,
    approval_requirements,
    approval_verdict,
    decide,
    discoverable_labels,
    publishing_violations,
)

__all__ = [
    "ApprovalRequirements",
    "ApprovalVerdict",
    "Ask",
    "Permission",
    "PolicyUnavailable",
    "RequestFacts",
    "Violation",
    "allowed",
    "approval_requirements",
    "approval_verdict",
    "decide",
    "discoverable_labels",
    "publishing_violations",
]
