"""Figures of a table for those who may not have its rows."""

from __future__ import annotations

import json
from typing import Any

from ckan.lib import helpers
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier.core import calendar, release
from ckanext.dgatier.core.decision import SummaryTerms
from ckanext.dgatier.core.release import BudgetSpent, NotAnswered, Question
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import decision_point, summaries
from ckanext.dgatier.logic import schema

_COUNT, _SUM, _MEAN = "count", "sum", "mean"


@toolkit.side_effect_free
def dgatier_summary(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Count rows of a table by groups, sum up and average, with noise and without small groups.

    The same question to the same content has the same answer and costs nothing again. A new one
    takes of the budget that a person has for the table, and colleagues together; once it is spent,
    the answer is 403 until the period is over.

    :param resource_id: id of the resource
    :param by: columns to count by, at most three (optional: all rows together)
    :param measures: of `count` (always there), `sum:COLUMN` and `mean:COLUMN`; without a column
        those of all that may be summed up (optional)
    :param filters: `{column: value or list of values}`, on columns to count by, as they are
        shown (optional)
    :param purpose: count only what was approved for this purpose (optional)
    :returns: `{tier, level, decision_id, by, cells, total, totals, smallest_count, margins,
        dimensions, measures, budget}`: a cell has `values` in the order of `by`, `count`, and
        `sums` and `means` by column. `total` and `totals` are of the cells that are there; groups
        below `smallest_count` are not. `margins` is by how much a figure may be off, nineteen
        times in twenty; `budget` is `{cost, left, of, days}`
    """
    resource_id = toolkit.get_or_bust(data_dict, "resource_id")
    purpose = schema.purpose(data_dict.get("purpose"))
    asked = decision_point.for_resource(context, str(resource_id), purpose)
    decision_point.require(asked, AccessTier.SUMMARY, own_record=False)
    terms = asked.decision.obligations.summary
    if not asked.resource.tabular:
        raise toolkit.ObjectNotFound(toolkit._("This resource is not a table."))
    if terms is None:
        raise toolkit.ValidationError(
            {"resource_id": [toolkit._("The rows of this table are open: count them.")]}
        )
    question = _question(data_dict, terms)
    try:
        answer = summaries.ask(asked, terms, question)
    except NotAnswered as unknown:
        raise toolkit.ValidationError({unknown.part: [not_answered_text(unknown)]}) from unknown
    except BudgetSpent as spent:
        raise toolkit.NotAuthorized(spent_text(spent, terms)) from spent
    return {
        "tier": str(asked.decision.tier),
        "level": str(asked.decision.level),
        "decision_id": asked.decision.decision_id,
        "by": list(question.by),
        **answer.told,
        "dimensions": list(terms.dimensions),
        "measures": list(terms.measures),
        "budget": budget(answer, terms),
    }


def budget(answer: summaries.Answer, terms: SummaryTerms) -> dict[str, Any]:
    """Return what an answer cost and what is left, as numbers of epsilon."""
    return {
        "cost": answer.cost,
        "left": answer.left,
        "of": terms.budget,
        "days": terms.period_days,
    }


def not_answered_text(unknown: NotAnswered) -> str:
    """Return what is wrong with a question in the person's language."""
    if unknown.part == "measures":
        return toolkit._(
            "{name} cannot be summed up: it is no measure, or nobody has said its bounds."
        ).format(name=unknown.name)
    return toolkit._("Rows cannot be counted by {name} here.").format(name=unknown.name)


def spent_text(spent: BudgetSpent, terms: SummaryTerms) -> str:
    """Return in the person's language that a budget is spent, and when it renews itself."""
    moment = summaries.renews_on(spent.account, terms)
    text = toolkit._(
        "This question costs {cost} and {left} are left of what may be learnt of this table. "
        "Questions that were answered before are still answered."
    ).format(cost=_plain(spent.cost), left=_plain(spent.account.left(terms)))
    if moment is None:
        return text
    again = toolkit._("The budget begins to renew itself on {day}.")
    return f"{text} {again.format(day=calendar.worded(moment, helpers.lang()))}"


def _plain(number: float) -> str:
    return f"{number:g}"


def _question(data_dict: DataDict, terms: SummaryTerms) -> Question:
    sums: list[str] = []
    means: list[str] = []
    for text in _texts(data_dict, "measures"):
        kind, _, column = text.partition(":")
        columns = [column] if column else list(terms.measures)
        if kind not in (_COUNT, _SUM, _MEAN):
            raise toolkit.ValidationError(
                {"measures": [toolkit._("Measures are count, sum and mean.")]}
            )
        if kind != _COUNT:
            (sums if kind == _SUM else means).extend(columns)
    return Question(
        by=tuple(_texts(data_dict, "by")),
        sums=tuple(sorted(set(sums))),
        means=tuple(sorted(set(means))),
        filters=_filters(data_dict),
    )


def _texts(data_dict: DataDict, name: str) -> list[str]:
    """Return a list of texts, given as such or with commas between them."""
    given = data_dict.get(name) or []
    values = given.split(",") if isinstance(given, str) else given
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise toolkit.ValidationError({name: [toolkit._("Give a list of texts.")]})
    return [one.strip() for one in values]


def _filters(data_dict: DataDict) -> tuple[tuple[str, tuple[str | None, ...]], ...]:
    """Return the filters in one order, so that the same question is known as the same."""
    given = data_dict.get("filters") or {}
    wrong = toolkit.ValidationError(
        {"filters": [toolkit._("Filters are a JSON object with columns as its keys.")]}
    )
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise wrong from error
    if not isinstance(given, dict):
        raise wrong
    found = []
    for name, values in sorted(given.items()):
        several = values if isinstance(values, list) else [values]
        if not all(one is None or isinstance(one, str | int | float) for one in several):
            raise wrong
        texts = {None if one is None else str(one) for one in several}
        if len(texts) > release.MOST_VALUES:
            raise toolkit.ValidationError({"filters": [toolkit._("Filter by fewer values.")]})
        found.append((str(name), tuple(sorted(texts, key=lambda text: (text is None, text)))))
    return tuple(found)
