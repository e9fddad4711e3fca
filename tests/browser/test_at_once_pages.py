"""What who asks and who decides read of a request that a rule of the agency gives at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from window import Window

from instance import Instance

OpenWindow = Callable[[str, str], Window]
FORECAST = "disbursement-forecast"


@pytest.fixture
def nothing_is_left(instance: Instance) -> Iterator[None]:
    """Close and throw away what nari asked for, after the test and before it."""
    nari = instance.portal("nari").action

    def clear() -> None:
        dataset = nari.package_show(id=FORECAST)["id"]
        for one in nari.dgatier_request_list(limit=200)["results"]:
            if one["dataset_id"] == dataset and one["state"] == "approved":
                nari.dgatier_request_close(id=one["id"], copies="none")
            elif one["dataset_id"] == dataset and one["state"] in ("draft", "submitted"):
                nari.dgatier_request_withdraw(id=one["id"])

    clear()
    yield
    clear()


@pytest.mark.usefixtures("nothing_is_left")
def test_the_form_says_that_it_is_given_at_once_and_the_request_says_by_which_rule(
    window: OpenWindow,
) -> None:
    nari = window("nari", "en")
    nari.open("/access/sign-in?aal=2")
    nari.sign_in()
    nari.open(f"/access/ask/{FORECAST}")
    needed = nari.page.locator("#needed")
    expect(needed).to_contain_text("A steward of the agency reads")
    nari.page.select_option("#purpose", "dpv:AcademicResearch")
    expect(needed).to_contain_text("This is given at once")
    nari.page.fill("#justification", "A study of how spending reaches the provinces.")
    expect(nari.page.locator("#draft-said")).to_contain_text("Saved")
    nari.keep("50-given-at-once-form")
    with nari.page.expect_response(lambda answer: answer.url.endswith("/access/draft")):
        nari.page.fill("#days", "91")
    expect(needed).to_contain_text("A steward of the agency reads")
    nari.keep("51-read-by-a-steward-form")
    with nari.page.expect_response(lambda answer: answer.url.endswith("/access/draft")):
        nari.page.fill("#days", "90")
    expect(needed).to_contain_text("This is given at once")
    nari.language = "th"
    nari.open(f"/access/ask/{FORECAST}")
    expect(nari.page.locator(".dg-at-once")).to_be_visible()
    nari.keep("50-given-at-once-form")

    nari.page.locator('button[value="send"]').click()
    expect(nari.page.locator(".dg-facts")).to_contain_text("นักวิจัยที่ได้รับการรับรอง")
    nari.keep("52-given-at-once")
    nari.language = "en"
    nari.open(nari.page.url.split("/th", 1)[1])
    expect(nari.page.locator(".dg-facts")).to_contain_text("Accredited researchers")
    nari.keep("52-given-at-once")
