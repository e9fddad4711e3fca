"""An agency's own systems are told by signed calls, which go nowhere else."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import outbox
import pytest
from ckan.plugins import toolkit
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError
from outbox import Outbox

from ckanext.dgatier.logic import webhooks
from instance import REGISTER, Instance
from mail_server import eventually

Portal = Callable[[str], RemoteCKAN]
_PRIVATE = "ckanext.dgatier.webhooks.private_networks"
REASON = "words-that-nobody-else-may-read"


class Receiver:
    """An agency's system, which answers as planned and with 200 else."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self.calls: list[tuple[Mapping[str, str], bytes]] = []
        self.plans: list[tuple[int, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.append((dict(self.headers), body))
                status, headers = receiver.plans.pop(0) if receiver.plans else (200, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer((address, port), Handler)
        self.port = self.server.server_port
        self.url = f"http://{address}:{self.port}/told?by=portal"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def ini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return outbox.ini(tmp_path_factory.mktemp("webhooks"), {_PRIVATE: "true"})


@pytest.fixture(scope="module")
def portal(instance: Instance, ini: Path) -> Iterator[Portal]:
    """Return the action API of a portal whose webhooks may go to loopback, with its clock."""
    with outbox.instance_clock_stopped(), outbox.portal(ini) as served, outbox.clock(ini):
        yield lambda name: RemoteCKAN(served.url, apikey=instance.person(name)["api_token"])


@pytest.fixture
def box() -> Iterator[Outbox]:
    found = Outbox()
    found.clear()
    yield found
    found.clear()
    found.execute("DELETE FROM dgatier_webhook")


def _ask(portal: Portal) -> str:
    asked = portal("nari").action.dgatier_request_create(
        id=REGISTER, tier="masked", purpose="dpv:AcademicResearch", days=30,
        justification=f"A study of provinces. {REASON}",
    )  # fmt: skip
    portal("nari").action.dgatier_request_withdraw(id=asked["id"])
    return str(asked["id"])


def _is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Check a call as a receiver does, by the description in the action's page."""
    parts = dict(one.split("=", 1) for one in headers["X-Dgatier-Signature"].split(","))
    wanted = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256)
    fresh = abs(time.time() - int(parts["t"])) < 300
    return fresh and hmac.compare_digest(parts["v1"], wanted.hexdigest())


def test_a_receiver_is_told_by_a_signed_call_and_again_until_it_takes_it(
    portal: Portal, receiver: Receiver, box: Outbox
) -> None:
    suda = portal("suda").action
    made = suda.dgatier_webhook_create(url=receiver.url, kinds=["request_submitted"])
    (listed,) = suda.dgatier_webhook_list()
    assert listed == {key: value for key, value in made.items() if key != "secret"}
    receiver.plans = [(503, {}), (302, {"Location": receiver.url})]
    request_id = _ask(portal)
    for calls in (1, 2):
        eventually(lambda wanted=calls: len(receiver.calls) == wanted)
        eventually(lambda: box.states() == {"waiting": 1})
        box.let_time_pass()
    eventually(box.is_settled)
    assert (box.states(), len(receiver.calls)) == ({"sent": 1}, 3)
    told = [json.loads(body) for _headers, body in receiver.calls]
    assert told[0] == told[1] == told[2]
    assert (told[0]["kind"], told[0]["request_id"]) == ("request_submitted", request_id)
    assert told[0]["agency"] == "fpo"
    for headers, body in receiver.calls:
        assert headers["Idempotency-Key"] == told[0]["id"]
        assert _is_signed(made["secret"], headers, body)
        assert not _is_signed("another", headers, body)
        assert not _is_signed(made["secret"], headers, body + b" ")
        assert REASON not in body.decode()
    suda.dgatier_webhook_delete(id=made["id"])
    _ask(portal)
    assert len(box.rows("id")) == 1
    actions = [one["action"] for one in portal("anan").action.dgatier_audit_list(
        actor="suda", limit=5)["results"]]  # fmt: skip
    assert {"webhook_created", "webhook_deleted"} <= set(actions)


def test_a_secret_dataset_is_not_named_to_a_receiver(
    portal: Portal, receiver: Receiver, box: Outbox
) -> None:
    portal("suda").action.dgatier_webhook_create(url=receiver.url)
    dataset = portal("wichai").action.package_show(id="promptpay-transfers")
    asked = portal("wichai").action.dgatier_request_create(
        id=dataset["id"], tier="masked", purpose="dpv:CombatFraud", days=30,
        justification="Following a reported fraud.",
    )  # fmt: skip
    portal("wichai").action.dgatier_request_withdraw(id=asked["id"])
    eventually(lambda: receiver.calls)
    said = receiver.calls[0][1].decode()
    assert json.loads(said)["dataset_title"] is None
    assert not [one for one in ("title", "title_en", "name") if dataset[one] in said]


def test_stewards_manage_the_webhooks_of_their_own_agency_alone(
    portal: Portal, receiver: Receiver, box: Outbox
) -> None:
    for name in ("somchai", "nari", "prasit", "anan", "admin"):
        with pytest.raises(NotAuthorized):
            portal(name).action.dgatier_webhook_create(url=receiver.url)
        with pytest.raises(NotAuthorized):
            portal(name).action.dgatier_webhook_list()
    box.execute(
        "INSERT INTO dgatier_webhook VALUES ('other', 'excise-dept', %s, '[]', 'x', now())",
        receiver.url,
    )
    with pytest.raises(NotFound):
        portal("suda").action.dgatier_webhook_delete(id="other")
    assert portal("suda").action.dgatier_webhook_list() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/", "http://localhost/", "https://[::1]/", "http://10.1.2.3/",
        "http://192.168.0.1/", "http://169.254.169.254/latest/", "http://[fe80::1]/",
        "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://0.0.0.0/",
        "http://2130706433/", "http://100.64.0.1/", "http://224.0.0.1/",
        "ftp://example.org/", "file:///etc/passwd", "http://", "//example.org/",
        "http://user:pw@example.org/", "http://example.org/ x", "http://nowhere.invalid/",
    ],
)  # fmt: skip
def test_no_webhook_leads_into_a_private_network(instance: Instance, url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        instance.portal("suda").action.dgatier_webhook_create(url=url)
    assert refused.value.error_dict["url"]


def test_what_points_inside_only_later_is_not_called(
    instance: Instance, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toolkit.config, _PRIVATE, False)
    with pytest.raises(webhooks.AddressRefused, match="private"):
        webhooks.post(receiver.url, "secret", "id", b"{}", 0)
    assert not receiver.calls


def test_a_call_goes_to_the_very_address_that_was_judged(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = Receiver("127.0.0.2", receiver.port)
    answers = iter(["127.0.0.1"])
    real = socket.getaddrinfo

    def rebinding(host: str, *arguments: Any, **options: Any) -> Any:
        if host == "rebinding.example":
            host = next(answers, "127.0.0.2")
        return real(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setitem(toolkit.config, _PRIVATE, True)
    webhooks.post(f"http://rebinding.example:{receiver.port}/", "secret", "id", b"{}", 0)
    inside.stop()
    assert (len(receiver.calls), len(inside.calls)) == (1, 0)
    assert receiver.calls[0][0]["Host"] == f"rebinding.example:{receiver.port}"
