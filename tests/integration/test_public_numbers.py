"""The numbers of requests, as everyone reads them: the page, the action and the open data."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup
from ckanapi import NotAuthorized, NotFound

from instance import Instance, ckan, open_dataset, run_in_ckan

_DATASET = "access-requests-numbers"
# No other test asks for the first: a few of another outcome beside these would hide the number. The
# second, asked for less, is what is hidden where a small count of another purpose may not be alone.
_PURPOSE, _FEWER = "dpv:NonCommercialResearch", "dpv:ServiceProvision"
_OUTCOMES = ("approved", "rejected", "withdrawn", "waiting")


@pytest.fixture
def asked(instance: Instance) -> Iterator[str]:
    """Publish an internal dataset that was asked for and taken back many times; take it away."""
    suda, malee = instance.portal("suda").action, instance.portal("malee").action
    shape = {**open_dataset(), "classification_level": "internal", "level_ground": "For a test."}
    package = suda.package_create(**shape)
    for purpose in [_PURPOSE] * 6 + [_FEWER] * 5:
        made = malee.dgatier_request_create(
            id=package["id"], tier="full", purpose=purpose, days=30,
            justification="To find who claims twice.",
        )  # fmt: skip
        malee.dgatier_request_withdraw(id=made["id"])
    yield str(package["id"])
    suda.package_delete(id=package["id"])


def _published(instance: Instance) -> dict[tuple[str, str], dict[str, Any]]:
    """Bring the open data up to date, and read it."""
    assert _DATASET in ckan("dgatier", "numbers", "publish")
    return _rows(instance)


def _rows(instance: Instance) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the open data as the public reads it."""
    action = instance.portal().action
    package = action.package_show(id=_DATASET)
    (resource,) = package["resources"]
    found = action.datastore_search(resource_id=resource["id"], limit=1000)
    assert package["classification_level"] == "open"
    return {(one["by"], one["value"]): one for one in found["records"]}


def test_requests_show_in_the_open_data_by_agency_purpose_and_month(
    instance: Instance, asked: str
) -> None:
    assert asked
    rows = _published(instance)
    assert rows["purpose", _PURPOSE]["withdrawn"] >= 6
    assert rows["agency", "fpo"]["total"] >= 6
    assert [key for key in rows if key[0] == "everything"] == [("everything", "")]
    assert sum(key[0] == "month" for key in rows) >= 1


def test_what_was_refused_shows_by_the_ground_that_was_named(
    instance: Instance, asked: str
) -> None:
    suda, malee = instance.portal("suda").action, instance.portal("malee").action
    for ground in ["oia-15-1"] * 5 + ["oia-15-4"] * 6 + ["oia-15-6"] * 6:
        made = malee.dgatier_request_create(
            id=asked, tier="full", purpose=_PURPOSE, days=30,
            justification="To find who claims twice.",
        )  # fmt: skip
        suda.dgatier_request_decide(
            id=made["id"], decision="reject", ground=ground, reason="For a test."
        )
    rows = _published(instance)
    assert rows["ground", "oia-15-4"]["rejected"] >= 5
    assert rows["ground", "oia-15-6"]["rejected"] >= 5
    every = [one["rejected"] for key, one in rows.items() if key[0] == "ground"]
    if None not in every:
        assert sum(every) == rows["everything", ""]["rejected"]
    for language, words in (("th", "ชีวิตหรือความปลอดภัย"), ("en", "life or safety")):
        page = requests.get(f"{instance.url}/{language}/access/numbers", timeout=30)
        assert words in page.text


def test_publishing_again_adds_nothing(instance: Instance, asked: str) -> None:
    assert asked
    once = _published(instance)
    count = len(instance.portal().action.package_show(id=_DATASET)["resources"])
    assert _published(instance) == once
    assert len(instance.portal().action.package_show(id=_DATASET)["resources"]) == count


def test_the_clock_publishes_once_a_day(instance: Instance) -> None:
    today = {one["as_of"] for one in _published(instance).values()}
    program = (
        "from datetime import UTC, datetime, timedelta\n"
        "from ckanext.dgatier.logic import numbers\n"
        "numbers.publish_daily(datetime.now(UTC) + timedelta(days={days}))\n"
    )
    run_in_ckan(program.format(days=0))
    assert {one["as_of"] for one in _rows(instance).values()} == today
    run_in_ckan(program.format(days=1))
    assert {one["as_of"] for one in _rows(instance).values()}.isdisjoint(today)
    assert {one["as_of"] for one in _published(instance).values()} == today


def test_no_small_count_goes_out(instance: Instance, asked: str) -> None:
    assert asked
    shown = [
        *_published(instance).values(),
        instance.portal().action.dgatier_numbers_show()["total"],
    ]
    for line in shown:
        for name in (*_OUTCOMES, "total"):
            assert line[name] is None or line[name] == 0 or line[name] >= 5, (line, name)


def test_requests_for_what_not_everyone_may_know_of_are_not_counted(instance: Instance) -> None:
    """A dataset that is deleted, or secret, is in no number: before and after are the same."""
    before = _published(instance)
    suda, malee = instance.portal("suda").action, instance.portal("malee").action
    shape = {**open_dataset(), "classification_level": "internal", "level_ground": "For a test."}
    package = suda.package_create(**shape)
    for _time in range(7):
        made = malee.dgatier_request_create(
            id=package["id"], tier="full", purpose="dpv:PublicBenefit", days=30,
            justification="To find who claims twice.",
        )  # fmt: skip
        malee.dgatier_request_withdraw(id=made["id"])
    during = _published(instance)
    suda.package_patch(id=package["id"], classification_level="secret",
                       data_category="ข้อมูลความลับทางราชการ")  # fmt: skip
    with pytest.raises((NotAuthorized, NotFound)):
        malee.package_show(id=package["id"])
    after = _published(instance)
    suda.package_delete(id=package["id"])
    assert during != before
    assert after == before


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_page_shows_plots_with_words_and_the_same_numbers_as_tables(
    instance: Instance, asked: str, language: str
) -> None:
    assert asked
    address = f"{instance.url}/{language}/access/numbers"
    deadline = time.monotonic() + 90
    plots: list[Any] = []
    while not plots and time.monotonic() < deadline:  # counted once a minute
        time.sleep(1)
        page = BeautifulSoup(requests.get(address, timeout=30).text, "html.parser")
        plots = page.select("main svg")
    assert len(plots) in (4, 5), "by agency, days, purpose, month, and ground where any was refused"
    for plot in plots:
        named = str(plot["aria-labelledby"]).split()
        assert all(page.find(id=name) and page.find(id=name).get_text() for name in named)  # type: ignore[union-attr]
    assert len(page.select("main table")) == len(plots) - 1
    assert not page.select("main script")
