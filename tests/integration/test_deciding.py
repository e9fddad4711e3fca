"""Deciding on a request: giving less than was asked, and telling of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckanapi import ValidationError

from instance import REGISTER, Instance

_CONDITIONS = {"provinces": ["เชียงใหม่", "น่าน"], "years": [], "columns": []}


@pytest.fixture
def asked(instance: Instance) -> Iterator[dict[str, Any]]:
    """Return a request of nari's for masked rows of two provinces for 30 days."""
    nari = instance.portal("nari").action
    made = nari.dgatier_request_create(
        id=REGISTER,
        tier="masked",
        purpose="dpv:AcademicResearch",
        justification="A study of how welfare reaches the provinces.",
        days=30,
        conditions=_CONDITIONS,
    )
    yield made
    commands = nari.dgatier_request_show(id=made["id"])["commands"]
    if "close" in commands:
        nari.dgatier_request_close(id=made["id"], copies="none")
    elif "withdraw" in commands:
        nari.dgatier_request_withdraw(id=made["id"])


def _told(instance: Instance, request_id: str) -> dict[str, Any]:
    """Return the newest notice that nari has of a request."""
    found = instance.portal("nari").action.dgatier_notice_list(limit=50)["results"]
    notice: dict[str, Any] = next(
        one for one in found if one["payload"].get("request_id") == request_id
    )
    return notice


def _send(session: Any, page: Any, **fields: Any) -> Any:
    form: Any = BeautifulSoup(page.text, "html.parser").select_one("#decide-heading ~ form")
    hidden = {one["name"]: one["value"] for one in form.select("input[type=hidden]")}
    return session.post(page.url, data={**hidden, **fields}, timeout=30)


def test_less_is_given_than_was_asked_and_the_requester_is_told_what(
    instance: Instance, asked: dict[str, Any]
) -> None:
    bound = {"provinces": ["น่าน"], "years": [], "columns": ["province", "gender"]}
    decided = instance.portal("suda").action.dgatier_request_decide(
        id=asked["id"], decision="approve", tier="summary", days=7, conditions=bound
    )
    given = {"tier": "summary", "days": 7, "conditions": bound}
    assert decided["given"] == given
    assert decided["narrowed"] == ["tier", "days", "provinces", "columns"]
    told = _told(instance, asked["id"])
    assert (told["kind"], told["payload"]["given"]) == ("request_narrowed", given)
    nari = instance.browse("nari")
    page = nari.get(f"{instance.url}/en/access/request/{asked['id']}", timeout=30).text
    table = BeautifulSoup(page, "html.parser").select_one("#narrowed-heading + div")
    assert table is not None
    rows = [[cell.text for cell in row.select("th, td")] for row in table.select("tbody tr")]
    assert rows == [
        ["Up to", "Masked rows", "Summary"],
        ["Days", "30 days", "7 days"],
        ["Provinces", "เชียงใหม่, น่าน", "น่าน"],
        ["Columns", "all", "province, gender"],
    ]
    inbox = nari.get(f"{instance.url}/en/access/inbox", timeout=30).text
    assert "Given: Summary · 7 days · Provinces: น่าน · Columns: province, gender" in inbox


def test_what_is_given_as_it_was_asked_is_told_as_approved(
    instance: Instance, asked: dict[str, Any]
) -> None:
    decided = instance.portal("suda").action.dgatier_request_decide(
        id=asked["id"], decision="approve"
    )
    assert (decided["narrowed"], decided["given"]["conditions"]) == ([], _CONDITIONS)
    assert _told(instance, asked["id"])["kind"] == "request_approved"


@pytest.mark.parametrize(
    ("wider", "field"),
    [
        ({"tier": "full"}, "tier"),
        ({"days": 31}, "days"),
        ({"conditions": {"provinces": ["ตรัง"]}}, "provinces"),
        ({"conditions": {"provinces": []}}, "provinces"),
    ],
)
def test_more_than_was_asked_is_refused_with_its_field_and_nothing_is_stored(
    instance: Instance, asked: dict[str, Any], wider: dict[str, Any], field: str
) -> None:
    suda = instance.portal("suda").action
    with pytest.raises(ValidationError) as refused:
        suda.dgatier_request_decide(id=asked["id"], decision="approve", **wider)
    assert field in refused.value.error_dict
    assert suda.dgatier_request_show(id=asked["id"])["history"] == asked["history"]


def test_a_steward_gives_less_on_the_page_of_the_request(
    instance: Instance, asked: dict[str, Any]
) -> None:
    suda = instance.browse("suda")
    page = suda.get(f"{instance.url}/en/access/request/{asked['id']}", timeout=30)
    fields = {"command": "approve", "tier": "masked", "days": "30", "years": "", "columns": ""}
    refused = _send(suda, page, **fields)
    assert "No more can be approved than was asked for." in refused.text
    sent = _send(suda, page, **{**fields, "days": "10", "provinces": "น่าน", "columns": "province"})
    assert "Approved for less than was asked" in sent.text
    shown = instance.portal("nari").action.dgatier_request_show(id=asked["id"])
    assert shown["given"] == {
        "tier": "masked",
        "days": 10,
        "conditions": {"provinces": ["น่าน"], "years": [], "columns": ["province"]},
    }
