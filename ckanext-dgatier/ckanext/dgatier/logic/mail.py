"""Mail: what it says, and handing it to the server so that it is known what became of it."""

from __future__ import annotations

import re
import select
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from ckan.plugins import toolkit

from ckanext.dgatier.core import calendar, notice
from ckanext.dgatier.store.outbox import Parcel

_TIMEOUT_SECONDS = 5
# Servers look for viruses before they answer to the end of a mail.
_ANSWER_SECONDS = 20
_PORT = 25
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_SETTINGS = "ckanext.dgatier.mail"
_FOOTER = {
    "th": "อีเมลฉบับนี้ส่งโดยอัตโนมัติ รายละเอียดอยู่ในระบบ โปรดลงชื่อเข้าใช้เพื่อดู",
    "en": "This mail was sent automatically. Sign in to the portal for the details.",
}


class NoAddress(Exception):
    """What stands as a person's address is none that mail can go to."""


class ServerAway(Exception):
    """The mail server does not answer, or does not let us in; nothing was accepted."""


class NotAccepted(Exception):
    """This mail was certainly not accepted; `for_good` where trying again does not help."""

    def __init__(self, said: str, *, for_good: bool) -> None:
        super().__init__(said)
        self.for_good = for_good


class Unanswered(Exception):
    """The mail went out whole and no answer came: it may have been accepted or not."""


class LeaseLost(Exception):
    """Another clock has taken the mail up meanwhile; nothing was accepted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    starttls: bool
    user: str
    password: str = field(repr=False)
    sender: str


def settings() -> Settings | None:
    """Return how mail is sent, `None` where it is off."""
    given = {
        name: toolkit.config[f"{_SETTINGS}.{name}"]
        for name in ("server", "starttls", "user", "password", "from")
    }
    if not given["server"]:
        return None
    host, _, port = given["server"].partition(":")
    return Settings(
        host,
        int(port or _PORT),
        given["starttls"],
        given["user"] or "",
        given["password"] or "",
        given["from"] or f"no-reply@{socket.getfqdn()}",
    )


def compose(
    parcel: Parcel, to: str, sender: str, title: str | None, language: str, now: datetime
) -> bytes:
    """Return a mail as it goes over the wire, in Thai or English.

    `title` is the dataset's, `None` where not everyone may discover it. Its Message-ID comes from
    the id in the outbox, so that a repeat can be told. Raises `NoAddress`.
    """
    address = parseaddr(sender)[1]
    if not _ADDRESS.fullmatch(to):
        raise NoAddress
    kind = notice.KINDS[parcel.kind]
    words = kind.words(language)
    facts = dict(parcel.facts)
    if "until" in facts:
        until = datetime.fromisoformat(facts["until"])
        facts["until"] = calendar.end_worded(until, language)
    sentence = words.sentence.format(dataset=notice.named(title, language), **facts)
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = words.subject
    message["From"] = sender
    message["To"] = to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{parcel.id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    text = f"{sentence}\n\n{link(parcel, language)}\n\n{_FOOTER[language]}\n"
    message.set_content(text, cte="base64")
    return message.as_bytes()


def link(parcel: Parcel, language: str) -> str:
    """Return the address of the page that a notice leads to."""
    path = notice.KINDS[parcel.kind].page.format(dataset_id=parcel.dataset_id, **parcel.facts)
    root = (toolkit.config.get("ckan.root_path") or "/{{LANG}}").replace("{{LANG}}", language)
    return f"{toolkit.config['ckan.site_url'].rstrip('/')}{root.rstrip('/')}{path}"


class Server:
    """A mail server, and one connection to it that serves several mails; a context manager."""

    def __init__(self, known: Settings) -> None:
        self._known = known
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()

    def hand_in(self, to: str, message: bytes, before_the_end: Callable[[], bool]) -> None:
        """Hand a mail in; returns once the server has accepted it.

        `before_the_end` is called when all but the dot that ends the mail has gone out; where it
        says no, the mail is not ended. Raises `ServerAway`, `NotAccepted`, `Unanswered` or
        `LeaseLost`.
        """
        smtp = self._smtp or self._connect()
        try:
            _socket(smtp).settimeout(_TIMEOUT_SECONDS)
            self._begin(smtp, to, message)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise ServerAway(_short(error)) from error
        try:
            if not before_the_end():
                raise LeaseLost
            if _is_closed(smtp):
                raise ServerAway("the server closed the connection")
        except Exception:
            # In the middle of a mail: another one on this connection would become part of it.
            self._drop()
            raise
        try:
            _socket(smtp).settimeout(_ANSWER_SECONDS)
            smtp.send(b".\r\n")
            code, said = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Unanswered(_short(error)) from error
        if 400 <= code < 600:
            raise _not_accepted(code, said, for_good=code >= 500)
        if not 200 <= code < 300:
            self._drop()
            raise Unanswered(str(code))

    def _connect(self) -> smtplib.SMTP:
        known = self._known
        try:
            smtp = smtplib.SMTP(known.host, known.port, timeout=_TIMEOUT_SECONDS)
            smtp.ehlo_or_helo_if_needed()
            if known.starttls:
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if known.user:
                smtp.login(known.user, known.password)
        except (smtplib.SMTPException, OSError) as error:
            raise ServerAway(_short(error)) from error
        self._smtp = smtp
        return smtp

    def _begin(self, smtp: smtplib.SMTP, to: str, message: bytes) -> None:
        """Send everything but the dot that ends the mail."""
        try:
            _require(*smtp.mail(parseaddr(self._known.sender)[1]), 250)
            _require(*smtp.rcpt(to), 250, 251, refuses_for_good=True)
            _require(*smtp.docmd("DATA"), 354)
        except NotAccepted:
            smtp.rset()
            raise
        smtp.send(re.sub(rb"(?m)^\.", b"..", message))

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _require(code: int, said: bytes, *wanted: int, refuses_for_good: bool = False) -> None:
    if code not in wanted:
        raise _not_accepted(code, said, for_good=refuses_for_good and 500 <= code < 600)


def _not_accepted(code: int, said: bytes, *, for_good: bool) -> NotAccepted:
    # What a server writes may hold the address; its codes do not.
    status = re.match(rb"[245]\.\d{1,3}\.\d{1,3}", said)
    return NotAccepted(
        f"{code} {status.group().decode()}" if status else str(code), for_good=for_good
    )


def _is_closed(smtp: smtplib.SMTP) -> bool:
    """Say whether the server has closed, or speaks unasked, as it does before it closes."""
    readable, _, _ = select.select([_socket(smtp)], [], [], 0)
    return bool(readable)


def _socket(smtp: smtplib.SMTP) -> socket.socket:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("closed")
    return smtp.sock


def _short(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return type(error).__name__
