"""Keeping what is typed of a request, as often as it changes and whatever it lacks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, store
from ckanext.dgatier.core import request
from ckanext.dgatier.core.request import RequestCommand
from ckanext.dgatier.enforce import facts
from ckanext.dgatier.logic import request_log, schema
from ckanext.dgatier.logic.request_log import Seen
from ckanext.dgatier.store.drafts import Draft
from ckanext.dgatier.store.requests import DecidedMeanwhile

from .access import visible_package


class TypedElsewhere(toolkit.ValidationError):
    """The draft was changed in another window; nothing of this one is kept over it."""

    def __init__(self) -> None:
        text = toolkit._("This draft was changed in another window. Open it again to go on there.")
        super().__init__({"version": [text]})


def dgatier_request_save(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Keep what is typed of a request; nobody else sees it, and no event tells of its words.

    It takes what `dgatier_request_create` takes, as texts and lists of texts. What is wrong is kept
    as it is typed and named in the answer.

    :param id: a draft or a returned request of one's own (left out to begin one)
    :param version: that of the words that one changed
    :param dataset_id: to begin one, id or name of the dataset
    :param beside: to begin one, the id of the draft for the dataset that one has, if any
    :returns: `{id, version, saved_at, errors}`; where another window was quicker `ValidationError`
        of `version`, and nothing is stored
    """
    if data_dict.get("id"):
        return _go_on(context, data_dict)
    toolkit.check_access("dgatier_request_create", context, data_dict)
    asker = identity.subject_for(context)
    wanted = {"id": toolkit.get_or_bust(data_dict, "dataset_id")}
    known = facts.of_package(package := visible_package(context, wanted))
    words = schema.draft_words(data_dict)
    now = datetime.now(UTC)
    begun = request.create(
        str(uuid.uuid4()),
        str(asker.id),
        package.id,
        schema.terms({}, set(), str(asker.id), draft=True),
        now,
        asker.organisation,
        known.agency,
    )
    started = request.fold([begun])
    beside = str(data_dict.get("beside") or "") or None
    kept: list[Draft] = []

    def keep(connection: Any) -> None:
        store.drafts.require_alone(started, beside, connection)
        kept.append(store.drafts.put(started.id, words, now, connection))

    try:
        request_log.write((), [begun], keep)
    except DecidedMeanwhile as error:
        raise TypedElsewhere from error
    return _saved(started.id, kept[0], known, started.requester_id)


def shape(one: Seen, members: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the draft of a request for whoever writes it; `members` as the request shows them."""
    if RequestCommand.UPDATE not in one.commands:
        return None
    written = store.drafts.of(one.request.id)
    known = _facts(one)
    as_asked = {
        **request.terms_to_dict(one.request.terms),
        "members": [member["name"] for member in members],
    }
    words = as_asked if written.words is None else written.words
    return {
        "version": written.version,
        "words": words,
        "saved_at": written.saved_at.isoformat() if written.saved_at else None,
        "errors": _wrong(words, known, one.request.requester_id),
    }


def _go_on(context: Context, data_dict: DataDict) -> dict[str, Any]:
    one = request_log.seen(context, data_dict)
    request_log.require_possible(one, RequestCommand.UPDATE)
    words = schema.draft_words(data_dict)
    version = str(data_dict.get("version") or "")
    try:
        with store.transaction() as connection:
            kept = store.drafts.put(
                one.request.id, words, datetime.now(UTC), connection, version=version
            )
    except DecidedMeanwhile as error:
        raise TypedElsewhere from error
    return _saved(one.request.id, kept, _facts(one), one.request.requester_id)


def _saved(
    request_id: str, kept: Draft, known: facts.DatasetFacts | None, requester_id: str
) -> dict[str, Any]:
    return {
        "id": request_id,
        "version": kept.version,
        "saved_at": kept.saved_at.isoformat() if kept.saved_at else None,
        "errors": _wrong(kept.words or {}, known, requester_id),
    }


def _wrong(
    words: Mapping[str, Any], known: facts.DatasetFacts | None, requester_id: str
) -> dict[str, list[str]]:
    """Return what is wrong with the words by field; that something is lacking is no fault yet."""
    resources = {each.id for each in known.resources} if known else set()
    try:
        schema.terms(words, resources, requester_id, draft=True)
    except toolkit.ValidationError as wrong:
        return dict(wrong.error_dict)
    return {}


def _facts(one: Seen) -> facts.DatasetFacts | None:
    package = model.Package.get(one.request.dataset_id)
    return None if package is None else facts.of_package(package)
