"""Parts are killed in the middle of decisions; what was acknowledged is whole, and told once.

`scripts/faults` runs this as long as the issue asks: 20 rounds, 1,000 decisions.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import outbox
import pytest
import requests
from outbox import Outbox, Served

from instance import Instance, run_command
from mail_server import Mailbox, eventually
from stack import health, supervisor
from stack.settings import Settings

ROUNDS = int(os.environ.get("DGATIER_FAULT_ROUNDS", "2"))
DECISIONS = int(os.environ.get("DGATIER_FAULT_DECISIONS", "60"))
DATASET = "shopping-subsidy-wallet"
HEARTBEAT = "dgatier:clock"
CLIENTS = 6
#: What each decision leaves behind, all of it or nothing: rows of SQL a request.
_LEFT = """
    SELECT r.id, r.state,
      (SELECT count(*) FROM dgatier_request_event e
        WHERE e.request_id = r.id AND e.type IN ('approved', 'rejected')),
      (SELECT count(*) FROM dgatier_grant g WHERE g.request_id = r.id),
      (SELECT count(*) FROM dgatier_audit.event a
        WHERE a.action IN ('request_approved', 'request_rejected')
          AND a.body::jsonb #>> '{detail,request_id}' = r.id),
      (SELECT count(*) FROM dgatier_outbox o
        WHERE o.kind IN ('request_approved', 'request_rejected')
          AND o.facts ->> 'request_id' = r.id AND o.channel = 'mail')
    FROM dgatier_request r WHERE r.id = ANY(%s)
"""
_WHOLE = {"approved": (1, 1, 1, 1), "rejected": (1, 0, 1, 1), "submitted": (0, 0, 0, 0)}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    server = Mailbox()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def ini(mailbox: Mailbox, tmp_path: Path) -> Path:
    return outbox.mail_ini(tmp_path, mailbox)


@pytest.fixture
def served(instance: Instance, ini: Path) -> Iterator[Served]:
    """Return a portal that sends mail, with its clock, beside the instance's own."""
    settings = Settings.load()
    valkey = health.valkey(settings, settings.secrets())
    with outbox.instance_clock_stopped(), outbox.portal(ini) as served:
        before = valkey.get(HEARTBEAT)
        with outbox.clock(ini):
            # What is killed while it starts ends; a supervisor starts it again, a test does not.
            eventually(lambda: valkey.get(HEARTBEAT) not in (None, before), 60)
            yield served


@pytest.fixture
def box() -> Iterator[Outbox]:
    found = Outbox()
    found.clear()
    yield found
    found.clear()


def test_whatever_is_killed_no_acknowledged_decision_and_no_mail_is_lost_or_doubled(
    instance: Instance, served: Served, mailbox: Mailbox, box: Outbox
) -> None:
    dice = random.Random(2569)  # noqa: S311 - a trial that can be had again, no secret
    asked: dict[str, str] = {}
    said: dict[str, str] = {}
    for number in range(ROUNDS):
        sent = _ask(instance, served, DECISIONS // ROUNDS)
        answered: dict[str, str] = {}
        with _killing(served, mailbox, dice, answered, len(sent)):
            _decide(instance, served, sent, dice, answered)
        said |= answered
        asked |= dict.fromkeys(sent, "submitted")
        _whole(box, list(asked), said)
        told = sum(state != "lost" for state in said.values())
        _say(f"round {number + 1} of {ROUNDS}: {told} of {len(asked)} acknowledged")
    _let_mails_go(box, 120 + DECISIONS)
    _told_once(box, mailbox)
    _take_back_what_waits(instance, box, list(asked))
    for proof in (("rebuild", "--check"), ("audit", "verify")):
        done = run_command("dgatier", *proof)
        assert done.returncode == 0, done.stdout + done.stderr
        _say(f"{' '.join(proof)}: {done.stdout.splitlines()[0]}")


def _ask(instance: Instance, served: Served, count: int) -> list[str]:
    """Return the ids of new requests of one person."""
    given = {
        "id": DATASET, "tier": "masked", "purpose": "dpv:AcademicResearch", "days": 1,
        "justification": "A study that a killed server must not lose.",
    }  # fmt: skip

    def send(_number: int) -> str:
        answer = _call(instance, served, "nari", "dgatier_request_create", given)
        assert answer is not None, "nothing is killed while requests are made"
        return str(answer["id"])

    with ThreadPoolExecutor(CLIENTS) as clients:
        return list(clients.map(send, range(count)))


def _decide(
    instance: Instance,
    served: Served,
    ids: list[str],
    dice: random.Random,
    answered: dict[str, str],
) -> None:
    """Decide on each once, as a steward; note what was answered, `lost` where nothing was."""
    plans = [(one, dice.choice(("approve", "reject"))) for one in ids]

    def decide(plan: tuple[str, str]) -> None:
        given = {"id": plan[0], "decision": plan[1], "reason": "As the plan deserves."}
        answer = _call(instance, served, "suda", "dgatier_request_decide", given)
        answered[plan[0]] = str(answer["state"]) if answer else "lost"
        if answer is None:  # whoever is told that it failed does not come back at once
            time.sleep(0.5)

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(decide, plans))


def _call(
    instance: Instance, served: Served, who: str, action: str, given: dict[str, object]
) -> dict[str, object] | None:
    """Return the result of an action, `None` where the portal could not say that it is done."""
    try:
        answer = requests.post(
            f"{served.url}/api/3/action/{action}", json=given, timeout=60,
            headers={"Authorization": instance.person(who)["api_token"]},
        )  # fmt: skip
    except requests.RequestException:
        return None
    assert answer.status_code in {200, 500, 502, 503}, answer.text[:500]
    result: dict[str, object] | None = answer.json()["result"] if answer.ok else None
    return result


class _killing:  # noqa: N801 - used as `with _killing(…)`
    """Kills the worker, PostgreSQL and the mail server, one after the other, while others work."""

    def __init__(
        self,
        served: Served,
        mailbox: Mailbox,
        dice: random.Random,
        answered: Mapping[str, str],
        count: int,
    ) -> None:
        self._kills: list[Callable[[], None]] = [
            lambda: [os.kill(pid, signal.SIGKILL) for pid in served.workers()] and None,
            lambda: supervisor.connect(Settings.load()).signalProcess("postgres", "KILL") and None,
            mailbox.stop,
        ]
        dice.shuffle(self._kills)
        # Each at a moment of its own, when so many have been answered.
        self._moments = sorted(dice.sample(range(1, count * 3 // 4), len(self._kills)))
        self._answered = answered
        self._mailbox = mailbox
        self._served = served
        self._work = threading.Thread(target=self._kill)

    def __enter__(self) -> None:
        self._work.start()

    def __exit__(self, *_error: object) -> None:
        """Let everything come back before it is looked at."""
        self._work.join()
        self._mailbox.start()
        settings = Settings.load()
        check = health.checks(settings, settings.secrets())["postgres"]
        health.wait(settings, "postgres", check, 60)
        eventually(self._answers, 60)

    def _kill(self) -> None:
        for moment, kill in zip(self._moments, self._kills, strict=True):
            while len(self._answered) < moment:
                time.sleep(0.005)
            kill()

    def _answers(self) -> bool:
        url = f"{self._served.url}/api/3/action/package_search?rows=0"
        try:
            return requests.get(url, timeout=5).ok
        except requests.RequestException:
            return False


def _whole(box: Outbox, asked: list[str], said: dict[str, str]) -> None:
    """Each decision left all or nothing, and all where it was acknowledged."""
    found = {row[0]: (row[1], tuple(row[2:])) for row in box.execute(_LEFT, asked)}
    assert set(found) == set(asked), "a request is missing"
    halves = {one: left for one, left in found.items() if left[1] != _WHOLE.get(left[0])}
    assert not halves, "some decisions are there in part"
    missing = {one: state for one, state in said.items() if state not in ("lost", found[one][0])}
    assert not missing, "acknowledged decisions are missing"


def _let_mails_go(box: Outbox, seconds: float) -> None:
    """Wait for the last mail; the pauses after what failed while things were down are cut short."""
    box.let_time_pass()
    deadline = time.monotonic() + seconds
    while not box.is_settled():
        assert time.monotonic() < deadline, box.states()
        box.execute("UPDATE dgatier_outbox SET next_at = now() WHERE state = 'waiting'")
        time.sleep(1)


def _take_back_what_waits(instance: Instance, box: Outbox, asked: list[str]) -> None:
    """Leave nothing in the queue, which other tests look through."""
    nari = instance.portal("nari").action
    for request_id, state, *_left in box.execute(_LEFT, asked):
        if state == "submitted":
            nari.dgatier_request_withdraw(id=request_id)


def _told_once(box: Outbox, mailbox: Mailbox) -> None:
    arrived = mailbox.ids()
    assert set(arrived.values()) == {1}, "a mail came twice"
    states = {f"<{one}@data.example>": state for one, state in box.rows("id", "state")}
    assert set(states.values()) <= {"sent", "unsure"}, box.states()
    # One whose answer was lost is not sent again, and says so: one for each kill at most.
    assert list(states.values()).count("unsure") <= 2 * ROUNDS
    lost = {one for one, state in states.items() if state == "sent"} - set(arrived)
    assert not lost, "a mail is noted as sent that never came"
    _say(f"{len(states)} mails: {dict(box.states())}, {len(arrived)} arrived")


def _say(text: str) -> None:
    """Tell whoever watches the long run how far it is."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
