"""Which tables of a dataset cannot keep to the conditions of an approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ckanext.dgatier import policy
from ckanext.dgatier.core.grant import Conditions
from ckanext.dgatier.enforce import facts
from ckanext.dgatier.enforce.facts import DatasetFacts

# Stand for any province and any year, as it is the table's columns that count.
_ANY_PROVINCE, _ANY_YEAR = ("-",), (1,)


def not_kept(
    known: DatasetFacts, resource_ids: Sequence[str], conditions: Conditions
) -> dict[str, list[str]]:
    """Return for each kind of condition the names of the resources that cannot keep to it.

    Provinces and years are told whether they are among the `conditions` or not, as whoever decides
    may add them. `resource_ids` empty means all. Raises `policy.PolicyUnavailable`.
    """
    asked = replace(
        conditions,
        provinces=conditions.provinces or _ANY_PROVINCE,
        years=conditions.years or _ANY_YEAR,
    )
    resources = [one for one in known.resources if not resource_ids or one.id in resource_ids]
    tables = [(one.id, facts.columns_of(one.id) if one.tabular else ()) for one in resources]
    lacking = policy.lacking(asked, tables)
    return {
        name: [
            one.name or one.id for one, some in zip(resources, lacking, strict=True) if name in some
        ]
        for name in conditions.to_dict()
    }
