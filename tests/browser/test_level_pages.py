"""Levels as stewards and those who asked meet them: the queue, the page of a level, the form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckanapi import RemoteCKAN
from playwright.sync_api import Page, expect
from window import Window

from instance import Instance, open_dataset

OpenWindow = Callable[[str, str], Window]
TITLE = "สถิติผู้ได้รับสวัสดิการรายจังหวัด (ทดสอบ)"
GROUND = "เป็นสถิติที่ไม่ระบุตัวบุคคล ตาม พ.ร.บ. ข้อมูลข่าวสารของราชการ พ.ศ. 2540 มาตรา 9"


@pytest.fixture
def proposed(instance: Instance, editor: RemoteCKAN) -> Iterator[dict[str, Any]]:
    """Publish a dataset as an editor does, so that its level waits; take it away in the end."""
    shape = {**open_dataset(), "title": TITLE, "title_en": "Welfare by province (test)"}
    package = editor.action.package_create(**{**shape, "level_ground": GROUND})
    yield package
    nari = instance.portal("nari").action
    for asked in nari.dgatier_request_list(state="submitted", limit=200)["results"]:
        if asked["dataset_id"] == package["id"]:
            nari.dgatier_request_withdraw(id=asked["id"])
    editor.action.package_delete(id=package["id"])


def _signed_in(window: OpenWindow, who: str, language: str) -> Window:
    person = window(who, language)
    person.open("/access/sign-in?aal=2")
    person.sign_in()
    return person


def test_stewards_confirm_lower_and_review_a_level(
    window: OpenWindow, instance: Instance, proposed: dict[str, Any]
) -> None:
    name = proposed["name"]
    suda = _signed_in(window, "suda", "th")
    suda.open("/steward/queue")
    suda.keep("30-queue-levels")
    suda.page.locator("#levels ~ .dg-cards").get_by_role("link", name=TITLE).click()
    expect(suda.page.locator(".dg-panel .dg-changed").first).to_be_visible()
    suda.keep("31-level-first")
    suda.page.locator('button[value="confirm"]').click()
    expect(suda.page.locator(".alert-success")).to_be_visible()
    expect(suda.page.locator(".dg-facts .dg-level").first).to_have_class("dg-level dg-level-open")

    nari = _signed_in(window, "nari", "en")
    _raise_and_ask(instance, name)
    _propose_to_lower(suda, name)
    wichai = _signed_in(window, "wichai", "en")
    wichai.open(f"/steward/level/{name}")
    expect(wichai.page.locator(".dg-panel")).to_contain_text("1 of 2")
    wichai.keep("34-level-lower")
    wichai.page.locator('button[value="confirm"]').click()
    expect(wichai.page.locator(".dg-facts .dg-level").first).to_have_text("Internal")
    wichai.page.locator(".dg-further summary").last.click()
    expect(wichai.page.locator('button[value="propose"]')).to_be_visible()
    wichai.page.locator(".dg-further summary").first.click()
    _review(wichai.page, "2040-06-30")
    wichai.keep("35-level-reviewed")

    nari.open("/access/mine")
    expect(nari.page.locator(".dg-timeline").first).to_contain_text("was lowered to Internal")
    nari.keep("36-mine-told")


def test_a_column_is_lowered_on_the_page_of_the_level_and_not_in_the_dictionary(
    window: OpenWindow, instance: Instance, proposed: dict[str, Any]
) -> None:
    suda = instance.portal("suda").action
    suda.dgatier_level_decide(id=proposed["level_proposal"]["id"], decision="confirm")
    levels = {"จังหวัด": "", "เหตุผลที่ได้รับ": "confidential"}
    fields = [{"id": column, "info": {"classification_level": level}}
              for column, level in levels.items()]  # fmt: skip
    table = suda.datastore_create(
        resource={"package_id": proposed["id"], "name": "ผู้ได้รับสวัสดิการ"},
        fields=[{"type": "text", **field} for field in fields],
    )["resource_id"]
    suda.datastore_create(resource_id=table, force=True, fields=fields)

    wichai = _signed_in(window, "wichai", "th")
    wichai.open(f"/dataset/{proposed['name']}/dictionary/{table}")
    page = wichai.page
    for level in page.locator('select[name$="classification_level"]').all():
        level.evaluate("select => { select.value = '' }")
    page.locator('button[name="save"]').click()
    expect(page.locator(".error-explanation")).to_contain_text("บริกรข้อมูลสองคน")
    wichai.keep("37-column-refused")

    wichai.open(f"/steward/level/{proposed['name']}")
    part = page.locator("section", has=page.get_by_role("heading", name="คอลัมน์ เหตุผลที่ได้รับ"))
    part.locator("summary").last.click()
    options = part.locator("select option").evaluate_all("all => all.map(one => one.value)")
    assert options == ["open", "internal"]
    part.locator("select").select_option("open")
    part.locator('textarea[name="ground"]').last.fill(GROUND)
    wichai.keep("38-column-proposed")
    part.locator('button[value="propose"]').click()
    expect(part.locator(".dg-panel")).to_be_visible()
    (column,) = suda.dgatier_level_show(id=proposed["id"])["resources"]
    suda.dgatier_level_decide(id=column["proposal"]["id"], decision="confirm")
    wichai.open(f"/steward/level/{proposed['name']}")
    expect(page.locator(".dg-facts .dg-level").last).to_have_class("dg-level dg-level-open")
    expect(part.locator('button[value="propose"]')).to_have_count(0)
    wichai.keep("39-column-lowered")


def _raise_and_ask(instance: Instance, name: str) -> None:
    suda, nari = instance.portal("suda").action, instance.portal("nari").action
    suda.package_patch(id=name, classification_level="confidential")
    asked = nari.dgatier_request_create(
        id=name, tier="masked", purpose="dpv:AcademicResearch", days=30,
        justification="A study of how welfare reaches the provinces.",
    )  # fmt: skip
    assert asked["state"] == "submitted"


def _propose_to_lower(suda: Window, name: str) -> None:
    """Lower a level in the form: without its ground it is refused, with it it waits."""
    page = suda.page
    suda.open(f"/dataset/edit/{name}")
    page.locator("#field-classification_level").select_option("internal")
    page.locator('button[name="save"].btn-primary').click()
    expect(page.locator(".error-explanation")).to_be_visible()
    expect(page.locator("#field-classification_level")).to_have_value("internal")
    suda.keep("32-lower-without-ground")
    page.locator("#field-level_ground").fill(GROUND)
    page.locator('button[name="save"].btn-primary').click()
    page.wait_for_url(f"**/dataset/{name}")
    expect(page.locator(".alert-info, .alert-warning").first).to_be_visible()
    expect(page.locator(".dg-level").first).to_have_class("dg-level dg-level-confidential")
    expect(page.locator(".dg-note").first).to_be_visible()
    suda.keep("33-lowering-waits")


def _review(page: Page, day: str) -> None:
    page.locator('input[name="review_on"]').first.fill(day)
    page.locator('button[value="review"]').click()
    expect(page.locator(".alert-success")).to_be_visible()
