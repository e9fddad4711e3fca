"""A download goes on while it is read and allowed, and no longer."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from instance import REGISTER, Instance
from stack import database
from stack.settings import Settings

_PURPOSE = "dpv:AcademicResearch"
_ROWS = 200_000


def _reading() -> int:
    """Return how many downloads PostgreSQL holds open for the reader."""
    stack = Settings.load()
    connection = database.connect(stack, stack.secrets(), "datastore")
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'datastore_ro' "
            "AND backend_type = 'client backend' "
            "AND xact_start IS NOT NULL AND query ~ 'dgatier_rows|^COPY'"
        )
        return int(cursor.fetchone()[0])


def _becomes(wanted: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _reading() != wanted:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class _SmallBuffer(HTTPAdapter):
    """Keeps little of an answer that is not read yet, so that the portal has to wait."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)]
        super().init_poolmanager(*arguments, socket_options=options, **named)


def _begin(instance: Instance, who: str, path: str) -> requests.Response:
    headers = {"Authorization": instance.person(who)["api_token"]}
    session = requests.Session()
    session.mount("http://", _SmallBuffer())
    answer = session.get(instance.url + path, headers=headers, timeout=60, stream=True)
    assert answer.status_code == 200
    return answer


@pytest.fixture
def grant(instance: Instance) -> Iterator[str]:
    """Return the id of a grant by which nari has the register masked."""
    nari, suda = instance.portal("nari").action, instance.portal("suda").action
    asked = nari.dgatier_request_create(
        id=REGISTER, tier="masked", purpose=_PURPOSE, days=30,
        justification="A study of how welfare reaches the provinces.",
    )  # fmt: skip
    suda.dgatier_request_decide(id=asked["id"], decision="approve")
    grants = nari.dgatier_grant_list(limit=200)
    yield next(one["id"] for one in grants if one["request_id"] == asked["id"])
    with contextlib.suppress(Exception):  # where the test has revoked it
        nari.dgatier_request_close(id=asked["id"], copies="none")


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_whoever_goes_away_ends_the_statement(
    instance: Instance, resource_of: Callable[[str], str], form: str
) -> None:
    assert _becomes(0, 30)
    path = f"/datastore/dump/{resource_of(REGISTER)}?format={form}"
    answer = _begin(instance, "suda", path)
    parts = answer.iter_content(1000)  # which closes the connection when nobody holds it any more
    assert next(parts)
    assert _becomes(1, 5)
    answer.close()
    assert _becomes(0, 10)
    newest = instance.portal("anan").action.dgatier_audit_list(
        actor="suda", action="data_sent", limit=1
    )["results"][0]
    assert not newest["detail"]["complete"]
    assert newest["detail"]["rows"] < _ROWS


def test_a_revoked_grant_ends_an_open_download(
    instance: Instance, resource_of: Callable[[str], str], grant: str
) -> None:
    answer = _begin(instance, "nari", f"/datastore/dump/{resource_of(REGISTER)}")
    parts = answer.iter_content(1 << 16)
    text = [next(parts)]
    instance.portal("suda").action.dgatier_grant_revoke(id=grant, reason="The study ended.")
    time.sleep(1.5)
    started = time.monotonic()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        text.extend(parts)
    assert time.monotonic() - started < 5
    rows = b"".join(text).count(b"\n")
    assert 0 < rows < _ROWS
    assert _becomes(0, 5)
