"""On the page of a register people find the rows about themselves, and how to get no more of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from window import Window

from instance import Instance, internal_table

OpenWindow = Callable[[str, str], Window]
_SOMCHAI = "0110000000018"  # as `identity/` knows him
_REGISTER = {
    "fields": [
        {
            "id": "เลขประจำตัวประชาชน",
            "type": "text",
            "info": {"disclosure": "identifier", "subject_key": "citizen_id"},
        },
        {"id": "จังหวัด", "type": "text", "info": {"disclosure": "plain"}},
        {"id": "สวัสดิการต่อเดือน", "type": "numeric", "info": {"disclosure": "sensitive"}},
    ],
    "records": [
        {
            "เลขประจำตัวประชาชน": _SOMCHAI if number == 30 else f"{number:013}",
            "จังหวัด": ("น่าน", "แพร่")[number % 2],
            "สวัสดิการต่อเดือน": 200 + number,
        }
        for number in range(80)
    ],
}


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_citizen_finds_the_rows_about_themself_beside_the_summary(
    instance: Instance, window: OpenWindow, language: str
) -> None:
    with internal_table(instance, "confidential", name="register", **_REGISTER) as table:
        package = instance.portal("suda").action.resource_show(id=table)["package_id"]
        somchai = window("somchai", language)
        somchai.open("/access/sign-in?aal=2")
        somchai.sign_in()
        somchai.open(f"/dataset/{package}/resource/{table}")
        page = somchai.page
        heading = "แถวที่เกี่ยวกับท่าน" if language == "th" else "Rows about you"
        rows = page.locator("section.dg-preview", has=page.get_by_role("heading", name=heading))
        expect(rows.locator("tbody tr")).to_have_count(1)
        expect(rows.locator("tbody tr")).to_contain_text([_SOMCHAI])
        expect(rows.locator("tbody tr")).to_contain_text(["230"])
        expect(page.locator("#summary-heading")).to_be_visible()
        law = "มาตรา 25" if language == "th" else "s. 25"
        expect(page.locator(".dg-reasons")).to_contain_text(law)
        somchai.keep("88-rows-about-oneself")
