"""Reading that a steward should look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, store
from ckanext.dgatier.core import calendar, reading
from ckanext.dgatier.core.grant import GrantState

from .audit import visible_datasets
from .requests import require_permission

_DAYS_LOOKED_AT = 7


@toolkit.side_effect_free
def dgatier_reading_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return the days of the last week on which someone read far more than they are used to.

    Of one's agency's data, for auditors of all. A day is unusual from a volume on that is set, and
    a modified z-score that is set, over the person's own days of reading in the 30 days before.

    :returns: `{score, rows, reads, results}`, the bounds and a list of `{person, day, measure,
        amount, usual, score, grants}`: `measure` is `rows` or `reads`, `usual` the median of their
        days (`null` with fewer than five), `grants` those in force, as `dgatier_grant_list` does
    """
    toolkit.check_access("dgatier_reading_list", context, data_dict)
    subject = identity.subject_for(context)
    require_permission(subject, "audit_list", subject.agency)
    bounds = reading.Bounds(
        score=float(toolkit.config["ckanext.dgatier.reading.score"]),
        rows=int(toolkit.config["ckanext.dgatier.reading.rows"]),
        reads=int(toolkit.config["ckanext.dgatier.reading.reads"]),
    )
    since = calendar.today(datetime.now(UTC)) - timedelta(days=_DAYS_LOOKED_AT - 1)
    days = store.readings.by_day(since - timedelta(days=bounds.window), visible_datasets(subject))
    found = reading.unusual(days, bounds, since)
    names = store.people.names_of(one.person_id for one in found)
    held = _held(context, {one.person_id for one in found} & names.keys())
    return {
        "score": bounds.score,
        "rows": bounds.rows,
        "reads": bounds.reads,
        "results": [
            {
                "person": names[one.person_id],
                "day": one.day.isoformat(),
                "measure": str(one.measure),
                "amount": one.amount,
                "usual": one.usual,
                "score": None if one.score is None else round(one.score, 1),
                "grants": held.get(one.person_id, []),
            }
            for one in found
            if one.person_id in names
        ],
    }


def _held(context: Context, people: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the grants in force on what the asker looks after, by the id of their holder."""
    held: dict[str, list[dict[str, Any]]] = {}
    for person in people:
        held[person] = toolkit.get_action("dgatier_grant_list")(
            {**context},
            {"agency": True, "holder": person, "state": str(GrantState.ACTIVE), "limit": 200},
        )
    return held
