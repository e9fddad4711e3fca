"""The audit as an operator, an auditor and someone with the database in their hands meet it."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests
from ckanapi import NotAuthorized, NotFound

from instance import Instance, run_command, run_in_ckan
from stack import database
from stack.settings import Settings

_INTERNAL = "household-debt-survey"
Row = tuple[int, int, bytes, bytes, bytes, str]
#: What writers and the clock lock: a lane by its number, and the signing of checkpoints.
_LOCKS, _SIGNING = 0x64676174, 1000
_COLUMNS = "lane, sequence, previous, hash, seal, body"


def _ckan(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("dgatier", "audit", *arguments)


def _verify() -> dict[str, Any]:
    return dict(json.loads(_ckan("verify", "--json").stdout.splitlines()[-1]))


@contextmanager
def _connected(role: str | None) -> Iterator[Any]:
    """Give a cursor of the portal's role, or of an administrator."""
    settings = Settings.load()
    secrets = settings.secrets()
    if role:
        connection = psycopg2.connect(database.url(settings, secrets, role, "ckan"))
        connection.autocommit = True
    else:
        connection = database.connect(settings, secrets, "ckan")
    try:
        yield connection.cursor()
    finally:
        connection.close()


@pytest.fixture
def lane() -> Iterator[list[Row]]:
    """Return the rows of the fullest lane, all of them under a checkpoint.

    Until the test is over nobody else writes into this lane, and none of it is signed: what came
    in between would be lost when everything is put back.
    """
    with _connected(None) as cursor:
        cursor.execute(
            "SELECT lane FROM dgatier_audit.event GROUP BY lane ORDER BY count(*) DESC LIMIT 1"
        )
        (number,) = cursor.fetchone()
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", (_LOCKS, number))
        assert _ckan("checkpoint").returncode == 0
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", (_LOCKS, _SIGNING))
        cursor.execute(
            f"SELECT {_COLUMNS} FROM dgatier_audit.event WHERE lane = %s ORDER BY sequence",
            (number,),
        )
        rows = [(*row[:2], *map(bytes, row[2:5]), row[5]) for row in cursor.fetchall()]
        assert len(rows) >= 3, "the demonstration has not written enough events"
        yield rows


@contextmanager
def _tampered(*statements: tuple[str, tuple[Any, ...]], kept: list[Row]) -> Iterator[None]:
    """Do what someone who owns the database could, and put everything back in the end."""
    with _connected(None) as cursor:
        cursor.execute("SET session_replication_role = replica")  # no trigger stands in the way
        for statement, values in statements:
            cursor.execute(statement, values)
        try:
            yield
        finally:
            cursor.execute("DELETE FROM dgatier_audit.event WHERE lane = %s", (kept[0][0],))
            for row in kept:
                cursor.execute(
                    f"INSERT INTO dgatier_audit.event ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)",
                    row,
                )


_ONE = " WHERE lane = %s AND sequence = %s"


def test_the_audit_of_the_instance_is_whole() -> None:
    found = _verify()
    assert found["valid"], found["problems"]
    assert found["events"] > 100


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dgatier_audit.event SET body = '{}'",
        "DELETE FROM dgatier_audit.event",
        "TRUNCATE dgatier_audit.event",
        "INSERT INTO dgatier_audit.event (lane, sequence, previous, hash, seal, body)"
        " VALUES (1, 10000000, '', '', '', '{}')",
        "DELETE FROM dgatier_audit.checkpoint",
        "UPDATE dgatier_audit.checkpoint SET number = number + 1",
        "DROP TABLE dgatier_audit.event",
        "DROP SCHEMA dgatier_audit CASCADE",
        "ALTER TABLE dgatier_audit.event DISABLE TRIGGER ALL",
        "ALTER TABLE dgatier_audit.event OWNER TO ckan",
        "SET ROLE dgatier_audit",
        "SET session_replication_role = replica",
        "CREATE FUNCTION dgatier_audit.evil() RETURNS INT LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_the_portals_own_role_cannot_touch_it(statement: str) -> None:
    with _connected("ckan") as cursor, pytest.raises(psycopg2.Error) as refused:
        cursor.execute(statement)
    assert refused.value.pgcode == "42501", refused.value  # insufficient_privilege


def test_a_changed_event_is_named(lane: list[Row]) -> None:
    number, sequence, *_, body = lane[1]
    forged = body.replace('"outcome":"done"', '"outcome":"gone"').replace('"at":1', '"at":2')
    change = ("UPDATE dgatier_audit.event SET body = %s" + _ONE, (forged, number, sequence))
    with _tampered(change, kept=lane):
        assert _verify()["problems"] == [f"event {number}.{sequence} was changed"]
    assert _verify()["valid"]


def test_a_deleted_event_is_named(lane: list[Row]) -> None:
    number, sequence, *_ = lane[1]
    removal = ("DELETE FROM dgatier_audit.event" + _ONE, (number, sequence))
    with _tampered(removal, kept=lane):
        assert f"event {number}.{sequence} is missing" in _verify()["problems"]


def test_two_swapped_events_are_named(lane: list[Row]) -> None:
    (number, first, *_), (_, second, *_) = lane[0], lane[1]
    swap = "UPDATE dgatier_audit.event SET body = %s, seal = %s" + _ONE
    with _tampered(
        (swap, (lane[1][5], lane[1][4], number, first)),
        (swap, (lane[0][5], lane[0][4], number, second)),
        kept=lane,
    ):
        problems = _verify()["problems"]
    assert f"event {number}.{first} was changed" in problems
    assert f"event {number}.{second} was changed" in problems


def test_an_inserted_event_is_named(lane: list[Row]) -> None:
    """The one who inserts works out the right hash; the portal's seal they cannot make."""
    number, sequence, _previous, last, _seal, body = lane[-1]
    insert = (
        "INSERT INTO dgatier_audit.event (lane, sequence, previous, hash, seal, body) VALUES"
        " (%s, %s, %s, sha256(convert_to(%s || '|' || %s || '|', 'UTF8') || %s || %s"
        " || convert_to(%s, 'UTF8')), %s, %s)"
    )
    seal = bytes(32)
    values = (number, sequence + 1, last, number, sequence + 1, last, seal, body, seal, body)
    with _tampered((insert, values), kept=lane):
        told = f"event {number}.{sequence + 1} was not written by the portal"
        assert told in _verify()["problems"]


def test_a_cut_tail_is_named_by_the_last_checkpoint(lane: list[Row]) -> None:
    number, last, *_ = lane[-1]
    cut = ("DELETE FROM dgatier_audit.event WHERE lane = %s AND sequence >= %s", (number, last))
    with _tampered(cut, kept=lane):
        problems = _verify()["problems"]
    assert any(f"from {number}.{last} on they are cut off" in one for one in problems), problems
    assert _verify()["valid"]


def test_fifty_who_read_at_once_all_stand_in_it(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    headers = {"Authorization": instance.person("suda")["api_token"]}
    url = f"{instance.url}/api/3/action/datastore_search"
    resource = resource_of(_INTERNAL)
    anan = instance.portal("anan").action
    before = anan.dgatier_audit_list(actor="suda", action="data_read", limit=1)["count"]

    def read(_number: int) -> int:
        asked = {"resource_id": resource, "limit": 1}
        return requests.get(url, params=asked, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(50) as fifty:
        assert set(fifty.map(read, range(200))) == {200}
    after = anan.dgatier_audit_list(actor="suda", action="data_read", limit=1)["count"]
    assert after - before == 200
    assert _verify()["valid"]


@pytest.fixture
def receipt(instance: Instance, resource_of: Callable[[str], str]) -> dict[str, Any]:
    """Return the receipt of a read that has just happened, once a checkpoint holds it."""
    instance.portal("suda").action.datastore_search(resource_id=resource_of(_INTERNAL), limit=1)
    anan = instance.portal("anan").action
    event = anan.dgatier_audit_list(actor="suda", action="data_read", limit=1)["results"][0]
    assert _ckan("checkpoint").returncode == 0
    return dict(anan.dgatier_audit_receipt(id=event["sequence"]))


def _checked(receipt: dict[str, Any], folder: Path) -> int:
    file = folder / "receipt.json"
    file.write_text(json.dumps(receipt))
    return _ckan("check-receipt", str(file)).returncode


def test_a_receipt_proves_one_event_and_shows_no_other(
    receipt: dict[str, Any], tmp_path: Path
) -> None:
    assert _checked(receipt, tmp_path) == 0
    assert json.loads(receipt["event"]["body"])["action"] == "data_read"
    assert json.dumps(receipt).count("decision") == 1
    assert receipt["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    for forged in (
        {**receipt, "event": {**receipt["event"], "body": receipt["event"]["body"] + " "}},
        # Of a checkpoint over one event alone the path is empty.
        {**receipt, "path": [["left", "00" * 32], *receipt["path"]]},
        {**receipt, "checkpoint": {**receipt["checkpoint"], "signature": "00" * 64}},
        {},
    ):
        assert _checked(forged, tmp_path) == 1


@pytest.mark.parametrize("name", ["suda", "nari", "admin"])
def test_only_auditors_have_receipts(
    instance: Instance, receipt: dict[str, Any], name: str
) -> None:
    place = f"{receipt['event']['lane']}.{receipt['event']['sequence']}"
    with pytest.raises(NotAuthorized):
        instance.portal(name).action.dgatier_audit_receipt(id=place)


@pytest.mark.parametrize("place", ["", "7", "1.99999999", "-1.1", "1.1.1", "x.y", "1." + "9" * 40])
def test_an_event_that_is_not_there_has_no_receipt(instance: Instance, place: str) -> None:
    with pytest.raises(NotFound):
        instance.portal("anan").action.dgatier_audit_receipt(id=place or " ")


def test_the_export_is_every_event(tmp_path: Path) -> None:
    said = _ckan("export", "--format", "jsonl").stdout.splitlines()
    rows = [json.loads(line) for line in said if line.startswith("{")]
    assert abs(len(rows) - _verify()["events"]) < 20
    assert set(rows[0]) == {"lane", "sequence", "previous", "hash", "seal", "body"}
    assert _ckan("export", "--format", "csv").stdout.splitlines()[0] == ",".join(rows[0])


def test_what_people_wrote_can_be_erased_and_the_audit_stays_whole(instance: Instance) -> None:
    nari, suda, anan = (instance.portal(name).action for name in ("nari", "suda", "anan"))
    request = nari.dgatier_request_create(
        id=_INTERNAL, tier="full", purpose="dpv:AcademicResearch",
        justification="To be rejected in words.", days=3,
    )  # fmt: skip
    words = "ถ้อยคำที่จะลบ"
    suda.dgatier_request_decide(id=request["id"], decision="reject", reason=words)

    def said() -> dict[str, Any]:
        found = anan.dgatier_audit_list(actor="suda", action="request_rejected", limit=1)
        return dict(found["results"][0]["detail"])

    assert said()["reason"] == words
    with _connected(None) as cursor:
        cursor.execute(
            "SELECT count(*) FROM dgatier_audit.event WHERE body LIKE %s", (f"%{words}%",)
        )
        assert cursor.fetchone()[0] == 0, "the words stand in an event, where nothing erases them"
    assert "erased" in _ckan("forget", "suda").stdout
    assert "reason" not in said()
    assert _verify()["valid"]


_WROTE = """
from datetime import UTC, datetime, timedelta
from ckanext.dgatier import store
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
for days, text in {said}:
    store.audit.append(AuditEvent(AuditAction.REQUEST_REJECTED, "a-test",
        datetime.now(UTC) - timedelta(days=days), words={{"reason": text}}))

"""


def test_words_and_sent_notices_go_when_policy_keeps_them_no_longer() -> None:
    mark = uuid.uuid4().hex
    run_in_ckan(_WROTE.format(said=[(3_651, f"old {mark}"), (3_649, f"young {mark}")]))
    notice = (
        "INSERT INTO dgatier_outbox (id, channel, recipient, kind, dataset_id, facts, told_at,"
        " state, attempts, next_at, settled_at) SELECT %s, 'mail', 'nobody', 'grant_revoked', '-',"
        " '{}', now(), %s, 1, now(), now() - interval '91 days'"
    )
    rows = [f"{state} {mark}" for state in ("sent", "failed")]
    with _connected(None) as cursor:
        for row in rows:
            cursor.execute(notice, (row, row.split()[0]))
        done = _ckan("retain")
        assert done.returncode == 0, done.stderr
        cursor.execute("SELECT words FROM dgatier_audit.words WHERE words LIKE %s", (f"%{mark}",))
        assert cursor.fetchall() == [(f"young {mark}",)]
        cursor.execute("SELECT id FROM dgatier_outbox WHERE id = ANY(%s)", (rows,))
        assert cursor.fetchall() == [(f"failed {mark}",)]
        cursor.execute("DELETE FROM dgatier_outbox WHERE id = ANY(%s)", (rows,))
    assert _verify()["valid"]
