"""Turns what can go wrong into an answer, once, at the edge."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Response, jsonify, make_response

from ckanext.dgatier import unavailable

_RETRY_SECONDS = "5"
_FAILED = 500


def register(app: Any) -> Any:
    """Register the handlers on CKAN's application, which is returned."""
    app.register_error_handler(unavailable.Unavailable, _unavailable)
    app.register_error_handler(toolkit.NotAuthorized, _refused)
    app.after_request(_say_unavailable)
    return app


def _say_unavailable(response: Response) -> Response:
    """Answer 503 where CKAN's action API made a plain 500 of a missing decision or audit."""
    if response.status_code == _FAILED and unavailable.was_met():
        return _unavailable(None)
    return response


def _refused(error: Exception) -> Response:
    """Say why not and what next where a page of CKAN lets a refusal fall through (the dump)."""
    response = make_response(toolkit.render("dgatier/refused.html", {"text": str(error)}))
    response.status_code = 403
    return response


def _unavailable(_error: Exception | None) -> Response:
    """Refuse protected data for now, with a hint when to try again."""
    text = toolkit._("Protected data is not available at the moment. Open data is. Try again soon.")
    if toolkit.request.path.startswith("/api/"):
        body: Any = jsonify(success=False, error={"__type": "Service Unavailable", "message": text})
    else:
        body = toolkit.render("dgatier/unavailable.html", {"text": text})
    response = make_response(body)
    response.status_code = 503
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response
