"""The identity provider ends sessions, and the portal's end with them: back-channel logout."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis
import requests
from keycloak import KeycloakAdmin

from instance import Instance, submit
from stack.settings import Settings


def _is_in(instance: Instance, session: requests.Session) -> bool:
    page = session.get(f"{instance.url}/access/mine", allow_redirects=False, timeout=30)
    return page.status_code == requests.codes.ok


def _only_the_portals(session: requests.Session, instance: Instance) -> requests.Session:
    """Return the same session at the portal, in a browser that the provider does not know."""
    other = requests.Session()
    for cookie in session.cookies:
        if cookie.name == "ckan":
            other.cookies.set_cookie(cookie)
    assert _is_in(instance, other)
    return other


def test_an_administrators_logout_ends_every_session_of_that_person_only(
    instance: Instance, keycloak: KeycloakAdmin
) -> None:
    desk, phone = instance.browse("malee"), instance.browse("malee", aal=1)
    someone_else = instance.browse("somchai", aal=1)
    assert _is_in(instance, desk)
    assert _is_in(instance, phone)
    keycloak.user_logout(keycloak.get_user_id("malee"))
    # Each worker must know; there are several, and which answers is chance.
    for _request in range(12):
        assert not _is_in(instance, desk)
        assert not _is_in(instance, phone)
    assert _is_in(instance, someone_else)


def test_signing_out_at_the_provider_ends_the_session_here_and_no_other(instance: Instance) -> None:
    browser, phone = instance.browse("malee", aal=1), instance.browse("malee", aal=1)
    portal_alone = _only_the_portals(browser, instance)
    page = browser.get(
        f"{instance.state['keycloak_url']}/realms/dgatier/protocol/openid-connect/logout",
        timeout=30,
    )
    submit(browser, page)
    assert not _is_in(instance, portal_alone)
    assert _is_in(instance, phone)


def test_who_was_logged_out_signs_in_again(instance: Instance, keycloak: KeycloakAdmin) -> None:
    browser = instance.browse("malee", aal=1)
    keycloak.user_logout(keycloak.get_user_id("malee"))
    assert not _is_in(instance, browser)
    assert _is_in(instance, instance.browse("malee", aal=1))


@pytest.fixture
def without_session_ids(keycloak: KeycloakAdmin) -> Iterator[None]:
    """Let the provider say only who is to be logged out, and not of which session."""
    client = keycloak.get_client_id("dgatier-portal")

    def required(word: str) -> None:
        there = keycloak.get_client(client)
        attributes = {**there["attributes"], "backchannel.logout.session.required": word}
        keycloak.update_client(client, {**there, "attributes": attributes})

    required("false")
    yield
    required("true")


def test_a_logout_of_a_person_ends_all_that_has_begun_until_then(
    instance: Instance, keycloak: KeycloakAdmin, without_session_ids: None
) -> None:
    before = instance.browse("malee", aal=1)
    keycloak.user_logout(keycloak.get_user_id("malee"))
    assert not _is_in(instance, before)
    assert _is_in(instance, instance.browse("malee", aal=1))


def test_a_token_of_another_kind_ends_nothing(instance: Instance) -> None:
    """An access token is signed by the same key, and is no logout token."""
    for token in (instance.bearer(), "x", ""):
        answer = requests.post(
            f"{instance.url}/access/backchannel-logout", data={"logout_token": token}, timeout=30
        )
        assert answer.status_code == 400
        assert answer.json() == {"error": "invalid_request"}
        assert "no-store" in answer.headers["Cache-Control"]


def test_looking_for_ended_sessions_costs_little(instance: Instance) -> None:
    """One look into Valkey a request: hardly to be seen beside the request itself."""
    settings = Settings.load()
    valkey = redis.Redis(port=settings.ports["valkey"], password=settings.secrets()["valkey"])
    browser = instance.browse("malee", aal=1)

    def looks() -> int:
        return int(valkey.info("commandstats").get("cmdstat_mget", {}).get("calls", 0))

    before = looks()
    started = time.monotonic()
    for _request in range(10):
        assert _is_in(instance, browser)
    assert looks() - before == 10
    assert time.monotonic() - started < 10
    for _request in range(3):
        requests.get(f"{instance.url}/dataset/", timeout=30)
    assert looks() - before == 10, "the public costs nothing"
