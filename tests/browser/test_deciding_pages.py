"""The pages on which stewards decide, and what who asked reads of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from window import Window

from instance import REGISTER, Instance

OpenWindow = Callable[[str, str], Window]


@pytest.fixture
def asked(instance: Instance) -> Iterator[dict[str, Any]]:
    """Return a request of nari's for rows of three provinces; no grant outlasts the test."""
    nari = instance.portal("nari").action
    made = nari.dgatier_request_create(
        id=REGISTER,
        tier="masked",
        purpose="dpv:AcademicResearch",
        justification="ศึกษาว่าสวัสดิการแห่งรัฐเข้าถึงครัวเรือนยากจนในภาคเหนือเพียงใด",
        days=90,
        conditions={"provinces": ["เชียงใหม่", "น่าน", "แพร่"]},
    )
    yield made
    commands = nari.dgatier_request_show(id=made["id"])["commands"]
    if "close" in commands:
        nari.dgatier_request_close(id=made["id"], copies="none")
    elif "withdraw" in commands:
        nari.dgatier_request_withdraw(id=made["id"])


@pytest.fixture
def nobody_is_away(instance: Instance) -> Iterator[None]:
    """End every absence after the test."""
    yield
    wichai = instance.portal("wichai").action
    for one in wichai.dgatier_delegation_list()["results"]:
        if one["can_end"]:
            wichai.dgatier_delegation_end(id=one["id"])


def _signed_in(window: OpenWindow, who: str, language: str) -> Window:
    person = window(who, language)
    person.open("/access/sign-in?aal=2")
    person.sign_in()
    return person


def test_a_steward_gives_less_and_the_requester_sees_what_was_changed(
    window: OpenWindow, asked: dict[str, Any]
) -> None:
    page = f"/access/request/{asked['id']}"
    suda = _signed_in(window, "suda", "en")
    suda.open(page)
    suda.keep("40-decide")
    suda.language = "th"
    suda.open(page)
    suda.keep("40-decide")
    for province in ("เชียงใหม่", "แพร่"):
        suda.page.get_by_label(province).uncheck()
    suda.page.locator("#days").fill("30")
    suda.page.locator("#columns").fill("province, gender")
    suda.page.locator('button[value="approve"]').click()
    expect(suda.page.locator("#narrowed-heading")).to_be_visible()
    suda.keep("41-narrowed")

    nari = _signed_in(window, "nari", "en")
    nari.open(page)
    expect(nari.page.locator("#narrowed-heading + div")).to_contain_text("30 days")
    nari.keep("41-narrowed")


@pytest.mark.usefixtures("nobody_is_away")
def test_a_steward_goes_away_and_the_deputy_finds_their_work(
    window: OpenWindow, instance: Instance, asked: dict[str, Any]
) -> None:
    instance.portal("suda").action.dgatier_request_claim(id=asked["id"])
    suda = _signed_in(window, "suda", "th")
    suda.open("/steward/absence")
    last = datetime.now(UTC) + timedelta(days=5)
    suda.page.locator("#to").fill("wichai")
    suda.page.locator("#last_day").fill(last.date().isoformat())
    suda.page.locator("#reason").fill("ลาพักผ่อนประจำปี")
    suda.page.locator('button[value="create"]').click()
    expect(suda.page.locator(".alert-success")).to_be_visible()
    suda.keep("42-absence")

    wichai = _signed_in(window, "wichai", "en")
    wichai.open("/steward/absence")
    wichai.keep("42-absence")
    wichai.open("/steward/queue?state=mine")
    expect(wichai.page.locator(".dg-cards .dg-note").first).to_contain_text("until")
    wichai.keep("43-queue-with-me")
    wichai.page.locator(f'a[href*="{asked["id"]}"]').click()
    wichai.keep("44-request-of-absent")
    wichai.page.locator('button[value="claim"]').click()
    expect(wichai.page.locator(".dg-timeline")).to_contain_text("for สุดา บริกร")
