"""The pages that show what is going on, in both languages, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from window import Window

OpenWindow = Callable[[str, str], Window]


@pytest.mark.parametrize("language", ["th", "en"])
def test_everyone_sees_the_numbers(window: OpenWindow, language: str) -> None:
    anyone = window("nobody", language)
    anyone.open("/access/numbers")
    expect(anyone.page.locator("main h1")).to_be_visible()
    anyone.keep("40-numbers")
    anyone.open("/")
    expect(anyone.page.locator('footer a[href$="/access/numbers"]')).to_be_visible()


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("nari", {"41-mine": "/access/mine"}),
        (
            "suda",
            {
                "42-queue": "/steward/queue",
                "43-holders": "/steward/holders?state=active&sort=valid_until+asc",
                "44-reading": "/steward/reading",
            },
        ),
        ("anan", {"45-audit": "/audit/?outcome=refused"}),
    ],
)
def test_each_sees_what_is_theirs_to_see(
    window: OpenWindow, who: str, paths: dict[str, str], language: str
) -> None:
    person = window(who, language)
    person.open("/access/sign-in?aal=2")
    person.sign_in()
    for name, path in paths.items():
        person.open(path)
        expect(person.page.locator("main h1")).to_be_visible()
        assert not person.page.locator("main .dg-errors").count()
        person.keep(name)
