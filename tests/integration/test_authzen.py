"""The AuthZEN Authorization API 1.0: the shapes of its specification, and the portal's answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from instance import REGISTER, Instance

Call = Callable[..., requests.Response]

STRONG = {"aal": 2, "auth_time": time.time()}


@pytest.fixture(scope="module")
def call(instance: Instance) -> Call:
    headers = {"Authorization": f"Bearer {instance.bearer()}"}

    def post(path: str, body: Any, **more: str) -> requests.Response:
        return requests.post(
            f"{instance.url}/access/v1/{path}", json=body, headers={**headers, **more}, timeout=60
        )

    return post


def _ask(
    name: str, tier: str, dataset: str, properties: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "subject": {"type": "user", "id": name, "properties": properties or {}},
        "action": {"name": tier},
        "resource": {"type": "dataset", "id": dataset},
    }


def test_the_configuration_names_endpoints_that_are_there(instance: Instance) -> None:
    told = requests.get(f"{instance.url}/.well-known/authzen-configuration", timeout=30).json()
    assert told["policy_decision_point"] == instance.url
    endpoints = [url for name, url in told.items() if name.endswith("_endpoint")]
    assert len(endpoints) == 5
    for url in endpoints:
        assert url.startswith(f"{instance.url}/access/v1/")
        assert requests.post(url, json={}, timeout=30).status_code == 401


@pytest.mark.parametrize(
    ("name", "tier", "dataset", "decision"),
    [
        ("somchai", "full", "provinces", True),
        ("somchai", "summary", REGISTER, True),
        ("somchai", "masked", REGISTER, False),
        ("suda", "masked", REGISTER, True),
        ("suda", "full", REGISTER, False),
        ("suda", "discover", "promptpay-transfers", True),
        ("admin", "masked", REGISTER, False),
    ],
)
def test_a_decision_is_the_portals_own(
    call: Call, name: str, tier: str, dataset: str, decision: bool
) -> None:
    answer = call("evaluation", _ask(name, tier, dataset, STRONG))
    assert answer.status_code == 200
    found = answer.json()
    assert found["decision"] is decision
    assert found["context"]["reasons"][0]["th"]
    assert found["context"]["decision_id"]


def test_the_sign_in_counts_as_the_caller_tells_it(call: Call) -> None:
    weak = call("evaluation", _ask("suda", "masked", REGISTER)).json()
    assert weak["decision"] is False
    assert "step_up" in [step["code"] for step in weak["context"]["next_steps"]]


def test_what_is_not_discoverable_is_not_there(call: Call) -> None:
    hidden = call("evaluation", _ask("nari", "discover", "promptpay-transfers", STRONG))
    missing = call("evaluation", _ask("nari", "discover", "there-is-no-such-one", STRONG))
    stranger = call("evaluation", _ask("nobody-knows", "discover", "provinces", STRONG))
    assert hidden.content == missing.content == stranger.content
    assert hidden.json()["decision"] is False


def test_many_at_once_in_order_with_defaults(call: Call) -> None:
    body = {
        **_ask("suda", "masked", REGISTER, STRONG),
        "evaluations": [
            {},
            {"resource": {"type": "dataset", "id": "provinces"}},
            {"action": {"name": "full"}},
            {"subject": {"type": "user", "id": "somchai"}},
            {"action": {"name": "everything"}},
        ],
    }
    found = call("evaluations", body).json()["evaluations"]
    assert [one["decision"] for one in found] == [True, True, False, False, False]
    assert found[-1]["context"]["error"]["status"] == 400


@pytest.mark.parametrize(
    ("semantic", "expected"),
    [
        ("execute_all", [True, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_the_semantics_of_many(call: Call, semantic: str, expected: list[bool]) -> None:
    tiers = ("summary", "full", "masked")
    body = {
        **_ask("suda", "masked", REGISTER, STRONG),
        "evaluations": [{"action": {"name": tier}} for tier in tiers],
        "options": {"evaluations_semantic": semantic},
    }
    found = call("evaluations", body).json()["evaluations"]
    assert [one["decision"] for one in found] == expected


def test_without_evaluations_many_is_one(call: Call) -> None:
    assert call("evaluations", _ask("somchai", "full", "provinces")).json()["decision"] is True


def test_searching_what_a_person_may_have(call: Call) -> None:
    body = {**_ask("somchai", "full", ""), "resource": {"type": "dataset"}}
    whole = call("search/resource", {**body, "page": {"limit": 1000}}).json()
    assert whole["page"]["next_token"] == ""
    paged: list[Any] = []
    token = ""
    while True:
        found = call("search/resource", {**body, "page": {"limit": 7, "token": token}}).json()
        paged += found["results"]
        token = found["page"]["next_token"]
        if not token:
            break
    assert paged == whole["results"]
    assert 20 < len(paged) < 62


def test_searching_who_may_have_it(call: Call) -> None:
    body = {
        **_ask("", "masked", REGISTER),
        "subject": {"type": "user", "properties": STRONG},
    }
    names = {one["id"] for one in call("search/subject", body).json()["results"]}
    assert {"suda", "wichai"} <= names
    assert not names & {"somchai", "malee", "prasit", "admin", "anan"}


def test_searching_what_may_be_done(call: Call) -> None:
    body = _ask("suda", "", REGISTER, STRONG)
    del body["action"]
    found = call("search/action", body).json()["results"]
    assert [one["name"] for one in found] == ["discover", "summary", "masked"]


@pytest.mark.parametrize(
    "change",
    [
        {"subject": None},
        {"subject": {"type": "robot", "id": "x"}},
        {"subject": {"type": "user"}},
        {"subject": {"type": "user", "id": "x", "properties": {"aal": "two"}}},
        {"subject": {"type": "user", "id": "x", "properties": {"auth_time": "now"}}},
        {"subject": {"type": "user", "id": "x", "properties": {"auth_time": 1e300}}},
        {"action": {"name": "everything"}},
        {"action": {}},
        {"resource": {"type": "table", "id": "x"}},
        {"resource": {"type": "dataset", "id": 7}},
        {"resource": {"type": "dataset", "id": "a\0b"}},
        {"context": {"purpose": 7}},
        {"context": []},
    ],
)
def test_a_call_that_cannot_be_read_is_refused(call: Call, change: dict[str, Any]) -> None:
    answer = call("evaluation", {**_ask("suda", "masked", REGISTER), **change})
    assert answer.status_code == 400
    assert isinstance(answer.json(), str)


@pytest.mark.parametrize("body", ["", "[]", "{", "null"])
def test_a_body_that_is_no_object_is_refused(instance: Instance, body: str) -> None:
    headers = {"Authorization": f"Bearer {instance.bearer()}", "Content-Type": "application/json"}
    url = f"{instance.url}/access/v1/evaluation"
    assert requests.post(url, data=body, headers=headers, timeout=30).status_code == 400


def test_the_callers_request_id_comes_back(call: Call) -> None:
    answer = call("evaluation", _ask("somchai", "full", "provinces"), **{"X-Request-ID": "abc-1"})
    assert answer.headers["X-Request-ID"] == "abc-1"
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["suda", "admin", "anan"])
def test_a_person_does_not_ask_about_others(instance: Instance, name: str) -> None:
    headers = {"Authorization": instance.person(name)["api_token"]}
    answer = requests.post(
        f"{instance.url}/access/v1/evaluation",
        json=_ask("somchai", "full", "provinces"), headers=headers, timeout=30,
    )  # fmt: skip
    assert answer.status_code == 401
