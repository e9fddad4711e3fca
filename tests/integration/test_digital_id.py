"""Citizens come by the digital-ID provider, which alone says how surely they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup
from keycloak import KeycloakAdmin

from dgatier_demo.sign_in import LoopbackCookies, give_code
from instance import Instance, submit

_PASSWORD = "made-up for this test"


def _come(
    instance: Instance, name: str, aal: int = 1, password: str = ""
) -> tuple[requests.Session, requests.Response]:
    """Return the session and the page to which the digital ID's sign-in leads."""
    known = {one["username"]: one["password"] for one in instance.state["digital_id_people"]}
    session = requests.Session()
    session.trust_env = False
    session.cookies = LoopbackCookies()
    asked = {"aal": str(aal), "came_from": "/en/access/mine"}
    page = session.get(f"{instance.url}/en/access/sign-in", params=asked, timeout=30)
    button: Any = BeautifulSoup(page.text, "html.parser").find(id="social-digital-id")
    page = session.get(urljoin(page.url, button["href"]), timeout=30)
    assert "/realms/digital-id/" in page.url
    return session, submit(session, page, username=name, password=password or known[name])


def _asked(instance: Instance, session: requests.Session, dataset: str) -> dict[str, Any]:
    answer = session.get(
        f"{instance.url}/api/3/action/dgatier_access_show", params={"id": dataset}, timeout=30
    )
    result: dict[str, Any] = answer.json()["result"]
    return result


def test_a_citizen_whom_only_the_provider_knows_comes_in_without_questions(
    instance: Instance,
) -> None:
    session, page = _come(instance, "somsri")
    assert page.url == f"{instance.url}/en/access/mine"
    assert "สมศรี มีสุข" in page.text
    shown = _asked(instance, session, "state-welfare-cards")
    assert shown["tier"] == "summary"


def test_a_citizen_with_an_account_here_is_the_same_person_by_either_way(
    instance: Instance,
) -> None:
    def user_id(session: requests.Session) -> str:
        show = f"{instance.url}/api/3/action/user_show?id=somchai"
        return str(session.get(show, timeout=30).json()["result"]["id"])

    by_digital_id, page = _come(instance, "somchai")
    assert page.url == f"{instance.url}/en/access/mine"
    assert user_id(by_digital_id) == user_id(instance.browse("somchai", aal=1))


def test_the_second_factor_is_asked_for_after_the_digital_id(instance: Instance) -> None:
    session, page = _come(instance, "somchai", aal=2)
    assert "/realms/dgatier/" in page.url
    assert 'name="otp"' in page.text
    page = give_code(session, page, instance.person("somchai")["totp_secret"])
    assert page.url == f"{instance.url}/en/access/mine"


def test_a_citizen_without_a_second_factor_is_led_to_set_one_up(instance: Instance) -> None:
    session, page = _come(instance, "somsri", aal=2)
    assert "CONFIGURE_TOTP" in page.url
    mine = session.get(f"{instance.url}/access/mine", allow_redirects=False, timeout=30)
    assert mine.status_code == requests.codes.found, "in without the factor"


@pytest.fixture(scope="module")
def provider(realm: Callable[[str], KeycloakAdmin]) -> KeycloakAdmin:
    return realm("digital-id")


@pytest.fixture
def says(provider: KeycloakAdmin) -> Iterator[Callable[[str | None], None]]:
    """Return what lets the provider say another identity level of somsri, `None` for none."""
    user_id = str(provider.get_user_id("somsri"))

    def say(level: str | None) -> None:
        attributes = {"ial": [level]} if level else {}
        provider.update_user(user_id, {**provider.get_user(user_id), "attributes": attributes})

    yield say
    say("2.3")


@pytest.fixture
def internal(instance: Instance) -> Iterator[str]:
    """Return an internal dataset, all of which somsri may have if she is known surely enough."""
    suda = instance.portal("suda").action
    found = suda.package_search(fq="classification_level:internal organization:fpo", rows=1)
    dataset = found["results"][0]["name"]
    somsri, _page = _come(instance, "somsri")
    asked = somsri.post(
        f"{instance.url}/api/3/action/dgatier_request_create",
        json={
            "id": dataset, "tier": "full", "purpose": "dpv:PublicBenefit", "days": 7,
            "justification": "To see what my district has.",
        },
        headers=_form_token(instance, somsri), timeout=30,
    ).json()["result"]  # fmt: skip
    suda.dgatier_request_decide(id=asked["id"], decision="approve")
    yield dataset
    for grant in suda.dgatier_grant_list(agency=True, state="active", limit=200):
        if grant["request_id"] == asked["id"]:
            suda.dgatier_grant_revoke(id=grant["id"], reason="the test is over")


def _form_token(instance: Instance, session: requests.Session) -> dict[str, str]:
    page = session.get(f"{instance.url}/en/access/mine", timeout=30)
    token: Any = BeautifulSoup(page.text, "html.parser").find("meta", {"name": "_csrf_token"})
    return {"X-CSRFToken": token["content"], "Referer": instance.url}


def test_what_the_provider_says_of_the_identity_decides_from_the_next_sign_in_on(
    instance: Instance, says: Callable[[str | None], None], internal: str
) -> None:
    tiers = []
    for level in ("2.3", "1.1", None, "9", "a lot", "1.3"):
        says(level)
        session, _page = _come(instance, "somsri")
        shown = _asked(instance, session, internal)
        tiers.append(shown["tier"])
        steps = {one["action"] for one in shown["next_steps"]}
        assert ("prove_identity" in steps) == (shown["tier"] != "full"), level
    assert tiers == ["full", "discover", "discover", "discover", "discover", "full"]


def test_no_one_else_says_how_surely_a_brokered_person_is_known(
    instance: Instance, says: Callable[[str | None], None], keycloak: KeycloakAdmin, internal: str
) -> None:
    says("1.1")
    user_id = str(keycloak.get_user_id("somsri"))
    there = keycloak.get_user(user_id)
    keycloak.update_user(user_id, {**there, "attributes": {**there["attributes"], "ial": ["3"]}})
    session, _page = _come(instance, "somsri")
    assert _asked(instance, session, internal)["tier"] == "discover"


@pytest.fixture
def namesake(provider: KeycloakAdmin) -> Iterator[str]:
    """Someone at the provider who has the name and the address of a steward here."""
    made = provider.create_user(
        {
            "username": "suda", "email": "suda@example.org", "firstName": "ส", "lastName": "ด",
            "enabled": True, "emailVerified": True,
            "credentials": [{"type": "password", "value": _PASSWORD, "temporary": False}],
        }
    )  # fmt: skip
    yield "suda"
    provider.delete_user(made)


def test_a_namesake_at_the_provider_is_not_let_into_an_account_here(
    instance: Instance, namesake: str
) -> None:
    session, page = _come(instance, namesake, password=_PASSWORD)
    assert "/realms/dgatier/login-actions/first-broker-login" in page.url
    mine = session.get(f"{instance.url}/access/mine", allow_redirects=False, timeout=30)
    assert mine.status_code == requests.codes.found


def test_signing_out_here_signs_out_at_the_provider_too(instance: Instance) -> None:
    session, _page = _come(instance, "somsri")
    out = submit(session, session.get(f"{instance.url}/en/access/sign-out", timeout=30))
    assert out.url == f"{instance.url}/en/access/signed-out"
    page = session.get(f"{instance.url}/en/access/sign-in", timeout=30)
    button: Any = BeautifulSoup(page.text, "html.parser").find(id="social-digital-id")
    again = session.get(urljoin(page.url, button["href"]), timeout=30)
    assert "/realms/digital-id/" in again.url
    assert 'name="password"' in again.text
