"""What every answer tells a browser, and what an uploaded file may do in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from instance import Instance, open_dataset

RUNS = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.domain)</script></svg>'
PATHS = (
    "/en/", "/dataset/", "/not-there", "/access/sign-in", "/api/3/action/package_search?rows=1",
    "/api/3/action/not_there", "/base/images/ckan.ico", "/feeds/dataset.atom",
    "/.well-known/authzen-configuration",
)  # fmt: skip


def _get(instance: Instance, path: str) -> requests.Response:
    return requests.get(f"{instance.url}{path}", allow_redirects=False, timeout=30)


def _policy(answer: requests.Response) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_browsers_must_not_do(instance: Instance, path: str) -> None:
    answer = _get(instance, path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert _policy(answer)["frame-ancestors"] == ["'self'"]
    assert "Strict-Transport-Security" not in answer.headers


def test_a_page_runs_scripts_of_the_portal_alone(instance: Instance) -> None:
    policy = _policy(_get(instance, "/en/dataset/"))
    assert policy["script-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == ["'none'"]
    assert policy["img-src"] == ["'self'", "data:"]
    provider = urlsplit(instance.state["keycloak_url"])
    assert policy["form-action"] == ["'self'", f"{provider.scheme}://{provider.netloc}"]
    for sources in policy.values():
        assert "'unsafe-eval'" not in sources
        assert "*" not in sources
    handlers = policy["script-src-attr"]
    assert handlers[0] == "'unsafe-hashes'"
    assert all(re.fullmatch(r"'sha256-[\w+/=]+'", one) for one in handlers[1:])


def test_an_inline_script_is_marked_anew_each_time(instance: Instance) -> None:
    action = instance.portal().action
    resource = action.package_show(id="provinces")["resources"][0]["id"]
    (view,) = (
        one["id"]
        for one in action.resource_view_list(id=resource)
        if one["view_type"] == "datatables_view"
    )
    marks = []
    for _ in range(2):
        answer = _get(instance, f"/dataset/provinces/resource/{resource}/view/{view}")
        (mark,) = set(re.findall(r'<script nonce="([^"]+)"', answer.text))
        assert _policy(answer)["script-src"] == ["'self'", f"'nonce-{mark}'"]
        marks.append(mark)
    assert marks[0] != marks[1]


@pytest.fixture(params=["page.html", "picture.svg", "picture.xml", "no-ending"])
def uploaded(instance: Instance, request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Upload a file that holds a script to an open dataset, under a name."""
    suda = instance.portal("suda")
    package = suda.action.package_create(**open_dataset())
    yield suda.call_action(
        "resource_create",
        {"package_id": package["id"], "name": "a file", "mimetype": "text/html"},
        files={"upload": (request.param, RUNS)},
    )
    suda.action.package_delete(id=package["id"])


def test_an_uploaded_file_runs_nothing(instance: Instance, uploaded: dict[str, Any]) -> None:
    for path in (urlsplit(uploaded["url"]).path, f"{urlsplit(uploaded['url']).path}?x=.html"):
        answer = _get(instance, path)
        assert answer.content == RUNS
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert _policy(answer)["sandbox"] == []
        assert _policy(answer)["default-src"] == ["'none'"]


def test_nothing_that_someone_signed_in_was_given_is_kept(instance: Instance) -> None:
    token = {"Authorization": instance.person("suda")["api_token"]}
    browser = instance.browse("suda", aal=1)
    for path in ("/en/", "/dataset/", "/access/mine", "/api/3/action/package_search?rows=1"):
        for answer in (
            browser.get(f"{instance.url}{path}", timeout=30),
            requests.get(f"{instance.url}{path}", headers=token, timeout=30),
        ):
            kept = answer.headers["Cache-Control"]
            assert "no-store" in kept, f"{path}: {kept}"
            assert "private" in kept, f"{path}: {kept}"
            assert "public" not in kept, f"{path}: {kept}"
    asset = browser.get(f"{instance.url}/base/images/ckan.ico", timeout=30)
    assert "no-store" not in asset.headers["Cache-Control"]
