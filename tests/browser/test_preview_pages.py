"""The page on which a steward sees a table as others do."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from window import Window

from instance import PEOPLE, Instance, internal_table

OpenWindow = Callable[[str, str], Window]


def test_a_steward_looks_at_a_table_as_another_official_and_as_the_public(
    instance: Instance, window: OpenWindow
) -> None:
    with internal_table(instance, name="previewed", **PEOPLE) as table:
        package = instance.portal("suda").action.resource_show(id=table)["package_id"]
        suda = window("suda", "en")
        suda.open("/access/sign-in?aal=1")
        suda.sign_in()
        for language in ("th", "en"):
            suda.language = language
            suda.open(f"/dataset/{package}/resource/{table}")
            expect(suda.page.locator(".dg-preview")).to_contain_text("synthetic 0")
            suda.page.locator(f"a[href*='/steward/preview/{table}']").click()
            suda.page.locator("#as").select_option("person:prasit")
            suda.page.locator(".dg-outlook-form button").click()
            expect(suda.page.locator(".dg-preview thead details")).to_have_count(2)
            expect(suda.page.locator(".dg-preview")).not_to_contain_text("synthetic")
            suda.page.locator(".dg-preview thead summary").first.click()
            suda.keep("87-seen-as-another")
            suda.page.locator("#as").select_option("person:")
            suda.page.locator(".dg-outlook-form button").click()
            expect(suda.page.locator(".dg-preview")).to_have_count(0)
