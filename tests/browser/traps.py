"""Windows that notice what a page was kept from running, and what it ran after all."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page
from window import Window

from instance import Instance

_REFUSED = ("Content Security Policy", "Refused to", "violates the following")


@dataclass
class Trap:
    """What happened in a window: dialogs, and what its console says of the page's policy."""

    window: Window
    dialogs: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note what this page does from now on."""
        page.on("dialog", self._dialog)
        page.on("console", self._console)

    def _dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(f"{self.window.page.url}: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if any(word in message.text for word in _REFUSED):
            self.refused.append(f"{self.window.page.url}: {message.text}")


@contextlib.contextmanager
def trapped(
    browser: Browser,
    instance: Instance,
    who: str,
    viewport: dict[str, int],
    *,
    without_policy: bool = False,
) -> Iterator[Trap]:
    """Open a window with a trap; `without_policy` lets scripts run that the policy would stop."""
    context = browser.new_context(
        viewport=viewport,  # type: ignore[arg-type]
        locale="en-GB",
        bypass_csp=without_policy,
    )
    trap = Trap(Window(instance, context.new_page(), who, "en"))
    trap.watch(trap.window.page)
    yield trap
    context.close()


def sign_in(trap: Trap) -> None:
    """Sign the person of the window in with two factors, who is then watched on the portal."""
    trap.window.open("/access/sign-in?aal=2")
    trap.window.sign_in()
