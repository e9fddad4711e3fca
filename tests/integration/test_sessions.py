"""A session: whose it is, how its cookie travels, and how it ends."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
import redis
import requests
from bs4 import BeautifulSoup

from dgatier_demo.sign_in import give_code, new_session, sign_in
from instance import Instance, ckan, submit
from stack import health
from stack.settings import Settings

COOKIE = "ckan"
KNOWN = "known-to-someone-else"
# What makes a local sysadmin, and a link that signs them in.
SEALED = """
from ckan import model
from ckanext.dgatier.identity import recovery
user = model.User.by_name("recovered") or model.User(name="recovered")
user.sysadmin, user.state = True, "active"
model.Session.add(user)
model.Session.commit()
print("token:" + recovery.seal("recovered"))
"""
ELSEWHERE = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
    "\\/evil.example", "/\t/evil.example", " //evil.example", "https:evil.example",
    "javascript:alert(1)", "／／evil.example", "@evil.example",
)  # fmt: skip


@pytest.fixture(scope="module")
def valkey() -> redis.Redis:
    settings = Settings.load()
    return health.valkey(settings, settings.secrets())


@pytest.fixture
def planted(instance: Instance, valkey: redis.Redis) -> requests.Session:
    """Return a browser in which someone else has put a session that they know."""
    valkey.set(f"session:{KNOWN}", '{"planted": "by someone else"}', ex=300)
    session = new_session()
    session.cookies.set(COOKIE, KNOWN, domain=urlsplit(instance.url).hostname, path="/")
    return session


def _is_signed_in(instance: Instance, cookie: str) -> bool:
    answer = requests.get(
        f"{instance.url}/access/mine", cookies={COOKIE: cookie}, allow_redirects=False, timeout=30
    )
    return answer.status_code == requests.codes.ok


def _id(session: requests.Session) -> str:
    return str(next(one.value for one in session.cookies if one.name == COOKIE))


def _is_given_up(instance: Instance, valkey: redis.Redis, cookie: str) -> bool:
    return not valkey.exists(f"session:{cookie}") and not _is_signed_in(instance, cookie)


def test_a_session_that_someone_else_knows_is_given_up_at_sign_in(
    instance: Instance, valkey: redis.Redis, planted: requests.Session
) -> None:
    password = instance.person("somchai")["password"]
    session = sign_in(instance.url, "somchai", password, session=planted)
    assert _id(session) != KNOWN
    assert _is_signed_in(instance, _id(session))
    assert _is_given_up(instance, valkey, KNOWN)


def test_it_is_given_up_by_the_sealed_way_in_too(
    instance: Instance, valkey: redis.Redis, planted: requests.Session
) -> None:
    token = ckan("shell", given=SEALED).split("token:")[1].split()[0]
    planted.get(f"{instance.url}/access/recovery/{token}", timeout=30)
    assert _id(planted) != KNOWN
    assert _is_signed_in(instance, _id(planted))
    assert _is_given_up(instance, valkey, KNOWN)
    instance.portal("admin").action.user_delete(id="recovered")


def test_a_step_up_gives_the_session_a_new_id(instance: Instance, valkey: redis.Redis) -> None:
    session = instance.browse("malee", aal=1)
    before = _id(session)
    form = session.get(f"{instance.url}/en/access/sign-in", params={"aal": 2}, timeout=30)
    give_code(session, form, instance.person("malee")["totp_secret"])
    assert _id(session) != before
    assert _is_signed_in(instance, _id(session))
    assert _is_given_up(instance, valkey, before)


def test_signing_out_leaves_nothing_of_the_session(instance: Instance, valkey: redis.Redis) -> None:
    session = instance.browse("somchai", aal=1)
    mine = _id(session)
    submit(session, session.get(f"{instance.url}/en/access/sign-out", timeout=30))
    assert _is_given_up(instance, valkey, mine)


@pytest.mark.parametrize("path", ["/access/sign-out", "/user/_logout", "/en/user/_logout"])
def test_no_link_of_another_site_signs_anyone_out(instance: Instance, path: str) -> None:
    session = instance.browse("somchai", aal=1)
    page = session.get(f"{instance.url}{path}", timeout=30)
    assert page.url == f"{instance.url}{path}"
    assert _is_signed_in(instance, _id(session))
    form = BeautifulSoup(page.text, "html.parser").select_one('form[method="post"]')
    assert form is not None
    without = session.post(urljoin(page.url, str(form.get("action") or "")), timeout=30)
    assert without.status_code == requests.codes.bad_request
    assert _is_signed_in(instance, _id(session))


def test_scripts_and_other_sites_cannot_use_the_cookie(instance: Instance) -> None:
    begun = requests.get(f"{instance.url}/access/sign-in", allow_redirects=False, timeout=30)
    (cookie,) = begun.raw.headers.getlist("Set-Cookie")
    said = [part.strip() for part in cookie.split(";")[1:]]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(said)
    assert not [part for part in said if part.startswith("Domain")]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize("name", ["came_from", "next"])
def test_nobody_is_sent_elsewhere_from_signing_in(
    instance: Instance, elsewhere: str, name: str
) -> None:
    session = new_session()
    for path in ("/en/user/login", "/en/access/sign-in"):
        session.get(f"{instance.url}{path}", params={name: elsewhere}, timeout=30)
    person = instance.person("somchai")
    form = session.get(f"{instance.url}/en/access/sign-in", params={name: elsewhere}, timeout=30)
    action = str(BeautifulSoup(form.text, "html.parser").select("form")[0]["action"])
    filled_in = {"username": "somchai", "password": person["password"]}
    answer = session.post(action, data=filled_in, allow_redirects=False, timeout=30)
    while "Location" in answer.headers:
        onward = urljoin(answer.url, answer.headers["Location"])
        assert onward.startswith((instance.url, instance.state["keycloak_url"])), onward
        answer = session.get(onward, allow_redirects=False, timeout=30)
    assert answer.url.rstrip("/") == f"{instance.url}/en"


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_redirect_of_the_portal_leads_elsewhere(instance: Instance, elsewhere: str) -> None:
    for path, name in (("/util/redirect", "url"), ("/user/_logout", "came_from")):
        answer = requests.get(
            f"{instance.url}{path}", params={name: elsewhere}, allow_redirects=False, timeout=30
        )
        assert answer.status_code < requests.codes.server_error
        assert answer.headers.get("Location", instance.url).startswith(instance.url)
