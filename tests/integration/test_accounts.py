"""Accounts of programs and people while they live, and the end of them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from keycloak import KeycloakAdmin

from instance import REGISTER, Instance
from stack.settings import Settings


def _tier(instance: Instance, token: str) -> str:
    answer = requests.get(
        f"{instance.url}/api/3/action/dgatier_access_show",
        params={"id": REGISTER}, headers={"Authorization": f"Bearer {token}"}, timeout=30,
    )  # fmt: skip
    return str(answer.json()["result"]["tier"])


def test_a_service_is_known_by_its_token(instance: Instance) -> None:
    assert _tier(instance, instance.bearer()) == "summary"


def _with_claims(token: str, **changes: object) -> str:
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    body = json.dumps({**claims, **changes}).encode()
    return ".".join((header, base64.urlsafe_b64encode(body).decode().rstrip("="), signature))


def _unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


FORGERIES: dict[str, Callable[[str], str]] = {
    "another subject": lambda token: _with_claims(token, sub="someone-else"),
    "a longer life": lambda token: _with_claims(token, exp=4_000_000_000),
    "another audience": lambda token: _with_claims(token, aud="dgatier-api-2"),
    "no signature": _unsigned,
    "half a token": lambda token: token[: len(token) // 2],
    "no token": lambda _token: "x",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_nobodys(instance: Instance, forgery: str) -> None:
    assert _tier(instance, FORGERIES[forgery](instance.bearer())) == "discover"


def test_a_token_for_another_audience_is_nobodys(instance: Instance) -> None:
    secret = Settings.load().secrets()["directory_client"]
    token = instance.bearer(client_id="dgatier-directory", client_secret=secret)
    assert _tier(instance, token) == "discover"


@pytest.fixture
def short_lived(keycloak: KeycloakAdmin) -> Iterator[None]:
    kept = keycloak.get_realm("dgatier")["accessTokenLifespan"]
    keycloak.update_realm("dgatier", {"accessTokenLifespan": 1})
    yield
    keycloak.update_realm("dgatier", {"accessTokenLifespan": kept})


def test_an_expired_token_is_nobodys(instance: Instance, short_lived: None) -> None:
    token = instance.bearer()
    time.sleep(32)  # a second of life, and the thirty that clocks may be apart
    assert _tier(instance, token) == "discover"


def test_a_new_key_of_the_provider_is_taken_without_a_restart(
    instance: Instance, keycloak: KeycloakAdmin
) -> None:
    before = instance.bearer()
    realm = keycloak.get_realm("dgatier")
    component = {
        "name": "rotated",
        "providerId": "rsa-generated",
        "providerType": "org.keycloak.keys.KeyProvider",
        "parentId": realm["id"],
        "config": {"priority": ["1000"], "algorithm": ["RS256"]},
    }
    made = keycloak.create_component(component)
    try:
        after = instance.bearer()
        assert after.split(".")[0] != before.split(".")[0]
        time.sleep(6)  # new keys are not looked for more often than each five seconds
        assert _tier(instance, after) == "summary"
        assert _tier(instance, before) == "summary"
    finally:
        new = made or next(
            one["id"] for one in keycloak.get_components() if one["name"] == "rotated"
        )
        keycloak.delete_component(new)


@pytest.fixture
def malee(keycloak: KeycloakAdmin) -> Iterator[Callable[[bool], None]]:
    """Return what enables or disables the account of malee."""
    user_id = keycloak.get_user_id("malee")

    def enable(enabled: bool) -> None:
        keycloak.update_user(user_id, {**keycloak.get_user(user_id), "enabled": enabled})

    yield enable
    enable(True)


def test_a_disabled_account_is_out_within_five_seconds_on_every_path(
    instance: Instance, malee: Callable[[bool], None]
) -> None:
    browser = instance.browse("malee", aal=2)
    token = {"Authorization": instance.person("malee")["api_token"]}
    mine = f"{instance.url}/access/mine"
    action = f"{instance.url}/api/3/action/dgatier_request_list"

    def is_in() -> list[bool]:
        page = browser.get(mine, timeout=30, allow_redirects=False)
        return [page.status_code == 200, requests.get(action, headers=token, timeout=30).ok]

    assert is_in() == [True, True]
    malee(False)
    disabled = time.monotonic()
    while any(is_in()):
        assert time.monotonic() - disabled < 5, "still in after five seconds"
        time.sleep(0.2)
    malee(True)
    time.sleep(5)
    assert is_in()[1], "an account that is enabled again is in again"


def test_a_disabled_service_is_out_within_five_seconds_though_its_token_has_not_ended(
    instance: Instance, keycloak: KeycloakAdmin
) -> None:
    token = instance.bearer()
    assert _tier(instance, token) == "summary"
    user_id = str(keycloak.get_user_id("service-account-dgatier-exchange"))
    there = keycloak.get_user(user_id)
    keycloak.update_user(user_id, {**there, "enabled": False})
    try:
        begun = time.monotonic()
        while _tier(instance, token) != "discover":
            assert time.monotonic() - begun < 5, "still in after five seconds"
            time.sleep(0.2)
    finally:
        keycloak.update_user(user_id, there)
    time.sleep(3)
    assert _tier(instance, token) == "summary"
