"""Questions that make no sense get a clear answer, and no one gets data by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from ckanapi import NotFound, ValidationError

from instance import REGISTER, Instance, ckan, open_dataset

_MILLION = "ก" * 1_000_000


def _ask(instance: Instance, **changes: Any) -> dict[str, Any]:
    return dict(instance.portal("nari").action.dgatier_access_show(id=REGISTER, **changes))


@pytest.mark.parametrize("purpose", ["dpv:Nothing", "ingest", "' OR 1=1", "\u0000", "💧"])
def test_a_purpose_that_is_none_gives_no_more(instance: Instance, purpose: str) -> None:
    assert _ask(instance, purpose=purpose)["tier"] == _ask(instance)["tier"] == "summary"


@pytest.mark.parametrize("purpose", [_MILLION, ["dpv:AcademicResearch"], {"a": 1}, 7])
def test_a_purpose_that_cannot_be_one_is_refused(instance: Instance, purpose: object) -> None:
    with pytest.raises(ValidationError) as refused:
        _ask(instance, purpose=purpose)
    assert "purpose" in refused.value.error_dict


def test_a_reason_of_a_million_characters_is_refused_and_nothing_is_stored(
    instance: Instance,
) -> None:
    nari = instance.portal("nari").action
    before = nari.dgatier_request_list()["count"]
    with pytest.raises(ValidationError) as refused:
        nari.dgatier_request_create(
            id=REGISTER, tier="masked", purpose="dpv:AcademicResearch",
            justification=_MILLION, days=30,
        )  # fmt: skip
    assert "justification" in refused.value.error_dict
    assert nari.dgatier_request_list()["count"] == before


def test_ids_that_are_none_are_not_found(instance: Instance) -> None:
    for wrong in ("", " ", "../etc", _MILLION, "\u0000", "a" * 101):
        answer = requests.post(
            f"{instance.url}/api/3/action/dgatier_access_show", json={"id": wrong}, timeout=30
        )
        assert answer.status_code in (404, 409), (wrong[:20], answer.status_code)


@pytest.fixture
def granted(instance: Instance) -> Iterator[dict[str, Any]]:
    """Give nari a grant on a new internal dataset, which is deleted and purged in the end."""
    suda = instance.portal("suda").action
    made = suda.package_create(**{**open_dataset(), "classification_level": "internal"})
    request = instance.portal("nari").action.dgatier_request_create(
        id=made["id"], tier="full", purpose="dpv:AcademicResearch",
        justification="To see what becomes of a grant.", days=3,
    )  # fmt: skip
    suda.dgatier_request_decide(id=request["id"], decision="approve", tier="full", days=3)
    yield made


def test_a_grant_on_a_dataset_that_is_gone_gives_nothing_and_breaks_nothing(
    instance: Instance, granted: dict[str, Any]
) -> None:
    nari, suda = instance.portal("nari").action, instance.portal("suda").action
    assert nari.dgatier_access_show(id=granted["id"])["tier"] == "full"
    suda.package_delete(id=granted["id"])
    with pytest.raises(NotFound):
        nari.dgatier_access_show(id=granted["id"])
    (grant,) = nari.dgatier_grant_list(dataset_id=granted["id"])
    assert grant["state"] == "active"
    assert instance.browse("nari").get(f"{instance.url}/access/mine", timeout=30).ok
    revoked = suda.dgatier_grant_revoke(id=grant["id"], reason="The data is gone.")
    assert revoked["state"] == "revoked"
    ckan("dataset", "purge", granted["id"])
    shown = nari.dgatier_request_show(id=grant["request_id"])
    assert shown["dataset_title"] == ""
    assert nari.dgatier_request_close(id=grant["request_id"], copies="none")["state"] == "closed"


@pytest.mark.parametrize("action", ["datastore_search", "datastore_info"])
def test_a_table_named_twice_is_read_as_the_one_that_is_weighed(
    instance: Instance, resource_of: Callable[[str], str], action: str
) -> None:
    """CKAN lets an `id` beside `resource_id` overrule it."""
    open_one, closed = resource_of("provinces"), resource_of(REGISTER)
    url = f"{instance.url}/api/3/action/{action}"
    for named in (
        {"resource_id": open_one, "id": closed}, {"id": closed}, {"resource_id": closed},
    ):  # fmt: skip
        for answer in (
            requests.get(url, params=named, timeout=30),
            requests.post(url, json=named, timeout=30),
        ):
            assert answer.status_code == 403, named
            assert "citizen_id" not in answer.text
    other = requests.get(url, params={"id": open_one, "resource_id": closed}, timeout=30)
    assert other.status_code == 200
    assert "citizen_id" not in other.text
