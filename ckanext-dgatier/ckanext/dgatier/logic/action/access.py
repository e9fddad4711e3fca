"""What may I have, and the rows of it."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier.core.release import BudgetSpent, Question
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import decision_point, facts, summaries
from ckanext.dgatier.logic import schema

from . import summary


@toolkit.side_effect_free
def dgatier_access_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Tell what the asker may have of a dataset, or of one resource of it, and why.

    :param id: id or name of the dataset
    :param resource_id: a resource of it (optional)
    :param purpose: count only what was approved for this purpose (optional)
    :returns: `{tier, whole_tier, own_record, level, obligations, reasons, next_steps, why,
        ahead, decision_id}`; for a dataset also `resources`, the tier of each by id.
        `own_record` is how a resource's rows about the asker are had. `whole_tier` is
        what holds of all rows and columns; it is lower than `tier` where a grant opens only a
        part. `why` says of each masked column why it is; `ahead` is `{tier, columns}`, the next
        tier of rows that can be had and how it shows each column that is locked now (`null`: as
        it is).
    """
    package = visible_package(context, data_dict)
    purpose = schema.purpose(data_dict.get("purpose"))
    known = facts.of_package(package)
    resource_id = data_dict.get("resource_id")
    if resource_id:
        if known.resource(str(resource_id)) is None:
            raise toolkit.ObjectNotFound(toolkit._("Resource was not found."))
        asked = decision_point.for_resource(context, str(resource_id), purpose)
        return asked.decision.to_dict()
    decisions = decision_point.for_dataset(context, known, purpose)
    return {
        **decisions.dataset.to_dict(),
        "resources": {key: str(one.tier) for key, one in decisions.resources.items()},
    }


@toolkit.side_effect_free
def dgatier_view_search(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return rows of a resource at the asker's tier, or counts at the summary tier.

    Rows about the asker or their company come besides the counts, where there are any.

    :param resource_id: id of the resource
    :param limit: rows, at most 1,000 (default 10); offset: rows to pass over
    :param by: at the summary tier, the column to count by (default: the first that may be)
    :returns: `{tier, own_record, level, decision_id, fields, records, total, summary, ahead}`,
        where each field has `id`, `type`, `disclosure`, `mask` and `why` (`null` where the column
        is shown as it is); `ahead` is as in `dgatier_access_show`.
    """
    checked, errors = toolkit.navl_validate(data_dict, schema.view_search(), context)
    if errors:
        raise toolkit.ValidationError(errors)
    purpose = schema.purpose(checked.get("purpose"))
    asked = decision_point.for_resource(context, checked["resource_id"], purpose)
    decision_point.require(asked, AccessTier.SUMMARY)
    if not asked.resource.tabular:
        raise toolkit.ObjectNotFound(toolkit._("This resource is not a table."))
    answer: dict[str, Any] = {
        "tier": str(asked.decision.tier),
        "own_record": str(asked.decision.own_record),
        "level": str(asked.decision.level),
        "decision_id": asked.decision.decision_id,
        "fields": [],
        "records": [],
        "total": None,
        "summary": None,
        "ahead": asked.decision.ahead.to_dict() if asked.decision.ahead else None,
    }
    if asked.decision.tier is AccessTier.SUMMARY:
        answer["summary"] = _summary(asked, checked.get("by"))
    if not asked.decision.gives(AccessTier.MASKED):
        return answer
    found = toolkit.get_action("datastore_search")(
        {**context},
        {
            "resource_id": asked.resource.id,
            "limit": min(checked["limit"], schema.MOST_ROWS),
            "offset": checked["offset"],
            "purpose": purpose or "",
        },
    )
    return {
        **answer,
        "fields": described(asked),
        "records": list(found["records"]),
        "total": found.get("total"),
    }


def described(asked: decision_point.ResourceDecision) -> list[dict[str, Any]]:
    """Return each column as a decision shows it, and why it is masked."""
    masks, reasons = asked.decision.obligations.column_masks, asked.decision.why
    fields = []
    for column in asked.columns:
        mask, why = masks.get(column.name), reasons.get(column.name)
        fields.append(
            {
                "id": column.name,
                "type": column.type,
                "disclosure": column.disclosure,
                "mask": mask.to_dict() if mask else None,
                "why": why.to_dict() if why else None,
            }
        )
    return fields


def _summary(asked: decision_point.ResourceDecision, by: object) -> dict[str, Any] | None:
    """Count by one column; by the first that tells nothing of a person where none is asked for.

    Where the budget is spent, `refused` says so and there are no cells.
    """
    terms = asked.decision.obligations.summary
    if terms is None or not terms.dimensions:
        return None
    plain = [name for name, mask in terms.dimensions.items() if mask is None]
    texts = {column.name for column in asked.columns if column.type == "text"}
    usual = next(iter([*(one for one in plain if one in texts), *plain, *terms.dimensions]))
    chosen = str(by) if by in terms.dimensions else usual
    shape: dict[str, Any] = {
        "by": chosen,
        "dimensions": list(terms.dimensions),
        "smallest_cell": terms.smallest_cell,
        "cells": [],
        "refused": None,
    }
    try:
        answer = summaries.ask(asked, terms, Question((chosen,)))
    except BudgetSpent as spent:
        return {**shape, "refused": summary.spent_text(spent, terms)}
    return {
        **shape,
        "cells": [
            {"value": cell["values"][0], "count": cell["count"]} for cell in answer.told["cells"]
        ],
        "total": answer.told["total"],
        "smallest_count": answer.told["smallest_count"],
        "margin": answer.told["margins"]["count"],
        "budget": summary.budget(answer, terms),
    }


def visible_package(context: Context, data_dict: DataDict) -> model.Package:
    """Return the dataset if the asker may know that it exists; else it is not found."""
    package = model.Package.get(schema.id_of(data_dict))
    if package is None:
        raise toolkit.ObjectNotFound(toolkit._("Dataset not found"))
    try:
        toolkit.check_access("package_show", {**context, "package": package}, {"id": package.id})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        raise toolkit.ObjectNotFound(toolkit._("Dataset not found")) from None
    return package
