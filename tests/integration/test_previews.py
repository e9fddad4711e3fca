"""A steward sees a table as others would, and never more than they may see themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ckanapi import NotAuthorized, NotFound, ValidationError

from instance import Instance, internal_table

FIELDS = [
    {"id": "citizen", "type": "text", "info": {"disclosure": "identifier"}},
    {"id": "illness", "type": "text", "info": {"disclosure": "sensitive"}},
    {"id": "province", "type": "text", "info": {"disclosure": "plain"}},
]
ROWS = [{"citizen": f"synthetic {one}", "illness": "none", "province": "Nan"} for one in range(12)]


@pytest.fixture(scope="module")
def table(instance: Instance) -> Iterator[str]:
    with internal_table(instance, name="previewed", fields=FIELDS, records=ROWS) as made:
        yield made


@pytest.fixture(scope="module")
def confidential(instance: Instance) -> Iterator[str]:
    with internal_table(
        instance, "confidential", name="previewed", fields=FIELDS, records=ROWS
    ) as made:
        yield made


def test_the_rows_look_as_they_do_to_that_person_but_for_the_pseudonyms(
    instance: Instance, table: str
) -> None:
    suda, prasit = instance.portal("suda").action, instance.portal("prasit").action
    seen = suda.dgatier_view_preview(resource_id=table, person="prasit")
    really = prasit.dgatier_view_search(resource_id=table)
    assert seen["fields"] == really["fields"]
    assert len(seen["records"]) == 10
    for mine, theirs in zip(seen["records"], really["records"], strict=True):
        assert (mine["illness"], mine["province"]) == (None, "Nan")
        assert not mine["citizen"].startswith("synthetic")
        assert mine["citizen"] != theirs["citizen"]


def test_whoever_would_see_no_rows_is_shown_none(instance: Instance, table: str) -> None:
    suda = instance.portal("suda").action
    for seen_as in ({"person": ""}, {"person": "somchai"}, {"tier": "summary"}):
        seen = suda.dgatier_view_preview(resource_id=table, **seen_as)
        assert seen["tier"] in ("discover", "summary")
        assert seen["records"] == []
    assert seen["dimensions"] == ["province"]


def test_everything_is_shown_as_far_as_the_office_gives_it(
    instance: Instance, table: str, confidential: str
) -> None:
    suda = instance.portal("suda").action
    assert (
        suda.dgatier_view_preview(resource_id=table, tier="full")["records"][0]["citizen"]
        == "synthetic 0"
    )
    (first, *_) = suda.dgatier_view_preview(resource_id=confidential, tier="full")["records"]
    assert first["illness"] is None
    assert first["citizen"] != "synthetic 0"


@pytest.mark.parametrize("name", [None, "somchai", "prasit", "anan", "admin"])
def test_only_stewards_of_the_agency_see_as_others_do(
    instance: Instance, table: str, name: str | None
) -> None:
    with pytest.raises(NotAuthorized):
        instance.portal(name).action.dgatier_view_preview(resource_id=table, tier="masked")


def test_what_cannot_be_read_is_refused(instance: Instance, table: str) -> None:
    suda = instance.portal("suda").action
    with pytest.raises(ValidationError):
        suda.dgatier_view_preview(resource_id=table, tier="royal")
    with pytest.raises(NotFound):
        suda.dgatier_view_preview(resource_id=table, person="nobody-of-this-name")
    with pytest.raises(NotFound):
        suda.dgatier_view_preview(resource_id="none", tier="masked")


def test_a_look_is_in_the_audit_with_whose_eyes_it_was(instance: Instance, table: str) -> None:
    suda = instance.portal("suda").action
    seen = suda.dgatier_view_preview(resource_id=table, person="prasit")
    found = instance.portal("anan").action.dgatier_audit_list(decision_id=seen["decision_id"])
    (event,) = found["results"] if isinstance(found, dict) else found
    assert event["action"] == "data_previewed"
    assert event["detail"]["seen_as"] == "prasit"
