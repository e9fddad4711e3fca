"""Tags and formats: a word that only hidden datasets bear is not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Action, Context, DataDict

from . import memory

_NO_TAG = "-"
#: As many formats as there may be, and how many CKAN gives where nothing is said.
_ALL, _FORMATS = 10_000, 5


@toolkit.chained_action
def tag_list(original: Action, context: Context, data_dict: DataDict) -> Any:
    """List the tags of datasets that the person may discover, and those of vocabularies."""
    answer = original(context, data_dict)
    if data_dict.get("vocabulary_id"):
        return answer
    return [one for one in answer if _name(one) in _borne(context, "tags")]


@toolkit.chained_action
def tag_search(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Search those tags; what is left out is not counted either."""
    if "vocabulary_id" in data_dict:
        return original(context, data_dict)
    found, limit, offset = _found(original, context, data_dict)
    kept = [one for one in found["results"] if _name(one) in _borne(context, "tags")]
    return {"count": len(kept), "results": _part(kept, limit, offset)}


@toolkit.chained_action
def tag_autocomplete(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Complete those tags."""
    if "vocabulary_id" in data_dict:
        return original(context, data_dict)
    found, limit, offset = _found(original, context, data_dict)
    return _part([one for one in found if one in _borne(context, "tags")], limit, offset)


@toolkit.chained_action
def tag_show(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Show a tag where a dataset that the person may discover bears it."""
    if data_dict.get("vocabulary_id"):
        return original(context, data_dict)
    tag = model.Tag.get(str(data_dict.get("id") or _NO_TAG))
    if tag is not None and tag.vocabulary_id is None and tag.name not in _borne(context, "tags"):
        raise toolkit.ObjectNotFound
    return original(context, data_dict)


@toolkit.chained_action
def format_autocomplete(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Complete the formats of resources of datasets that the person may discover, commonest first.

    CKAN's own order tells how common a format is among hidden datasets too.
    """
    known = set(original(context, data_dict | {"limit": _ALL}))
    borne: Counter[str] = Counter()
    for name, count in _borne(context, "res_format").items():
        borne[name.lower()] += count
    ordered = [name for name, _count in borne.most_common() if name in known]
    return _part(ordered, data_dict.get("limit", _FORMATS), None)


def get_actions() -> dict[str, Any]:
    """Return the actions that stand before CKAN's own."""
    return {
        "tag_list": tag_list,
        "tag_search": tag_search,
        "tag_autocomplete": tag_autocomplete,
        "tag_show": tag_show,
        "format_autocomplete": format_autocomplete,
    }


def _found(original: Action, context: Context, data_dict: DataDict) -> tuple[Any, Any, Any]:
    """Return all that is found, and which part of it was asked for."""
    asked = {key: one for key, one in data_dict.items() if key not in ("limit", "offset")}
    return original(context, asked), data_dict.get("limit"), data_dict.get("offset")


def _part(found: list[Any], limit: Any, offset: Any) -> list[Any]:
    try:
        first = max(int(offset or 0), 0)
        last = first + max(int(limit), 0) if limit not in (None, "") else None
    except (TypeError, ValueError):
        raise toolkit.ValidationError({"limit": [toolkit._("Invalid integer")]}) from None
    return found[first:last]


def _borne(context: Context, field: str) -> Mapping[str, int]:
    """Return each value of a field of the index on what the person may discover, with how often."""
    user = context.get("user")

    def ask() -> Mapping[str, int]:
        found = toolkit.get_action("package_search")(
            {"user": user, "auth_user_obj": context.get("auth_user_obj")},
            {
                "rows": 0, "facet.field": [field], "facet.limit": -1,
                "include_private": True, "include_drafts": True,
            },
        )  # fmt: skip
        return dict(found["facets"].get(field, {}))

    return memory.kept(("borne", user, field), ask)


def _name(tag: Any) -> str:
    return str(tag["name"] if isinstance(tag, dict) else tag)
