"""What must hold of every decision, over thousands of made-up people, data and grants."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model import (
    LEVELS,
    TIERS,
    may_be_given_at_once,
    rule_at_once,
    seen_of,
    tier_of,
    whole_tier_of,
)
from test_rego import POLICY, SCHEMAS

_NOW = 1_800_000_000
_AGENCIES = ("fpo", "excise", None)
_ORGANISATIONS = ("siam-trading", "thai-research-institute")
_PURPOSES = ("dpv:AcademicResearch", "dpv:CombatFraud")
_KINDS = ("everyone", "signed_in", "official", "own_official", "accredited", "cleared")
_DISCLOSURES = ("identifier", "quasi_identifier", "sensitive", "measure", "plain", "nonsense")
_CONDITIONS: dict[str, list[Any]] = {
    "provinces": ["น่าน", "แพร่", "ตาก"],
    "years": [2023, 2566, 2022, 2564],
    "columns": ["a", "b", "c", "gone"],
}
_VALUES_OF_PERIOD: dict[str, dict[str, list[Any]]] = {
    "date": {"timestamp": ["2022-12-31T23:59:59", "2023-01-01", "2023-12-31", "2024-01-01"]},
    "year": {"numeric": [2021, 2022, 2023, 2566], "text": ["2022", "2023", "2566"]},
    "buddhist_year": {"numeric": [2564, 2565, 2566, 2023], "text": ["2565", "2566", "2023"]},
}
_AT_ONCE = """[answer |
    some case in input.cases
    asked := case.input
    overrides := case.overrides
    agencies := case.agencies
    at_once := data.dgatier.approval.at_once with input as asked
        with data.dgatier.overrides.at_once as overrides
        with data.dgatier.overrides.agencies as agencies
    needed := data.dgatier.approval.requirements with input as asked
        with data.dgatier.overrides.agencies as agencies
    steward := case.steward
    verdict := data.dgatier.approval.verdict with input as steward
        with data.dgatier.overrides.agencies as agencies
    answer := {"at_once": at_once, "needed": needed.allowed, "verdict": verdict}
]"""
_NUMBERS = {"citizen_id": ["1-0", "1-1"], "juristic_id": ["2-0", "2-1", "2-2"]}
_ROLES = ("citizen", "company_member", "researcher", "official", "steward", "sysadmin", "service")
# Each example is this many cases, so that OPA starts once for all of them; an example is a seed,
# from which `random` makes the cases far faster than drawing each of their parts.
_CASES = 250
_THOROUGH = settings(max_examples=12, deadline=None, database=None)
_BROAD = settings(max_examples=6, deadline=None, database=None)
_ONCE = settings(max_examples=1, deadline=None, database=None)
_QUERY = """[tiers |
    some case in input.cases
    asked := case.input
    overrides := case.overrides
    answers := data.dgatier.decision.answers with input as asked
        with data.dgatier.overrides.agencies as overrides
    tiers := [answer.tier | some answer in answers]
]"""


def _subject(dice: Random) -> dict[str, Any]:
    if dice.random() < 0.2:
        return {
            "id": None, "authenticated": False, "roles": [], "agency": None, "organisation": None,
            "organisations": [],
            "clearance": "open", "ial": 0, "aal": 0, "authenticated_at": None, "accredited": False,
            "numbers": {"citizen_id": [], "juristic_id": []},
        }  # fmt: skip
    return {
        "id": "someone",
        "authenticated": True,
        "roles": sorted(dice.sample(_ROLES, dice.randint(0, 3))),
        "agency": dice.choice(_AGENCIES),
        "organisation": None,
        "organisations": dice.sample(_ORGANISATIONS, dice.randint(0, 2)),
        "clearance": dice.choice(LEVELS),
        "ial": dice.choice([0, 1, 1.3, 2, 2.3, 3]),
        "aal": dice.choice([0, 1, 2, 3]),
        "authenticated_at": dice.choice([None, _NOW + 600, _NOW + 200, _NOW - 60, _NOW - 5000]),
        "accredited": dice.random() < 0.5,
        "numbers": {
            "citizen_id": dice.choice([[], *([one] for one in _NUMBERS["citizen_id"])]),
            "juristic_id": dice.sample(_NUMBERS["juristic_id"], dice.choice([0, 0, 1, 2])),
        },
    }


def _grant(dice: Random) -> dict[str, Any]:
    return {
        "id": f"g{dice.randrange(10**9)}",
        "tier": dice.choice(TIERS[2:]),
        "purpose": dice.choice(_PURPOSES),
        "valid_from": _NOW + dice.choice([-1000, 0, 1000]),
        "valid_until": _NOW + dice.choice([-500, 0, 1, 5000]),
        "revoked": dice.random() < 0.4,
        "conditions": {
            name: dice.sample(values, dice.choice([0, 0, 1, 2]))
            for name, values in _CONDITIONS.items()
        },
        "organisation": dice.choice([None, None, *_ORGANISATIONS]),
        "level": dice.choice(LEVELS),
        "terms": dice.choice([None, "these"]),
    }


def _columns(dice: Random) -> list[dict[str, Any]]:
    """Return the columns of a table, whose dictionary says much, little or nonsense."""
    return [
        {
            "name": name,
            "type": dice.choice(["text", "text", "numeric", "timestamp"]),
            "level": dice.choice([None, None, None, *LEVELS]),
            "disclosure": dice.choice([None, *_DISCLOSURES]),
            "subject_key": dice.choice([None, None, "province", "owner_org", *_NUMBERS]),
            "period": dice.choice([None, None, None, *_VALUES_OF_PERIOD]),
            "kind": dice.choice([None, None, "name", "birth_date", "income", "amount", "nonsense"]),
            "bounds": dice.choice([None, [0, 1000], [5, 5], [9, -9]]),
        }
        for name in dice.sample(_CONDITIONS["columns"], dice.randint(0, 3))
    ]


def _row(dice: Random, columns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a row as the columns say that it is."""
    row = {}
    for column in columns:
        kind = _VALUES_OF_PERIOD.get(column["period"] or "", {})
        others = {"province": _CONDITIONS["provinces"], **_NUMBERS}.get(
            column["subject_key"], _AGENCIES
        )
        row[column["name"]] = dice.choice([None, *kind.get(column["type"], others)])
    return row


def _case(dice: Random) -> dict[str, Any]:
    target = {
        "dataset_id": "d",
        "resource_id": dice.choice(["r", "r", "r", None]),
        "level": dice.choice(LEVELS),
        "category": None,
        "agency": dice.choice(_AGENCIES),
        "province": None,
        "tabular": True,
        "columns": _columns(dice),
        "terms": dice.choice([None, None, "these", "others"]),
        "grants": [_grant(dice) for _ in range(dice.randint(0, 3))],
        "about": dice.choice([[], ["citizen_id"], ["juristic_id"], [*_NUMBERS], [*_NUMBERS]]),
    }
    return {
        "subject": _subject(dice),
        "targets": [target],
        "purpose": dice.choice([None, "dpv:AcademicResearch"]),
        "environment": {"now": _NOW, "network": "internet"},
    }


def _own_rules(dice: Random) -> dict[str, Any]:
    """Return rules that an agency might write, sensible or not."""

    def tiers() -> dict[str, str]:
        return {kind: dice.choice(TIERS) for kind in dice.sample(_KINDS, dice.randint(0, 4))}

    def number() -> float:
        return dice.choice([0, 1, 2, 2.3, 3, 600, 99999])

    whole = {
        "without_asking": tiers(),
        "approval": {"tiers": tiers(), "approvals": number(), "max_days": number()},
        "sign_in": {
            "from": dice.choice(TIERS),
            "ial": number(),
            "aal": number(),
            "max_age_s": number(),
        },
        "conditions": dice.choice([{"hours": [8, 17]}, {"networks": ["government"]}, {"hours": 3}]),
    }
    return {part: whole[part] for part in dice.sample(sorted(whole), dice.randint(0, 4))}


_SEEN = """[found |
    some case in input.cases
    asked := case.input
    answers := data.dgatier.decision.answers with input as asked
    answer := answers[0]
    rows := [names |
        some row in case.rows
        names := [share.name |
            some share in answer.shares
            question := {
                "shares": answer.shares,
                "columns": asked.targets[0].columns,
                "part": {"name": share.name},
                "row": row,
            }
            data.dgatier.rows.include with input as question
        ]
    ]
    found := object.union(answer, {"rows": rows})
]"""

some_dice = st.integers(0, 2**32).map(Random)


def _cases(dice: Random) -> list[dict[str, Any]]:
    return [_case(dice) for _ in range(_CASES)]


def _asked_at_once(dice: Random) -> dict[str, Any]:
    """Return a request as it is handed in, with the agencies' rules that give at once."""
    case = _case(dice)
    # In what register a person stands is weighed where rows are read, not where they are asked for.
    subject = {name: said for name, said in case["subject"].items() if name != "numbers"}
    del case["targets"][0]["about"]
    if dice.random() < 0.4 and subject["authenticated"]:
        subject["roles"] = sorted({*subject["roles"], dice.choice(["steward", "senior_steward"])})
    asking: dict[str, Any] = {
        "members": dice.choice([[], [], [], ["a colleague"]]),
        "refused_before": dice.random() < 0.2,
    }
    (target,) = case["targets"]
    asking["agency"] = target["agency"]
    if dice.random() < 0.1:
        asking["agency"] = dice.choice(_AGENCIES)
    return {
        "subject": subject,
        "target": {
            **target,
            "level": dice.choice([*LEVELS, "internal", "internal", "confidential"]),
        },
        "tier": dice.choice(TIERS[2:]),
        "days": dice.choice([1, 30, 90, 91, 365, 366]),
        "purpose": dice.choice(_PURPOSES),
        "environment": case["environment"],
        "asking": asking,
    }


def _rule_at_once(dice: Random, name: str) -> dict[str, Any]:
    return {
        "name": name, "th": "กฎ", "en": "A rule",
        "kinds": dice.sample(_KINDS, dice.randint(1, 6)),
        "purposes": dice.sample(_PURPOSES, dice.randint(1, 2)),
        "level": dice.choice(LEVELS), "tier": dice.choice(TIERS),
        "days": dice.choice([30, 90, 99999]),
    }  # fmt: skip


def _nonsense_at_once(dice: Random) -> Any:
    """Return what an agency might write instead of its rules, or a rule that is spoilt."""
    rule = _rule_at_once(dice, "spoilt")
    part = dice.choice(sorted(rule))
    wrong = dice.choice([None, True, "everyone", 99999, {"a": "everyone"}, [], ["everyone", None]])
    return dice.choice([[{**rule, part: wrong}], wrong, rule])


def _at_once(
    asked: Sequence[dict[str, Any]],
    written: Sequence[Any],
    agencies: Sequence[dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """Return for each case what is given at once, and what a steward of the agency could give."""
    batch = [
        {
            "input": case,
            "overrides": {case["target"]["agency"] or "nobody": rules},
            "agencies": own,
            "steward": {
                "subject": {
                    **case["subject"], "id": "a steward", "authenticated": True,
                    "roles": ["official", "steward"], "agency": case["target"]["agency"],
                    "ial": 3, "aal": 3,
                },
                "request": {
                    "requester_id": case["subject"]["id"], "agency": case["target"]["agency"],
                    "level": case["target"]["level"], "tier": case["tier"], "days": case["days"],
                    "approved_by": [], "members": case["asking"]["members"], "rejected_by": [],
                },
                "on_paper": False,
                "environment": case["environment"],
            },
        }
        for case, rules, own in zip(asked, written, agencies or [{}] * len(asked), strict=True)
    ]  # fmt: skip
    answers: list[dict[str, Any]] = _eval(_AT_ONCE, batch)
    assert len(answers) == len(asked)
    return answers


def _tiers(
    asked: Sequence[dict[str, Any]], overrides: Sequence[dict[str, Any]] | None = None
) -> list[str]:
    """Return what OPA decides on the one target of each case."""
    return [tier for (tier,) in _all_tiers(asked, overrides)]


def _all_tiers(
    asked: Sequence[dict[str, Any]], overrides: Sequence[dict[str, Any]] | None = None
) -> list[list[str]]:
    """Return what OPA decides on every target of each case."""
    given_overrides = overrides or [{}] * len(asked)
    batch = [{"input": a, "overrides": o} for a, o in zip(asked, given_overrides, strict=True)]
    tiers: list[list[str]] = _eval(_QUERY, batch)
    assert len(tiers) == len(asked)
    return tiers


def _eval(query: str, batch: list[dict[str, Any]]) -> Any:
    opa = os.environ.get("DGATIER_OPA") or pytest.skip(
        "DGATIER_OPA is not set; scripts/test sets it"
    )
    done = subprocess.run(
        [opa, "eval", "--data", POLICY, "--stdin-input", "--format=raw", query],
        input=json.dumps({"cases": batch}), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def _rank(tier: str) -> int:
    return TIERS.index(tier)


def _changed(case: dict[str, Any], **subject: Any) -> dict[str, Any]:
    return {**case, "subject": {**case["subject"], **subject}}


def _with_target(case: dict[str, Any], **target: Any) -> dict[str, Any]:
    return {**case, "targets": [{**case["targets"][0], **target}]}


def _with_grants_too(
    asked: list[dict[str, Any]], more: list[dict[str, Any]], **changes: Any
) -> list[dict[str, Any]]:
    """Return the cases with one more grant each, changed like this."""
    return [
        _with_target(case, grants=[*case["targets"][0]["grants"], {**grant, **changes}])
        for case, grant in zip(asked, more, strict=True)
    ]


def _never_lower(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    for case, other, one, two in zip(before, after, _tiers(before), _tiers(after), strict=True):
        assert _rank(two) >= _rank(one), f"{one} became {two}: {case} → {other}"


@_THOROUGH
@given(some_dice)
def test_the_rego_and_the_model_decide_alike(dice: Random) -> None:
    asked = _cases(dice)
    for case, tier in zip(asked, _tiers(asked), strict=True):
        assert tier == tier_of(case), case


def _seen(answer: dict[str, Any], names: Sequence[str]) -> dict[str, str] | None:
    """Return how a row is seen that is in the shares of these names, in the words of the model."""
    if not {answer["tier"], answer["own_record"]} & {"masked", "full"}:
        return None
    owed = answer["obligations"]

    def kind(mask: dict[str, Any] | None) -> str:
        return "open" if mask is None else "hidden" if mask["method"] == "suppress" else "masked"

    if not owed["row_filter"]:
        return {name: kind(mask) for name, mask in owed["column_masks"].items()}
    if not names:
        return None
    return {
        name: next((kind(one["mask"]) for one in cells if one["share"] in names), "hidden")
        for name, cells in answer["cells"].items()
    }


@_THOROUGH
@given(some_dice)
def test_the_rego_and_the_model_show_the_same_of_each_row(dice: Random) -> None:
    asked = []
    for case in _cases(dice):
        grants = [{**one, "revoked": False, "valid_until": _NOW + 1} for one in
                  case["targets"][0]["grants"]]  # fmt: skip
        asked.append(_with_target(case, resource_id="r", terms=None, grants=grants))
    rows = [[_row(dice, case["targets"][0]["columns"]) for _ in range(4)] for case in asked]
    cases = [{"input": case, "rows": some} for case, some in zip(asked, rows, strict=True)]
    for case, some, answer in zip(asked, rows, _eval(_SEEN, cases), strict=True):
        assert answer["whole_tier"] == whole_tier_of(case), case
        for row, names in zip(some, answer["rows"], strict=True):
            seen, wanted = _seen(answer, names), seen_of(case, row)
            if seen is not None and not answer["obligations"]["row_filter"]:
                columns = [one["name"] for one in case["targets"][0]["columns"]]
                seen = {name: seen.get(name, "open") for name in columns}
            assert seen == wanted, (row, case)


@_BROAD
@given(some_dice)
def test_one_more_grant_never_takes_a_cell_away(dice: Random) -> None:
    kinds = ("hidden", "masked", "open")
    before = [_with_target(case, resource_id="r") for case in _cases(dice)]
    after = _with_grants_too(before, [_grant(dice) for _ in before])
    rows = [[_row(dice, case["targets"][0]["columns"]) for _ in range(3)] for case in before]
    found = [
        _eval(_SEEN, [{"input": a, "rows": b} for a, b in zip(cases, rows, strict=True)])
        for cases in (before, after)
    ]
    for case, one, two in zip(after, *found, strict=True):
        for names, more in zip(one["rows"], two["rows"], strict=True):
            less, now = _seen(one, names), _seen(two, more)
            for column in less or {}:
                shown = (now or {}).get(column, "open" if now is not None else "hidden")
                assert kinds.index(shown) >= kinds.index((less or {})[column]), case


@_BROAD
@given(some_dice)
def test_rows_about_oneself_change_neither_the_tier_nor_the_figures(dice: Random) -> None:
    asked = [_with_target(case, resource_id="r") for case in _cases(dice)]
    without = [_with_target(case, about=[]) for case in asked]
    found = [
        _eval(_SEEN, [{"input": one, "rows": []} for one in some]) for some in (asked, without)
    ]
    for case, one, two in zip(asked, *found, strict=True):
        assert (one["tier"], one["whole_tier"]) == (two["tier"], two["whole_tier"]), case
        assert one["obligations"]["summary"] == two["obligations"]["summary"], case
        assert two["own_record"] == "none", case


@_BROAD
@given(some_dice)
def test_many_targets_at_once_are_decided_as_each_by_itself(dice: Random) -> None:
    """Like targets are worked out once; what makes them unlike must never be overlooked."""
    person = _case(dice)
    alone = [{**person, "targets": case["targets"]} for case in _cases(dice)]
    overrides = {"excise": {"confidential": {"without_asking": {"signed_in": "discover"}}}}
    together = {**person, "targets": [target for case in alone for target in case["targets"]]}
    (found,) = _all_tiers([together], [overrides])
    assert found == _tiers(alone, [overrides] * len(alone))


@_BROAD
@given(some_dice)
def test_more_clearance_never_lowers(dice: Random) -> None:
    asked = _cases(dice)
    _never_lower(asked, [_changed(case, clearance="top_secret") for case in asked])


@_BROAD
@given(some_dice)
def test_a_stronger_sign_in_never_lowers(dice: Random) -> None:
    asked = _cases(dice)
    stronger = {"ial": 3, "aal": 3, "authenticated_at": _NOW - 1}
    known = [case for case in asked if case["subject"]["authenticated"]]
    _never_lower(known, [_changed(case, **stronger) for case in known])


@_BROAD
@given(some_dice)
def test_one_more_grant_never_lowers(dice: Random) -> None:
    asked = _cases(dice)
    more = [_grant(dice) for _ in asked]
    _never_lower(asked, _with_grants_too(asked, more))


@_BROAD
@given(some_dice)
def test_a_higher_level_never_raises(dice: Random) -> None:
    """Up to one step that the design's table has: a summary of confidential data is for everyone
    who signs in, and of internal data for no one outside; so internal counts as summary here.
    """
    asked = _cases(dice)
    below = [case for case in asked if case["targets"][0]["level"] != "top_secret"]
    levels = [case["targets"][0]["level"] for case in below]
    higher = [
        _with_target(case, level=LEVELS[LEVELS.index(level) + 1])
        for case, level in zip(below, levels, strict=True)
    ]
    for case, level, low, high in zip(below, levels, _tiers(below), _tiers(higher), strict=True):
        allowed = "summary" if (level, high) == ("internal", "summary") else low
        assert _rank(high) <= _rank(allowed), f"{low} became {high}: {case}"


@_BROAD
@given(some_dice)
def test_a_grant_that_is_over_counts_for_nothing(dice: Random) -> None:
    asked = _cases(dice)
    more = [_grant(dice) for _ in asked]
    dead: list[dict[str, Any]] = [
        {"revoked": True},
        {"revoked": False, "valid_until": _NOW},
        {"revoked": False, "valid_from": _NOW + 1},
        {"revoked": False, "organisation": "an organisation of others"},
    ]
    without = _tiers(asked)
    for death in dead:
        assert _tiers(_with_grants_too(asked, more, **death)) == without


@_BROAD
@given(some_dice)
def test_a_grant_given_at_a_lower_level_or_on_other_terms_counts_for_nothing(dice: Random) -> None:
    asked = [case for case in _cases(dice) if case["targets"][0]["level"] != "open"]
    lower = []
    for case in asked:
        rank = LEVELS.index(case["targets"][0]["level"])
        lower.append({**_grant(dice), "level": dice.choice(LEVELS[:rank])})
    assert _tiers(_with_grants_too(asked, lower)) == _tiers(asked)
    bound = [_with_target(case, terms="these") for case in asked]
    without = _tiers(bound)
    for terms in (None, "others"):
        more = [_grant(dice) for _ in bound]
        assert _tiers(_with_grants_too(bound, more, terms=terms)) == without


@_BROAD
@given(some_dice)
def test_a_grant_for_another_purpose_counts_for_nothing(dice: Random) -> None:
    asked = _cases(dice)
    more = [_grant(dice) for _ in asked]
    bound = [{**case, "purpose": "dpv:AcademicResearch"} for case in asked]
    assert _tiers(_with_grants_too(bound, more, purpose="dpv:Other")) == _tiers(bound)


@_BROAD
@given(some_dice)
def test_a_sysadmin_is_nobody_special(dice: Random) -> None:
    asked = _cases(dice)
    roles = [set(case["subject"]["roles"]) for case in asked]
    with_it = [
        _changed(c, roles=sorted(r | {"sysadmin"})) for c, r in zip(asked, roles, strict=True)
    ]
    without = [
        _changed(c, roles=sorted(r - {"sysadmin"})) for c, r in zip(asked, roles, strict=True)
    ]
    assert _tiers(with_it) == _tiers(without)


@_BROAD
@given(some_dice)
def test_no_override_loosens(dice: Random) -> None:
    asked = _cases(dice)
    own = [{level: _own_rules(dice) for level in LEVELS} for _ in asked]
    overrides = [
        {case["targets"][0]["agency"]: rules} if case["targets"][0]["agency"] else {}
        for case, rules in zip(asked, own, strict=True)
    ]
    for case, override, before, after in zip(
        asked, overrides, _tiers(asked), _tiers(asked, overrides), strict=True
    ):
        assert _rank(after) <= _rank(before), f"{override} raised {before} to {after}: {case}"


def _agencies(dice: Random, asked: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return stricter or looser rules of the agency of each case."""
    return [
        {case["target"]["agency"] or "nobody": {level: _own_rules(dice) for level in LEVELS}}
        for case in asked
    ]


@_THOROUGH
@given(some_dice)
def test_the_rego_and_the_model_give_at_once_alike(dice: Random) -> None:
    asked = [_asked_at_once(dice) for _ in range(_CASES)]
    written = [[_rule_at_once(dice, f"rule {n}") for n in range(dice.randint(0, 3))] for _ in asked]
    for case, rules, found in zip(asked, written, _at_once(asked, written), strict=True):
        # Without an agency there is nobody whose rule it could be.
        expected = rule_at_once(case, rules if case["target"]["agency"] else [])
        given_by = found["at_once"]["rule"] and found["at_once"]["rule"]["name"]
        assert given_by == expected, case
        assert found["at_once"]["approved"] is (expected is not None), case


@_BROAD
@given(some_dice)
def test_nothing_is_given_at_once_that_a_steward_could_not_have_given(dice: Random) -> None:
    asked = [_asked_at_once(dice) for _ in range(_CASES)]
    written = [
        [_rule_at_once(dice, "rule"), *([_rule_at_once(dice, "other")] * dice.randint(0, 1))]
        for _ in asked
    ]
    answers = _at_once(asked, written, _agencies(dice, asked))
    for case, found in zip(asked, answers, strict=True):
        if found["at_once"]["approved"]:
            assert found["needed"], case
            assert found["verdict"]["allowed"], case
            assert found["verdict"]["complete"], case


@_BROAD
@given(some_dice)
def test_no_data_of_an_agency_loosens_what_no_rule_may_give(dice: Random) -> None:
    asked = [_asked_at_once(dice) for _ in range(_CASES)]
    written = [_nonsense_at_once(dice) for _ in asked]
    answers = _at_once(asked, written, _agencies(dice, asked))
    for case, rules, found in zip(asked, written, answers, strict=True):
        assert not found["at_once"]["approved"] or may_be_given_at_once(case), (rules, case)


@_BROAD
@given(some_dice)
def test_a_stricter_agency_gives_no_more_at_once(dice: Random) -> None:
    asked = [_asked_at_once(dice) for _ in range(_CASES)]
    written = [[_rule_at_once(dice, "rule")] for _ in asked]
    without = _at_once(asked, written)
    strict = _at_once(asked, written, _agencies(dice, asked))
    for case, before, after in zip(asked, without, strict, strict=True):
        assert before["at_once"]["approved"] or not after["at_once"]["approved"], case


@_ONCE
@given(some_dice)
def test_the_made_up_requests_fit_the_schema_that_the_portal_keeps(dice: Random) -> None:
    fits = _validator("approval")
    for _ in range(_CASES):
        fits.validate(_asked_at_once(dice))


@_ONCE
@given(some_dice)
def test_the_made_up_cases_fit_the_schema_that_the_portal_keeps(dice: Random) -> None:
    fits = _validator("decision")
    for case in _cases(dice):
        fits.validate(case)


def _validator(schema: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads((SCHEMAS / f"{schema}.json").read_text()))
