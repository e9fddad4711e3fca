"""A person at the portal, in a window of Chromium."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pyotp
from playwright.sync_api import Page

from dgatier_demo.sign_in import fresh_code
from instance import REPOSITORY, Instance

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
SCREENSHOTS = Path(os.environ.get("DGATIER_SCREENSHOTS", REPOSITORY / ".run" / "screenshots"))


@dataclass
class Window:
    """A person at the portal; every page that they come to is looked at and kept."""

    instance: Instance
    page: Page
    who: str
    language: str

    def open(self, path: str) -> None:
        """Go to a page of the portal in the person's language."""
        answer = self.page.goto(f"{self.instance.url}/{self.language}{path}")
        assert answer is not None
        assert answer.status < 500, f"{self.who}: {answer.status} at {path}"

    def sign_in(self) -> None:
        """Fill in the forms of the identity provider, which the page now shows."""
        person = self.instance.person(self.who)
        self.page.fill("#username", self.who)
        self.page.fill("#password", person["password"])
        self.page.click("#kc-login")
        for _attempt in range(2):
            if not self.page.locator("#otp").count():
                break
            self.page.fill("#otp", fresh_code(person["totp_secret"]))
            self.page.click("#kc-login")
            if self.page.locator("#otp").count():  # this code was used already: wait for the next
                interval = pyotp.TOTP(person["totp_secret"]).interval
                time.sleep(interval - time.time() % interval + 0.5)
        assert self.page.url.startswith(self.instance.url), f"{self.who} is at {self.page.url}"

    def keep(self, name: str) -> None:
        """Keep a screenshot at both widths; nothing may reach past the edge of a phone."""
        for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
            self.page.set_viewport_size(viewport)  # type: ignore[arg-type]
            file = SCREENSHOTS / f"{name}-{self.language}-{size}.png"
            self.page.screenshot(path=file, full_page=True)
            width = self.page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{name} is {width} px wide on a {size}"
        self.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]

    def text(self) -> str:
        """Return all that the page says."""
        return self.page.locator("body").inner_text()
