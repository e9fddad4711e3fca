"""The OpenID AuthZEN Authorization API 1.0, for systems that enforce decisions of ours.

Subjects are of type `user` (id: a CKAN user's name or id, properties `aal` and `auth_time` say how
they signed in), actions are named after the tiers, resources are of type `dataset` or `resource`;
the context may name a `purpose`. Callers are service accounts with the role `pep`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from ckan.plugins import toolkit
from flask import Blueprint, Response, g, jsonify, make_response

from ckanext.dgatier import identity, policy
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import evaluation
from ckanext.dgatier.enforce.evaluation import Evaluation, Question
from ckanext.dgatier.identity.claims import Assurance

from . import helpers

blueprint = Blueprint("dgatier_authzen", __name__)

_USER = "user"
_MOST_EVALUATIONS = 1000
_PAGE = 100
_MOST_ON_A_PAGE = 1000
_SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")
_ACTIONS = tuple(helpers.dgatier_tiers())


class _Refused(Exception):
    """The call cannot be answered; `status` is that of HTTP."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@blueprint.route("/.well-known/authzen-configuration")
def configuration() -> Response:
    """Tell where the endpoints are (section 9)."""
    base = toolkit.config["ckan.site_url"].rstrip("/")
    return jsonify(
        policy_decision_point=base,
        access_evaluation_endpoint=f"{base}/access/v1/evaluation",
        access_evaluations_endpoint=f"{base}/access/v1/evaluations",
        search_subject_endpoint=f"{base}/access/v1/search/subject",
        search_resource_endpoint=f"{base}/access/v1/search/resource",
        search_action_endpoint=f"{base}/access/v1/search/action",
    )


@blueprint.route("/access/v1/evaluation", methods=["POST"])
def evaluate_one() -> Response:
    """Answer one question (section 6)."""
    (found,) = evaluation.evaluate([_question(_body())])
    return jsonify(_shown(found))


@blueprint.route("/access/v1/evaluations", methods=["POST"])
def evaluate_many() -> Response:
    """Answer many at once; what an evaluation leaves out, the outer keys say (section 7)."""
    body = _body()
    asked = body.get("evaluations")
    if not asked:
        return evaluate_one()
    if not isinstance(asked, list) or len(asked) > _MOST_EVALUATIONS:
        _fail(f"evaluations is a list of at most {_MOST_EVALUATIONS}")
    semantic = _object(body, "options", {}).get("evaluations_semantic", _SEMANTICS[0])
    if semantic not in _SEMANTICS:
        _fail(f"evaluations_semantic is one of {', '.join(_SEMANTICS)}")
    defaults = {key: value for key, value in body.items() if key not in ("evaluations", "options")}
    questions: list[Question | _Refused] = []
    for one in asked:
        try:
            questions.append(_question({**defaults, **_mapping(one, "an evaluation")}))
        except _Refused as refused:
            questions.append(refused)
    answers = iter(evaluation.evaluate([one for one in questions if isinstance(one, Question)]))
    shown: list[dict[str, Any]] = []
    for one in questions:
        shown.append(_failed(one) if isinstance(one, _Refused) else _shown(next(answers)))
        if semantic == "deny_on_first_deny" and not shown[-1]["decision"]:
            break
        if semantic == "permit_on_first_permit" and shown[-1]["decision"]:
            break
    return jsonify(evaluations=shown)


@blueprint.route("/access/v1/search/resource", methods=["POST"])
def search_resources() -> Response:
    """List the datasets or resources that a person may have that much of (section 8.5)."""
    body = _body()
    subject = evaluation.person(*_subject(body))
    kind = _kind(_object(body, "resource"))
    token, limit = _page(body)
    if subject is None:
        return _results([], "")
    found = evaluation.datasets_for(subject, _tier(body), kind, _purpose(body), token)
    page: list[tuple[str, str]] = list(itertools.islice(found, limit))
    more = next(found, None)
    while more and page and more[1] == page[-1][1]:  # a dataset's resources stay together
        page.append(more)
        more = next(found, None)
    results = [{"type": kind, "id": one} for one, _dataset in page]
    return _results(results, page[-1][1] if more and page else "")


@blueprint.route("/access/v1/search/subject", methods=["POST"])
def search_subjects() -> Response:
    """List the people who may have that much of a target (section 8.4)."""
    body = _body()
    asked = _object(body, "subject")
    _expect_user(asked)
    resource = _object(body, "resource")
    token, limit = _page(body)
    found = evaluation.people_for(
        _tier(body), _kind(resource), _text(resource, "id", "resource"), _purpose(body),
        _sign_in(asked), token,
    )  # fmt: skip
    names = list(itertools.islice(found, limit))
    more = next(found, None)
    return _results([{"type": _USER, "id": name} for name in names], names[-1] if more else "")


@blueprint.route("/access/v1/search/action", methods=["POST"])
def search_actions() -> Response:
    """List the tiers that a person may have of a target (section 8.6)."""
    body = _body()
    _page(body)
    questions = [_question({**body, "action": {"name": name}}) for name in _ACTIONS]
    found = evaluation.evaluate(questions)
    names = [name for name, one in zip(_ACTIONS, found, strict=True) if one.allowed]
    return _results([{"name": name} for name in names], "")


@blueprint.before_request
def _authenticate() -> None:
    """Let in only services that may ask about others; the configuration is for everyone."""
    if toolkit.request.endpoint == f"{blueprint.name}.configuration":
        return
    subject = identity.current_subject()
    if not getattr(g, "dgatier_bearer", None):
        raise _Refused(401, "bring a bearer token of a service account")
    if not policy.allowed(subject, "evaluate").allowed:
        raise _Refused(403, "this account may not ask for decisions about others")


@blueprint.after_request
def _echo_request_id(response: Response) -> Response:
    """Return the caller's request id, which joins their log to ours (section 10.1.3)."""
    if request_id := toolkit.request.headers.get("X-Request-ID"):
        response.headers["X-Request-ID"] = request_id[:200]
    response.cache_control.no_store = True
    return response


@blueprint.errorhandler(_Refused)
def _refuse(refused: _Refused) -> Response:
    response = make_response(jsonify(str(refused)), refused.status)
    if refused.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _body() -> Mapping[str, Any]:
    return _mapping(toolkit.request.get_json(silent=True), "the body")


def _question(body: Mapping[str, Any]) -> Question:
    subject_id, sign_in = _subject(body)
    resource = _object(body, "resource")
    return Question(
        subject_id=subject_id,
        sign_in=sign_in,
        tier=_tier(body),
        kind=_kind(resource),
        id=_text(resource, "id", "resource"),
        purpose=_purpose(body),
    )


def _subject(body: Mapping[str, Any]) -> tuple[str, Assurance]:
    subject = _object(body, "subject")
    _expect_user(subject)
    return _text(subject, "id", "subject"), _sign_in(subject)


def _expect_user(subject: Mapping[str, Any]) -> None:
    if subject.get("type") != _USER:
        _fail(f"subject.type is {_USER}")


def _sign_in(subject: Mapping[str, Any]) -> Assurance:
    """Read how the person signed in at the caller; without a word of it, not at all."""
    properties = _object(subject, "properties", {})
    aal, moment = properties.get("aal", 0), properties.get("auth_time")
    if isinstance(aal, bool) or aal not in (0, 1, 2, 3):
        _fail("subject.properties.aal is 0, 1, 2 or 3")
    if moment is None:
        return Assurance(aal)
    try:
        return Assurance(aal, datetime.fromtimestamp(moment, UTC))
    except (TypeError, ValueError, OverflowError, OSError):
        _fail("subject.properties.auth_time is a number of seconds since 1970")


def _tier(body: Mapping[str, Any]) -> AccessTier:
    name = _text(_object(body, "action"), "name", "action")
    if name not in _ACTIONS:
        _fail(f"action.name is one of {', '.join(_ACTIONS)}")
    return AccessTier(name)


def _kind(resource: Mapping[str, Any]) -> str:
    kind = _text(resource, "type", "resource")
    if kind not in (evaluation.DATASET, evaluation.RESOURCE):
        _fail(f"resource.type is {evaluation.DATASET} or {evaluation.RESOURCE}")
    return kind


def _purpose(body: Mapping[str, Any]) -> str | None:
    purpose = _object(body, "context", {}).get("purpose")
    if purpose is not None and not isinstance(purpose, str):
        _fail("context.purpose is a text")
    return purpose


def _page(body: Mapping[str, Any]) -> tuple[str, int]:
    page = _object(body, "page", {})
    token, limit = page.get("token") or "", page.get("limit", _PAGE)
    if not isinstance(token, str):
        _fail("page.token is a text")
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= _MOST_ON_A_PAGE:
        _fail(f"page.limit is a number from 1 to {_MOST_ON_A_PAGE}")
    return token, limit


def _object(body: Mapping[str, Any], name: str, default: Any = None) -> Mapping[str, Any]:
    return _mapping(body.get(name, default), name)


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        _fail(f"{name} is a JSON object")
    return value


def _text(value: Mapping[str, Any], key: str, name: str) -> str:
    found = value.get(key)
    if not isinstance(found, str) or not found or "\0" in found:
        _fail(f"{name}.{key} is a text")
    return found


def _fail(text: str) -> NoReturn:
    raise _Refused(400, text)


def _shown(found: Evaluation) -> dict[str, Any]:
    if found.decision is None:
        return {"decision": False, "context": {"reasons": [{"code": "not_found"}]}}
    return {"decision": found.allowed, "context": found.decision.to_dict()}


def _failed(refused: _Refused) -> dict[str, Any]:
    error = {"status": refused.status, "message": str(refused)}
    return {"decision": False, "context": {"error": error}}


def _results(results: list[dict[str, str]], next_token: str) -> Response:
    return jsonify(results=results, page={"next_token": next_token, "count": len(results)})
