"""The loader fetches linked tables from the open internet, and nothing from inside."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ckanapi import NotFound

from instance import Instance
from stack.settings import Settings

PROBE = Path(__file__).with_name("loader_probe.py")
TABLE = b"name,count\na,1\n"


class Inside:
    """A service inside the network: `/table.csv` is a table, `/to/<url>` redirects."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        inside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                inside.asked.append(self.path)
                redirects = self.path.startswith("/to/")
                self.send_response(302 if redirects else 200)
                if redirects:
                    self.send_header("Location", self.path.removeprefix("/to/"))
                self.send_header("Content-Length", "0" if redirects else str(len(TABLE)))
                self.end_headers()
                self.wfile.write(b"" if redirects else TABLE)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def inside() -> Iterator[Inside]:
    one = Inside()
    yield one
    one.server.shutdown()
    one.server.server_close()


def _fetched(*addresses: str, hosts: str = "") -> dict[str, str | None]:
    settings = Settings.load()
    done = subprocess.run(
        [sys.executable, PROBE, settings.ini, hosts, *addresses],
        capture_output=True, text=True, check=False, cwd=settings.run,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_nothing_inside_is_fetched_by_whatever_name(inside: Inside) -> None:
    port = inside.place.rpartition(":")[2]
    settings = Settings.load()
    addresses = [
        f"http://{name}:{port}/table.csv"
        for name in (
            "127.0.0.1",
            "localhost",
            "127.1",
            "2130706433",
            "0.0.0.0",  # noqa: S104
            "[::ffff:127.0.0.1]",
        )
    ]
    addresses += [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[fe80::1]/",
    ]
    addresses += [settings.url("solr"), settings.url("opa"), settings.url("keycloak")]
    for address, refusal in _fetched(*addresses).items():
        assert refusal is not None, f"{address} was fetched"
        assert "may not connect" in refusal, f"{address}: {refusal}"
    assert inside.asked == []


def test_no_redirect_leads_inside(inside: Inside) -> None:
    other = Inside()
    address = f"http://{inside.place}/to/http://{other.place}/table.csv"
    refusal = _fetched(address, hosts=inside.place)[address]
    assert refusal is not None
    assert other.place.rpartition(":")[2] in refusal
    assert [inside.asked, other.asked] == [[f"/to/http://{other.place}/table.csv"], []]


def test_the_portal_itself_and_named_places_are_fetched(instance: Instance, inside: Inside) -> None:
    addresses = [f"http://{inside.place}/table.csv", f"{instance.url}/api/3/action/status_show"]
    assert _fetched(*addresses, hosts=inside.place) == dict.fromkeys(addresses)


def test_a_table_that_is_linked_to_from_an_open_dataset_is_not_fetched_from_inside(
    instance: Instance, inside: Inside, package: str
) -> None:
    suda = instance.portal("suda").action
    link = suda.resource_create(
        package_id=package, url=f"http://{inside.place}/table.csv", format="CSV", name="linked"
    )
    asked = {"entity_id": link["id"], "task_type": "xloader", "key": "xloader"}
    deadline = time.monotonic() + 120
    status: dict[str, str] = {"state": "unknown"}
    while status["state"] not in ("error", "complete"):
        assert time.monotonic() < deadline, status
        time.sleep(0.5)
        with contextlib.suppress(NotFound):
            status = suda.task_status_show(**asked)
    assert inside.asked == []
    assert status["state"] == "error"
    assert "may not connect" in status["error"]
