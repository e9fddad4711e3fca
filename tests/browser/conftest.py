"""Chromium, and one window for each person who uses it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from window import DESKTOP, SCREENSHOTS, Window

from instance import Instance


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=os.environ.get("DGATIER_CHROMIUM"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()


@pytest.fixture
def window(browser: Browser, instance: Instance) -> Iterator[Callable[[str, str], Window]]:
    """Return `(who, language)` → a fresh window, where no one is signed in yet."""
    contexts = []

    def opened(who: str, language: str) -> Window:
        context = browser.new_context(
            viewport=DESKTOP,  # type: ignore[arg-type]
            locale="th-TH" if language == "th" else "en-GB",
            accept_downloads=True,
        )
        contexts.append(context)
        return Window(instance, context.new_page(), who, language)

    yield opened
    for context in contexts:
        context.close()
