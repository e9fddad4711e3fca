"""Validators of a dataset's level, whose rules are policy's, and of tags in Thai."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import count
from typing import Any

from ckan.lib import helpers
from ckan.plugins import toolkit
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey

from ckanext.dgatier import policy

from . import column_levels

_LEVEL = ("classification_level",)
_CATEGORY = ("data_category",)
_WEB = ("http", "https", "ftp")
_SCHEME = re.compile(r"([^/?#]*?):")  # browsers leave out blanks inside a scheme, so all counts


def dgatier_publishable(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse a dataset whose level is missing, unknown or contradictory, saying each reason."""
    resources = []
    number = 0
    while any(part[:2] == ("resources", number) for part in data):
        part = ("resources", number)
        name = str(data.get((*part, "name")) or f"#{number + 1}")
        resources.append((name, _text(data.get((*part, "classification_level")))))
        if columns := column_levels.level_of(_text(data.get((*part, "id"))), context):
            resources.append((name, columns))
        number += 1
    category = _text(data.get(_CATEGORY))
    try:
        found = wrong_with(_text(data.get(_LEVEL)), category, resources)
    except policy.PolicyUnavailable:
        errors[key].append(rules_cannot_be_asked())
        return
    for field, texts in found.items():
        errors.setdefault((field,), []).extend(texts)


def wrong_with(
    level: str | None, category: str | None, resources: Sequence[tuple[str, str | None]]
) -> dict[str, list[str]]:
    """Return by field why a dataset cannot be published, in the person's language.

    `resources` are pairs of name and level text. Raises `policy.PolicyUnavailable`.
    """
    thai = helpers.lang() == "th" if _in_request() else False
    errors: dict[str, list[str]] = {}
    for violation in policy.publishing_violations(level, category, None, resources):
        text = violation.th if thai else violation.en
        where = _CATEGORY if violation.field == "data_category" else _LEVEL
        errors.setdefault(where[0], []).append(
            f"{text} ({violation.resource})" if violation.resource else text
        )
    return errors


def rules_cannot_be_asked() -> str:
    """Return what a publisher is told while OPA does not answer."""
    return toolkit._("The rules cannot be asked at the moment; nothing was saved. Try again.")


def dgatier_columns_level(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Put the highest level of a resource's columns, whatever was given."""
    found = column_levels.level_of(_text(data.get((*key[:-1], "id"))), context)
    if found:
        data[key] = found
    else:
        data.pop(key, None)
        raise toolkit.StopOnError


def dgatier_web_address(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Refuse an address that a browser would run instead of going to, as `javascript:`.

    What has no scheme (a path, or the name of an uploaded file) passes.
    """
    scheme = _SCHEME.match(str(data.get(key) or "").strip())
    if scheme and scheme[1].lower() not in _WEB and data.get((*key[:-1], "url_type")) != "upload":
        errors[key].append(toolkit._("The address must begin with https://, http:// or ftp://."))


def tag_name_validator(value: Any, context: Context) -> Any:
    """Accept letters of every script with their marks, digits, space, hyphen, underscore and dot.

    CKAN's own refuses the vowels and tones that Thai writes above and below (Unicode category M).
    """
    for character in str(value):
        if not (character.isalnum() or character in " -_." or _is_mark(character)):
            raise toolkit.Invalid(
                toolkit._('The tag "{tag}" cannot hold the character {character}.').format(
                    tag=value, character=character
                )
            )
    return value


def tag_string_convert(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Take words with commas between them as tags, as CKAN does, with our validator."""
    given = data[key]
    words = given.split(",") if isinstance(given, str) else given
    taken = [int(part[1]) for part in data if len(part) == 3 and part[0] == "tags"]
    length = toolkit.get_validator("tag_length_validator")
    names = [name for name in (word.strip() for word in words) if name]
    for number, name in zip(count(max(taken, default=-1) + 1), names, strict=False):
        data[("tags", number, "name")] = tag_name_validator(length(name, context), context)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _text(value: Any) -> str | None:
    return None if value in (None, "", toolkit.missing) else str(value)


def _in_request() -> bool:
    from flask import has_request_context

    return has_request_context()


def get_validators() -> dict[str, Any]:
    """Return the validators by name."""
    return {
        "dgatier_columns_level": dgatier_columns_level,
        "dgatier_publishable": dgatier_publishable,
        "dgatier_web_address": dgatier_web_address,
        "tag_name_validator": tag_name_validator,
        "tag_string_convert": tag_string_convert,
    }
