"""Validators of a dataset's level; the rules themselves are policy's."""

from __future__ import annotations

from typing import Any

from ckan.lib import helpers
from ckan.plugins import toolkit
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.dgatier import policy

_LEVEL = ("classification_level",)
_CATEGORY = ("data_category",)


def dgatier_publishable(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse a dataset whose level is missing, unknown or contradictory, saying each reason."""
    resources = []
    number = 0
    while any(part[:2] == ("resources", number) for part in data):
        name = str(data.get(("resources", number, "name")) or f"#{number + 1}")
        resources.append((name, _text(data.get(("resources", number, "classification_level")))))
        number += 1
    category = _text(data.get(_CATEGORY))
    try:
        found = policy.publishing_violations(_text(data.get(_LEVEL)), category, None, resources)
    except policy.PolicyUnavailable:
        errors[key].append(
            toolkit._("The rules cannot be asked at the moment; nothing was saved. Try again.")
        )
        return
    thai = helpers.lang() == "th" if _in_request() else False
    for violation in found:
        text = violation.th if thai else violation.en
        where = _CATEGORY if violation.field == "data_category" else _LEVEL
        errors.setdefault(where, []).append(
            f"{text} ({violation.resource})" if violation.resource else text
        )


def _text(value: Any) -> str | None:
    return None if value in (None, "", toolkit.missing) else str(value)


def _in_request() -> bool:
    from flask import has_request_context

    return has_request_context()


def get_validators() -> dict[str, Any]:
    """Return the validators by name."""
    return {"dgatier_publishable": dgatier_publishable}
