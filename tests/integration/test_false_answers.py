"""A provider of identities that lies: each false answer is refused, and nothing is kept of it.

The portal that is asked here is a real one, beside the running instance and on its data; only
its provider is another, whose answers the test writes and signs.
"""

from __future__ import annotations

import json
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from stack import health, render, serving
from stack.settings import Settings

_CLIENT = "dgatier-portal"
# Not the address at which its metadata is read, as behind a proxy.
_ISSUER = "https://identity.example/realms/dgatier"


@dataclass
class LyingProvider:
    """An OpenID provider on loopback; `lie` changes the claims of the next ID token."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    signed_with: RSAKey | None = None
    lie: Callable[[dict[str, Any]], Mapping[str, Any]] = dict
    nonce: str = ""
    url: str = ""

    def document(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": _ISSUER,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._id_token()}

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": _ISSUER,
            "aud": _CLIENT,
            "sub": "someone",
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 60,
            "auth_time": now,
            "acr": "aal1",
        }
        return self.signed(self.lie(claims))

    def signed(self, claims: Mapping[str, Any]) -> str:
        header = {"alg": "RS256", "kid": self.key.thumbprint()}
        return jwt.encode(header, dict(claims), self.signed_with or self.key)


@contextmanager
def _served(provider: LyingProvider) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(provider.document(urlsplit(self.path).path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()


@dataclass(frozen=True)
class Deceived:
    """The portal that trusts the lying provider."""

    url: str
    provider: LyingProvider

    def sign_in(self, language: str = "en", session: requests.Session | None = None) -> Any:
        """Begin with two factors wanted, and bring the answer back to the portal."""
        session = session or requests.Session()
        prefix = "" if language == "th" else f"/{language}"
        begun = session.get(
            f"{self.url}{prefix}/access/sign-in?aal=2", allow_redirects=False, timeout=30
        )
        asked = parse_qs(urlsplit(begun.headers["Location"]).query)
        self.provider.nonce = asked["nonce"][0]
        # requests does not send secure cookies over HTTP; a browser does on loopback.
        for cookie in session.cookies:
            cookie.secure = False
        return session.get(
            asked["redirect_uri"][0], params={"code": "x", "state": asked["state"][0]}, timeout=30
        )


@pytest.fixture(scope="module")
def deceived(instance: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deceived]:
    settings = Settings.load()
    provider = LyingProvider()
    folder = tmp_path_factory.mktemp("deceived")
    url = settings.url("bench")
    with _served(provider):
        ini = folder / "portal.ini"
        secrets = settings.secrets()
        changes = {
            "site_url": url,
            "issuer": _ISSUER,
            "metadata_url": f"{provider.url}/.well-known/openid-configuration",
            "redis_url": render.redis_url(settings, secrets, 3),
        }
        render.ini(settings, secrets, ini, changes)
        process = serving.start(settings, ini, "bench", folder / "log", DGATIER_WORKERS="1")
        try:
            health.wait(settings, "deceived portal", health.portal(url), 60)
            yield Deceived(url, provider)
        finally:
            process.terminate()
            process.wait(30)


def _tell(deceived: Deceived, lie: Callable[[dict[str, Any]], Mapping[str, Any]] = dict) -> None:
    deceived.provider.lie = lie
    deceived.provider.signed_with = None


LIES = {
    "another nonce": lambda claims: {**claims, "nonce": "of another browser"},
    "no nonce": lambda claims: {name: claims[name] for name in claims if name != "nonce"},
    "another issuer": lambda claims: {**claims, "iss": "http://127.0.0.1:1/realms/dgatier"},
    "another audience": lambda claims: {**claims, "aud": "another-portal"},
    "no audience": lambda claims: {name: claims[name] for name in claims if name != "aud"},
    "expired": lambda claims: {**claims, "iat": claims["iat"] - 900, "exp": claims["exp"] - 900},
    "no end": lambda claims: {name: claims[name] for name in claims if name != "exp"},
    "no subject": lambda claims: {name: claims[name] for name in claims if name != "sub"},
}


def test_a_true_answer_is_believed(deceived: Deceived) -> None:
    """What shows that the refusals below are for the lie: the truth is only one factor short."""
    _tell(deceived)
    answer = deceived.sign_in()
    assert answer.status_code == 403, answer.text
    assert "Two factors are needed" in answer.text


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize(
    ("language", "said"), [("en", "could not be signed in"), ("th", "ลงชื่อเข้าใช้ไม่สำเร็จ")]
)
def test_a_lie_is_refused_in_the_persons_language(
    deceived: Deceived, lie: str, language: str, said: str
) -> None:
    _tell(deceived, LIES[lie])
    session = requests.Session()
    answer = deceived.sign_in(language, session)
    assert answer.status_code == 400, answer.text
    assert said in answer.text
    assert "Traceback" not in answer.text
    mine = session.get(f"{deceived.url}/access/mine", allow_redirects=False, timeout=30)
    assert "/access/sign-in" in mine.headers["Location"]


def test_an_answer_signed_by_someone_else_is_refused(deceived: Deceived) -> None:
    _tell(deceived)
    deceived.provider.signed_with = RSAKey.generate_key(2048)
    assert deceived.sign_in().status_code == 400


def test_an_answer_is_good_for_one_time_only(deceived: Deceived) -> None:
    _tell(deceived)
    session = requests.Session()
    first = deceived.sign_in(session=session)
    assert first.status_code == 403
    again = session.get(first.url, timeout=30)
    assert again.status_code == 400


_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


def _logout_claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": _ISSUER,
        "aud": _CLIENT,
        "sub": "someone",
        "sid": "a-session",
        "iat": now,
        "exp": now + 120,
        "jti": str(uuid.uuid4()),
        "events": {_LOGOUT: {}},
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def _logged_out(deceived: Deceived, token: str) -> requests.Response:
    return requests.post(
        f"{deceived.url}/access/backchannel-logout", data={"logout_token": token}, timeout=30
    )


TRUE_LOGOUTS: dict[str, dict[str, Any]] = {
    "session and person": {},
    "session alone": {"sub": None},
    "person alone": {"sid": None},
    "several audiences": {"aud": [_CLIENT, "another-portal"]},
}


@pytest.mark.parametrize("logout", TRUE_LOGOUTS)
def test_a_true_logout_token_is_believed_once(deceived: Deceived, logout: str) -> None:
    _tell(deceived)
    token = deceived.provider.signed(_logout_claims(**TRUE_LOGOUTS[logout]))
    assert _logged_out(deceived, token).status_code == 200
    assert _logged_out(deceived, token).status_code == 400, "it was used before"


FALSE_LOGOUTS: dict[str, Callable[[], dict[str, Any]]] = {
    "another issuer": lambda: {"iss": "http://127.0.0.1:1/realms/dgatier"},
    "no issuer": lambda: {"iss": None},
    "another audience": lambda: {"aud": "another-portal"},
    "no audience": lambda: {"aud": None},
    "expired": lambda: {"iat": int(time.time()) - 100, "exp": int(time.time()) - 60},
    "no end": lambda: {"exp": None},
    "too old, though it says that it holds": lambda: {"iat": int(time.time()) - 300},
    "from the future": lambda: {"iat": int(time.time()) + 300},
    "no moment": lambda: {"iat": None},
    "no id": lambda: {"jti": None},
    "a nonce": lambda: {"nonce": "x"},
    "no event": lambda: {"events": None},
    "another event": lambda: {"events": {"http://schemas.example/event": {}}},
    "an event that is no object": lambda: {"events": {_LOGOUT: "yes"}},
    "neither session nor person": lambda: {"sid": None, "sub": None},
    "a session that is no text": lambda: {"sid": 7, "sub": ["someone"]},
}


@pytest.mark.parametrize("lie", FALSE_LOGOUTS)
def test_a_false_logout_token_is_refused(deceived: Deceived, lie: str) -> None:
    _tell(deceived)
    answer = _logged_out(deceived, deceived.provider.signed(_logout_claims(**FALSE_LOGOUTS[lie]())))
    assert answer.status_code == 400, lie
    assert answer.json() == {"error": "invalid_request"}


def test_a_logout_token_signed_by_someone_else_is_refused(deceived: Deceived) -> None:
    _tell(deceived)
    deceived.provider.signed_with = RSAKey.generate_key(2048)
    token = deceived.provider.signed(_logout_claims())
    assert _logged_out(deceived, token).status_code == 400


def test_a_logout_token_without_a_signature_is_refused(deceived: Deceived) -> None:
    _tell(deceived)
    _header, payload, _signature = deceived.provider.signed(_logout_claims()).split(".")
    header = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    assert _logged_out(deceived, f"{header}.{payload}.").status_code == 400
