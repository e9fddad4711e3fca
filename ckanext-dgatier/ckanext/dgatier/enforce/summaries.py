"""Answers questions for figures of a table, within a person's budget."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ckanext.dgatier import policy, store
from ckanext.dgatier.core import noise, release
from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.decision import SummaryTerms
from ckanext.dgatier.core.release import Account, BudgetSpent, Question

from . import datastore, decision_point, graded_view
from .decision_point import ResourceDecision


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told (the shape of `release.released`), what it cost, and what is left."""

    told: dict[str, Any]
    cost: float
    left: float


def ask(asked: ResourceDecision, terms: SummaryTerms, question: Question) -> Answer:
    """Return the answer to a question under the terms of a decision, and write that down.

    Raises `release.NotAnswered`, `release.BudgetSpent` (written down too) or
    `store.audit.AuditUnavailable`.
    """
    question.check(terms)
    view = datastore.view_of(asked)
    cost = question.cost(terms)
    person = asked.subject.id
    if person is None:
        raise BudgetSpent(cost, Account(terms.budget, terms.pool_budget))
    rows = {} if terms.of_all else policy.row_filters(terms.shares, asked.columns)
    view = replace(view, parts=None if terms.of_all else graded_view.Parts(rows, {}, {}))
    wanted = store.summaries.Asked(
        person_id=person,
        resource_id=asked.resource.id,
        version=graded_view.content_version(asked.resource.id),
        question=question.digest(terms, map(repr, rows.values())),
        cost=cost,
    )

    def compute() -> dict[str, Any]:
        groups = graded_view.groups(view, question, terms)
        return release.released(question, groups, terms, _noise)

    detail: dict[str, Any] = {
        "path": "summary",
        "by": list(question.by),
        "measures": list(question.summed),
    }
    try:
        told, account = store.summaries.answer_to(wanted, terms, datetime.now(UTC), compute)
    except BudgetSpent:
        decision_point.record(asked, AuditAction.DATA_REFUSED, outcome="refused", **detail)
        raise
    decision_point.record(asked, AuditAction.DATA_READ, cost=cost, **detail)
    return Answer(told, cost, account.left(terms))


def renews_on(account: Account, terms: SummaryTerms) -> datetime | None:
    """Return when the oldest of what was spent no longer counts."""
    return account.oldest + timedelta(days=terms.period_days) if account.oldest else None


def _noise(scale: Any) -> int:
    return noise.laplace(scale, secrets.randbelow)
