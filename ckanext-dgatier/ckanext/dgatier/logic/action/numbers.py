"""The numbers of requests for everyone."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import policy
from ckanext.dgatier.logic import numbers


@toolkit.side_effect_free
def dgatier_numbers_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return how many requests were handed in, what became of them, and in how many days.

    Counted at most a minute ago, over the datasets that everyone may discover. A count that is
    `null` is hidden: it is small, or a small one could be worked out from it.

    :returns: `{as_of, smallest, answer_days, total, agencies, purposes, months, grounds}`: within
        `answer_days` a request is to be decided; `grounds` has what was rejected, by the ground of
        the Official Information Act s. 15, empty where none was named; `total` and each of the
        lists' entries `{value, title, approved, rejected, withdrawn, waiting, total, median_days,
        slow_days}`: half of those decided were decided in `median_days`, nine of ten in `slow_days`
    """
    toolkit.check_access("dgatier_numbers_show", context, data_dict)
    at, known = numbers.current()
    groups = model.Session.query(model.Group.name, model.Group.title).filter(
        model.Group.name.in_([line.key for line in known.agencies])
    )
    titles = {group.name: group.title or group.name for group in groups}
    agencies = [
        {**numbers.line_shape(line), "title": titles.get(line.key, line.key)}
        for line in known.agencies
    ]
    return {
        "as_of": at.isoformat(),
        "smallest": numbers.smallest(),
        "answer_days": policy.answer_days(),
        "total": numbers.line_shape(known.total),
        "agencies": agencies,
        "purposes": [numbers.line_shape(line) for line in known.purposes],
        "months": [numbers.line_shape(line) for line in known.months],
        "grounds": [numbers.line_shape(line) for line in known.grounds],
    }
