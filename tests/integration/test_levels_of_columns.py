"""What is inside is at least as high as what it is in: columns raise their table."""

from __future__ import annotations

from typing import Any

import pytest
from ckanapi import NotAuthorized, ValidationError

from instance import Instance


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


def test_a_steward_lowers_it_and_the_data_is_open_again(
    instance: Instance, package: str, table: str
) -> None:
    _classify(instance, table, "confidential")
    _classify(instance, table, "")
    assert _access(instance, package)["level"] == "open"
    assert instance.portal().action.datastore_search(resource_id=table)["total"] == 1


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
