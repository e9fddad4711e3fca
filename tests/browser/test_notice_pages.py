"""The inbox as people meet it, and the page on which a steward names their agency's systems."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from window import Window

from instance import REGISTER, Instance, run_in_ckan

OpenWindow = Callable[[str, str], Window]


@pytest.fixture
def told(instance: Instance) -> Iterator[dict[str, Any]]:
    """Ask, so that stewards are told, and have it returned, so that its author is."""
    nari, suda = instance.portal("nari").action, instance.portal("suda").action
    for one in (nari, suda):
        one.dgatier_notice_mark_read()
    asked = nari.dgatier_request_create(
        id=REGISTER, tier="masked", purpose="dpv:AcademicResearch", days=30,
        justification="A study of how welfare reaches the provinces.",
    )  # fmt: skip
    suda.dgatier_request_return(id=asked["id"], reason="Say which provinces.")
    yield asked
    nari.dgatier_request_withdraw(id=asked["id"])


@pytest.fixture
def more_than_a_page(told: dict[str, Any]) -> None:
    run_in_ckan(
        "from datetime import UTC, datetime\n"
        "from ckan import model\n"
        "from ckanext.dgatier import store\n"
        f"dataset, who = model.Package.get('{REGISTER}').id, model.User.get('nari').id\n"
        f"told = {{f'{told['id']}-{{number}}': who for number in range(45)}}\n"
        "payload = {'grant_id': 'x', 'until': '2031-01-01T00:00:00+07:00', 'days': 30}\n"
        "with store.transaction() as c: store.notices.add(\n"
        "    told, 'grant_ends', dataset, payload, datetime(2026, 1, 1, tzinfo=UTC), c)\n\n"
    )


@pytest.mark.parametrize("language", ["th", "en"])
def test_people_find_read_and_mark_what_they_were_told(
    window: OpenWindow, told: dict[str, Any], more_than_a_page: None, language: str
) -> None:
    nari = window("nari", language)
    page = nari.page
    nari.open("/access/sign-in")
    nari.sign_in()
    nari.open(f"/dataset/{REGISTER}")
    expect(page.locator(".dg-unread")).to_have_text(re.compile(r"^\d+ "))
    nari.open("/access/inbox")
    nari.keep("40-inbox")
    first = page.locator(".dg-notices li").first
    expect(first).to_have_class("dg-new")
    first.locator("button").click()
    expect(page.locator(".dg-notices li").first).not_to_have_class("dg-new")
    page.locator(".dg-pages a[rel=next]").click()
    expect(page.locator(".dg-notices li")).to_have_count(20)
    page.locator("form .btn").first.click()
    expect(page.locator(".dg-unread")).to_have_count(0)
    nari.open("/access/inbox")
    page.locator(".dg-notices li").first.locator("a").click()
    assert page.url.endswith(f"/access/request/{told['id']}")


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_steward_is_told_why_an_address_cannot_be_a_webhook(
    window: OpenWindow, told: dict[str, Any], language: str
) -> None:
    suda = window("suda", language)
    page = suda.page
    suda.open("/access/sign-in?aal=2")
    suda.sign_in()
    suda.open("/access/inbox")
    suda.keep("41-inbox-steward")
    suda.open("/steward/holders")
    page.locator('a[href$="/steward/webhooks"]').click()
    suda.keep("42-webhooks")
    page.locator("#url").fill("http://127.0.0.1:9/told")
    page.locator('button[value="create"]').click()
    expect(page.locator(".dg-errors")).to_be_visible()
    expect(page.locator("#url")).to_have_value("http://127.0.0.1:9/told")
    suda.keep("43-webhook-refused")
