"""Answers of summaries, kept so that asking again tells nothing new, and what each one spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection

from ckanext.dgatier.core.decision import SummaryTerms
from ckanext.dgatier.core.release import Account, BudgetSpent

from .tables import summary_answer, summary_budget

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to one version of a table's content, by a person, with its price."""

    person_id: str
    resource_id: str
    version: str
    question: str
    cost: float


def answer_to(
    asked: Asked, terms: SummaryTerms, now: datetime, compute: Callable[[], Answer]
) -> tuple[Answer, Account]:
    """Return the answer and what is spent with it; the same question is answered once for all.

    What the person was told before costs nothing. What is new to them is paid before it is known;
    `compute` is called where nobody has asked yet. Raises `BudgetSpent`.
    """
    with model.meta.engine.begin() as connection:
        told = _told(connection, asked)
        if told is not None:
            return told, _account(connection, asked, terms, now)
        # One new question of a table after the other: neither a budget spent twice nor two
        # answers, whose mean would have less noise, can come of asking at once.
        connection.execute(
            sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(asked.resource_id, 0)))
        )
        told = _told(connection, asked)
        account = _account(connection, asked, terms, now)
        if told is not None:
            return told, account
        paid = _paid_by_pool(connection, asked, terms, now)
        if asked.cost > terms.budget - account.own + 1e-9 or (
            terms.pool is not None
            and not paid
            and asked.cost > terms.pool_budget - account.pooled + 1e-9
        ):
            raise BudgetSpent(asked.cost, account)
        answer = _kept(connection, asked)
        if answer is None:
            answer = compute()
            _keep(connection, asked, answer)
        _spend(connection, asked, terms, now)
        return answer, _account(connection, asked, terms, now)


def _told(connection: Connection, asked: Asked) -> Answer | None:
    """Return the answer where this person was given it before."""
    spent = summary_budget.c
    answer = _answer(asked).where(
        sa.exists().where(
            spent.person_id == asked.person_id,
            spent.resource_id == asked.resource_id,
            spent.version == asked.version,
            spent.question == asked.question,
        )
    )
    found: Answer | None = connection.execute(answer).scalar()
    return found


def _kept(connection: Connection, asked: Asked) -> Answer | None:
    found: Answer | None = connection.execute(_answer(asked)).scalar()
    return found


def _answer(asked: Asked) -> sa.Select[Any]:
    kept = summary_answer.c
    return sa.select(kept.answer).where(
        kept.resource_id == asked.resource_id,
        kept.version == asked.version,
        kept.question == asked.question,
    )


def _account(connection: Connection, asked: Asked, terms: SummaryTerms, now: datetime) -> Account:
    """Return what counts in the period: to a pool each question once, whoever of it asked."""
    spent = summary_budget.c
    recent = (
        spent.resource_id == asked.resource_id,
        spent.at > now - timedelta(days=terms.period_days),
    )
    own = sa.select(sa.func.sum(spent.epsilon), sa.func.min(spent.at)).where(
        *recent, spent.person_id == asked.person_id
    )
    total, oldest = connection.execute(own).one()
    pooled = 0.0
    if terms.pool is not None:
        each = (
            sa.select(spent.version, spent.question, sa.func.max(spent.epsilon).label("epsilon"))
            .where(*recent, spent.pool == terms.pool)
            .group_by(spent.version, spent.question)
            .subquery()
        )
        pooled = connection.execute(sa.select(sa.func.sum(each.c.epsilon))).scalar() or 0.0
    return Account(total or 0.0, pooled, oldest)


def _paid_by_pool(connection: Connection, asked: Asked, terms: SummaryTerms, now: datetime) -> bool:
    """Say whether a colleague was told the same already, so that the pool learns nothing new."""
    spent = summary_budget.c
    query = sa.select(sa.literal(1)).where(
        spent.resource_id == asked.resource_id,
        spent.version == asked.version,
        spent.question == asked.question,
        spent.pool == terms.pool,
        spent.at > now - timedelta(days=terms.period_days),
    )
    return connection.execute(query.limit(1)).scalar() is not None


def _keep(connection: Connection, asked: Asked, answer: Answer) -> None:
    """Keep an answer; those to what the table held before are not asked for any more."""
    kept = summary_answer.c
    connection.execute(
        sa.delete(summary_answer).where(
            kept.resource_id == asked.resource_id, kept.version != asked.version
        )
    )
    connection.execute(
        sa.insert(summary_answer).values(
            resource_id=asked.resource_id,
            version=asked.version,
            question=asked.question,
            answer=answer,
        )
    )


def _spend(connection: Connection, asked: Asked, terms: SummaryTerms, now: datetime) -> None:
    connection.execute(
        sa.insert(summary_budget).values(
            person_id=asked.person_id,
            resource_id=asked.resource_id,
            version=asked.version,
            question=asked.question,
            pool=terms.pool,
            epsilon=asked.cost,
            at=now,
        )
    )
