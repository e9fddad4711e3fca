"""Answers that go out part by part, with the request known until the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from ckan import model
from ckan.plugins import toolkit
from flask import Response, stream_with_context

from ckanext.dgatier.enforce.exports import Export


def answer(made: Export, name: str) -> Response:
    """Return a file that is still being made, under a name, as an answer for one person."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    if made.decision_id:
        headers |= named(made.decision_id)
    response = Response(
        stream_with_context(made.parts), content_type=made.mimetype, headers=headers
    )
    return private(response) if made.decision_id else response


def named(decision_id: str) -> dict[str, str]:
    """Return the headers that name a copy's decision, and where its companion is."""
    beside = toolkit.url_for("dgatier_companions.companion", decision_id=decision_id)
    return {
        "X-Decision-Id": decision_id,
        "Link": f'<{beside}>; rel="describedby"; type="application/json"',
    }


def private(response: Any) -> Any:
    """Let no cache keep what was given to one person."""
    toolkit.request.environ["__no_cache__"] = True
    for header in ("ETag", "Last-Modified"):
        response.headers.pop(header, None)
    response.cache_control.public = None
    response.cache_control.no_store = True
    return response


def keep_request(response: Response) -> Response:
    """Let CKAN's own dump read each of its pages as the person who asked for the first.

    It looks at the table anew with every page, after the request has ended.
    """
    if response.is_streamed:
        parts = response.response

        def whole() -> Iterator[Any]:
            for part in parts:
                yield part
                model.Session.rollback()  # what has changed meanwhile counts for the next page

        response.response = stream_with_context(whole())
    return response
