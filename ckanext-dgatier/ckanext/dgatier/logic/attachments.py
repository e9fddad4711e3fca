"""The files that go with requests: checked, scanned, kept out of everything that is served."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ckan.plugins import toolkit
from sqlalchemy.engine import Connection

from ckanext.dgatier import store
from ckanext.dgatier.core import attachment
from ckanext.dgatier.core.attachment import Attachment, Fault, NotAttachable
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.request import Request

from . import clamav

log = logging.getLogger(__name__)

_FIELD = "upload"
_UNDER_WAY = timedelta(hours=1)


class FileLost(Exception):
    """The file is no longer there as it was attached."""


def checked(name: str, content: bytes, current: Request, actor_id: str) -> Attachment:
    """Return what a file is that may be attached. Raises `ValidationError`; nothing is kept.

    What the scanner finds is in the audit even though it is refused.
    """
    try:
        kind = attachment.check(name, content)
    except NotAttachable as refused:
        raise toolkit.ValidationError({_FIELD: [_text(refused.fault)]}) from refused
    digest = hashlib.sha256(content).hexdigest()
    one = Attachment(secrets.token_hex(16), kind, len(content), digest)
    if not clamav.is_set():
        return one
    try:
        clamav.scan(content)
    except clamav.Infected as found:
        _record_refusal(one, attachment.shown_name(name, kind), found, current, actor_id)
        text = toolkit._("The scanner found harmful software in this file: {name}.")
        raise toolkit.ValidationError({_FIELD: [text.format(name=found.signature)]}) from found
    except clamav.Unsure as error:
        log.error("a file was not scanned: %s", error)
        text = toolkit._("Files cannot be scanned at the moment, so none is taken. Try again soon.")
        raise toolkit.ValidationError({_FIELD: [text]}) from error
    return one


def keep(one: Attachment, content: bytes) -> None:
    """Keep the content of a file, whole on the disk before this returns."""
    path = _path(one.id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read(one: Attachment) -> bytes:
    """Return the content of a file as it was attached. Raises `FileLost`."""
    try:
        content = _path(one.id).read_bytes()
    except OSError as error:
        log.error("attachment %s cannot be read: %s", one.id, error)
        raise FileLost(one.id) from error
    if hashlib.sha256(content).hexdigest() != one.sha256:
        log.error("attachment %s is not what was attached", one.id)
        raise FileLost(one.id)
    return content


def remove(attachment_ids: Iterable[str]) -> None:
    """Take the contents of files away, where they are there."""
    for attachment_id in attachment_ids:
        _path(attachment_id).unlink(missing_ok=True)


def forget(current: Request, connection: Connection) -> None:
    """Erase the names of a request's files, in the transaction of what ends it; digests stay.

    Their contents go after it, by `remove`, or else with the next `sweep`.
    """
    store.attachments.forget(current.attachments, connection)


def sweep(now: datetime) -> int:
    """Take away the files that no request names any more, or never did; return how many.

    They are left where a process ends between a file and its event. Younger than an hour, a file
    may be about to be attached.
    """
    old = [
        path
        for path in _folder().glob("*/*")
        if path.is_file() and path.stat().st_mtime < (now - _UNDER_WAY).timestamp()
    ]
    named = store.attachments.named(path.name for path in old)
    gone = [path for path in old if path.name not in named]
    for path in gone:
        path.unlink(missing_ok=True)
    if gone:
        log.warning("%d attached files that no request names were taken away", len(gone))
    return len(gone)


def _folder() -> Path:
    # Beside `storage`, which CKAN serves, and never in it.
    return Path(toolkit.config["ckan.storage_path"]) / "dgatier" / "attachments"


def _path(attachment_id: str) -> Path:
    return _folder() / attachment_id[:2] / attachment_id


def _record_refusal(
    one: Attachment, name: str, found: clamav.Infected, current: Request, actor_id: str
) -> None:
    store.audit.append(
        AuditEvent(
            AuditAction.ATTACHMENT_REFUSED,
            actor_id,
            datetime.now(UTC),
            dataset_id=current.dataset_id,
            outcome="refused",
            detail={
                "request_id": current.id,
                "signature": found.signature,
                "size": one.size,
                "sha256": one.sha256,
            },
            words={"name": name},
        )
    )


def _text(fault: Fault) -> str:
    texts = {
        Fault.EMPTY: toolkit._("This file is empty."),
        Fault.UNKNOWN_KIND: toolkit._("Only PDF, DOCX, XLSX, PNG and JPEG files can be attached."),
        Fault.OTHER_KIND: toolkit._("This file is not what its name says. Save it anew and try."),
        Fault.BROKEN: toolkit._("This file is damaged or cannot be read to its end."),
        Fault.MACROS: toolkit._("This file has macros. Save it as DOCX or XLSX without them."),
        Fault.LOCKED: toolkit._("This file has a password or is of an old format. Save it anew."),
        Fault.SCRIPTS: toolkit._("This PDF has scripts or forms that run. Print it to a new PDF."),
        Fault.FILE_INSIDE: toolkit._("There is another file inside. Attach each file by itself."),
        Fault.TWO_KINDS: toolkit._("There is more in this file than its name says."),
    }
    return texts[fault]
