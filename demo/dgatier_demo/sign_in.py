"""Signs a person in over HTTP, through the identity provider's own forms."""

from __future__ import annotations

import re
import time
from html import unescape
from http.cookiejar import Cookie
from typing import Any

import pyotp
import requests
from requests.cookies import RequestsCookieJar

_FORM = re.compile(r'<form[^>]*action="([^"]+)"', re.S)
_CSRF = re.compile(r'<meta name="(_csrf_token)" content="([^"]+)"')


class SignInRefused(Exception):
    """The identity provider or the portal did not let this person in."""


class LoopbackCookies(RequestsCookieJar):
    """Sends secure cookies over HTTP too, as browsers do on loopback, which they hold secure."""

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        """Take a cookie in."""
        cookie.secure = False
        super().set_cookie(cookie, *args, **kwargs)


def new_session() -> requests.Session:
    """Return a session in which nobody is signed in yet."""
    session = requests.Session()
    session.trust_env = False
    session.cookies = LoopbackCookies()
    return session


def sign_in(
    portal_url: str,
    username: str,
    password: str,
    totp_secret: str | None = None,
    aal: int = 1,
    session: requests.Session | None = None,
) -> requests.Session:
    """Return a session, the given or a new one, in which the person is signed in."""
    session = session or new_session()
    page = session.get(f"{portal_url}/en/access/sign-in", params={"aal": aal}, timeout=30)
    page = session.post(
        _action(page), data={"username": username, "password": password}, timeout=30
    )
    if aal > 1 and totp_secret and _FORM.search(page.text) and portal_url not in page.url:
        page = give_code(session, page, totp_secret)
    if not page.url.startswith(portal_url) or page.status_code != requests.codes.ok:
        raise SignInRefused(
            f"{username}: {page.status_code} at {page.url.split('?')[0]}: {_told(page)}"
        )
    return session


def give_code(
    session: requests.Session, page: requests.Response, totp_secret: str
) -> requests.Response:
    """Fill in the one-time code that a page asks for, and return what comes then.

    A code is good once: where this one was used already, the next is waited for.
    """
    page = session.post(_action(page), data={"otp": fresh_code(totp_secret)}, timeout=30)
    if 'name="otp"' in page.text:
        interval = pyotp.TOTP(totp_secret).interval
        time.sleep(interval - time.time() % interval + 0.5)
        page = session.post(_action(page), data={"otp": fresh_code(totp_secret)}, timeout=30)
    return page


def api_token(session: requests.Session, portal_url: str, username: str, name: str) -> str:
    """Return a new API token of the person who is signed in."""
    page = session.get(f"{portal_url}/en/", timeout=30)
    found = _CSRF.search(page.text)
    if found is None:
        raise SignInRefused(f"{username}: the page carries no form token")
    answer = session.post(
        f"{portal_url}/api/3/action/api_token_create",
        json={"user": username, "name": name},
        headers={"X-CSRFToken": found[2], "Referer": portal_url},
        timeout=30,
    )
    if answer.status_code != requests.codes.ok:
        raise SignInRefused(f"{username}: no token, {answer.status_code} {answer.text[:200]}")
    return str(answer.json()["result"]["token"])


def fresh_code(totp_secret: str) -> str:
    """Return a one-time code that is valid for some seconds yet."""
    code = pyotp.TOTP(totp_secret)
    left = code.interval - time.time() % code.interval
    if left < 2:
        time.sleep(left)
    return code.now()


def _told(page: requests.Response) -> str:
    """Return what a page of the identity provider tells the person, without its markup."""
    body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>|<[^>]+>", " ", page.text)
    return " ".join(unescape(body).split())[:300]


def _action(page: requests.Response) -> str:
    found = _FORM.search(page.text)
    if found is None:
        raise SignInRefused(f"no form at {page.url.split('?')[0]} ({page.status_code})")
    return unescape(found[1])
