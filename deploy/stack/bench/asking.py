"""Times 200 requests sent and 200 decided at once from 50 clients, on the running instance."""

from __future__ import annotations

import http.client
import json
import queue
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .. import database, status
from ..progress import StepFailed, step
from ..settings import Settings

_CLIENTS = 50
_COUNT = 200
_ASKED = {
    "id": "shopping-subsidy-wallet",
    "tier": "masked",
    "purpose": "dpv:AcademicResearch",
    "days": 1,
    "justification": "Sent by the bench, to see how long it takes.",
}
_THERE = """
    SELECT (SELECT count(*) FROM dgatier_request WHERE id = ANY(%(ids)s) AND state = 'approved'),
           (SELECT count(*) FROM dgatier_grant WHERE request_id = ANY(%(ids)s)),
           (SELECT count(*) FROM dgatier_audit.event WHERE action = 'request_approved'
              AND body::jsonb #>> '{detail,request_id}' = ANY(%(ids)s))
"""


@dataclass(frozen=True)
class Requests:
    """The sorted milliseconds of each call, and how many seconds all calls of a kind took."""

    sent: Sequence[float]
    decided: Sequence[float]
    seconds_sent: float
    seconds_decided: float


def measure(settings: Settings) -> Requests:
    """Return the figures; raises `StepFailed` where a request is lost or there twice."""
    state = status.collect(settings)
    tokens = {one["username"]: one["api_token"] for one in state["people"]}
    url = str(state["portal_url"])
    with step(f"Send and decide {_COUNT} requests from {_CLIENTS} clients", "20 s"):
        ids: list[str] = []

        def send(client: _Client, _number: int) -> None:
            ids.append(str(client.call("dgatier_request_create", _ASKED)["id"]))

        def decide(client: _Client, number: int) -> None:
            client.call("dgatier_request_decide", {"id": ids[number], "decision": "approve"})

        sent, seconds_sent = _at_once(url, tokens["nari"], send)
        decided, seconds_decided = _at_once(url, tokens["suda"], decide)
    connection = database.connect(settings, settings.secrets(), "ckan")
    with connection.cursor() as cursor:
        cursor.execute(_THERE, {"ids": ids})
        found = cursor.fetchone()
    connection.close()
    if len(set(ids)) != _COUNT or found != (_COUNT,) * 3:
        raise StepFailed(f"of {_COUNT} requests there are {len(set(ids))}, {found}", "look why")
    return Requests(sent, decided, seconds_sent, seconds_decided)


def as_text(found: Requests) -> str:
    """Return the table for people."""
    lines = [f"Requests, {_CLIENTS} clients at once{'':<6}{'median':>10}{'p99':>11}{'each s':>9}"]
    for words, times, seconds in (
        (f"{_COUNT} sent", found.sent, found.seconds_sent),
        (f"{_COUNT} decided", found.decided, found.seconds_decided),
    ):
        lines.append(
            f"{words:<32}{statistics.median(times):>7.0f} ms{_p99(times):>8.0f} ms"
            f"{_COUNT / seconds:>9.0f}"
        )
    return "\n".join(lines)


def as_json(found: Requests) -> dict[str, Any]:
    """Return the same with names; times in milliseconds."""
    return {
        name: {"median_ms": round(statistics.median(times)), "p99_ms": round(_p99(times))}
        for name, times in (("sent", found.sent), ("decided", found.decided))
    }


def _p99(times: Sequence[float]) -> float:
    return times[int(len(times) * 0.99)]


class _Client:
    """A connection that is kept, as the clients of an agency's system keep theirs."""

    def __init__(self, url: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._headers = {"Authorization": token, "Content-Type": "application/json"}
        self._connection.connect()

    def call(self, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
        body = json.dumps(given).encode()
        self._connection.request("POST", f"/api/3/action/{action}", body, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise StepFailed(f"{action}: {answer.status} {text[:300]!r}", "read the portal's log")
        result: dict[str, Any] = json.loads(text)["result"]
        return result


def _at_once(
    url: str, token: str, act: Callable[[_Client, int], None]
) -> tuple[list[float], float]:
    """Let all clients act until every number was done; return the times, and all of it."""
    numbers: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(_COUNT):
        numbers.put(number)
    ready = threading.Barrier(_CLIENTS + 1)

    def work(_client: int) -> list[float]:
        client = _Client(url, token)
        times: list[float] = []
        ready.wait()
        while True:
            try:
                number = numbers.get_nowait()
            except queue.Empty:
                return times
            started = time.perf_counter()
            act(client, number)
            times.append((time.perf_counter() - started) * 1000)

    with ThreadPoolExecutor(_CLIENTS) as clients:
        working = [clients.submit(work, number) for number in range(_CLIENTS)]
        ready.wait()
        started = time.perf_counter()
        times = [each for one in working for each in one.result()]
        return sorted(times), time.perf_counter() - started
