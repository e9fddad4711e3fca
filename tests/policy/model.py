"""The default rules once more, in Python and from the words of the design, to compare with.

Written apart from the Rego and its data on purpose: where the two differ, one is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TIERS = ("none", "discover", "summary", "masked", "full")
LEVELS = ("open", "internal", "confidential", "secret", "top_secret")
_FIFTEEN_MINUTES = 15 * 60
_CLOCKS_APART = 5 * 60
_OF_KIND = {
    ("identifier", "name"): "text",
    ("identifier", "phone"): "text",
    ("identifier", "account"): "text",
    ("quasi_identifier", "birth_date"): "timestamp",
    ("quasi_identifier", "event_date"): "timestamp",
    ("quasi_identifier", "income"): "numeric",
    ("measure", "amount"): "numeric",
}
_EVERYTHING: Mapping[str, list[Any]] = {"provinces": [], "years": [], "columns": []}

Case = Mapping[str, Any]


def tier_of(case: Case) -> str:
    """Return the tier of the one target of a decision's input."""
    return max((tier for tier, _grant in _had(case)), key=_rank, default="none")


def whole_tier_of(case: Case) -> str:
    """Return the tier of the target without what is bound to a part of it."""
    unbound = (tier for tier, grant in _had(case) if not (grant and _names(grant)))
    return max(unbound, key=_rank, default="none")


def seen_of(case: Case, row: Mapping[str, Any]) -> dict[str, str] | None:
    """Return how a row of the target is seen, by column `open`, `masked` or `hidden`.

    `None` where the row is not seen at all.
    """
    (target,) = case["targets"]
    reaching = [
        (tier, grant)
        for tier, grant in _had(case) + _about_oneself(case)
        if tier in ("masked", "full") and (grant is None or _reaches(grant, target, row))
    ]
    if not reaching:
        return None
    kinds = ("hidden", "masked", "open")
    return {
        column["name"]: max(
            (_shown(tier, grant, column, target) for tier, grant in reaching), key=kinds.index
        )
        for column in target["columns"]
    }


def _had(case: Case) -> list[tuple[str, Case | None]]:
    """Return each tier that the person has of the target, with the grant that it comes from."""
    (target,) = case["targets"]
    subject = case["subject"]
    guarded_from = _guarded_from(target["level"])
    strong = _strong_enough(case, target["level"])
    without = _without_asking(subject, target)
    had: list[tuple[str, Case | None]] = [
        (tier, None) for tier in without if strong or _rank(tier) < guarded_from
    ]
    for grant in target["grants"]:
        told = _can_be_kept(grant, target)
        if told and (strong or _rank(grant["tier"]) < guarded_from):
            had.append((_granted(case, grant, target), grant))
    own = subject["agency"]
    if _is_official(subject) and own is not None and _owners(target) == ["text"]:
        as_own = {**target, "agency": own}
        had += [
            (tier, {"conditions": {**_EVERYTHING, "agencies": [own]}})
            for tier in _without_asking(subject, as_own)
            if tier in ("masked", "full") and (strong or _rank(tier) < guarded_from)
        ]
    return had


def _about_oneself(case: Case) -> list[tuple[str, Case | None]]:
    """Return the rows about the person and their companies; they are had as they are.

    They stand beside the tier.
    """
    (target,) = case["targets"]
    subject, strong = case["subject"], _strong_enough(case, target["level"])
    if not subject["authenticated"] or subject["ial"] < 2 or not strong:
        return []
    if target["level"] not in ("internal", "confidential"):
        return []
    return [
        ("full", {"conditions": {**_EVERYTHING, key: numbers}})
        for key, numbers in subject["numbers"].items()
        if numbers
        and key in target["about"]
        and [c["type"] for c in target["columns"] if c["subject_key"] == key] == ["text"]
    ]


def _owners(target: Case) -> list[str]:
    return [one["type"] for one in target["columns"] if one["subject_key"] == "owner_org"]


def _names(grant: Case) -> list[str]:
    return [name for name, values in grant["conditions"].items() if values]


def _can_be_kept(grant: Case, target: Case) -> bool:
    """A table keeps to a condition that one column of it, and no more, can tell."""
    if target["resource_id"] is None:
        return True
    wanted, columns = grant["conditions"], target["columns"]
    places = [one["type"] for one in columns if one["subject_key"] == "province"]
    moments = [(one["period"], one["type"]) for one in columns if one["period"] is not None]
    told = moments in (
        [("date", "timestamp")],
        [("year", "numeric")],
        [("year", "text")],
        [("buddhist_year", "numeric")],
        [("buddhist_year", "text")],
    )
    return (
        (not wanted["provinces"] or places == ["text"])
        and (not wanted["years"] or told)
        and (not wanted["columns"] or any(one["name"] in wanted["columns"] for one in columns))
    )


def _reaches(grant: Case, target: Case, row: Mapping[str, Any]) -> bool:
    wanted = grant["conditions"]
    for column in target["columns"]:
        value = row[column["name"]]
        told = wanted["provinces"] and column["subject_key"] == "province"
        if told and value not in wanted["provinces"]:
            return False
        owned = "agencies" in wanted and column["subject_key"] == "owner_org"
        if owned and value not in wanted["agencies"]:
            return False
        about = column["subject_key"] in ("citizen_id", "juristic_id")
        if about and value not in wanted.get(column["subject_key"], [value]):
            return False
        if wanted["years"] and column["period"] is not None:
            common = {year - 543 if year >= 2400 else year for year in wanted["years"]}
            if value is None or _common_year(value, column["period"]) not in common:
                return False
    return True


def _common_year(value: Any, period: str) -> int:
    year = int(str(value)[:4])
    return year - 543 if period == "buddhist_year" else year


def _shown(tier: str, grant: Case | None, column: Case, target: Case) -> str:
    only = grant["conditions"]["columns"] if grant else []
    if only and column["name"] not in only:
        return "hidden"
    if tier == "full":
        return "open"
    own = column["level"]
    if own is not None and LEVELS.index(own) > LEVELS.index(target["level"]):
        return "hidden"
    kind = _OF_KIND.get((column["disclosure"], column["kind"]))
    if kind is not None:
        return "masked" if column["type"] == kind else "hidden"
    kinds = {
        "identifier": "masked",
        "quasi_identifier": "masked",
        "measure": "open",
        "plain": "open",
    }
    return kinds.get(column["disclosure"], "hidden")


def rule_at_once(case: Case, rules: Sequence[Case]) -> str | None:
    """Return the name of the rule by which a request is given when it is handed in, or `None`."""
    if not may_be_given_at_once(case):
        return None
    target = case["target"]
    for rule in rules:
        if (
            _kinds(case["subject"], target["agency"]) & set(rule["kinds"])
            and case["purpose"] in rule["purposes"]
            and LEVELS.index(target["level"]) <= LEVELS.index(rule["level"])
            and _rank(case["tier"]) <= _rank(rule["tier"])
            and case["days"] <= rule["days"]
        ):
            return str(rule["name"])
    return None


def may_be_given_at_once(case: Case) -> bool:
    """Say whether any rule of an agency could give a request, whatever the agency writes."""
    subject, target, asking = case["subject"], case["target"], case["asking"]
    decides_there = target["agency"] is not None and (
        subject["agency"] == target["agency"]
        and bool({"steward", "senior_steward"} & set(subject["roles"]))
    )
    most = {"internal": "full", "confidential": "masked"}.get(target["level"], "none")
    return (
        subject["authenticated"]
        and not decides_there
        and not asking["members"]
        and not asking["refused_before"]
        and asking["agency"] == target["agency"]
        and _rank(case["tier"]) <= _rank(most)
        and case["days"] <= 365
    )


def _kinds(subject: Case, agency: str | None) -> set[str]:
    kinds = {"everyone"}
    if subject["authenticated"]:
        kinds.add("signed_in")
        if "researcher" in subject["roles"] and subject["accredited"]:
            kinds.add("accredited")
    if _is_official(subject):
        kinds.add("official")
        if subject["agency"] == agency is not None:
            kinds |= {"own_official", *["cleared"] * _is_cleared(subject)}
    return kinds


def _rank(tier: str) -> int:
    return TIERS.index(tier)


def _without_asking(subject: Case, target: Case) -> list[str]:
    """Return all that the table gives; who is too weak for the most still has the least."""
    own = _is_official(subject) and subject["agency"] == target["agency"] is not None
    match target["level"]:
        case "open":
            return ["full"]
        case "internal":
            return ["discover", *["masked"] * _is_official(subject), *["full"] * own]
        case "confidential":
            return ["discover", *["summary"] * subject["authenticated"], *["masked"] * own]
        case "secret":
            return ["discover"] * (own and _is_cleared(subject))
    return []


def _granted(case: Case, grant: Case, target: Case) -> str:
    subject, now = case["subject"], case["environment"]["now"]
    counts = (
        not grant["revoked"]
        and grant["valid_from"] <= now < grant["valid_until"]
        and case["purpose"] in (None, grant["purpose"])
        and grant["organisation"] in (None, *subject["organisations"])
        and LEVELS.index(target["level"]) <= LEVELS.index(grant["level"])
        and target["terms"] in (None, grant["terms"])
    )
    if not counts or not subject["authenticated"]:
        return "none"
    match target["level"]:
        case "internal":
            most = "full"
        case "confidential":
            researcher = "researcher" in subject["roles"] and subject["accredited"]
            most = "full" if _is_official(subject) or researcher else "masked"
        case "secret":
            own = _is_official(subject) and subject["agency"] == target["agency"] is not None
            most = "masked" if own and _is_cleared(subject) else "none"
        case _:
            most = "none"
    return min(grant["tier"], most, key=_rank)


def _guarded_from(level: str) -> int:
    return {"open": 9, "internal": 3, "confidential": 3, "secret": 2, "top_secret": 1}[level]


def _strong_enough(case: Case, level: str) -> bool:
    subject, now = case["subject"], case["environment"]["now"]
    is_service = "service" in subject["roles"]
    moment = subject["authenticated_at"]
    age = None if moment is None else now - moment
    recent = age is not None and -_CLOCKS_APART <= age <= _FIFTEEN_MINUTES
    match level:
        case "internal":
            return is_service or (subject["ial"] >= 1.3 and subject["aal"] >= 1)
        case "confidential":
            return is_service or (subject["ial"] >= 2 and subject["aal"] >= 2)
        case "secret":
            return recent and (is_service or (subject["ial"] >= 2.3 and subject["aal"] >= 2))
    return True


def _is_official(subject: Case) -> bool:
    return subject["authenticated"] and "official" in subject["roles"]


def _is_cleared(subject: Case) -> bool:
    return subject["clearance"] in ("secret", "top_secret")
