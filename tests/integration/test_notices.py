"""People are told by real mail: in their language, once, whatever happens in between."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import outbox
import pytest
from ckanapi import RemoteCKAN
from outbox import Outbox

from instance import REGISTER, Instance, ckan
from mail_server import AFTER_THE_END, BEFORE_THE_END, Mailbox, eventually, text_of
from stack import health, supervisor
from stack.settings import Settings

TITLE_TH, TITLE_EN = "ทะเบียนผู้ถือบัตรสวัสดิการแห่งรัฐ", "State welfare card register"
REASON = "words-that-nobody-else-may-read"
Portal = Callable[[str], RemoteCKAN]


@pytest.fixture(scope="module", autouse=True)
def own_clocks(instance: Instance) -> Iterator[None]:
    with outbox.instance_clock_stopped():
        yield


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    server = Mailbox()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def ini(mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return outbox.mail_ini(tmp_path_factory.mktemp("mail"), mailbox)


@pytest.fixture(scope="module")
def portal(instance: Instance, ini: Path) -> Iterator[Portal]:
    """Return the action API, as a person sees it, of a portal that sends mail."""
    with outbox.portal(ini) as served:
        yield lambda name: RemoteCKAN(served.url, apikey=instance.person(name)["api_token"])


@pytest.fixture
def box(mailbox: Mailbox) -> Iterator[Outbox]:
    """Return the outbox, empty before and after; the server does as it should again."""
    found = Outbox()
    found.clear()
    mailbox.mails.clear()
    yield found
    found.clear()
    mailbox.start()
    mailbox.plans, mailbox.refused, mailbox.pause = [], {}, 0.0


def _address(name: str) -> str:
    return Outbox().execute('SELECT email FROM "user" WHERE name = %s', name)[0][0]


def _tell(box: Outbox, count: int, who: str = "nari") -> None:
    """Put so many mails to a person into the outbox, in one transaction."""
    box.execute(
        "INSERT INTO dgatier_outbox (id, channel, recipient, kind, dataset_id, facts, told_at,"
        " state, attempts, next_at) SELECT gen_random_uuid(), 'mail', u.id, 'grant_revoked', p.id,"
        " '{}', now(), 'waiting', 0, now() FROM \"user\" u, package p, generate_series(1, %s)"
        " WHERE u.name = %s AND p.name = %s",
        count, who, REGISTER,
    )  # fmt: skip


def _ask(portal: Portal, **changes: Any) -> dict[str, Any]:
    return portal("nari").action.dgatier_request_create(
        **{
            "id": REGISTER, "tier": "masked", "purpose": "dpv:AcademicResearch", "days": 30,
            "justification": f"A study. {REASON}", **changes,
        }
    )  # fmt: skip


def test_no_mail_is_lost_or_sent_twice_when_clocks_are_killed_in_between(
    ini: Path, mailbox: Mailbox, box: Outbox
) -> None:
    mailbox.pause = 0.005
    _tell(box, 200)
    for number in range(1, 4):
        with outbox.clock(ini) as process:
            eventually(lambda wanted=50 * number: len(mailbox.mails) >= wanted, 60)
            process.send_signal(signal.SIGKILL)
            process.wait()
        box.let_time_pass()
    with outbox.clock(ini):
        eventually(box.is_settled, 60)
    arrived = mailbox.ids()
    assert set(arrived.values()) == {1}, "a mail came twice"
    states = {f"<{one}@data.example>": state for one, state in box.rows("id", "state")}
    assert len(states) == 200
    assert set(states.values()) <= {"sent", "unsure"}
    assert list(states.values()).count("unsure") <= 3, "one for each kill at most"
    lost = {one for one, state in states.items() if state == "sent"} - set(arrived)
    assert not lost, "a mail is noted as sent that never came"
    assert set(states) - set(arrived) <= {k for k, state in states.items() if state == "unsure"}


def test_postgresql_killed_in_between_loses_and_doubles_nothing(
    instance: Instance, ini: Path, mailbox: Mailbox, box: Outbox
) -> None:
    settings = Settings.load()
    mailbox.pause = 0.005
    _tell(box, 100)
    with outbox.clock(ini):
        eventually(lambda: len(mailbox.mails) >= 20, 60)
        supervisor.connect(settings).signalProcess("postgres", "KILL")
        check = health.checks(settings, settings.secrets())["postgres"]
        health.wait(settings, "postgres", check, 60)
        eventually(lambda: not box.states()["waiting"], 90)
        box.let_time_pass()
        eventually(box.is_settled, 60)
    assert set(mailbox.ids().values()) == {1}, "a mail came twice"
    assert box.states()["sent"] + box.states()["unsure"] == 100
    assert box.states()["unsure"] <= 1
    assert len(mailbox.mails) >= box.states()["sent"]


def test_two_clocks_at_once_send_each_mail_once(ini: Path, mailbox: Mailbox, box: Outbox) -> None:
    _tell(box, 100)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(outbox.clock(ini))
        eventually(box.is_settled, 90)
    assert (box.states(), len(mailbox.mails)) == ({"sent": 100}, 100)
    assert set(mailbox.ids().values()) == {1}


@pytest.fixture(scope="module")
def going(ini: Path) -> Iterator[None]:
    """Let a clock go; those tests that need others of their own come before."""
    with outbox.clock(ini):
        yield


def test_each_step_of_a_request_is_told_once_in_the_language_of_each_person(
    instance: Instance, portal: Portal, going: None, mailbox: Mailbox, box: Outbox
) -> None:
    for name, language in (("nari", "en"), ("suda", "th")):
        page = instance.browse(name).get(f"{instance.url}/{language}/access/mine", timeout=30)
        assert page.status_code == 200
    asked = _ask(portal)
    suda, nari = portal("suda").action, portal("nari").action
    suda.dgatier_request_return(id=asked["id"], reason=REASON)
    nari.dgatier_request_submit(id=asked["id"])
    suda.dgatier_request_decide(id=asked["id"], decision="approve")
    (grant,) = [
        one for one in nari.dgatier_grant_list(limit=200) if one["request_id"] == asked["id"]
    ]
    suda.dgatier_grant_revoke(id=grant["id"], reason=REASON)
    eventually(lambda: box.is_settled() and box.states())
    assert set(box.states()) == {"sent"}
    to_nari = [text_of(mail) for mail in mailbox.to(_address("nari"))]
    assert [text.splitlines()[0] for text in to_nari] == [
        "Your request was returned", "Your request was approved", "Your access was revoked",
    ]  # fmt: skip
    to_suda = [text_of(mail) for mail in mailbox.to(_address("suda"))]
    assert [text.splitlines()[0] for text in to_suda] == ["มีคำขอรอการพิจารณา"] * 2
    assert all(TITLE_TH in text for text in to_suda)
    assert all("/en/access/request/" in text for text in to_nari[:2])
    assert not set(mailbox.ids().values()) - {1}
    for mail in mailbox.mails:
        assert REASON not in str(mail) + text_of(mail)
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["From"].addresses[0].display_name == "ข้อมูลภาครัฐ"


def test_nothing_secret_stands_in_a_mail_of_a_secret_dataset(
    portal: Portal, going: None, mailbox: Mailbox, box: Outbox
) -> None:
    dataset = portal("wichai").action.package_show(id="promptpay-transfers")
    asked = portal("wichai").action.dgatier_request_create(
        id=dataset["id"], tier="masked", purpose="dpv:CombatFraud", days=30,
        justification=f"Following a reported fraud. {REASON}",
    )  # fmt: skip
    portal("suda").action.dgatier_request_return(id=asked["id"], reason=REASON)
    eventually(lambda: box.is_settled() and box.states())
    portal("wichai").action.dgatier_request_withdraw(id=asked["id"])
    assert mailbox.to(_address("suda")) and mailbox.to(_address("wichai"))
    hidden = [
        REASON, dataset["title"], dataset["title_en"], dataset["name"], dataset["id"],
        "secret", "ลับมาก", "fpo", "CombatFraud",
    ]  # fmt: skip
    for mail in mailbox.mails:
        said = str(mail) + text_of(mail)
        assert not [one for one in hidden if one in said]
        assert "ชุดข้อมูลหนึ่ง" in said or "a dataset" in said


def test_a_server_that_is_down_and_up_again_gets_each_mail_once(
    going: None, mailbox: Mailbox, box: Outbox
) -> None:
    mailbox.stop()
    _tell(box, 5)
    eventually(lambda: [e for (e,) in box.rows("error") if e])
    assert box.states() == {"waiting": 5}
    mailbox.start()
    box.let_time_pass()
    eventually(box.is_settled)
    assert (box.states(), len(mailbox.mails)) == ({"sent": 5}, 5)
    assert set(mailbox.ids().values()) == {1}


def test_a_connection_lost_before_the_end_of_a_mail_means_again_after_it_means_unsure(
    going: None, mailbox: Mailbox, box: Outbox
) -> None:
    mailbox.plans = [BEFORE_THE_END, AFTER_THE_END]
    _tell(box, 2)
    eventually(lambda: not mailbox.plans)
    box.let_time_pass()
    eventually(box.is_settled)
    assert (box.states(), len(mailbox.mails)) == ({"sent": 1, "unsure": 1}, 2)
    assert set(mailbox.ids().values()) == {1}
    ((unsure,),) = [row[:1] for row in box.rows("id", "state") if row[1] == "unsure"]
    with pytest.raises(AssertionError):
        ckan("dgatier", "notices", "status")
    ckan("dgatier", "notices", "settle", unsure, "--sent")
    assert '"unsure": 0' in ckan("dgatier", "notices", "status", "--json")


def test_a_no_for_now_is_tried_again_and_a_no_for_good_stops_nobody_else(
    going: None, mailbox: Mailbox, box: Outbox
) -> None:
    mailbox.refused = {_address("somchai"): "550 5.1.1 nobody of that name"}
    mailbox.plans = ["451 4.3.0 come again"]
    _tell(box, 1, "somchai")
    _tell(box, 2, "nari")
    eventually(lambda: not mailbox.plans and box.states()["failed"])
    eventually(lambda: box.states()["sent"] == 1)
    box.let_time_pass()
    eventually(box.is_settled)
    assert box.states() == {"failed": 1, "sent": 2}
    assert ("550 5.1.1",) in box.rows("error")
    assert set(mailbox.ids().values()) == {1}
    assert '"error": "550 5.1.1"' in ckan("dgatier", "notices", "status", "--json")


def test_what_is_refused_for_a_day_is_given_up(going: None, mailbox: Mailbox, box: Outbox) -> None:
    mailbox.plans = ["451 4.3.0 come again"] * 2
    _tell(box, 1)
    box.execute("UPDATE dgatier_outbox SET told_at = now() - interval '25 hours'")
    eventually(box.is_settled)
    assert box.rows("state", "error") == [("failed", "451 4.3.0")]


@pytest.fixture
def grant(instance: Instance) -> Iterator[Callable[..., str]]:
    """Return what stores a grant of nari's that ends in so many hours."""
    box, made = Outbox(), []
    (user,) = box.execute('SELECT id FROM "user" WHERE name = %s', "nari")[0]
    (dataset,) = box.execute("SELECT id FROM package WHERE name = %s", REGISTER)[0]

    def store(hours: float, purpose: str, tier: str = "masked") -> str:
        grant_id = f"reminder-test-{len(made)}"
        until = datetime.now(UTC) + timedelta(hours=hours)
        box.execute(
            "INSERT INTO dgatier_grant (id, request_id, subject_id, dataset_id, agency,"
            " resource_ids, tier, purpose, valid_from, valid_until, approved_by)"
            " VALUES (%s, %s, %s, %s, 'fpo', '[]', %s, %s, now() - interval '60 days', %s, '[]')",
            grant_id, grant_id, user, dataset, tier, purpose, until,
        )  # fmt: skip
        made.append(grant_id)
        return grant_id

    yield store
    box.execute("DELETE FROM dgatier_grant WHERE id = ANY(%s)", made)
    box.execute("DELETE FROM dgatier_notice WHERE payload ->> 'grant_id' = ANY(%s)", made)


_REMIND = (
    "from datetime import UTC, datetime\n"
    "from ckanext.dgatier.logic import notices\n"
    "notices.remind(datetime.now(UTC))\n"
)


def _reminded(box: Outbox) -> list[tuple[str, int]]:
    return [
        (facts["grant_id"], facts["days"])
        for kind, facts in box.rows("kind", "facts")
        if kind == "grant_ends" and facts["grant_id"].startswith("reminder-test")
    ]


def test_holders_are_reminded_at_30_7_and_1_days_once_each(
    instance: Instance, ini: Path, box: Outbox, grant: Callable[..., str]
) -> None:
    grant(1, "dpv:CombatFraud", tier="no tier at all")
    ends = {
        1: grant(23, "dpv:CombatFraud"),
        7: grant(6 * 24, "dpv:PublicBenefit"),
        30: grant(29 * 24, "dpv:AcademicResearch"),
    }
    grant(40 * 24, "dpv:ServiceProvision")
    revoked = grant(20, "dpv:FulfilmentOfObligation")
    box.execute("UPDATE dgatier_grant SET revoked_at = now() WHERE id = %s", revoked)
    grant(5 * 24, "dpv:CommercialResearch")
    renewal = grant(300 * 24, "dpv:CommercialResearch", tier="full")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: outbox.run(ini, _REMIND), range(2)))
    wanted = [(grant_id, days) for days, grant_id in ends.items()]
    assert sorted(_reminded(box)) == sorted(wanted)
    assert renewal not in str(_reminded(box))
    box.execute(
        "UPDATE dgatier_grant SET valid_until = now() + interval '6 days' WHERE id = %s", ends[30]
    )
    outbox.run(ini, _REMIND)
    assert _reminded(box)[3:] == [(ends[30], 7)]
    inbox = instance.portal("nari").action.dgatier_notice_list(unread=True, limit=200)["results"]
    assert len([one for one in inbox if one["kind"] == "grant_ends"]) >= 4


def test_mail_that_is_off_leaves_nothing_behind(instance: Instance, box: Outbox) -> None:
    main = instance.portal("nari").action
    asked = main.dgatier_request_create(
        id=REGISTER, tier="masked", purpose="dpv:AcademicResearch", days=30,
        justification="A study of how welfare reaches the provinces.",
    )  # fmt: skip
    main.dgatier_request_withdraw(id=asked["id"])
    assert not box.rows("id")
    told = instance.portal("suda").action.dgatier_notice_list(limit=200)["results"]
    assert asked["id"] in [one["payload"].get("request_id") for one in told]


def test_the_inbox_counts_what_is_unread_and_marks_it_read(instance: Instance) -> None:
    suda = instance.portal("suda").action
    found = suda.dgatier_notice_list(unread=True, limit=1)
    first = found["results"][0]["id"]
    left = suda.dgatier_notice_mark_read(ids=[first])
    assert left == {"marked": 1, "unread": found["count"] - 1}
    assert suda.dgatier_notice_mark_read(ids=[first])["marked"] == 0
    assert instance.portal("nari").action.dgatier_notice_mark_read(ids=[first])["marked"] == 0
    assert suda.dgatier_notice_mark_read()["unread"] == 0
    page = instance.browse("suda").get(f"{instance.url}/en/access/inbox", timeout=30)
    assert "A request for" in page.text and not re.search(r"dg-unread", page.text)
