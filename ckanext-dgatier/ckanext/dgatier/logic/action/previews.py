"""A table as others would see it."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import datastore, previews

from .access import described

_ROWS = 10
_MOST_ROWS = 50


@toolkit.side_effect_free
def dgatier_view_preview(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Show the first rows of a table as another would see them, before it is published or after.

    For stewards, of their own agency; never more than their office lets them see. It is written
    in the audit.

    :param resource_id: id of the resource
    :param person: the name of a person (optional; empty for the public)
    :param tier: in place of a person, a tier that anyone might have
    :param limit: rows, at most 50 (default 10)
    :returns: as `dgatier_view_search`; where they would see no rows there are none, and at the
        summary tier `dimensions` and `measures` name the columns of its figures
    """
    toolkit.check_access("dgatier_view_preview", context, data_dict)
    limit = _limit(data_dict.get("limit"))
    resource_id = toolkit.get_or_bust(data_dict, "resource_id")
    seen_as = _tier(data_dict.get("tier")) or str(data_dict.get("person") or previews.PUBLIC)
    look = previews.look(context, str(resource_id), seen_as, limit)
    decision = look.asked.decision
    terms = decision.obligations.summary if decision.tier is AccessTier.SUMMARY else None
    answer: dict[str, Any] = {
        "tier": str(decision.tier),
        "level": str(decision.level),
        "decision_id": decision.decision_id,
        "fields": [],
        "records": [],
        "total": None,
        "summary": None,
        "ahead": decision.ahead.to_dict() if decision.ahead else None,
        "dimensions": list(terms.dimensions) if terms else [],
        "measures": list(terms.measures) if terms else [],
    }
    if look.page is None:
        return answer
    page = look.page
    return {
        **answer,
        "fields": described(look.asked),
        "records": [
            {
                name: datastore.json_value(value)
                for name, value in zip(page.fields, row, strict=True)
            }
            for row in page.rows
        ],
    }


def _limit(value: object) -> int:
    try:
        return max(0, min(int(str(value)), _MOST_ROWS)) if value not in (None, "") else _ROWS
    except ValueError as error:
        raise toolkit.ValidationError({"limit": [toolkit._("This is not a number.")]}) from error


def _tier(value: object) -> AccessTier | None:
    if value in (None, ""):
        return None
    try:
        return AccessTier(str(value))
    except ValueError as error:
        raise toolkit.ValidationError({"tier": [toolkit._("This is not a tier.")]}) from error
