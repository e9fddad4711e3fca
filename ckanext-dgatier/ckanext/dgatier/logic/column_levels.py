"""The levels of columns: what is inside raises what it is in, and only stewards lower it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Action, Context, DataDict

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.enforce import facts, indexing

#: In a context: stewards have decided on what is written here.
DECIDED = "dgatier_level_decided"
#: In place of a column's name: what columns that are gone have left with their resource. The
#: DataStore lets no column begin with an underscore.
GONE = "_gone"
# By these an outer call tells the validator of a resource what is about to be so, and what may be.
_COMING, _LOWERED = "dgatier_columns_coming", "dgatier_columns_lowered"
_LEVELS = {str(level): level for level in ClassificationLevel}
_HIGHEST = max(ClassificationLevel, key=lambda level: level.rank)


@toolkit.chained_action
def datastore_create(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Write a table and its data dictionary; the levels of columns raise the resource's first.

    The columns that tell whose a row is are indexed.

    A level that is none, one that the dataset cannot hold, or a lower one is refused before
    anything is written: two stewards lower it, by `dgatier_level_propose`.
    """
    wanted = facts.one_table(data_dict)
    resource = model.Resource.get(wanted.get("resource_id"))
    fields = wanted.get("fields")
    if resource is None or not isinstance(fields, list):
        return original(context, wanted)
    given = {
        str(field.get("id")): str(field["info"].get(facts.LEVEL_FIELD) or "")
        for field in fields
        if isinstance(field, dict) and isinstance(field.get("info"), dict)
    }
    if not context.get(DECIDED):
        toolkit.check_access("datastore_create", {**context}, {"resource_id": resource.id})
        _refuse_lower(resource, fields, given)
    coming = _highest(given.values())
    if _rank(coming) > _rank(_stored(resource)):
        try:
            _keep(context, resource.id, {_COMING: {resource.id: coming}})
        except toolkit.ValidationError as refused:
            said = [str(text) for text in refused.error_summary.values()]
            wrong = {name: said for name, level in given.items() if level == coming}
            raise _not_so(fields, wrong) from refused
    answer = original(context, wanted)
    indexing.keep(resource.id)
    return answer


def level_of(resource_id: str | None, context: Mapping[str, Any]) -> str | None:
    """Return the highest level of a resource's columns, as it is to be kept with the resource.

    Never below what is kept already, unless stewards have just lowered it. A text that is no
    level counts as higher than all.
    """
    resource = model.Resource.get(resource_id) if resource_id else None
    if resource is None:
        return None
    kept = {resource.id: _stored(resource), **context.get(_LOWERED, {})}
    coming = context.get(_COMING, {}).get(resource.id)
    return _highest([_in_dictionary(resource.id), coming, kept[resource.id]])


def of_resource(resource: model.Resource) -> dict[str, ClassificationLevel]:
    """Return the levels of a resource's columns that have one, by the column's name.

    With them, as `GONE`, what is kept of columns that are gone where that is higher than all.
    """
    texts = {column.name: column.level for column in facts.columns_of(resource.id) if column.level}
    kept = _stored(resource)
    if kept and _rank(kept) > _rank(_highest(texts.values())):
        texts[GONE] = kept
    return {name: _LEVELS.get(text, _HIGHEST) for name, text in texts.items()}


def lower(
    context: Context, resource: model.Resource, column: str, level: ClassificationLevel
) -> None:
    """Give a column the level that stewards have confirmed, and its resource what follows of it."""
    gone = of_resource(resource).get(GONE)
    if column == GONE:
        _keep(context, resource.id, {_LOWERED: {resource.id: str(level)}})
        return
    held = next(one for one in facts.dictionary_of(resource.id) if one["id"] == column)
    info = {**(held.get("info") or {}), facts.LEVEL_FIELD: str(level)}
    fields = [{"id": column, "type": held["type"], "info": info}]
    toolkit.get_action("datastore_create")(
        {**toolkit.fresh_context(context), DECIDED: True},
        {"resource_id": resource.id, "force": True, "fields": fields},
    )
    _keep(context, resource.id, {_LOWERED: {resource.id: str(gone) if gone else None}})


def _refuse_lower(
    resource: model.Resource, fields: Iterable[Any], given: Mapping[str, str]
) -> None:
    """Raise `ValidationError` for a column that would be less secret than it is.

    The levels that the dataset and the resource have by themselves are its columns' least.
    """
    own = [one.get(facts.LEVEL_FIELD) for one in (resource.package.extras, resource.extras or {})]
    least = max(map(_rank, own))
    wrong = {
        name: [toolkit._("Two stewards lower a column's level: propose it on the level's page.")]
        for name, level in of_resource(resource).items()
        if name in given and max(least, _rank(given[name])) < max(least, level.rank)
    }
    if wrong:
        raise _not_so(fields, wrong)


def _not_so(fields: Iterable[Any], wrong: Mapping[str, list[str]]) -> toolkit.ValidationError:
    """Return what is wrong with which field, in the shape that the dictionary's page reads."""
    names = [str(field.get("id")) if isinstance(field, dict) else "" for field in fields]
    return toolkit.ValidationError(
        {"fields": [{facts.LEVEL_FIELD: wrong[one]} if one in wrong else {} for one in names]}
    )


def _keep(context: Context, resource_id: str, mark: dict[str, Any]) -> None:
    """Let CKAN store the resource anew, so that its level, labels and index follow."""
    inner: Any = {**toolkit.fresh_context(context), **mark}
    toolkit.get_action("resource_patch")(inner, {"id": resource_id})


def _in_dictionary(resource_id: str) -> str | None:
    return _highest(column.level for column in facts.columns_of(resource_id))


def _stored(resource: model.Resource) -> str | None:
    return (resource.extras or {}).get(facts.COLUMNS_LEVEL_FIELD) or None


def _highest(texts: Iterable[str | None]) -> str | None:
    return max(texts, key=_rank, default=None)


def _rank(text: str | None) -> int:
    if not text:
        return -1
    level = _LEVELS.get(text)
    return level.rank if level else len(_LEVELS)
