"""Turns what can go wrong into an answer, once, at the edge."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from flask import Response, current_app, jsonify, make_response
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from ckanext.dgatier import unavailable
from ckanext.dgatier.enforce import decision_point, sealed_storage

from . import helpers

log = logging.getLogger(__name__)

_RETRY_SECONDS = "5"
_FAILED = 500


def register(app: Any) -> Any:
    """Register the handlers on CKAN's application, which is returned."""
    app.register_error_handler(unavailable.Unavailable, _unavailable)
    app.register_error_handler(toolkit.NotAuthorized, _refused)
    app.register_error_handler(toolkit.ObjectNotFound, _missing)
    app.register_error_handler(sealed_storage.FileUnreadable, _unreadable)
    app.after_request(_say_unavailable)
    app.after_request(_say_what_next)
    app.teardown_request(_let_go_of_what_failed)
    return app


def _let_go_of_what_failed(error: BaseException | None) -> None:
    """Drop the database session of a request that failed.

    CKAN gives it back after each request that has an answer. Where PostgreSQL went away, the page
    that should say so fails too, and the thread's next requests would meet the same dead session.
    """
    if error is None:
        return
    try:
        model.Session.remove()
    except SQLAlchemyError:
        model.Session.registry.clear()


def _say_unavailable(response: Response) -> Response:
    """Answer 503 where CKAN's action API made a plain 500 of a missing decision or audit."""
    if response.status_code == _FAILED and unavailable.was_met():
        return _unavailable(None)
    return response


def _say_what_next(response: Response) -> Response:
    """Add reasons and next steps to a refusal by CKAN's action API, which gives a text alone.

    A step that leads to a sign-in has its `url`, which comes back to the resource's page.
    """
    asked = decision_point.refused_in_this_request()
    if asked is None or response.status_code != HTTPStatus.FORBIDDEN or not response.is_json:
        return response
    page = toolkit.url_for("resource.read", id=asked.dataset.name, resource_id=asked.resource.id)
    shape = asked.decision.to_dict()
    body: dict[str, Any] = response.get_json()
    for step in shape["next_steps"]:
        if aal := helpers.dgatier_sign_in_level(step, asked.decision.obligations.step_up_aal):
            step["url"] = toolkit.url_for(
                "dgatier_session.sign_in", aal=aal, came_from=page, _external=True
            )
    told = {name: shape[name] for name in ("reasons", "next_steps", "obligations", "decision_id")}
    body["error"].update(told)
    response.set_data(json.dumps(body, ensure_ascii=False))
    return response


def _refused(error: Exception) -> Response:
    """Say why not and what next where a page of CKAN lets a refusal fall through (the dump)."""
    response = make_response(toolkit.render("dgatier/refused.html", {"text": str(error)}))
    response.status_code = 403
    return response


def _missing(_error: Exception) -> Any:
    """Show CKAN's page of what is not there, where a page of it only expects a refusal."""
    return current_app.handle_user_exception(NotFound())


def _unreadable(error: Exception) -> Response:
    """Give nothing of a file that does not open, and tell those who run the portal why."""
    log.error("a sealed file does not open: %s", error)
    text = toolkit._("This file cannot be opened. Those who run the portal were told.")
    response = make_response(toolkit.render("dgatier/refused.html", {"text": text}))
    response.status_code = _FAILED
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
