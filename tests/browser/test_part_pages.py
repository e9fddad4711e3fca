"""What a grant for a part of a table looks like to its holder and to whoever decides on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from window import Window

from instance import Instance, open_dataset

OpenWindow = Callable[[str, str], Window]
GROUND = "Section 9 of the Official Information Act."
PROVINCES = ("น่าน", "แพร่", "ตาก")
INFO = {
    "ชื่อ": {"disclosure": "identifier"},
    "จังหวัด": {"disclosure": "plain", "subject_key": "province"},
    "ปี": {"disclosure": "plain", "period": "buddhist_year"},
    "จำนวน": {"disclosure": "measure"},
}


@pytest.fixture
def asked(instance: Instance) -> Iterator[dict[str, Any]]:
    """Return a dataset with two tables, one without its dictionary, and a request for a part."""
    suda, prasit = instance.portal("suda").action, instance.portal("prasit").action
    shape = {**open_dataset(), "title": "ผู้รับสวัสดิการรายจังหวัด", "title_en": ""}
    package = suda.package_create(
        **{**shape, "classification_level": "internal", "level_ground": GROUND, "resources": []}
    )
    rows = [
        {"ชื่อ": f"สมมติ {number}", "จังหวัด": PROVINCES[number % 3], "ปี": 2565 + number % 2,
         "จำนวน": 100 * number}
        for number in range(12)
    ]  # fmt: skip
    tables = []
    for name, info in (("ทะเบียน", INFO), ("ทะเบียนเก่า", {})):
        made = suda.datastore_create(
            resource={"package_id": package["id"], "name": name},
            fields=[
                {"id": key, "type": "numeric" if key in ("ปี", "จำนวน") else "text",
                 "info": info.get(key, {"disclosure": "plain"})}
                for key in INFO
            ],
            records=rows,
        )  # fmt: skip
        tables.append(made["resource_id"])
    request = prasit.dgatier_request_create(
        id=package["id"], tier="full", purpose="dpv:AcademicResearch", days=90,
        justification="A study of how welfare reaches the provinces.",
        conditions={"provinces": ["น่าน", "แพร่"], "years": [2566]},
    )  # fmt: skip
    yield {"package": package, "tables": tables, "request": request["id"]}
    prasit.dgatier_request_close(id=request["id"], copies="none")
    suda.package_delete(id=package["id"])


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_part_is_decided_on_and_seen(
    window: OpenWindow, instance: Instance, asked: dict[str, Any], language: str
) -> None:
    package, table = asked["package"], asked["tables"][0]
    suda = window("suda", language)
    suda.open("/access/sign-in?aal=2")
    suda.sign_in()
    suda.open(f"/access/request/{asked['request']}")
    told = suda.page.locator(".dg-further .dg-note")
    expect(told).to_have_count(2)
    expect(told.first).to_contain_text("ทะเบียนเก่า")
    suda.keep("80-decide-on-a-part")
    suda.open(f"/dataset/{package['id']}/dictionary/{table}")
    suda.keep("81-dictionary")
    instance.portal("suda").action.dgatier_request_decide(id=asked["request"], decision="approve")
    prasit = window("prasit", language)
    prasit.open("/access/sign-in?aal=1")
    prasit.sign_in()
    prasit.open(f"/dataset/{package['id']}/resource/{table}")
    expect(prasit.page.locator(".dg-preview tbody tr")).to_have_count(10)
    expect(prasit.page.locator(".dg-preview")).to_contain_text("สมมติ 1")
    expect(prasit.page.locator(".dg-ladder .dg-part")).to_have_count(1)
    prasit.keep("82-part-of-a-table")
