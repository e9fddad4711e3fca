"""What people write is shown as they wrote it, and runs nowhere: no field is a way in.

The pages are opened without their policy, so that what would run does run; with it the browser is a
second guard (`test_what_pages_may_run.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import yaml
from ckanapi import ValidationError
from playwright.sync_api import Browser
from traps import Trap, sign_in, trapped
from window import DESKTOP

from instance import REPOSITORY, Instance, open_dataset

AGENCY = "fpo"
# Each ends what it may stand in: text, an attribute, a script, Markdown's own link.
PAYLOADS = (
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(2)>",
    "</script><script>alert(3)</script>",
    '[press](javascript:alert(4)) <a href=javascript:alert(5)>here</a> ![](x "onerror=alert(6))',
    "{{7*7}}${alert(8)}<iframe srcdoc='<script>parent.alert(9)</script>'></iframe>",
)
ALL = " ".join(PAYLOADS)
# A column's name can hold no quotation mark.
COLUMN = "<img src=x onerror=alert(10)>"
SCHEMA = REPOSITORY / "ckanext-dgatier/ckanext/dgatier/dataset_schema.yaml"


def _free_fields(part: str) -> list[str]:
    """Return the fields of a dataset or resource into which one writes words of one's own."""
    fields = yaml.safe_load(SCHEMA.read_text())[part]
    fixed = (
        "classification_level", "level_review_on", "columns_level", "license_id", "name",
        "owner_org", "tag_string",
    )  # fmt: skip
    free = [one for one in fields if "choices" not in one and one["field_name"] not in fixed]
    return [one["field_name"] for one in free if "select" not in one.get("preset", "")]


def _taken(
    create: Any, shape: dict[str, Any], written: Sequence[str]
) -> tuple[dict[str, Any], set[str]]:
    """Create with the payload in every field that takes it; return what was made, and in which."""
    inside = dict.fromkeys(written, ALL)
    for _ in range(len(written) + 1):
        try:
            return create(**{**shape, **inside}), set(inside)
        except ValidationError as refused:
            for name in refused.error_dict:
                inside.pop(name, None)
    raise AssertionError(f"nothing was taken: {shape}")


@pytest.fixture(scope="module")
def written(instance: Instance) -> Iterator[dict[str, Any]]:
    """Write the payloads wherever one can; give the dataset, its table and the request for it."""
    suda, admin = instance.portal("suda").action, instance.portal("admin").action
    shape = {
        **open_dataset(), "classification_level": "internal", "level_ground": ALL, "tags": [],
    }  # fmt: skip
    package, fields = _taken(suda.package_create, shape, _free_fields("dataset_fields"))
    assert {"title", "title_en", "notes", "notes_en", "maintainer", "data_source", "url"} <= fields
    resource, of_resource = _taken(
        suda.resource_create, {"package_id": package["id"], "name": ALL, "url": "https://x.example"},
        [one for one in _free_fields("resource_fields") if one != "url"],
    )  # fmt: skip
    assert "description" in of_resource
    table = suda.datastore_create(
        resource={"package_id": package["id"], "name": ALL},
        fields=[{"id": COLUMN, "type": "text", "info": {"label": ALL, "notes": ALL}}],
        records=[{COLUMN: each} for each in PAYLOADS],
    )["resource_id"]
    agency = admin.organization_show(id=AGENCY)
    admin.organization_patch(id=AGENCY, title=f"{agency['title']} {ALL}", description=ALL)
    prasit, nari = instance.portal("prasit").action, instance.portal("nari").action
    words = {
        "id": package["id"], "tier": "full", "purpose": "dpv:PublicBenefit", "justification": ALL,
        "days": 7,
    }  # fmt: skip
    asked, held = prasit.dgatier_request_create(**words), nari.dgatier_request_create(**words)
    suda.dgatier_request_return(id=asked["id"], reason=ALL)
    prasit.dgatier_request_submit(id=asked["id"])
    suda.dgatier_request_decide(id=held["id"], decision="approve", reason=ALL)
    yield {"dataset": package, "link": resource["id"], "table": table, "request": asked["id"]}
    prasit.dgatier_request_withdraw(id=asked["id"])
    nari.dgatier_request_close(id=held["id"], copies="none")
    admin.organization_patch(
        id=AGENCY, title=agency["title"], description=agency.get("description") or ""
    )
    suda.package_delete(id=package["id"])


def _nothing_ran(trap: Trap, paths: Sequence[str]) -> None:
    page = trap.window.page
    for path in paths:
        trap.window.open(path)
        page.wait_for_load_state("networkidle")
        assert "alert(" in page.content(), f"{path} shows nothing of what was written"
        for frame in page.frames:
            for link in frame.locator('a[href^="javascript:" i]').all():
                told = link.get_attribute("href") or ""
                assert "alert" not in told, f"{path}: a link runs {told}"
    assert trap.dialogs == []


@pytest.mark.parametrize("who", ["the public", "prasit", "suda", "anan", "admin"])
def test_no_page_runs_what_someone_wrote(
    browser: Browser, instance: Instance, written: dict[str, Any], who: str
) -> None:
    dataset, table, link = written["dataset"]["name"], written["table"], written["link"]
    pages = {
        "the public": (
            "/dataset/?q=&sort=metadata_modified+desc", f"/dataset/{dataset}",
            f"/dataset/{dataset}/resource/{link}", f"/organization/{AGENCY}", "/organization/",
        ),
        "prasit": (
            f"/dataset/{dataset}/resource/{table}", "/access/mine", "/access/inbox",
            f"/access/request/{written['request']}",
        ),
        "suda": (
            f"/dataset/{dataset}/resource/{table}", f"/access/request/{written['request']}",
            "/steward/queue", "/steward/holders", f"/steward/level/{dataset}",
            f"/dataset/edit/{dataset}", f"/dataset/activity/{dataset}",
            f"/dataset/resources/{dataset}", f"/dataset/{dataset}/resource/{link}/edit",
            f"/dataset/{dataset}/dictionary/{table}", f"/dataset/{dataset}/resource/{table}/views",
        ),
        "anan": ("/audit/",),
        "admin": (f"/organization/edit/{AGENCY}",),
    }  # fmt: skip
    with trapped(browser, instance, who, DESKTOP, without_policy=True) as trap:
        if who != "the public":
            sign_in(trap)
        _nothing_ran(trap, pages[who])


def test_the_trap_notices_what_runs(browser: Browser, instance: Instance) -> None:
    with trapped(browser, instance, "somchai", DESKTOP, without_policy=True) as trap:
        trap.window.page.set_content(ALL)
        deadline = time.monotonic() + 10
        while len(trap.dialogs) < 2 and time.monotonic() < deadline:
            trap.window.page.wait_for_timeout(100)
        assert len(trap.dialogs) >= 2
