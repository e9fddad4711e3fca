"""A recall and new terms as their holder and a steward meet them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from window import Window

from instance import Instance, open_dataset, run_in_ckan

OpenWindow = Callable[[str, str], Window]
GROUND = "Section 9 of the Official Information Act."
TERMS = """ผู้ใช้ข้อมูลใช้เพื่อการศึกษาที่ขอไว้เท่านั้น

- ไม่ส่งต่อข้อมูลให้ผู้อื่น
- **อ้างอิงแหล่งที่มา** ทุกครั้งที่เผยแพร่ผล
"""


@pytest.fixture
def held(instance: Instance) -> Iterator[list[dict[str, Any]]]:
    """Return two datasets of which nari holds a grant: one with new terms, one raised since."""
    suda, nari = instance.portal("suda").action, instance.portal("nari").action
    packages, asked_for = [], []
    for title in ("ผู้รับเบี้ยยังชีพรายตำบล", "ผู้กู้ยืมเพื่อการศึกษารายจังหวัด"):
        shape = {**open_dataset(), "title": title, "title_en": "", "terms_of_use": "ใช้เพื่อการศึกษา"}
        package = suda.package_create(
            **{**shape, "classification_level": "internal", "level_ground": GROUND, "resources": []}
        )
        packages.append(package)
        asked = nari.dgatier_request_create(
            id=package["id"], tier="masked", purpose="dpv:AcademicResearch", days=90,
            justification="A study of how welfare reaches the provinces.",
        )  # fmt: skip
        suda.dgatier_request_decide(id=asked["id"], decision="approve")
        asked_for.append(asked["id"])
    suda.package_patch(id=packages[0]["id"], terms_of_use=TERMS)
    suda.package_patch(
        id=packages[1]["id"], classification_level="confidential", level_ground=GROUND
    )
    run_in_ckan("from ckanext.dgatier.logic import recall; recall.note()")
    yield packages
    for request_id in asked_for:
        nari.dgatier_request_close(id=request_id, copies="none")
    for package in packages:
        suda.package_delete(id=package["id"])


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_holder_sees_why_and_accepts_the_new_terms(
    window: OpenWindow, held: list[dict[str, Any]], language: str
) -> None:
    with_terms, raised = held
    nari = window("nari", language)
    page = nari.page
    nari.open("/access/sign-in?aal=2")
    nari.sign_in()
    nari.open("/access/mine")
    nari.keep("50-mine-recalled")
    nari.open(f"/dataset/{raised['name']}")
    nari.keep("51-dataset-recalled")
    nari.open(f"/access/ask/{with_terms['name']}")
    nari.keep("52-ask-with-terms")
    nari.open(f"/dataset/{with_terms['name']}")
    nari.keep("53-dataset-suspended")
    page.locator(f'.dg-steps a[href$="/access/terms/{with_terms["name"]}"]').click()
    expect(page.locator(".dg-panel strong")).to_be_visible()
    nari.keep("54-terms")
    page.locator(".dg-page form .btn-primary").click()
    expect(page.locator(".dg-reached .dg-rung").last).to_be_visible()
    assert page.url.endswith(f"/dataset/{with_terms['name']}")
    assert page.locator('a[href*="/access/terms/"]').count() == 0


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_steward_sees_what_was_recalled(
    window: OpenWindow, held: list[dict[str, Any]], language: str
) -> None:
    suda = window("suda", language)
    suda.open("/access/sign-in?aal=2")
    suda.sign_in()
    suda.open("/access/inbox")
    suda.keep("55-inbox-recall")
    suda.open("/steward/holders?state=recalled")
    expect(suda.page.locator(".dg-state-recalled").first).to_be_visible()
    suda.keep("56-holders-recalled")
