"""Where an agency's own systems are told; for its stewards."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, store
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.notice import FOR_SYSTEMS
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.logic import schema, webhooks
from ckanext.dgatier.store.webhooks import Webhook

from .requests import require_permission

_MOST = 20


def dgatier_webhook_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Tell an address of one's agency's own systems of what happens from now on.

    Each call is a POST of JSON with `id`, `kind`, `at`, `agency`, `dataset_id`, `dataset_title`
    (`null` where not everyone may discover the dataset), `url` and the ids of what it is about. It
    is repeated, with the same `id`, until it is answered 2xx, for a day. The header
    `X-Dgatier-Signature` is `t=<unix time>,v1=<HMAC-SHA-256 of "<t>.<body>", hexadecimal>`.

    :param url: where to, `https://…` or `http://…`
    :param kinds: a list of kinds of notice (optional, default: all)
    :returns: `{id, agency, url, kinds, created_at, secret}`; the secret is shown this once
    """
    toolkit.check_access("dgatier_webhook_create", context, data_dict)
    subject, agency = _steward(context)
    url = str(data_dict.get("url") or "").strip()
    kinds = data_dict.get("kinds", list(FOR_SYSTEMS))
    errors: dict[str, list[str]] = {}
    if not isinstance(kinds, list) or not set(map(str, kinds)) <= set(FOR_SYSTEMS):
        errors["kinds"] = [toolkit._("This is not a kind of notice.")]
    elif not kinds:
        errors["kinds"] = [toolkit._("Choose at least one kind of notice.")]
    try:
        webhooks.check(url)
    except webhooks.AddressRefused as refused:
        errors["url"] = [_refusal(refused.code)]
    if len(store.webhooks.of_agency(agency)) >= _MOST:
        errors["url"] = [toolkit._("An agency has at most {most} webhooks.").format(most=_MOST)]
    if errors:
        raise toolkit.ValidationError(errors)
    made = Webhook(
        id=str(uuid.uuid4()),
        agency=agency,
        url=url,
        kinds=tuple(sorted(set(map(str, kinds)))),
        created_by=str(subject.id),
        created_at=datetime.now(UTC),
    )
    with store.transaction() as connection:
        store.webhooks.add(made, connection)
        store.audit.append(_audited(AuditAction.WEBHOOK_CREATED, made, subject), connection)
    return {**_shape(made), "secret": store.signing.webhook_secret(made.id)}


@toolkit.side_effect_free
def dgatier_webhook_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Return the webhooks of one's agency as `{id, agency, url, kinds, created_at}`."""
    toolkit.check_access("dgatier_webhook_list", context, data_dict)
    _subject, agency = _steward(context)
    return [_shape(one) for one in store.webhooks.of_agency(agency)]


def dgatier_webhook_delete(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Delete a webhook of one's agency; what waits for it is not sent any more.

    :param id: the webhook
    """
    toolkit.check_access("dgatier_webhook_delete", context, data_dict)
    subject, agency = _steward(context)
    found = store.webhooks.get(schema.id_of(data_dict))
    if found is None or found.agency != agency:
        raise toolkit.ObjectNotFound(toolkit._("There is no such webhook."))
    with store.transaction() as connection:
        store.webhooks.remove(found.id, connection)
        store.audit.append(_audited(AuditAction.WEBHOOK_DELETED, found, subject), connection)
    return _shape(found)


def _steward(context: Context) -> tuple[Subject, str]:
    """Return who asks and their agency; raises `NotAuthorized` where policy does not let them."""
    subject = identity.subject_for(context)
    require_permission(subject, "webhook_manage", subject.agency)
    return subject, str(subject.agency)


def _refusal(code: str) -> str:
    texts = {
        "not_http": toolkit._("Give an address that begins with https:// or http://."),
        "unresolved": toolkit._("This name leads to no address."),
        "private": toolkit._("This address is inside a private network, where webhooks cannot go."),
    }
    return str(texts[code])


def _audited(action: AuditAction, one: Webhook, subject: Subject) -> AuditEvent:
    return AuditEvent(
        action,
        subject.id,
        datetime.now(UTC),
        detail={"webhook_id": one.id, "agency": one.agency, "kinds": list(one.kinds)},
        words={"url": one.url},
    )


def _shape(one: Webhook) -> dict[str, Any]:
    return {
        "id": one.id,
        "agency": one.agency,
        "url": one.url,
        "kinds": list(one.kinds),
        "created_at": one.created_at.isoformat(),
    }
