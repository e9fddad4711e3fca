"""The levels of columns: what is inside raises what it is in, and never lowers it by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Action, Context, DataDict

from ckanext.dgatier import identity, policy
from ckanext.dgatier.core.classification import ClassificationLevel

from . import facts

# By these an outer call tells the validator of a resource what is about to be so, and what may be.
_COMING, _LOWERED = "dgatier_columns_coming", "dgatier_columns_lowered"
_LEVELS = {str(level): level for level in ClassificationLevel}


@toolkit.chained_action
def datastore_create(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Write a table and its data dictionary; the levels of columns raise the resource's first.

    A level that is none, or one that the dataset cannot hold, is refused before anything is
    written. Only a steward of the agency lowers.
    """
    resource = model.Resource.get(data_dict.get("resource_id"))
    fields = data_dict.get("fields")
    if resource is None or not isinstance(fields, list):
        return original(context, data_dict)
    coming = _highest(_texts(fields))
    stored = _stored(resource)
    if _rank(coming) > _rank(stored):
        toolkit.check_access("datastore_create", {**context}, {"resource_id": resource.id})
        _keep(context, resource.id, {_COMING: {resource.id: coming}})
    answer = original(context, data_dict)
    if _rank(stored) > _rank(_in_dictionary(resource.id)) and _may_lower(context, resource):
        _keep(context, resource.id, {_LOWERED: {resource.id}})
    return answer


def level_of(resource_id: str | None, context: Mapping[str, Any]) -> str | None:
    """Return the highest level of a resource's columns, as it is to be kept with the resource.

    Never below what is kept already, unless a steward has just lowered it. A text that is no
    level counts as higher than all.
    """
    resource = model.Resource.get(resource_id) if resource_id else None
    if resource is None:
        return None
    found = [_in_dictionary(resource.id), context.get(_COMING, {}).get(resource.id)]
    if resource.id not in context.get(_LOWERED, ()):
        found.append(_stored(resource))
    return _highest(found)


def _keep(context: Context, resource_id: str, mark: dict[str, Any]) -> None:
    """Let CKAN store the resource anew, so that its level, labels and index follow."""
    inner: Any = {**toolkit.fresh_context(context), **mark}
    try:
        toolkit.get_action("resource_patch")(inner, {"id": resource_id})
    except toolkit.ValidationError as refused:
        said = [str(text) for text in refused.error_summary.values()]
        raise toolkit.ValidationError({"fields": said}) from refused


def _may_lower(context: Context, resource: model.Resource) -> bool:
    agency = facts.of_package(resource.package).agency
    return policy.allowed(identity.subject_for(context), "publish", agency=agency).allowed


def _in_dictionary(resource_id: str) -> str | None:
    return _highest(column.level for column in facts.columns_of(resource_id))


def _stored(resource: model.Resource) -> str | None:
    return (resource.extras or {}).get(facts.COLUMNS_LEVEL_FIELD) or None


def _texts(fields: Iterable[Any]) -> list[str]:
    infos = [field.get("info") or {} for field in fields if isinstance(field, dict)]
    return [str(info[facts.LEVEL_FIELD]) for info in infos if info.get(facts.LEVEL_FIELD)]


def _highest(texts: Iterable[str | None]) -> str | None:
    return max(texts, key=_rank, default=None)


def _rank(text: str | None) -> int:
    if not text:
        return -1
    level = _LEVELS.get(text)
    return level.rank if level else len(_LEVELS)
