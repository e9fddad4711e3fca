"""A steward sees who reads far above their habit, and suspends them; what one holds and holders."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckanapi import NotAuthorized, ValidationError

from instance import REGISTER, Instance, run_in_ckan

_READ = """
from datetime import UTC, datetime, timedelta
from ckan import model
from ckanext.dgatier import store
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
for ago, rows in {days}:
    for action, detail in ({events}):
        store.audit.append(AuditEvent(AuditAction(action), "{person}",
            datetime.now(UTC) - timedelta(days=ago), dataset_id="{dataset}", detail=detail))

"""
_BY_API = "('data_read', dict(rows=rows)),"
_AS_FILE = "('file_download', dict(path='dump')), ('data_sent', dict(rows=rows))"


def _read(person: str, dataset: str, days: list[tuple[int, int]], events: str = _BY_API) -> None:
    """Write down that someone read so many rows so many days ago."""
    run_in_ckan(_READ.format(person=person, dataset=dataset, days=days, events=events))


@pytest.fixture
def grant(instance: Instance) -> Iterator[dict[str, Any]]:
    nari, suda = instance.portal("nari").action, instance.portal("suda").action
    asked = nari.dgatier_request_create(
        id=REGISTER, tier="masked", purpose="dpv:AcademicResearch", days=30,
        justification="A study of how welfare reaches the provinces.",
    )  # fmt: skip
    suda.dgatier_request_decide(id=asked["id"], decision="approve", reason="A sound plan.")
    (held,) = [
        one for one in nari.dgatier_grant_list(limit=200) if one["request_id"] == asked["id"]
    ]
    yield held
    if nari.dgatier_grant_show(id=held["id"])["state"] == "active":
        suda.dgatier_grant_revoke(id=held["id"], reason="test is over")


_PERSON = """
from ckan import model
model.Session.add(model.User(id="{id}", name="{name}", email="{name}@example.org"))
model.Session.commit()
"""
_NO_PERSON = """
from ckan import model
for name in {names}:
    model.User.get(name).delete()
model.Session.commit()
"""


@pytest.fixture
def readers() -> Iterator[dict[str, str]]:
    """Return the ids, by name, of two people of whom nothing was ever read."""
    people = {f"reader-{uuid.uuid4().hex[:8]}": str(uuid.uuid4()) for _person in range(2)}
    run_in_ckan("".join(_PERSON.format(name=name, id=id_) for name, id_ in people.items()))
    yield people
    run_in_ckan(_NO_PERSON.format(names=list(people)))


def _of(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in found["results"] if one["person"]["name"] == name]


@pytest.mark.parametrize("events", [_BY_API, _AS_FILE])
def test_a_day_far_above_habit_is_listed_and_a_usual_one_is_not(
    instance: Instance, readers: dict[str, str], events: str
) -> None:
    suda = instance.portal("suda").action
    register = suda.package_show(id=REGISTER)["id"]
    sudden, steady = readers
    days = range(8, 20)
    _read(readers[sudden], register, [*((ago, 100 + ago) for ago in days), (1, 90_000)], events)
    _read(readers[steady], register, [*((ago, 90_000 + ago) for ago in days), (1, 90_010)], events)
    found = suda.dgatier_reading_list()
    (listed,) = _of(found, sudden)
    assert (listed["measure"], listed["amount"]) == ("rows", 90_000)
    assert listed["score"] > found["score"]
    assert listed["usual"] < 1_000
    assert not _of(found, steady)


def test_the_list_is_for_stewards_of_the_data_and_auditors(instance: Instance) -> None:
    def listed(name: str) -> set[int]:
        found = instance.portal(name).action.dgatier_reading_list()
        return {one["amount"] for one in _of(found, "nari")}

    elsewhere = str(uuid.uuid4())
    nari = instance.portal("admin").action.user_show(id="nari")["id"]
    before = listed("suda")
    _read(nari, elsewhere, [(0, 777_777)])
    assert max(listed("anan")) >= 777_777
    assert listed("suda") == before, "what is read of other agencies' data is not a steward's"
    for name in ("nari", "malee", "admin"):
        with pytest.raises(NotAuthorized):
            listed(name)


def test_one_click_and_a_confirmation_suspend_and_the_next_reading_is_refused(
    instance: Instance, grant: dict[str, Any], resource_of: Callable[[str], str]
) -> None:
    register = resource_of(REGISTER)
    nari = instance.portal("nari").action
    for _time in range(2):
        nari.datastore_search(resource_id=register, limit=1_000)
    suda = instance.browse("suda")
    address = f"{instance.url}/en/steward/reading"
    page = BeautifulSoup(suda.get(address, timeout=30).text, "html.parser")
    forms = page.select(f'form:has(input[value="{grant["id"]}"])')
    assert forms, "nari's grant is not offered to be suspended"
    fields = {one["name"]: one.get("value", "") for one in forms[0].select("input[name]")}
    assert "above habit" in str(fields["reason"])
    done = suda.post(address, data=fields, timeout=30)
    assert done.status_code == 200
    assert nari.dgatier_grant_show(id=grant["id"])["state"] == "revoked"
    left = instance.portal("suda").action.dgatier_reading_list()["results"]
    assert grant["id"] not in {each["id"] for one in left for each in one["grants"]}


def test_holders_are_filtered_and_sorted(instance: Instance, grant: dict[str, Any]) -> None:
    suda = instance.portal("suda").action

    def ids(**wanted: Any) -> list[str]:
        return [one["id"] for one in suda.dgatier_grant_list(agency=True, limit=200, **wanted)]

    assert grant["id"] in ids(holder="nari", dataset_id=REGISTER, state="active")
    assert grant["id"] not in ids(holder="malee")
    assert grant["id"] not in ids(state="revoked")
    assert ids(holder="nobody-of-that-name") == []
    ends = [
        one["valid_until"] for one in suda.dgatier_grant_list(agency=True, sort="valid_until asc")
    ]
    assert ends == sorted(ends)
    for wrong in ({"state": "gone"}, {"sort": "subject_id; DROP TABLE dgatier_grant"}):
        with pytest.raises(ValidationError):
            ids(**wrong)
    page = instance.browse("suda").get(
        f"{instance.url}/en/steward/holders?holder=nari&state=active", timeout=30
    )
    assert grant["id"] in page.text


def test_the_holder_sees_the_days_left_and_renews_on_the_terms_they_had(
    instance: Instance, grant: dict[str, Any]
) -> None:
    nari = instance.browse("nari")
    mine = nari.get(f"{instance.url}/en/access/mine", timeout=30)
    assert "30 days left" in mine.text
    link = BeautifulSoup(mine.text, "html.parser").select_one(f'a[href*="renew={grant["id"]}"]')
    assert link is not None
    form = nari.get(f"{instance.url}{link['href']}", timeout=30)
    page = BeautifulSoup(form.text, "html.parser")
    assert page.select_one('input[name="tier"][value="masked"][checked]')
    assert page.select_one('option[value="dpv:AcademicResearch"][selected]')
    assert page.select_one('input[name="days"]')["value"] == "30"  # type: ignore[index]
    others = instance.browse("malee").get(f"{instance.url}{link['href']}", timeout=30)
    said = BeautifulSoup(others.text, "html.parser")
    assert said.select('option[value="dpv:AcademicResearch"]')
    assert not said.select('option[value="dpv:AcademicResearch"][selected]')


def test_a_steward_sees_how_long_a_request_waits_and_how_long_it_may(instance: Instance) -> None:
    nari = instance.portal("nari").action
    asked = nari.dgatier_request_create(
        id=REGISTER, tier="masked", purpose="dpv:AcademicResearch", days=30,
        justification="A study of how welfare reaches the provinces.",
    )  # fmt: skip
    page = instance.browse("suda").get(f"{instance.url}/en/steward/queue", timeout=30)
    nari.dgatier_request_withdraw(id=asked["id"])
    card = next(
        one
        for one in BeautifulSoup(page.text, "html.parser").select(".dg-cards > li")
        if asked["id"] in str(one)
    )
    assert "waited 0 days" in card.get_text()
    assert "15 days left" in card.get_text()
