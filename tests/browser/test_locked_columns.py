"""What the header of a masked column tells, and how it leads to more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from window import Window

from instance import PEOPLE, REGISTER, Instance, internal_table

OpenWindow = Callable[[str, str], Window]


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_masked_column_says_why_and_leads_to_a_request_for_it(
    instance: Instance, window: OpenWindow, language: str
) -> None:
    with internal_table(instance, name="locked", **PEOPLE) as table:
        package = instance.portal("suda").action.resource_show(id=table)["package_id"]
        prasit = window("prasit", language)
        prasit.open("/access/sign-in?aal=1")
        prasit.sign_in()
        prasit.open(f"/dataset/{package}/resource/{table}")
        page = prasit.page
        heads = page.locator(".dg-preview thead th")
        expect(heads).to_have_count(3)
        expect(heads.locator("details")).to_have_count(2)
        illness = heads.nth(1)
        reason = illness.get_by_text("ข้อมูลอ่อนไหว" if language == "th" else "is sensitive")
        expect(reason).to_be_hidden()
        illness.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(reason).to_be_visible()
        prasit.keep("85-masked-columns")
        illness.locator("a.btn").click()
        expect(page.locator("input[name=tier][value=full]")).to_be_checked()
        expect(page.locator("#columns")).to_have_value("illness")


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_summary_shows_the_columns_of_the_rows_as_locked(
    window: OpenWindow, resource_of: Callable[[str], str], language: str
) -> None:
    somchai = window("somchai", language)
    somchai.open("/access/sign-in?aal=1")
    somchai.sign_in()
    somchai.open(f"/dataset/{REGISTER}/resource/{resource_of(REGISTER)}")
    page = somchai.page
    locked = page.locator("section[aria-labelledby=ahead-heading] th")
    locked.first.locator("summary").click()
    somchai.keep("86-locked-columns")
    locked.first.locator("a.btn").click()
    expect(page.locator("input[name=tier][value=masked]")).to_be_checked()
    expect(page.locator("#columns")).to_have_value("")
