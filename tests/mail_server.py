"""A real SMTP server on loopback, which keeps what it takes and can be told to misbehave."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

#: Plans for the next mails: a reply in the place of 250, or where to close the connection.
BEFORE_THE_END, AFTER_THE_END = "before the end", "after the end"


class Mailbox:
    """What came, and what is done with what comes next."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mails: list[EmailMessage] = []
        self.refused: dict[str, str] = {}
        self.plans: list[str] = []
        self.pause = 0.0
        self._controller: Controller | None = None

    def start(self) -> None:
        """Answer, also where it does so already."""
        if self._controller is not None:
            return
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]

    def ids(self) -> Counter[str]:
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        plan = self.plans.pop(0) if self.plans else ""
        if self.pause:
            time.sleep(self.pause)
        if plan and plan != AFTER_THE_END:
            return plan
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if plan == AFTER_THE_END:
            server.transport.abort()
        return "250 OK"


class _Server(SMTP):
    """Closes the connection where the plan says so, before the mail has ended."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        plans = self.event_handler.plans
        if plans and plans[0] == BEFORE_THE_END:
            plans.pop(0)
            await self.push("354 go on")
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def text_of(mail: EmailMessage) -> str:
    return f"{mail['Subject']}\n{mail.get_content()}"


def eventually(holds: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.1)
