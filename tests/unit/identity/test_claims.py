"""What an identity provider says counts where it can be read, and for nothing where it cannot."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.subject import Role
from ckanext.dgatier.identity import claims

_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_NAMES = (*claims.KEPT, "acr", "auth_time", "sub")
_GOOD = {
    "preferred_username": "nari",
    "roles": ["researcher"],
    "ial": "2.3",
    "clearance": "secret",
    "accredited": "true",
    "acr": "aal2",
    "auth_time": 1_760_000_000,
}


def _subject(said: dict[str, Any]) -> Any:
    return claims.subject("user", said, claims.assurance(said))


@given(st.dictionaries(st.sampled_from(_NAMES), _ANYTHING))
def test_whatever_is_said_makes_a_subject_and_never_a_program(said: dict[str, Any]) -> None:
    found = _subject(said)
    assert 0 <= found.ial <= 3
    assert found.aal in (0, 1, 2, 3)
    assert Role.INGEST not in found.roles
    if not said.get("service"):
        assert Role.SERVICE not in found.roles


@given(st.sampled_from(sorted(_GOOD)), _ANYTHING)
def test_one_claim_that_cannot_be_read_leaves_the_others(name: str, value: Any) -> None:
    good, found = _subject(_GOOD), _subject({**_GOOD, name: value})
    if name != "ial":
        assert found.ial == good.ial
    if name != "roles":
        assert found.roles == good.roles
    if name != "clearance":
        assert found.clearance is ClassificationLevel.SECRET


@pytest.mark.parametrize(
    "value", [None, "", "high", "NaN", "inf", -1, 3.1, "9", True, [], {"level": 3}, math.nan]
)
def test_an_assurance_level_that_is_none_counts_as_nothing(value: object) -> None:
    assert _subject({**_GOOD, "ial": value}).ial == 0


@pytest.mark.parametrize("value", [1e30, -1e30, math.inf, math.nan, "yesterday", True, [], None])
def test_a_moment_that_is_none_makes_a_sign_in_of_unknown_age(value: object) -> None:
    assert claims.assurance({**_GOOD, "auth_time": value}).authenticated_at is None


@pytest.mark.parametrize("value", ["SECRET", "ลับมาก", 3, ["secret"], {"secret": True}])
def test_a_clearance_that_is_no_level_clears_for_nothing(value: object) -> None:
    assert _subject({**_GOOD, "clearance": value}).clearance is ClassificationLevel.OPEN


_NUMBER, _OTHER = "0110000000018", "0900000000011"


def test_numbers_are_kept_and_read_alike_however_they_come() -> None:
    said = {"citizen_id": _NUMBER, "companies": {"siam": {"juristic_id": [_OTHER]}, "other": {}}}
    for form in (said, claims.kept(said), claims.kept(claims.kept(said))):
        found = _subject(form)
        assert (found.citizen_ids, found.juristic_ids) == ((_NUMBER,), (_OTHER,))
        assert _NUMBER not in repr(found)
        assert _OTHER not in repr(found)


@pytest.mark.parametrize(
    "value",
    [
        _NUMBER[:-1] + "9",
        f" {_NUMBER}",
        _NUMBER[:-1],
        int(_NUMBER),
        [_NUMBER],
        {"n": _NUMBER},
        True,
    ],
)
def test_what_is_no_number_of_a_person_or_company_finds_no_rows(value: object) -> None:
    for companies in ({"siam": {"juristic_id": value}}, {"siam": value}, value, [[value]]):
        said = {"citizen_id": value, "companies": companies}
        for found in (_subject(said), _subject(claims.kept(said))):
            assert found.citizen_ids == ()
            assert set(found.juristic_ids) <= {_NUMBER}
    assert _subject({"companies": {"siam": {"juristic_id": [value]}}}).juristic_ids == ()


@pytest.mark.parametrize("value", ["researcher", None, {"researcher": 1}, [["official"]], [1]])
def test_roles_that_are_no_list_of_words_are_none(value: object) -> None:
    assert _subject({**_GOOD, "roles": value}).roles == frozenset()
