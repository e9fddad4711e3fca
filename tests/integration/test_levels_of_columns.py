"""What is inside is at least as high as what it is in: columns raise their table."""

from __future__ import annotations

from typing import Any

import pytest
from ckanapi import NotAuthorized, ValidationError

from instance import Instance

GROUND = "Section 9 of the Official Information Act."
COLUMNS = ("province", "name")


@pytest.fixture
def table(instance: Instance, package: str) -> str:
    """Return the id of an open table with two columns."""
    made = instance.portal("suda").action.datastore_create(
        resource={"package_id": package, "name": "two columns"},
        fields=[{"id": "province", "type": "text"}, {"id": "name", "type": "text"}],
        records=[{"province": "น่าน", "name": "สมมติ"}],
    )
    return str(made["resource_id"])


def _classify(instance: Instance, table: str, level: str, who: str = "suda") -> None:
    instance.portal(who).action.datastore_create(
        resource_id=table, force=True,
        fields=[
            {"id": "province", "type": "text", "info": {"disclosure": "plain"}},
            {"id": "name", "type": "text", "info": {"classification_level": level}},
        ],
    )  # fmt: skip


def _access(instance: Instance, package: str) -> dict[str, Any]:
    return dict(instance.portal().action.dgatier_access_show(id=package))


def _levels(instance: Instance, table: str) -> dict[str, str | None]:
    fields = instance.portal("suda").action.datastore_info(id=table)["fields"]
    infos = {field["id"]: field.get("info") or {} for field in fields}
    return {name: info.get("classification_level") or None for name, info in infos.items()}


def _proposals(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return [one["proposal"] for one in (shown, *shown["resources"]) if one["proposal"]]


def test_a_column_raises_its_table_and_its_dataset_at_once(
    instance: Instance, package: str, table: str
) -> None:
    public = instance.portal().action
    assert public.datastore_search(resource_id=table)["total"] == 1
    _classify(instance, table, "confidential")
    assert _access(instance, package)["level"] == "confidential"
    assert _access(instance, package)["tier"] == "discover"
    with pytest.raises(NotAuthorized):
        public.datastore_search(resource_id=table)


def test_what_is_stored_of_it_is_not_taken_from_anyone(
    instance: Instance, package: str, table: str
) -> None:
    _classify(instance, table, "confidential")
    suda = instance.portal("suda").action
    suda.resource_patch(id=table, columns_level="open", description="tried")
    assert suda.resource_show(id=table)["columns_level"] == "confidential"
    assert _access(instance, package)["level"] == "confidential"


def test_no_one_lowers_a_column_alone_also_where_another_holds_the_table(
    instance: Instance, package: str, table: str
) -> None:
    _classify(instance, table, "confidential")
    suda = instance.portal("suda").action
    both = [{"id": name, "info": {"classification_level": "confidential"}} for name in COLUMNS]
    suda.datastore_create(resource_id=table, force=True, fields=both)
    for level in ("", "open", "internal"):
        with pytest.raises(ValidationError) as refused:
            _classify(instance, table, level)
        wrong = refused.value.error_dict["fields"]
        assert [list(one) for one in wrong] == [["classification_level"]] * 2
    assert _levels(instance, table) == {"province": "confidential", "name": "confidential"}
    # What does not touch the levels is written, and so is a table without its dictionary.
    label = {"label": "Name", "classification_level": "confidential"}
    suda.datastore_create(resource_id=table, force=True, fields=[{"id": "name", "info": label}])
    suda.datastore_create(resource_id=table, force=True, fields=[{"id": "name"}])
    assert _levels(instance, table)["name"] == "confidential"


def test_a_table_under_another_name_is_held_to_the_same(
    instance: Instance, package: str, table: str
) -> None:
    _classify(instance, table, "confidential")
    suda = instance.portal("suda").action
    open_one = suda.datastore_create(
        resource={"package_id": package, "name": "another"}, fields=[{"id": "x", "type": "text"}]
    )["resource_id"]
    fields = [{"id": "name", "type": "text", "info": {"classification_level": "open"}}]
    for named in ({"id": table}, {"resource_id": open_one, "id": table}):
        with pytest.raises(ValidationError):
            suda.datastore_create(**named, force=True, fields=fields)
    assert _levels(instance, table)["name"] == "confidential"


def test_two_stewards_lower_a_column_and_until_then_its_data_stays_shut(
    instance: Instance, package: str, table: str
) -> None:
    _classify(instance, table, "confidential")
    suda, wichai = (instance.portal(name).action for name in ("suda", "wichai"))
    given = {"id": package, "resource_id": table, "column": "name", "level": "open"}
    with pytest.raises(ValidationError) as refused:
        suda.dgatier_level_propose(**given)
    assert "ground" in refused.value.error_dict
    with pytest.raises(ValidationError) as refused:
        suda.dgatier_level_propose(**{**given, "level": "secret"}, ground=GROUND)
    assert "level" in refused.value.error_dict
    (proposal,) = _proposals(suda.dgatier_level_propose(**given, ground=GROUND))
    assert (proposal["column"], proposal["kind"]) == ("name", "lower")
    waiting = suda.dgatier_level_list(limit=200)["results"]
    assert proposal["id"] in {one["id"] for one in waiting if one["column"] == "name"}
    with pytest.raises(NotAuthorized):
        suda.dgatier_level_decide(id=proposal["id"], decision="confirm")
    with pytest.raises(NotAuthorized):
        instance.portal().action.datastore_search(resource_id=table)

    wichai.dgatier_level_decide(id=proposal["id"], decision="confirm")
    assert _levels(instance, table) == {"province": None, "name": "open"}
    assert _access(instance, package)["level"] == "open"
    assert instance.portal().action.datastore_search(resource_id=table)["total"] == 1
    column = suda.dgatier_level_show(id=package)["resources"][-1]
    assert [event["type"] for event in column["history"]] == [
        "begun", "proposed", "approval_given", "lowered",
    ]  # fmt: skip


def test_a_column_raised_while_a_lower_level_waits_is_not_lowered_by_it(
    instance: Instance, package: str, table: str
) -> None:
    _classify(instance, table, "internal")
    suda, wichai = (instance.portal(name).action for name in ("suda", "wichai"))
    given = {"id": package, "resource_id": table, "column": "name", "level": "open"}
    (proposal,) = _proposals(suda.dgatier_level_propose(**given, ground=GROUND))
    _classify(instance, table, "confidential")
    with pytest.raises(ValidationError):
        wichai.dgatier_level_decide(id=proposal["id"], decision="confirm")
    assert _levels(instance, table)["name"] == "confidential"
    wichai.dgatier_level_decide(id=proposal["id"], decision="refuse", reason="Raised since then.")
    with pytest.raises(ValidationError):
        wichai.dgatier_level_decide(id=proposal["id"], decision="confirm")
    assert _access(instance, package)["level"] == "confidential"


def test_what_a_column_that_is_gone_has_raised_stays_until_two_stewards_lower_it(
    instance: Instance, package: str, table: str
) -> None:
    _classify(instance, table, "confidential")
    suda, wichai = (instance.portal(name).action for name in ("suda", "wichai"))
    kept = [{"id": "province", "type": "text"}]
    suda.datastore_create(resource_id=table, force=True, fields=kept, delete_fields=True)
    assert _access(instance, package)["level"] == "confidential"
    given = {"id": package, "resource_id": table, "level": "open", "ground": GROUND}
    with pytest.raises(ValidationError) as refused:
        suda.dgatier_level_propose(**given, column="name")
    assert "column" in refused.value.error_dict
    (proposal,) = _proposals(suda.dgatier_level_propose(**given, column="_gone"))
    assert _access(instance, package)["level"] == "confidential"
    wichai.dgatier_level_decide(id=proposal["id"], decision="confirm")
    assert _access(instance, package)["level"] == "open"
    assert suda.resource_show(id=table)["columns_level"] == "open"


@pytest.mark.parametrize("level", ["secret", "top_secret", "hidden"])
def test_a_column_that_the_dataset_cannot_hold_is_refused_and_nothing_written(
    instance: Instance, package: str, table: str, level: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        _classify(instance, table, level)
    assert "fields" in refused.value.error_dict
    info = instance.portal("suda").action.datastore_info(id=table)
    assert all(not (field.get("info") or {}).get("disclosure") for field in info["fields"])
    assert _access(instance, package)["level"] == "open"
