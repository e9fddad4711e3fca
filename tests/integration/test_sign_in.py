"""Signing in and out, over the real identity provider."""

from __future__ import annotations

import pytest
import requests

from instance import Instance, submit


def test_signing_in_with_two_factors_and_out_of_both(instance: Instance) -> None:
    session = instance.browse("somchai", aal=2)
    assert session.get(f"{instance.url}/access/mine", timeout=30).url.endswith("/access/mine")
    submit(session, session.get(f"{instance.url}/access/sign-out", timeout=30))
    asked = session.get(f"{instance.url}/access/mine", timeout=30)
    assert asked.url.startswith(instance.state["keycloak_url"])
    assert 'name="password"' in asked.text


def test_the_same_person_is_the_same_user(instance: Instance) -> None:
    users = set()
    for _ in range(2):
        session = instance.browse("malee", aal=1)
        answer = session.get(
            f"{instance.url}/api/3/action/user_show", params={"id": "malee"}, timeout=30
        )
        users.add(answer.json()["result"]["id"])
    assert len(users) == 1


@pytest.mark.parametrize("query", ["code=made-up&state=made-up", "error=access_denied&state=x", ""])
def test_an_answer_to_no_question_is_refused(instance: Instance, query: str) -> None:
    session = requests.Session()
    answer = session.get(f"{instance.url}/en/access/callback?{query}", timeout=30)
    assert answer.status_code == 400
    assert "could not be signed in" in answer.text
    assert "Traceback" not in answer.text
    assert not session.get(f"{instance.url}/access/mine", timeout=30).url.endswith("/access/mine")


def test_a_state_of_another_browser_is_refused(instance: Instance) -> None:
    begun = requests.get(
        f"{instance.url}/access/sign-in", allow_redirects=False, timeout=30
    ).headers["Location"]
    state = begun.split("state=")[1].split("&")[0]
    answer = requests.get(f"{instance.url}/en/access/callback?code=x&state={state}", timeout=30)
    assert answer.status_code == 400


def test_the_question_carries_pkce_state_and_nonce(instance: Instance) -> None:
    begun = requests.get(
        f"{instance.url}/access/sign-in?aal=2", allow_redirects=False, timeout=30
    ).headers["Location"]
    for part in (
        "code_challenge_method=S256",
        "code_challenge=",
        "state=",
        "nonce=",
        "acr_values=aal2",
    ):
        assert part in begun


def test_local_passwords_do_not_sign_in(instance: Instance) -> None:
    answer = requests.post(
        f"{instance.url}/user/login",
        data={"login": "admin", "password": "anything"},
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code in (302, 400)
    assert requests.get(f"{instance.url}/user/register", timeout=30).status_code == 403
