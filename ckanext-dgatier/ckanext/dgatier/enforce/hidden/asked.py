"""What is asked about: the ids and names in a question, and those among them that are hidden."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from ckan import logic, model
from ckan.plugins import toolkit

from ckanext.dgatier import policy, unavailable

from .. import catalogue, memory, references

_REFERS = re.compile(r"(.*_)?ids?2?|name_or_ids?|object2?|subject|packages?|datasets?|resources?")
#: Where a dataset may be named, and not only given by its id; elsewhere a name is something else's.
_NAMES_DATASET = ("id", "id2", "name_or_id", "object", "subject", "package_id", "datasets")
#: Where `id` is that of the new thing.
_NAMES_ITSELF = ("package_create", "resource_create", "resource_view_create", "user_create")
#: Where a dataset may be given by `name` instead of `id`.
_BY_NAME = ("package_update", "package_patch")
#: Where an id is that of a person, a group or a word, which may be called like a dataset.
_OF_OTHERS = re.compile(
    r"(.*_)?(user|group|organization|tag|vocabulary|api_token|job|followee).*|config_.*|member_list"
)
#: Is looked up where nothing was found, so that it takes as long.
_NOTHING = "nothing"
#: What CKAN keeps of a thing that it has looked up.
_LOOKED_UP = ("package", "resource", "resource_view", "activity", "task_status", "__auth_audit")


def texts(name: str, asked: Mapping[str, Any]) -> set[str]:
    """Return the ids and names that an action, or a permission for it, is asked about."""
    skipped = {"id"} if name in _NAMES_ITSELF else set()
    named = () if _OF_OTHERS.fullmatch(name) else _NAMES_DATASET
    if name in _BY_NAME and not asked.get("id"):
        named = (*named, "name")
    found = set()
    for key, one in asked.items():
        if key in named and key not in skipped:
            found |= {text for _, text in _fields(one)}
    for key, text in _fields(asked):
        if key not in skipped and _REFERS.fullmatch(key) and references.is_id(text):
            found.add(text)
    return found - {""}


def own_name(asked: Mapping[str, Any]) -> set[str]:
    """Return what a dataset that is asked about may be called, where no id is given."""
    name = asked.get("name")
    return {name} if name and isinstance(name, str) else set()


def holds_nul(asked: Any) -> bool:
    """Say whether an id holds a NUL, which no text of PostgreSQL does."""
    return any("\0" in text for key, text in _fields(asked) if _REFERS.fullmatch(key))


def hidden_among(context: Mapping[str, Any], asked: Collection[str]) -> set[str]:
    """Return those texts that name a dataset, or something of one, that is hidden.

    Raises `policy.PolicyUnavailable` where OPA would have to say so.
    """
    if not asked:
        return set()

    def ask() -> set[str]:
        found = references.datasets_of(asked)
        return hidden_of(context, found or {_NOTHING: _NOTHING}) - {_NOTHING}

    # A page asks for many permissions about one thing.
    hidden = memory.kept(("hidden", context.get("user"), frozenset(asked)), ask)
    if hidden and unavailable.was_met():
        raise policy.PolicyUnavailable("discovery/labels")
    return hidden


def hidden_of(context: Mapping[str, Any], found: Mapping[str, str]) -> set[str]:
    """Return those texts whose dataset the person may not discover."""
    if not found:
        return set()
    name = context.get("user")
    user = context.get("auth_user_obj") or (model.User.get(name) if name else None)
    hidden = catalogue.hidden_from(user, set(found.values()))
    return {text for text, dataset_id in found.items() if dataset_id in hidden}


def as_if_missing(
    ask: Callable[[Any, Any], Any],
    context: Mapping[str, Any],
    asked: Mapping[str, Any],
    hidden: Collection[str],
) -> Any:
    """Answer as to ids that do not exist, under the names that were asked for."""
    stand_ins = {text: str(uuid.uuid4()) for text in hidden}
    back = {stand_in: text for text, stand_in in stand_ins.items()}
    fresh = {key: one for key, one in context.items() if key not in _LOOKED_UP}
    try:
        return _exchanged(ask(fresh, _exchanged(asked, stand_ins)), back)
    except logic.ActionError as error:
        raise _told_of(error, back) from None


def _told_of(error: Exception, back: Mapping[str, str]) -> Exception:
    """Return the error with the names that were asked for."""
    if isinstance(error, toolkit.ValidationError):
        return toolkit.ValidationError(_exchanged(error.error_dict, back))
    return type(error)(*(_exchanged(list(error.args), back)))


def _exchanged(value: Any, texts: Mapping[str, str]) -> Any:
    """Return a copy of a structure in which each of the `texts` is another, inside of texts too."""
    if isinstance(value, str):
        if value in texts:
            return texts[value]
        for text, other in texts.items():
            if len(text) == len(str(uuid.UUID(int=0))) and text in value:
                value = value.replace(text, other)
        return value
    if isinstance(value, dict):
        return {_exchanged(key, texts): _exchanged(one, texts) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_exchanged(one, texts) for one in value])
    return value


def _fields(asked: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of what was asked with the name of its field."""
    if isinstance(asked, str):
        yield key, asked
    elif isinstance(asked, dict):
        for name, one in asked.items():
            yield from _fields(one, str(name))
    elif isinstance(asked, list | tuple):
        for one in asked:
            yield from _fields(one, key)
