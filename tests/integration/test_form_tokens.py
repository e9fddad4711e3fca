"""What a browser sends in a session counts only with the form token of that session."""

from __future__ import annotations

import re

import pytest
import requests

from instance import REPOSITORY, Instance, submit
from registry import of_portal
from stack.settings import Settings

# Anonymous visits to each page, so that the portal's processes have had one to most of them.
VISITS = 2
# Signed by the identity provider; no browser's session is behind it.
SIGNED_ITSELF = "/access/backchannel-logout"
_NUMBER = re.compile(r"<int[^>]*>")
_PLACE = re.compile(r"<[^>]*>")


@pytest.fixture(scope="module")
def addresses() -> list[str]:
    """Return every address of the portal that takes a POST, each with its language.

    What stands in an address for a name is "x", and for a number 3.
    """
    rules = of_portal(Settings.load().ini)["rules"]
    taken = [rule for _, rule, methods, _ in rules if "POST" in methods]
    return sorted({_PLACE.sub("x", _NUMBER.sub("3", one)) for one in taken})


@pytest.fixture(scope="module")
def somchai(instance: Instance) -> requests.Session:
    return instance.browse("somchai", aal=1)


def test_no_form_is_taken_without_a_token_even_after_anonymous_visits(
    instance: Instance, somchai: requests.Session, addresses: list[str]
) -> None:
    assert {"/access/inbox", "/api/3/action/x", "/dataset/delete/x"} <= set(addresses)
    taken = []
    for address in addresses:
        for _ in range(VISITS):
            requests.post(f"{instance.url}{address}", allow_redirects=False, timeout=30)
        answer = somchai.post(f"{instance.url}{address}", allow_redirects=False, timeout=30)
        if address != SIGNED_ITSELF and answer.status_code != requests.codes.bad_request:
            taken.append((address, answer.status_code))
    assert not taken, f"taken without a form token: {taken}"


def test_the_action_api_wants_the_token_of_a_session_and_none_of_a_program(
    instance: Instance, somchai: requests.Session
) -> None:
    address = f"{instance.url}/api/3/action/dgatier_notice_mark_read"
    for _ in range(VISITS):
        requests.post(address, json={}, timeout=30)
        requests.get(address, timeout=30)
    for body in ({"json": {}}, {"data": "{}", "headers": {"Content-Type": "text/plain"}}):
        assert somchai.post(address, timeout=30, **body).status_code == requests.codes.bad_request
    token = instance.person("somchai")["api_token"]
    by_token = requests.post(address, json={}, headers={"Authorization": token}, timeout=30)
    assert by_token.json()["success"]
    found = re.search(
        r'name="_csrf_token" content="([^"]+)"', somchai.get(instance.url, timeout=30).text
    )
    assert found
    with_token = somchai.post(address, json={}, headers={"X-CSRFToken": found[1]}, timeout=30)
    assert with_token.json()["success"]


def test_a_token_of_another_session_does_not_count(
    instance: Instance, somchai: requests.Session
) -> None:
    malee = instance.browse("malee", aal=1)
    page = malee.get(f"{instance.url}/en/access/sign-out", timeout=30)
    assert submit(somchai, page).status_code == requests.codes.bad_request
    assert somchai.get(f"{instance.url}/access/mine", timeout=30).url.endswith("/access/mine")


def test_each_form_of_ours_that_changes_something_carries_the_token() -> None:
    templates = REPOSITORY / "ckanext-dgatier/ckanext/dgatier/web/templates"
    forms = [
        (template.name, form)
        for template in templates.rglob("*.html")
        for form in re.findall(r'(?s)<form[^>]*method="post".*?</form>', template.read_text())
    ]
    assert len(forms) > 15
    assert [name for name, form in forms if "h.csrf_input()" not in form] == []
