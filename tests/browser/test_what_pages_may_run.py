"""Every page works under its policy: nothing of CKAN's, its views' or ours is kept from running."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from traps import Trap, sign_in, trapped
from window import DESKTOP

from instance import REGISTER, Instance

OPEN = "welfare-cards-by-province"
OF_EVERYONE = (
    "/", "/dataset/", "/dataset/?q=province&sort=score+desc", f"/dataset/{OPEN}",
    f"/dataset/{REGISTER}", "/organization/", "/organization/fpo", "/access/numbers",
    "/group/", "/not-there", "/user/login",
)  # fmt: skip
OF_STEWARDS = (
    "/access/mine", "/access/inbox", "/access/sign-out", "/steward/absence", "/steward/queue",
    "/steward/holders", "/steward/webhooks", f"/steward/level/{REGISTER}", "/dataset/new",
    f"/dataset/edit/{OPEN}", f"/dataset/activity/{OPEN}", f"/dataset/resources/{OPEN}",
    f"/dataset/{OPEN}/resource/new", "/user/edit", "/dashboard/", "/dashboard/datasets",
)  # fmt: skip
MISSING = ("/not-there",)
OF_SYSADMINS = ("/ckan-admin/", "/ckan-admin/config", "/organization/edit/fpo", "/user/")


def _nothing_refused(trap: Trap, paths: tuple[str, ...]) -> None:
    amiss = {}
    for path in paths:
        answer = trap.window.page.goto(f"{trap.window.instance.url}/en{path}")
        if answer is None or not (answer.ok or path in MISSING):
            amiss[path] = answer and answer.status
        trap.window.page.wait_for_load_state("networkidle")
    assert amiss == {}
    assert trap.refused == []


@pytest.fixture(scope="module")
def table(instance: Instance) -> str:
    """Return the path of an open table."""
    package = instance.portal().action.package_show(id=OPEN)
    return f"/dataset/{OPEN}/resource/{package['resources'][0]['id']}"


def test_pages_of_everyone_run_all_of_theirs(
    browser: Browser, instance: Instance, table: str
) -> None:
    with trapped(browser, instance, "somchai", DESKTOP) as trap:
        views = instance.portal().action.resource_view_list(id=table.rpartition("/")[2])
        _nothing_refused(trap, (*OF_EVERYONE, table, f"{table}/view/{views[0]['id']}"))
        page = trap.window.page
        expect(page.locator("#dtprv tbody tr").first).to_be_visible(timeout=30_000)
        page.locator("#refit-button").first.click()
        assert trap.refused == []


def test_pages_of_stewards_run_all_of_theirs(
    browser: Browser, instance: Instance, table: str
) -> None:
    with trapped(browser, instance, "suda", DESKTOP) as trap:
        sign_in(trap)
        resource = table.rpartition("/")[2]
        more = tuple(
            f"/dataset/{OPEN}/{path}"
            for path in (
                f"resource/{resource}/edit", f"dictionary/{resource}", f"resource/{resource}/views",
            )
        )  # fmt: skip
        _nothing_refused(trap, (*OF_STEWARDS, *more))


def test_the_buttons_of_ckans_upload_field_still_work(browser: Browser, instance: Instance) -> None:
    with trapped(browser, instance, "suda", DESKTOP) as trap:
        sign_in(trap)
        trap.window.open(f"/dataset/{OPEN}/resource/new")
        page = trap.window.page
        page.locator("#resource-link-button").click()
        expect(page.locator("#field-resource-url")).to_be_visible()
        page.locator(".btn-remove-url:visible").click()
        expect(page.locator("#field-resource-url")).to_be_hidden()
        assert trap.refused == []


def test_pages_of_sysadmins_run_all_of_theirs(browser: Browser, instance: Instance) -> None:
    with trapped(browser, instance, "admin", DESKTOP) as trap:
        sign_in(trap)
        _nothing_refused(trap, OF_SYSADMINS)


def test_what_is_not_the_portals_own_does_not_run(browser: Browser, instance: Instance) -> None:
    with trapped(browser, instance, "somchai", DESKTOP) as trap:
        trap.window.open("/")
        page = trap.window.page
        page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.ran = true";
                document.body.append(script);
                const picture = document.createElement("img");
                picture.setAttribute("onerror", "window.ran = true");
                picture.src = "/not-there.png";
                document.body.append(picture);
            }"""
        )
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.ran") is None
        assert len(trap.refused) >= 2
