"""Drafts as people meet them: typed, left, opened again, and typed in two windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from window import Window

import files
from instance import REGISTER, Instance

OpenWindow = Callable[[str, str], Window]

_SESSION = "ckan"


@pytest.fixture
def nari(instance: Instance) -> Iterator[Any]:
    """Return the actions of a researcher who has no draft, and has none in the end."""
    action = instance.portal("nari").action
    for _when in ("before", "after"):
        while left := action.dgatier_request_list(state="draft", limit=200)["results"]:
            for one in left:
                action.dgatier_request_withdraw(id=one["id"])
        if _when == "before":
            yield action


def _signed_in(window: OpenWindow, language: str) -> Window:
    person = window("nari", language)
    person.open("/access/sign-in?aal=2")
    person.sign_in()
    return person


def _plan(page: Page) -> Any:
    return page.locator("#justification")


def _begun(window: OpenWindow, words: str) -> Window:
    """Sign in, and type a draft until it is saved."""
    person = _signed_in(window, "en")
    person.open(f"/access/ask/{REGISTER}")
    _plan(person.page).fill(words)
    expect(person.page.locator("#draft-said")).to_contain_text("Saved at")
    return person


def test_a_draft_saves_itself_and_is_there_again(window: OpenWindow, nari: Any) -> None:
    thai = _signed_in(window, "th")
    page = thai.page
    thai.open(f"/access/ask/{REGISTER}")
    _plan(page).fill("ศึกษาการเข้าถึงสวัสดิการในภาคเหนือ")
    page.locator("#days").fill("สามเดือน")
    expect(page.locator("#draft-said")).to_have_attribute("data-kind", "saved")
    expect(page.locator("#days")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#days-mark")).to_be_visible()
    thai.keep("60-draft-marked")
    page.reload()
    expect(_plan(page)).to_have_value("ศึกษาการเข้าถึงสวัสดิการในภาคเหนือ")
    expect(page.locator("#days")).to_have_value("สามเดือน")
    page.locator("#days").fill("90")
    expect(page.locator("#days-mark")).to_be_hidden()
    _plan(page).fill("พิมพ์แล้วออกจากหน้าไปทันที")
    thai.open("/access/mine")
    thai.keep("61-mine-draft")
    page.locator('a[href$="/edit"]').first.click()
    expect(_plan(page)).to_have_value("พิมพ์แล้วออกจากหน้าไปทันที")
    page.locator(".dg-discard summary").click()
    thai.keep("62-draft-discard")
    page.locator('button[value="discard"]').click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert nari.dgatier_request_list(state="draft")["count"] == 0


def test_files_and_what_it_takes_by_what_is_chosen(window: OpenWindow, nari: Any) -> None:
    english = _signed_in(window, "en")
    page = english.page
    english.open(f"/access/ask/{REGISTER}")
    needed = page.locator("#needed")
    expect(needed).to_contain_text("two factors")
    page.get_by_label("Summary").check()
    expect(needed).not_to_contain_text("two factors")
    page.locator("#days").fill("900")
    expect(needed).to_contain_text("So it cannot be sent")
    english.keep("64-ask-cannot")
    page.locator("#days").fill("30")
    page.get_by_label("Masked rows").check()
    expect(needed).not_to_contain_text("So it cannot be sent")
    page.get_by_label("Purpose").select_option("dpv:AcademicResearch")
    _plan(page).fill("How welfare reaches the provinces of the north.")
    names = {"แผนการวิจัย ปีงบประมาณ 2570.pdf": files.pdf(), "macros.docx": files.docx("x")}
    page.set_input_files(
        "#upload",
        [
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            for name, content in names.items()
        ],
    )
    page.get_by_role("button", name="Attach").click()
    expect(page.locator(".dg-files li")).to_have_count(1)
    expect(page.locator(".alert-danger")).to_contain_text("macros.docx was not attached")
    expect(_plan(page)).to_have_value("How welfare reaches the provinces of the north.")
    english.keep("65-ask-files")
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(".dg-state-submitted")).to_be_visible()
    with page.expect_download() as saved:
        page.locator(".dg-files a").click()
    assert saved.value.suggested_filename == "แผนการวิจัย ปีงบประมาณ 2570.pdf"
    english.keep("66-request-files")
    page.locator('button[value="withdraw"]').click()
    expect(page.locator(".dg-state-withdrawn")).to_be_visible()


def test_two_windows_of_one_draft_and_a_portal_that_cannot_be_reached(
    window: OpenWindow, nari: Any
) -> None:
    first = _begun(window, "From the first window.")
    page = first.page
    second = page.context.new_page()
    second.goto(page.url)
    _plan(second).fill("From the second window.")
    expect(second.locator("#draft-said")).to_contain_text("Saved at")
    expect(second.locator("#draft-said")).to_have_attribute("data-kind", "saved")
    _plan(page).fill("The first window goes on.")
    expect(page.locator("#draft-said")).to_contain_text("Not saved: This draft was changed")
    first.keep("63-draft-two-windows")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Open it again").click()
    expect(_plan(page)).to_have_value("From the second window.")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    _plan(page).fill("Typed where nothing is reached.")
    expect(page.locator("#draft-said")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    expect(page.locator("#draft-said")).to_contain_text("Saved at", timeout=15_000)
    (kept,) = nari.dgatier_request_list(state="draft")["results"]
    words = nari.dgatier_request_show(id=kept["id"])["draft"]["words"]
    assert words["justification"] == "Typed where nothing is reached."
    page.get_by_label("Purpose").select_option("dpv:AcademicResearch")
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(".dg-state-submitted")).to_be_visible()
    assert nari.dgatier_request_withdraw(id=kept["id"])["state"] == "withdrawn"


def test_who_is_signed_out_meanwhile_signs_in_elsewhere_and_goes_on(
    window: OpenWindow, nari: Any
) -> None:
    person = _begun(window, "Typed while signed in.")
    page = person.page
    page.context.clear_cookies(name=_SESSION)
    _plan(page).fill("Typed after the session had ended.")
    expect(page.locator("#draft-said")).to_contain_text("You are signed out")
    person.keep("67-draft-signed-out")
    elsewhere = page.context.new_page()
    elsewhere.goto(f"{page.url.partition('/en/')[0]}/en/access/sign-in?aal=2")
    expect(elsewhere.locator("button", has_text="Sign out")).to_have_count(1)
    _plan(page).press_sequentially(" And after it began anew.")
    expect(page.locator("#draft-said")).to_contain_text("Saved at", timeout=15_000)
    (kept,) = nari.dgatier_request_list(state="draft")["results"]
    words = nari.dgatier_request_show(id=kept["id"])["draft"]["words"]
    assert words["justification"].endswith("And after it began anew.")
