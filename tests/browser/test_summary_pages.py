"""The chart of a summary, and a suggestion for a column that is taken with one click."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from window import Window

from instance import REGISTER, Instance, internal_table

OpenWindow = Callable[[str, str], Window]


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_chart_draws_the_largest_groups_of_the_table_beside_it(
    window: OpenWindow, resource_of: Callable[[str], str], language: str
) -> None:
    somchai = window("somchai", language)
    path = f"/dataset/{REGISTER}/resource/{resource_of(REGISTER)}"
    somchai.open("/access/sign-in?aal=1")
    somchai.sign_in()
    somchai.open(path)
    page = somchai.page
    drawn = page.locator(".dg-preview svg .dg-plot-value").all_text_contents()
    listed = page.locator(".dg-preview tbody td").all_text_contents()
    assert drawn == listed[:10]
    assert len(listed) > 70
    somchai.keep("83-summary")


def test_a_suggestion_is_taken_with_one_click_and_saved_with_the_form(
    instance: Instance, window: OpenWindow
) -> None:
    fields = [{"id": "mail", "type": "text"}]
    rows = [{"mail": f"person{number}@example.org"} for number in range(9)]
    with internal_table(instance, name="mails", fields=fields, records=rows) as table:
        suda = instance.portal("suda").action
        package = suda.resource_show(id=table)["package_id"]
        steward = window("suda", "en")
        path = f"/dataset/{package}/dictionary/{table}"
        steward.open("/access/sign-in?aal=2")
        steward.sign_in()
        steward.open(path)
        steward.page.get_by_role("button", name="Describe it so").click()
        chosen = steward.page.locator("select[name='info__1__disclosure']")
        expect(chosen).to_have_value("identifier")
        steward.keep("84-column-suggestion")
        steward.page.locator("button[name='save']").click()
        steward.page.wait_for_load_state()
        (field,) = suda.datastore_info(id=table)["fields"]
        assert field["info"]["disclosure"] == "identifier"
