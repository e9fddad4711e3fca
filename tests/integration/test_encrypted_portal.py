"""A portal whose address is HTTPS, as behind the proxy that ends the encryption."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from instance import Instance
from stack import health, render, serving
from stack.settings import Settings

SITE = "https://data.example.org"


@pytest.fixture(scope="module")
def encrypted(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a portal with such an address beside the running one, and give where it listens."""
    assert instance.state["healthy"]
    settings = Settings.load()
    folder = tmp_path_factory.mktemp("encrypted")
    secrets = settings.secrets()
    changes = {"site_url": SITE, "redis_url": render.redis_url(settings, secrets, 5)}
    render.ini(settings, secrets, folder / "portal.ini", changes)
    process = serving.start(
        settings, folder / "portal.ini", "bench", folder / "log", DGATIER_WORKERS="1"
    )
    try:
        health.wait(settings, "encrypted portal", health.portal(settings.url("bench")), 60)
        yield settings.url("bench")
    finally:
        process.terminate()
        process.wait(30)


def test_the_cookie_travels_encrypted_alone_and_to_this_host_alone(encrypted: str) -> None:
    begun = requests.get(f"{encrypted}/access/sign-in", allow_redirects=False, timeout=30)
    (cookie,) = begun.raw.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-ckan=")
    said = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= said


@pytest.mark.parametrize("path", ["/en/", "/api/3/action/status_show", "/base/images/ckan.ico"])
def test_browsers_come_encrypted_from_then_on(encrypted: str, path: str) -> None:
    answer = requests.get(f"{encrypted}{path}", timeout=30)
    said = answer.headers["Strict-Transport-Security"]
    assert said == "max-age=31536000; includeSubDomains"
