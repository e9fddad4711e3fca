"""Taking out of an answer what a person may not discover."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ckan.plugins import toolkit

CREATED = "number_created_packages"
_GONE = object()
_RELATIONS = ("relationships_as_subject", "relationships_as_object")


def without(answer: Any, hidden: Collection[str]) -> Any:
    """Return an answer without what mentions one of the hidden ids; not found if nothing is left.

    Of a list the elements go, of a mapping by id the keys; anything else that mentions one goes
    with whatever it is in.
    """
    if not hidden:
        return answer
    left = _left_of(answer, hidden)
    if left is _GONE:
        raise toolkit.ObjectNotFound
    return left


def _left_of(value: Any, hidden: Collection[str]) -> Any:
    if isinstance(value, str):
        return _GONE if value in hidden else value
    if isinstance(value, list):
        return [one for one in (_left_of(each, hidden) for each in value) if one is not _GONE]
    if isinstance(value, tuple):
        parts = [_left_of(one, hidden) for one in value]
        return _GONE if any(one is _GONE for one in parts) else tuple(parts)
    if not isinstance(value, dict):
        return value
    left = {key: _left_of(one, hidden) for key, one in value.items() if key not in hidden}
    if any(one is _GONE for one in left.values()):
        return _GONE
    return _counted(value, left)


def _counted(before: Mapping[str, Any], left: dict[str, Any]) -> dict[str, Any]:
    """Return what is left with a `count` that does not tell of what has gone."""
    held, results = before.get("results"), left.get("results")
    if isinstance(left.get("count"), int) and isinstance(held, list) and isinstance(results, list):
        left["count"] -= len(held) - len(results)
    return left


def relations_in(answer: Any) -> list[Any]:
    """Return what an answer of `package_show` or `package_search` tells of other datasets."""
    if not isinstance(answer, dict):
        return []
    whole = [answer, *(one for one in answer.get("results", ()) if isinstance(one, dict))]
    return [one[name] for one in whole for name in _RELATIONS if one.get(name)]


def accounts_in(answer: Any) -> Iterator[dict[str, Any]]:
    """Yield what an answer tells of people, with the number of datasets that they have made."""
    if isinstance(answer, dict):
        if CREATED in answer and "id" in answer:
            yield answer
        for one in answer.values():
            yield from accounts_in(one)
    elif isinstance(answer, list):
        for one in answer:
            yield from accounts_in(one)
