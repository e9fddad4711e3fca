"""Keeps a request known until the last of its answer has gone out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ckan import model
from flask import Response, request, stream_with_context

_STREAMED = ("datastore.dump",)


def register(app: Any) -> Any:
    """Register on CKAN's application, which is returned."""
    app.after_request(_keep_request)
    return app


def _keep_request(response: Response) -> Response:
    """Let CKAN's dump read each of its pages as the person who asked for the first.

    The dump asks for a decision with every page, after the request has ended; without it the
    strength of the sign-in would be unknown, and the dump would break off.
    """
    if request.endpoint in _STREAMED and response.is_streamed:
        parts = response.response

        def whole() -> Iterator[Any]:
            for part in parts:
                yield part
                model.Session.rollback()  # what has changed meanwhile counts for the next page

        response.response = stream_with_context(whole())
    return response
