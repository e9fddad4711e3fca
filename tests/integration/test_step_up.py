"""A decision that asks for a stronger sign-in leads to it, and back to where the person was."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup
from keycloak import KeycloakAdmin

from dgatier_demo.sign_in import give_code
from instance import REGISTER, REPOSITORY, Instance

POLICY = REPOSITORY / "policies" / "rego" / "dgatier"


@pytest.fixture
def give(instance: Instance) -> Iterator[Callable[[str], requests.Session]]:
    """Return what gives someone masked access to the register, and signs them in too weakly."""
    suda = instance.portal("suda").action
    given = []

    def to(name: str) -> requests.Session:
        asked = instance.portal(name).action.dgatier_request_create(
            id=REGISTER, tier="masked", purpose="dpv:PublicBenefit", days=7,
            justification="To see how far a weak sign-in reaches.",
        )  # fmt: skip
        suda.dgatier_request_decide(id=asked["id"], decision="approve")
        given.append(asked["id"])
        return instance.browse(name, aal=1)

    yield to
    for grant in suda.dgatier_grant_list(agency=True, state="active", limit=200):
        if grant["request_id"] in given:
            suda.dgatier_grant_revoke(id=grant["id"], reason="the test is over")


def _step_up_link(page: requests.Response) -> str:
    links: list[Any] = BeautifulSoup(page.text, "html.parser").select('a[href*="aal=2"]')
    assert len({one["href"] for one in links}) == 1, f"{len(links)} ways to step up at {page.url}"
    return urljoin(page.url, links[0]["href"])


def _stepped_up(
    instance: Instance, session: requests.Session, link: str, name: str
) -> requests.Response:
    """Follow a step-up, which asks for the code alone, and return where it leads."""
    form = session.get(link, timeout=30)
    assert 'name="otp"' in form.text
    assert 'name="password"' not in form.text
    return give_code(session, form, instance.person(name)["totp_secret"])


# A code is good once, so each case has a person of its own.
@pytest.mark.parametrize(("name", "language"), [("nari", ""), ("malee", "/en")])
def test_a_page_leads_to_a_stronger_sign_in_and_back_to_itself_with_the_rows(
    instance: Instance,
    give: Callable[[str], requests.Session],
    resource_of: Callable[[str], str],
    name: str,
    language: str,
) -> None:
    session = give(name)
    address = f"{instance.url}{language}/dataset/{REGISTER}/resource/{resource_of(REGISTER)}?x=1"
    before = session.get(address, timeout=30)
    assert "citizen_id" not in before.text
    after = _stepped_up(instance, session, _step_up_link(before), name)
    assert after.url == address
    assert "citizen_id" in after.text


@pytest.mark.parametrize(
    ("name", "path"),
    [("somchai", "/dataset/{0}/resource/{1}/download"), ("prasit", "/datastore/dump/{1}")],
)
def test_a_refused_download_leads_to_a_stronger_sign_in_and_then_downloads(
    instance: Instance,
    give: Callable[[str], requests.Session],
    resource_of: Callable[[str], str],
    name: str,
    path: str,
) -> None:
    session = give(name)
    address = f"{instance.url}/en" + path.format(REGISTER, resource_of(REGISTER))
    refused = session.get(f"{address}?limit=3", timeout=30)
    assert refused.status_code == requests.codes.forbidden
    got = _stepped_up(instance, session, _step_up_link(refused), name)
    assert got.url == f"{address}?limit=3"
    assert "attachment" in got.headers["Content-Disposition"]
    assert "citizen_id" in got.text.splitlines()[0]


def test_a_refusal_by_the_api_says_what_to_do_and_where(
    instance: Instance,
    give: Callable[[str], requests.Session],
    resource_of: Callable[[str], str],
) -> None:
    session = give("anan")
    resource = resource_of(REGISTER)
    answer = session.get(
        f"{instance.url}/api/3/action/datastore_search",
        params={"resource_id": resource}, timeout=30,
    )  # fmt: skip
    assert answer.status_code == requests.codes.forbidden
    error = answer.json()["error"]
    assert error["obligations"]["step_up"] == 2
    assert "sign_in_too_weak" in {one["code"] for one in error["reasons"]}
    (step,) = [one for one in error["next_steps"] if one["action"] == "step_up"]
    landed = _stepped_up(instance, session, step["url"], "anan")
    assert landed.url == f"{instance.url}/dataset/{REGISTER}/resource/{resource}"
    assert "citizen_id" in landed.text


def test_the_public_is_led_to_sign_in_by_a_refusal(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    address = f"{instance.url}/en/dataset/{REGISTER}/resource/{resource_of(REGISTER)}/download"
    refused = requests.get(address, timeout=30)
    links: list[Any] = BeautifulSoup(refused.text, "html.parser").select("main a.btn-primary")
    assert [one.text.strip() for one in links] == ["Sign in"]
    assert "came_from=/en/dataset" in links[0]["href"]


@pytest.mark.parametrize("aal", [1, 2])
def test_who_is_signed_in_so_already_comes_back_without_a_question(
    instance: Instance, aal: int
) -> None:
    session = instance.browse("malee", aal=aal)
    page = session.get(
        f"{instance.url}/en/access/sign-in",
        params={"aal": aal, "came_from": "/en/access/mine"}, timeout=30,
    )  # fmt: skip
    assert page.url == f"{instance.url}/en/access/mine"


@pytest.fixture
def short(keycloak: KeycloakAdmin) -> Iterator[None]:
    """Let a second factor be too old after two seconds, as it is after fifteen minutes."""
    flow = keycloak.get_authentication_flow_executions("dgatier browser")
    config_id = next(one["authenticationConfig"] for one in flow if one.get("alias") == "level 2")
    there = keycloak.get_authenticator_config(config_id)

    def last(seconds: str) -> None:
        keycloak.update_authenticator_config(
            {**there, "config": {**there["config"], "loa-max-age": seconds}}, config_id
        )

    last("2")
    yield
    last(there["config"]["loa-max-age"])


def test_a_second_factor_that_is_too_old_is_asked_for_again(
    instance: Instance, short: None
) -> None:
    session = instance.browse("wichai", aal=2)
    time.sleep(3)
    link = f"{instance.url}/en/access/sign-in?aal=2&came_from=/en/access/mine"
    page = _stepped_up(instance, session, link, "wichai")
    assert page.url == f"{instance.url}/en/access/mine"


def test_the_provider_asks_again_no_later_than_policy_finds_a_sign_in_stale() -> None:
    """Else a step-up would come back as it went, and the person would turn in circles."""
    levels = json.loads((POLICY / "defaults" / "data.json").read_text())["levels"]
    wanted = [level["sign_in"]["max_age_s"] for level in levels.values()]
    realm = json.loads((REPOSITORY / "identity" / "realm.json").read_text())
    second = [
        int(one["config"]["loa-max-age"])
        for one in realm["authenticatorConfig"]
        if one["config"]["loa-condition-level"] == "2"
    ]
    assert max(second) <= min(age for age in wanted if age)
