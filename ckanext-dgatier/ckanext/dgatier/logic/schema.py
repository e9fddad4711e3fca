"""What a request may say, checked before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.dgatier import identity
from ckanext.dgatier.core import calendar
from ckanext.dgatier.core.grant import UNBOUND, Conditions
from ckanext.dgatier.core.legal import (
    DATA_USE_BY_CODE,
    LEGAL_GROUND_BY_CODE,
    REFUSAL_GROUND_BY_CODE,
)
from ckanext.dgatier.core.purpose import PURPOSE_BY_CODE
from ckanext.dgatier.core.request import Terms
from ckanext.dgatier.core.tier import AccessTier

SHORTEST_JUSTIFICATION = 10
LONGEST_JUSTIFICATION = 20_000
LONGEST_REASON = 4_000
LONGEST_PURPOSE = 200
MOST_ROWS = 1_000
GROUND_FIELD = "level_ground"
REVIEW_FIELD = "level_review_on"
LEVEL_WORDS = (GROUND_FIELD, REVIEW_FIELD)
#: The longest text of a draft that is kept though it may be wrong: of any field, and of the plan.
LONGEST_TYPED = (4_000, 2 * LONGEST_JUSTIFICATION)
MOST_TYPED = 1_000
CONDITIONS = ("provinces", "years", "columns")
DRAFT_WORDS = (
    "tier",
    "purpose",
    "justification",
    "days",
    "resource_ids",
    "members",
    "legal_ground",
    "data_uses",
)
MOST_MEMBERS = 20
MOST_CONDITIONS = 200
_YEAR = re.compile("[0-9]{4}")
_EMPTY_DRAFT = {"tier": str(AccessTier.MASKED), "purpose": "", "justification": "", "days": 90}
KEPT = "kept_by_law"
#: What can have become of copies of the data when the work is done.
COPIES = ("none", "deleted", "returned", "anonymised", KEPT)
ASKABLE = (AccessTier.SUMMARY, AccessTier.MASKED, AccessTier.FULL)


@dataclass(frozen=True, slots=True)
class LevelWords:
    """Why a level is what it is, empty where nothing is said, and when to look at it again."""

    ground: str
    review_on: date | None


def terms(
    data_dict: Mapping[str, Any],
    known_resources: set[str],
    requester_id: str,
    *,
    draft: bool = False,
) -> Terms:
    """Return the checked terms of a request; raises `ValidationError` with all that is wrong.

    A draft may lack anything; what it has is checked.
    """
    if draft:
        said = {name: value for name, value in data_dict.items() if value not in ("", None)}
        data_dict = {**_EMPTY_DRAFT, **said}
    errors: dict[str, list[str]] = {}
    tier = _tier(data_dict.get("tier"), errors)
    purpose = data_dict.get("purpose")
    if purpose not in PURPOSE_BY_CODE and not (draft and purpose == ""):
        errors["purpose"] = [toolkit._("Choose one of the purposes.")]
    justification = _text(data_dict.get("justification"))
    shortest = 0 if draft else SHORTEST_JUSTIFICATION
    if not shortest <= len(justification) <= LONGEST_JUSTIFICATION:
        errors["justification"] = [
            toolkit._("Write between {shortest} and {longest} characters.").format(
                shortest=SHORTEST_JUSTIFICATION, longest=LONGEST_JUSTIFICATION
            )
        ]
    days = positive_days(data_dict.get("days"), errors)
    resource_ids = data_dict.get("resource_ids") or []
    if isinstance(resource_ids, str):
        resource_ids = [resource_ids]
    if not isinstance(resource_ids, list) or not set(map(str, resource_ids)) <= known_resources:
        errors["resource_ids"] = [toolkit._("A resource is not part of this dataset.")]
    members = _members(data_dict.get("members"), requester_id, errors)
    ground = data_dict.get("legal_ground") or None
    if ground is not None and ground not in LEGAL_GROUND_BY_CODE:
        errors["legal_ground"] = [toolkit._("Choose one of the legal grounds.")]
    uses = _list(data_dict.get("data_uses"))
    if not set(uses) <= DATA_USE_BY_CODE.keys():
        errors["data_uses"] = [toolkit._("Choose among the uses of health data.")]
    bound = conditions(data_dict.get("conditions"), errors)
    if errors:
        raise toolkit.ValidationError(errors)
    return Terms(
        tier,
        str(purpose),
        justification,
        days,
        tuple(map(str, resource_ids)),
        members,
        ground,
        bound,
        tuple(uses),
    )


def asked(data_dict: Mapping[str, Any]) -> tuple[AccessTier, int]:
    """Return tier and days, the least of each where none is named; raises `ValidationError`."""
    errors: dict[str, list[str]] = {}
    tier = _tier(data_dict.get("tier") or AccessTier.SUMMARY, errors)
    days = positive_days(data_dict.get("days") or 1, errors)
    if errors:
        raise toolkit.ValidationError(errors)
    return tier, days


def named(value: Any) -> list[str]:
    """Return who is named in a team: a list, or text with commas, whether there is such a user."""
    return _list(value)


def draft_words(data_dict: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed of a request, by the names of `terms`, whatever of it is wrong.

    Texts, and lists of texts, are kept as they are. Raises `ValidationError` for what no form
    sends: other names, other types, or more than could ever be right.
    """
    errors: dict[str, list[str]] = {}
    bound = data_dict.get("conditions") or {}
    if not isinstance(bound, Mapping) or not bound.keys() <= set(CONDITIONS):
        errors["conditions"] = [_conditions_text()]
        bound = {}
    typed = {name: data_dict[name] for name in DRAFT_WORDS if data_dict.get(name) is not None}
    kept = {
        **{name: _typed(value, name, errors) for name, value in typed.items()},
        "conditions": {name: _typed(value, "conditions", errors) for name, value in bound.items()},
    }
    if errors:
        raise toolkit.ValidationError(errors)
    return kept


def _typed(value: Any, name: str, errors: dict[str, list[str]]) -> Any:
    longest = LONGEST_TYPED[name == "justification"]
    texts = value if isinstance(value, list) else [value]
    if len(texts) > MOST_TYPED or not all(isinstance(one, str | int) for one in texts):
        errors[name] = [toolkit._("This cannot be kept.")]
    elif any(len(str(one)) > longest for one in texts):
        errors[name] = [toolkit._("Write at most {longest} characters.").format(longest=longest)]
    kept = [str(one).replace("\0", "") for one in texts]
    return kept if isinstance(value, list) else kept[0]


def conditions(value: Any, errors: dict[str, list[str]]) -> Conditions:
    """Return the conditions of `{provinces, years, columns}`; notes in `errors` what is none."""
    shape = value or {}
    if not isinstance(shape, Mapping) or not shape.keys() <= set(CONDITIONS):
        errors["conditions"] = [_conditions_text()]
        return UNBOUND
    lists = {name: _list(shape.get(name)) for name in CONDITIONS}
    if any(len(one) > MOST_CONDITIONS for one in lists.values()):
        errors["conditions"] = [
            toolkit._("Name at most {most} of each.").format(most=MOST_CONDITIONS)
        ]
    if not all(_YEAR.fullmatch(year) for year in lists["years"]):
        errors["conditions"] = [toolkit._("Give each year in four digits.")]
        return UNBOUND
    years = tuple(map(int, lists["years"]))
    return Conditions(tuple(lists["provinces"]), years, tuple(lists["columns"]))


def given(data_dict: Mapping[str, Any], asked: Terms) -> Terms:
    """Return the terms that an approval gives: tier, days and conditions where it names them.

    Raises `ValidationError`.
    """
    errors: dict[str, list[str]] = {}
    tier = _tier(data_dict.get("tier") or asked.tier, errors)
    days = positive_days(data_dict.get("days") or asked.days, errors)
    bound = asked.conditions
    if data_dict.get("conditions"):
        bound = conditions(data_dict["conditions"], errors)
    if errors:
        raise toolkit.ValidationError(errors)
    return replace(asked, tier=tier, days=days, conditions=bound)


def absence(data_dict: Mapping[str, Any], today: date) -> tuple[date, date]:
    """Return the first and the last day of an absence, checked; raises `ValidationError`."""
    errors: dict[str, list[str]] = {}
    days = []
    for name in ("first_day", "last_day"):
        try:
            days.append(date.fromisoformat(str(data_dict.get(name))))
        except ValueError:
            errors[name] = [toolkit._("Give a day as 2031-01-31.")]
    # No day comes after the last one that Python knows.
    if date.max in days:
        errors["last_day"] = [toolkit._("Give a day as 2031-01-31.")]
    if not errors and days[0] < today:
        errors["first_day"] = [toolkit._("An absence cannot begin in the past.")]
    if not errors and days[1] < days[0]:
        errors["last_day"] = [toolkit._("The last day comes before the first.")]
    if errors:
        raise toolkit.ValidationError(errors)
    return days[0], days[1]


def candidate(data_dict: Mapping[str, Any], field: str) -> identity.Candidate:
    """Return whose user name a field holds, here or at the provider; raises `ValidationError`."""
    try:
        found = identity.candidate(_text(data_dict.get(field)))
    except identity.DirectoryUnavailable as error:
        text = toolkit._("Nobody here has this name, and who has it elsewhere cannot be asked now.")
        raise toolkit.ValidationError({field: [text]}) from error
    if found is None:
        raise toolkit.ValidationError({field: [toolkit._("There is no such user.")]})
    return found


def close_out(data_dict: Mapping[str, Any]) -> dict[str, str]:
    """Return `{copies, reason}` of a close-out, checked; raises `ValidationError`."""
    copies = data_dict.get("copies")
    if copies not in COPIES:
        raise toolkit.ValidationError({"copies": [toolkit._("Say what became of the copies.")]})
    if copies == KEPT or data_dict.get("reason"):
        return {"copies": str(copies), "reason": reason(data_dict.get("reason"))}
    return {"copies": str(copies)}


def id_of(data_dict: Mapping[str, Any]) -> str:
    """Return the id that is asked for; no thing has one that PostgreSQL cannot hold."""
    wanted = str(toolkit.get_or_bust(data_dict, "id"))
    if "\0" in wanted:
        raise toolkit.ObjectNotFound
    return wanted


def purpose(value: Any) -> str | None:
    """Return the purpose for which data is read, `None` where none is given.

    Any short text may be one: for a purpose that nothing was approved for, nothing counts. Raises
    `ValidationError`.
    """
    if value in (None, ""):
        return None
    if not isinstance(value, str) or len(value) > LONGEST_PURPOSE:
        raise toolkit.ValidationError({"purpose": [toolkit._("This is not a purpose.")]})
    return value


def terms_read(data_dict: Mapping[str, Any], standing: str | None) -> str | None:
    """Return the version of a dataset's terms that one accepts: those that stand.

    Raises `ValidationError` where one has read others (`terms_version`), which changed meanwhile.
    """
    read = _text(data_dict.get("terms_version"))
    if read and read != standing:
        text = toolkit._("The terms of use changed meanwhile; read them again.")
        raise toolkit.ValidationError({"terms_version": [text]})
    return standing


def level_words(data_dict: Mapping[str, Any]) -> LevelWords:
    """Return the ground and the review date that come with a level, checked.

    Raises `ValidationError` for a ground that is too long, or a date that is none or past.
    """
    errors: dict[str, list[str]] = {}
    ground = _text(data_dict.get(GROUND_FIELD))
    if len(ground) > LONGEST_REASON:
        errors[GROUND_FIELD] = [
            toolkit._("Write at most {longest} characters.").format(longest=LONGEST_REASON)
        ]
    given = data_dict.get(REVIEW_FIELD)
    review_on = _future_day(given, errors) if given not in (None, "") else None
    if errors:
        raise toolkit.ValidationError(errors)
    return LevelWords(ground, review_on)


def view_search() -> dict[str, Any]:
    """Return the schema of `dgatier_view_search`."""
    text = [toolkit.get_validator("ignore_missing"), toolkit.get_validator("unicode_only")]
    number = toolkit.get_validator("natural_number_validator")
    default = toolkit.get_validator("default")
    return {
        "resource_id": [
            toolkit.get_validator("not_missing"),
            toolkit.get_validator("unicode_only"),
        ],
        "purpose": text,
        "by": text,
        "limit": [default(10), number],
        "offset": [default(0), number],
        "__junk": [toolkit.get_validator("empty")],
    }


def positive_days(value: Any, errors: dict[str, list[str]]) -> int:
    """Return a number of days; notes in `errors` what is none."""
    try:
        days = int(str(value))
    except ValueError:
        days = 0
    if not 1 <= days <= 3650:
        errors["days"] = [toolkit._("Give a whole number of days, at least 1.")]
    return days


def refusal_ground(value: Any) -> dict[str, str]:
    """Return `{ground}` of a rejection, nothing where none is named; raises `ValidationError`."""
    if value in (None, ""):
        return {}
    if value not in REFUSAL_GROUND_BY_CODE:
        raise toolkit.ValidationError(
            {"ground": [toolkit._("Choose one of the grounds for refusing.")]}
        )
    return {"ground": str(value)}


def reason(value: Any) -> str:
    """Return a reason in words; raises `ValidationError` where it is empty or too long."""
    text = _text(value)
    if not text:
        raise toolkit.ValidationError({"reason": [toolkit._("Give a reason.")]})
    if len(text) > LONGEST_REASON:
        raise toolkit.ValidationError(
            {
                "reason": [
                    toolkit._("Write at most {longest} characters.").format(longest=LONGEST_REASON)
                ]
            }
        )
    return text


def _conditions_text() -> str:
    return toolkit._("Give provinces, years and columns, each as a list.")


def _tier(value: Any, errors: dict[str, list[str]]) -> AccessTier:
    try:
        tier = AccessTier(str(value))
    except ValueError:
        tier = AccessTier.NONE
    if tier not in ASKABLE:
        errors["tier"] = [toolkit._("Choose summary, masked or full.")]
    return tier


def _list(value: Any) -> list[str]:
    """Return texts without repetition, given as a list or as one text with commas."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        parts = []
    return list(dict.fromkeys(filter(None, (_text(str(one)) for one in parts))))


def _members(value: Any, requester_id: str, errors: dict[str, list[str]]) -> tuple[str, ...]:
    """Return the user ids of a team, given as names or ids: a list, or text with commas."""
    names = _list(value)
    if len(names) > MOST_MEMBERS:
        errors["members"] = [toolkit._("Name at most {most} people.").format(most=MOST_MEMBERS)]
        return ()
    found = []
    for name in names:
        user = model.User.get(name)
        if user is None or not user.is_active:
            text = toolkit._("There is no user {name}.").format(name=name)
            errors.setdefault("members", []).append(text)
        elif user.id != requester_id:
            found.append(user.id)
    return tuple(dict.fromkeys(found))


def _future_day(value: Any, errors: dict[str, list[str]]) -> date | None:
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        errors[REVIEW_FIELD] = [toolkit._("Give a day as 2031-01-31.")]
        return None
    if day <= calendar.today(datetime.now(UTC)):
        errors[REVIEW_FIELD] = [toolkit._("The day of the next review has to be in the future.")]
    return day


def _text(value: Any) -> str:
    """Return text without NUL, which PostgreSQL cannot hold, and without space around it."""
    return value.replace("\0", "").strip() if isinstance(value, str) else ""
