"""Emptying the outbox: what a clock does each turn, for mail and for webhooks."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from ckan import model
from sqlalchemy.exc import SQLAlchemyError

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import notice
from ckanext.dgatier.core.notice import Channel
from ckanext.dgatier.core.subject import ANONYMOUS
from ckanext.dgatier.enforce import catalogue
from ckanext.dgatier.logic import mail, webhooks
from ckanext.dgatier.store.outbox import Parcel

log = logging.getLogger(__name__)

# The clock has other tasks, and is stopped between two of them.
_TURN_SECONDS = 8.0
# Well below the lease of a row.
_PATIENCE_SECONDS = 60.0
_DEFAULT_LANGUAGE = "th"


def send_mail() -> None:
    """Send the mails that are due, one after the other; nothing where mail is off."""
    known = mail.settings()
    if known is None:
        return
    if left := store.outbox.recover(Channel.MAIL, _now()):
        log.error("%d mails went out and no answer came; see `dgatier notices status`", left)
    with mail.Server(known) as server:
        for parcel in _due(Channel.MAIL):
            try:
                prepared = _compose(known.sender, parcel)
            except Exception:
                log.exception("mail %s could not be written", parcel.id)
                _again(parcel, "error")
                continue
            if prepared is None:
                store.outbox.failed(parcel, "no address", _now())
            elif not _hand_in(server, parcel, *prepared):
                return


def send_webhooks() -> None:
    """Post to the webhooks what is due, one after the other."""
    store.outbox.recover(Channel.WEBHOOK, _now())
    for parcel in _due(Channel.WEBHOOK):
        try:
            _post(parcel)
        except (webhooks.NotDelivered, webhooks.AddressRefused) as error:
            if next_at := _again(parcel, str(error)):
                store.outbox.hold(parcel, next_at)
        except Exception:
            log.exception("webhook call %s could not be sent", parcel.id)
            _again(parcel, "error")


def _compose(sender: str, parcel: Parcel) -> tuple[str, bytes] | None:
    """Return the address and the mail, `None` for who has no address or is gone."""
    user = model.User.get(parcel.recipient)
    if user is None or not user.is_active or not user.email:
        return None
    language = store.people.language_of(user.id) or _DEFAULT_LANGUAGE
    title = _title(parcel.dataset_id, language)
    try:
        return user.email, mail.compose(parcel, user.email, sender, title, language, _now())
    except mail.NoAddress:
        return None


def _hand_in(server: mail.Server, parcel: Parcel, to: str, message: bytes) -> bool:
    """Hand a mail in and note what became of it; return whether the server can be used."""
    try:
        server.hand_in(to, message, lambda: store.outbox.begin_handing(parcel))
    except mail.ServerAway as error:
        log.warning("the mail server cannot be used: %s", error)
        _again(parcel, str(error))
        return False
    except mail.NotAccepted as error:
        if error.for_good:
            store.outbox.failed(parcel, str(error), _now())
        else:
            _again(parcel, str(error))
    except mail.Unanswered as error:
        log.error("mail %s went out and no answer came: %s", parcel.id, error)
        store.outbox.unsure(parcel, str(error), _now())
    except mail.LeaseLost:
        log.warning("mail %s was taken up by another clock", parcel.id)
    else:
        _note_sent(parcel)
    return True


def _note_sent(parcel: Parcel) -> None:
    """Note that it was taken, also where the database comes back only after a while."""
    ends = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            store.outbox.sent(parcel, _now())
        except SQLAlchemyError:
            if time.monotonic() >= ends:
                raise
            log.exception("%s %s was taken and is not noted yet", parcel.channel, parcel.id)
            time.sleep(1)
        else:
            return


def _post(parcel: Parcel) -> None:
    hook = store.webhooks.get(parcel.recipient)
    if hook is None:
        store.outbox.failed(parcel, "webhook deleted", _now())
        return
    content = {
        "kind": parcel.kind,
        "at": parcel.told_at.isoformat(),
        "agency": hook.agency,
        "dataset_id": parcel.dataset_id,
        "dataset_title": _title(parcel.dataset_id, _DEFAULT_LANGUAGE),
        "url": mail.link(parcel, _DEFAULT_LANGUAGE),
        **parcel.facts,
    }
    body = webhooks.body_of(parcel.id, content)
    webhooks.post(
        hook.url, store.signing.webhook_secret(hook.id), parcel.id, body, int(time.time())
    )
    _note_sent(parcel)


def _due(channel: Channel) -> Iterator[Parcel]:
    """Yield what is due until nothing is, or the turn has lasted long enough."""
    ends = time.monotonic() + _TURN_SECONDS
    while time.monotonic() < ends:
        parcel = store.outbox.claim(channel, _now())
        if parcel is None:
            return
        yield parcel


def _again(parcel: Parcel, error: str) -> datetime | None:
    """Put it back for later, or give it up; return when it is tried again."""
    now = _now()
    next_at = notice.next_try(parcel.told_at, parcel.attempts, now)
    if next_at is None:
        log.error("%s %s is given up: %s", parcel.channel, parcel.id, error)
        store.outbox.failed(parcel, error, now)
    else:
        store.outbox.try_again(parcel, next_at, error)
    return next_at


def _title(dataset_id: str | None, language: str) -> str | None:
    """Return the title of a dataset that everyone may discover now, `None` for any other."""
    package = model.Package.get(dataset_id) if dataset_id else None
    if package is None:
        return None
    try:
        labels = policy.discoverable_labels(ANONYMOUS, environment=identity.current_environment())
    except policy.PolicyUnavailable:
        return None
    if not set(labels).intersection(catalogue.dataset_labels(package)):
        return None
    own = str(package.title or package.name)
    return (package.extras.get("title_en") or own) if language == "en" else own


def _now() -> datetime:
    return datetime.now(UTC)
