"""The questions that the portal asks of policy, each one round trip."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.decision import (
    Ahead,
    Cell,
    ColumnMask,
    Decision,
    Message,
    Obligations,
    Share,
    SummaryTerms,
)
from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.core.grant import Grant
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.core.target import Target
from ckanext.dgatier.core.tier import AccessTier

from . import document
from .client import PolicyUnavailable, answer_to, ask

log = logging.getLogger(__name__)

_DECISION = "decision/reply"

_PUBLIC_LABELS_SECONDS = 5.0
_public_labels: tuple[float, list[str]] | None = None

_UNREADABLE = Message(
    "malformed_answer",
    "ระบบตัดสินสิทธิให้คำตอบที่อ่านไม่ได้ จึงปิดไว้ก่อน",
    "The decision could not be read, so access stays closed.",
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A target, and the grants that the subject holds on its dataset.

    `about` are the keys, of `citizen_id` and `juristic_id`, by which it has rows about them.
    """

    target: Target
    grants: Sequence[Grant] = ()
    about: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A subject, and the grants that they hold on the datasets that are asked about."""

    subject: Subject
    grants: Sequence[Grant] = ()


Tiers = list[tuple[AccessTier, ...]]


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether an administrative act is permitted."""

    allowed: bool
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading at a tier takes and owes.

    `ial`, `aal` and `max_age_s` (seconds, 0 for any age) are of the sign-in, all 0 where none is
    needed; `hours` the first and the last hour of the day in Bangkok, `networks` names of zones,
    each empty where it does not matter; `smallest_cell` is `None` but for summaries.
    """

    ial: float
    aal: int
    max_age_s: int
    hours: tuple[int, ...]
    networks: tuple[str, ...]
    log_purpose: bool
    watermark: bool
    smallest_cell: int | None


@dataclass(frozen=True, slots=True)
class ApprovalRequirements:
    """What can be approved: the highest tier, the most days, by how many people."""

    allowed: bool
    approvals: int
    senior: bool
    max_days: int
    max_tier: AccessTier
    reasons: tuple[Message, ...]
    reading: Reading


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request as its approvers' rules see it; `approved_by` maps user id to seniority.

    `approved_at` maps it to the level at which they approved.
    """

    requester_id: str
    agency: str | None
    level: ClassificationLevel
    tier: AccessTier
    days: int
    approved_by: Mapping[str, bool]
    members: Sequence[str] = ()
    rejected_by: Sequence[str] = ()
    approved_at: Mapping[str, ClassificationLevel | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApprovalVerdict:
    """Whether this person may decide, and whether their approval completes it.

    `standing` are the ids of those whose earlier approvals still count.
    """

    allowed: bool
    complete: bool
    reasons: tuple[Message, ...]
    standing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a dataset cannot be published; `field` is the form's field."""

    code: str
    field: str
    resource: str
    th: str
    en: str


def decide(
    subject: Subject, asks: Sequence[Ask], *, purpose: str | None, environment: Environment
) -> list[Decision]:
    """Return one decision for each ask, in the same order; one round trip for all.

    The id of each decision is that of the round trip, under which OPA logs it, and its place in
    it: `<id>.<n>`, `n` from 0. Raises `PolicyUnavailable`. An answer that cannot be read is tier
    none with a reason.
    """
    said = answer_to(
        _DECISION,
        {
            "subject": document.of_reader(subject),
            "targets": [document.of_ask(one.target, one.grants, one.about) for one in asks],
            "purpose": purpose,
            "environment": document.of_environment(environment),
        },
    )
    try:
        answers: list[Any] = said.result["answers"]
        texts = {code: _message(text) for code, text in said.result["texts"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        log.error("OPA's reply %s cannot be read", said.decision_id)
        raise PolicyUnavailable(_DECISION) from error
    if not isinstance(answers, list) or len(answers) != len(asks):
        log.error("OPA's reply %s does not fit %d targets", said.decision_id, len(asks))
        raise PolicyUnavailable(_DECISION)
    return [
        decision_of(answer, texts, one.target, f"{said.decision_id}.{place}")
        for place, (answer, one) in enumerate(zip(answers, asks, strict=True))
    ]


def simulate(
    people: Sequence[Person],
    targets: Sequence[Target],
    targets_then: Sequence[Target],
    *,
    agency: str | None,
    rules: Mapping[str, Any] | None,
    environment: Environment,
) -> tuple[Tiers, Tiers]:
    """Return for each person the tier of each target, as things are and as they would be.

    `rules` are those that `agency` would have of its own by level, `None` for those it has.
    Raises `PolicyUnavailable`.
    """
    answer = ask(
        "simulation/matrix",
        {
            "people": [document.of_person(one.subject, one.grants) for one in people],
            "targets": [document.of_target(one) for one in targets],
            "targets_then": [document.of_target(one) for one in targets_then],
            "agency": agency,
            "rules": rules,
            "environment": document.of_environment(environment),
        },
    )
    try:
        now, then = (
            [tuple(AccessTier(tier) for tier in tiers) for tiers in answer[when]]
            for when in ("now", "then")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("simulation/matrix") from error
    if {len(now), len(then)} != {len(people)}:
        raise PolicyUnavailable("simulation/matrix")
    return now, then


def discoverable_labels(subject: Subject, *, environment: Environment) -> list[str]:
    """Return the permission labels whose datasets the subject may discover.

    Those of the anonymous public are kept for five seconds in a process, as they depend on
    policy data alone. Raises `PolicyUnavailable`; a caller then falls back to open data.
    """
    global _public_labels  # noqa: PLW0603
    if subject.is_anonymous and _public_labels and _public_labels[0] > time.monotonic():
        return _public_labels[1]
    labels = ask(
        "discovery/labels",
        {
            "subject": document.of_subject(subject),
            "environment": document.of_environment(environment),
        },
    )
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise PolicyUnavailable("discovery/labels")
    if subject.is_anonymous:
        _public_labels = (time.monotonic() + _PUBLIC_LABELS_SECONDS, labels)
    return labels


def last_public_labels() -> list[str]:
    """Return the labels that everyone could discover when OPA last said so, in this process."""
    return _public_labels[1] if _public_labels else []


def approval_requirements(
    subject: Subject,
    target: Target,
    *,
    tier: AccessTier,
    days: int,
    purpose: str,
    environment: Environment,
) -> ApprovalRequirements:
    """Return what a request of this subject on this target needs."""
    answer = ask(
        "approval/requirements",
        {
            "subject": document.of_subject(subject),
            "target": document.of_target(target),
            "tier": tier,
            "days": days,
            "purpose": purpose,
            "environment": document.of_environment(environment),
        },
    )
    try:
        return ApprovalRequirements(
            allowed=answer["allowed"] is True,
            approvals=int(answer["approvals"]),
            senior=answer["senior"] is True,
            max_days=int(answer["max_days"]),
            max_tier=AccessTier(answer["max_tier"]),
            reasons=messages(answer["reasons"]),
            reading=_reading(answer),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("approval/requirements") from error


def _reading(answer: Mapping[str, Any]) -> Reading:
    sign_in, conditions, owed = answer["sign_in"], answer["conditions"], answer["owed"]
    smallest = owed["smallest_cell"]
    return Reading(
        ial=float(sign_in["ial"]),
        aal=int(sign_in["aal"]),
        max_age_s=int(sign_in["max_age_s"]),
        hours=tuple(map(int, conditions.get("hours", ()))),
        networks=tuple(map(str, conditions.get("networks", ()))),
        log_purpose=owed["log_purpose"] is True,
        watermark=owed["watermark"] is True,
        smallest_cell=None if smallest is None else int(smallest),
    )


def approval_verdict(
    approver: Subject, request: RequestFacts, *, environment: Environment, on_paper: bool = False
) -> ApprovalVerdict:
    """Return whether `approver` may decide on the request; `on_paper` where they did elsewhere."""
    answer = ask(
        "approval/verdict",
        {
            "subject": document.of_subject(approver),
            "request": {
                "requester_id": request.requester_id,
                "agency": request.agency,
                "level": request.level,
                "tier": request.tier,
                "days": request.days,
                "approved_by": [
                    {"id": person, "senior": senior, "level": request.approved_at.get(person)}
                    for person, senior in request.approved_by.items()
                ],
                "members": list(request.members),
                "rejected_by": list(request.rejected_by),
            },
            "on_paper": on_paper,
            "environment": document.of_environment(environment),
        },
    )
    try:
        return ApprovalVerdict(
            answer["allowed"] is True,
            answer["complete"] is True,
            messages(answer["reasons"]),
            tuple(answer["standing"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyUnavailable("approval/verdict") from error


def allowed(
    subject: Subject, action: str, *, agency: str | None = None, requester_id: str | None = None
) -> Permission:
    """Return whether the subject may do an administrative act of an agency."""
    answer = ask(
        "administration/allow",
        {
            "subject": document.of_subject(subject),
            "action": action,
            "object": {"agency": agency, "requester_id": requester_id},
        },
    )
    try:
        return Permission(answer["allowed"] is True, messages(answer["reasons"]))
    except (KeyError, TypeError) as error:
        raise PolicyUnavailable("administration/allow") from error


def publishing_violations(
    level: str | None,
    category: str | None,
    agency: str | None,
    resources: Sequence[tuple[str, str | None]],
) -> list[Violation]:
    """Return what is wrong with a dataset; `resources` are pairs of name and level text."""
    answer = ask(
        "publishing/violations",
        {
            "dataset": {"level": level, "category": category, "agency": agency},
            "resources": [{"name": name, "level": own} for name, own in resources],
        },
    )
    try:
        return [
            Violation(one["code"], one["field"], one["resource"], one["th"], one["en"])
            for one in answer
        ]
    except (KeyError, TypeError) as error:
        raise PolicyUnavailable("publishing/violations") from error


def decision_of(
    answer: Any, texts: Mapping[str, Message], target: Target, decision_id: str
) -> Decision:
    """Return what an answer of policy says; tier none where it cannot be read."""
    try:
        owed = answer["obligations"]
        return Decision(
            tier=AccessTier(answer["tier"]),
            whole_tier=AccessTier(answer["whole_tier"]),
            own_record=AccessTier(answer["own_record"]),
            level=ClassificationLevel(answer["level"]),
            decision_id=decision_id,
            obligations=Obligations(
                row_filter=owed["row_filter"] is True,
                column_masks={name: _mask(mask) for name, mask in owed["column_masks"].items()},
                smallest_cell=owed["smallest_cell"],
                summary=_summary_terms(owed["summary"]),
                log_purpose=owed["log_purpose"] is True,
                watermark=owed["watermark"] is True,
                step_up_aal=owed["step_up"]["aal"] if owed["step_up"] else None,
            ),
            reasons=tuple(texts[code] for code in answer["reasons"]),
            next_steps=tuple(texts[code] for code in answer["next_steps"]),
            grants=tuple(answer["grants"]),
            shares=_shares(answer["shares"]),
            cells={
                name: tuple(Cell(one["share"], one["mask"] and _mask(one["mask"])) for one in cells)
                for name, cells in answer["cells"].items()
            },
            why={name: texts[code] for name, code in answer["why"].items()},
            ahead=_ahead(answer["ahead"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        log.exception("OPA's answer %s for %s cannot be read", decision_id, target.dataset_id)
        return Decision(AccessTier.NONE, target.level, decision_id, reasons=(_UNREADABLE,))


def _shares(said: Sequence[Mapping[str, Any]]) -> tuple[Share, ...]:
    return tuple(Share(one["name"], tuple(one["grants"]), dict(one["rows"])) for one in said)


def _ahead(said: Mapping[str, Any] | None) -> Ahead | None:
    if said is None:
        return None
    columns = {name: mask and _mask(mask) for name, mask in said["columns"].items()}
    return Ahead(AccessTier(said["tier"]), columns)


def _summary_terms(said: Mapping[str, Any] | None) -> SummaryTerms | None:
    if said is None:
        return None
    return SummaryTerms(
        **{
            **said,
            "shares": _shares(said["shares"]),
            "dimensions": {name: mask and _mask(mask) for name, mask in said["dimensions"].items()},
            "measures": {
                name: (float(lowest), float(highest))
                for name, (lowest, highest) in said["measures"].items()
            },
        }
    )


def _mask(mask: Mapping[str, Any]) -> ColumnMask:
    return ColumnMask(mask["method"], {k: v for k, v in mask.items() if k != "method"})


def messages(found: Sequence[Mapping[str, str]]) -> tuple[Message, ...]:
    """Return the texts that policy gives for codes, in its order."""
    return tuple(_message(one) for one in found)


def _message(text: Mapping[str, str]) -> Message:
    return Message(
        text["code"],
        text["th"],
        text["en"],
        text.get("law", ""),
        text.get("law_en", ""),
        text.get("action"),
    )
