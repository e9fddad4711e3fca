"""The main job as people do it: publish, find, ask, approve, read masked, revoke, look back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from window import Window

from instance import REGISTER, Instance, ckan

OpenWindow = Callable[[str, str], Window]
TITLE_TH = "ทะเบียนผู้ถือบัตรสวัสดิการแห่งรัฐ"
_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{16}")
_NEW = "browser-journey-register"


@pytest.fixture
def nothing_left(instance: Instance) -> Iterator[None]:
    """Take away what the journey publishes and grants."""
    yield
    suda = instance.portal("suda").action
    for grant in suda.dgatier_grant_list(agency=True, limit=200):
        if grant["state"] == "active" and grant["dataset_name"] == REGISTER:
            suda.dgatier_grant_revoke(id=grant["id"], reason="the journey is over")
    names = suda.package_search(fq=f"name:{_NEW}", include_drafts=True, include_private=True)
    for dataset in names["results"]:
        suda.package_delete(id=dataset["id"])
        ckan("dataset", "purge", dataset["id"])


def test_the_main_job_from_asking_to_revoking(
    window: OpenWindow, resource_of: Callable[[str], str], nothing_left: None
) -> None:
    resource = f"/dataset/{REGISTER}/resource/{resource_of(REGISTER)}"
    _find_and_read_what_is_open(window("", "th"))
    _see_what_a_citizen_may_have(window("somchai", "th"), resource)
    nari, suda = window("nari", "en"), window("suda", "th")
    request = _ask(nari)
    _approve(suda, request)
    _read_masked(nari, resource)
    _revoke(suda)
    _be_refused(nari, resource)
    _look_back(window("anan", "th"))
    _sign_out(suda)


def _find_and_read_what_is_open(public: Window) -> None:
    page = public.page
    public.open("/")
    public.keep("01-home")
    page.fill("#home-search", "welfare")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=TITLE_TH).first.wait_for()
    public.keep("02-search")
    found = page.locator(".dataset-item").filter(has_text=TITLE_TH)
    expect(found.locator(".dg-level")).to_have_text("ลับ")
    found.locator(".dataset-heading a").click()
    panel = page.locator(".dg-panel")
    expect(panel.locator(".dg-reached")).to_have_count(1)
    expect(panel.get_by_role("link", name="ลงชื่อเข้าใช้")).to_be_visible()
    public.keep("03-dataset-public")
    public.open("/dataset/population-by-province")
    page.locator(".resource-item .heading").first.click()
    expect(page.locator(".dg-table tbody tr")).to_have_count(10)
    saved = _saved_by(page, "ดาวน์โหลด")
    assert saved.startswith("province_code,")


def _see_what_a_citizen_may_have(citizen: Window, resource: str) -> None:
    citizen.open(resource)
    citizen.page.locator(".dg-panel").get_by_role("link", name="ลงชื่อเข้าใช้").click()
    citizen.sign_in()
    assert resource in citizen.page.url
    expect(citizen.page.locator(".dg-panel .dg-reached")).to_have_count(2)
    expect(citizen.page.get_by_role("heading", name="สรุปทางสถิติ")).to_be_visible()
    expect(citizen.page.locator(".dg-panel .dg-steps a").first).to_be_visible()
    citizen.keep("04-resource-citizen")


def _ask(nari: Window) -> str:
    page = nari.page
    nari.open("/access/sign-in?aal=2")
    nari.sign_in()
    nari.open(f"/dataset/{REGISTER}")
    page.get_by_role("link", name="Ask for access").click()
    nari.keep("05-ask")
    page.get_by_label("Masked rows").check()
    page.get_by_label("Purpose").select_option("dpv:AcademicResearch")
    page.get_by_label("What will you do with the data?").fill("How welfare reaches the provinces.")
    page.get_by_label("For how many days?").fill("30")
    page.get_by_role("button", name="Send the request").click()
    expect(page.locator(".dg-state-submitted")).to_be_visible()
    nari.keep("06-request-sent")
    return page.url.partition("/en")[2]


def _approve(suda: Window, request: str) -> None:
    page = suda.page
    suda.open("/access/sign-in?aal=2")
    suda.sign_in()
    suda.open("/steward/queue")
    suda.keep("07-queue")
    page.locator(f'a[href$="{request}"]').click()
    suda.keep("08-decide")
    page.locator("select#tier").select_option("masked")
    page.locator("#days").fill("14")
    page.locator('button[value="approve"]').click()
    expect(page.locator(".dg-state-approved")).to_be_visible()


def _read_masked(nari: Window, resource: str) -> None:
    nari.open(resource)
    expect(nari.page.locator(".dg-panel .dg-reached")).to_have_count(3)
    shown = nari.page.locator(".dg-table tbody tr td:first-child").all_inner_texts()
    assert shown
    assert all(_PSEUDONYM.fullmatch(cell) for cell in shown), shown
    nari.keep("09-resource-masked")
    first = next(csv.DictReader(_saved_by(nari.page, "Download").splitlines()))
    assert _PSEUDONYM.fullmatch(first["citizen_id"]), first
    nari.open("/access/mine")
    expect(nari.page.locator(".dg-state-active")).to_have_count(1)
    nari.keep("10-mine")


def _revoke(suda: Window) -> None:
    suda.open("/steward/holders?holder=nari&state=active")
    card = suda.page.locator(".dg-cards > li").filter(has_text=TITLE_TH).first
    card.locator("summary").click()
    suda.keep("11-revoke")
    card.get_by_label("เหตุผล").fill("โครงการวิจัยสิ้นสุดแล้ว")
    card.get_by_role("button").click()
    expect(suda.page.locator(".alert-success")).to_be_visible()


def _be_refused(nari: Window, resource: str) -> None:
    nari.open(resource)
    expect(nari.page.locator(".dg-panel .dg-reached")).to_have_count(2)
    expect(nari.page.get_by_role("link", name="Download")).to_have_count(0)
    nari.keep("12-resource-revoked")
    nari.open(f"{resource}/download")
    assert "This is not yours to open" in nari.text()
    nari.keep("13-refused")
    nari.open("/dataset/promptpay-transfers")
    assert "There is no such page" in nari.text()
    nari.keep("14-not-found")


def _look_back(auditor: Window) -> None:
    auditor.open("/access/sign-in?aal=2")
    auditor.sign_in()
    auditor.open("/audit/")
    auditor.page.locator('button[name="verify"]').click()
    expect(auditor.page.locator(".dg-note[role='status']")).to_be_visible()
    said = auditor.page.locator(".dg-table").inner_text()
    for action in ("ส่งคำขอ", "อนุมัติคำขอ", "อ่านข้อมูล", "ดาวน์โหลดไฟล์", "เพิกถอนสิทธิ", "ปฏิเสธ"):
        assert action in said, f"the audit does not show {action}"
    auditor.keep("15-audit")


def _sign_out(suda: Window) -> None:
    """Signing out ends both sessions: the next sign-in asks for the password again."""
    suda.page.get_by_role("button", name="ลงชื่อออก").click()
    suda.open("/steward/queue")
    expect(suda.page.locator("#username")).to_be_visible()


def _saved_by(page: Page, link: str) -> str:
    with page.expect_download() as saved:
        page.get_by_role("link", name=link).click()
    return Path(saved.value.path()).read_text("utf-8-sig")


def test_a_steward_publishes_a_register_and_is_told_what_is_wrong(
    window: OpenWindow, nothing_left: None
) -> None:
    suda = window("suda", "en")
    suda.open("/access/sign-in?aal=2")
    suda.sign_in()
    suda.open("/dataset/new")
    page = suda.page
    page.locator("#field-title").fill("ทะเบียนทดลอง")
    page.locator(".slug-preview button").click()
    page.locator("#field-name").fill(_NEW)
    page.locator("#field-notes").fill("ทะเบียนสังเคราะห์สำหรับการทดสอบ")
    page.locator("#field-maintainer_email").fill("data@fpo.example.org")
    page.get_by_role("button", name="Next: Add Data").click()
    expect(page.locator(".error-explanation")).to_contain_text("level")
    suda.keep("20-publish-refused")
    page.locator("#field-classification_level").select_option("confidential")
    page.locator("#field-data_category").select_option("ข้อมูลส่วนบุคคล")
    page.get_by_role("button", name="Next: Add Data").click()
    page.wait_for_url("**/resource/new")
    table = io.BytesIO("name,province\nก,พะเยา\nข,น่าน\n".encode())
    page.locator('input[type="file"]').set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": table.getvalue()}
    )
    suda.keep("21-add-file")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url(f"**/dataset/{_NEW}")
    expect(page.locator(".dg-level").first).to_have_text("Confidential")
    suda.keep("22-published")
    page.get_by_role("link", name="people.csv").click()
    status = page.get_by_role("status").filter(has_text="Loading into the table")
    expect(status).to_contain_text("Loading into the table")
    for _second in range(60):
        if "done" in status.inner_text():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(status).to_contain_text("done")
    expect(page.locator(".dg-table")).to_be_visible()
    suda.keep("23-loaded")
