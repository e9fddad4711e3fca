"""What the columns of a table seem to hold, for whoever describes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier.core import calendar, recognising
from ckanext.dgatier.enforce import facts, samples


@toolkit.side_effect_free
def dgatier_column_suggestions(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Suggest how the data dictionary describes the columns of a table, by what they seem to hold.

    For whoever may write the dictionary. Up to a thousand rows are looked at, the first and the
    last; no value goes out. Nothing is classified by this.

    :param resource_id: id of the resource
    :returns: `{columns, unclassified}`: for each column of which something is recognised `{id,
        holding, share, values, entry, differs}`, where `holding` is what `share` (0 to 1) of
        `values` values look like, `entry` what the dictionary would say, and `differs` whether it
        says something else today; and the names of the columns of which nothing is said
    """
    resource_id = str(toolkit.get_or_bust(data_dict, "resource_id"))
    toolkit.check_access("datastore_create", context, {"resource_id": resource_id})
    dictionary = {one["id"]: one.get("info") or {} for one in facts.dictionary_of(resource_id)}
    sampled = samples.of_columns(resource_id, list(dictionary))
    today = calendar.today(datetime.now(UTC))
    columns = []
    for name, info in dictionary.items():
        found = recognising.suggest(f"{name} {info.get('label') or ''}", sampled[name], today)
        if found is None:
            continue
        entry = recognising.ENTRIES[found.holding]
        columns.append(
            {
                "id": name,
                "holding": str(found.holding),
                "share": round(found.share, 2),
                "values": found.values,
                "entry": dict(entry),
                "differs": any(info.get(key) != value for key, value in entry.items()),
            }
        )
    return {
        "columns": columns,
        "unclassified": [name for name, info in dictionary.items() if not info.get("disclosure")],
    }
