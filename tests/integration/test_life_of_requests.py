"""The life of a request: team, claims, opinions, appeal, close-out, and its tables once more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from ckanapi import NotAuthorized, NotFound, ValidationError

from instance import REGISTER, Instance, ckan, run_command
from stack import database
from stack.settings import Settings


def _ask(instance: Instance, name: str = "nari", **changes: Any) -> dict[str, Any]:
    terms = {
        "id": REGISTER,
        "tier": "masked",
        "purpose": "dpv:AcademicResearch",
        "justification": "A study of how welfare reaches the provinces.",
        "days": 30,
        **changes,
    }
    return instance.portal(name).action.dgatier_request_create(**terms)


def _approve(instance: Instance, request_id: str, **given: Any) -> dict[str, Any]:
    return instance.portal("suda").action.dgatier_request_decide(
        id=request_id, decision="approve", **given
    )


def _grants(instance: Instance, name: str, request_id: str) -> list[dict[str, Any]]:
    held = instance.portal(name).action.dgatier_grant_list(limit=200)
    return [one for one in held if one["request_id"] == request_id]


def _tier(instance: Instance, name: str) -> str:
    return str(instance.portal(name).action.dgatier_access_show(id=REGISTER)["tier"])


@pytest.fixture
def sql() -> Iterator[Any]:
    """Return a cursor of the portal's own database, as its administrator."""
    settings = Settings.load()
    with database.connect(settings, settings.secrets(), "ckan").cursor() as cursor:
        yield cursor


@pytest.fixture(autouse=True)
def everything_is_closed_at_the_end(instance: Instance) -> Iterator[None]:
    """Close what a test left approved, so that no grant of it lasts."""
    yield
    for name in ("nari", "malee"):
        action = instance.portal(name).action
        for one in action.dgatier_request_list(state="approved", limit=200)["results"]:
            action.dgatier_request_close(id=one["id"], copies="none")


def test_a_request_is_claimed_put_back_and_handed_over(instance: Instance) -> None:
    asked = _ask(instance)
    suda = instance.portal("suda").action
    claimed = suda.dgatier_request_claim(id=asked["id"])
    assert (claimed["state"], claimed["assignee"]["name"]) == ("in_review", "suda")
    with pytest.raises(ValidationError):
        suda.dgatier_request_claim(id=asked["id"])
    assert suda.dgatier_request_release(id=asked["id"])["state"] == "submitted"
    handed = suda.dgatier_request_hand_over(id=asked["id"], to="wichai")
    assert (handed["state"], handed["assignee"]["name"]) == ("in_review", "wichai")
    waiting = suda.dgatier_request_list(queue=True, state="waiting", limit=200)["results"]
    (row,) = [one for one in waiting if one["id"] == asked["id"]]
    assert row["assignee"]["name"] == "wichai"
    for nobody in ("prasit", "nari", "no-such-person"):
        with pytest.raises(ValidationError):
            suda.dgatier_request_hand_over(id=asked["id"], to=nobody)
    assert _approve(instance, asked["id"])["state"] == "approved"


def test_only_stewards_claim(instance: Instance) -> None:
    asked = _ask(instance)
    with pytest.raises(ValidationError):
        instance.portal("nari").action.dgatier_request_claim(id=asked["id"])
    with pytest.raises(NotFound):
        instance.portal("prasit").action.dgatier_request_claim(id=asked["id"])


def test_an_opinion_is_asked_of_an_official_and_stays_among_stewards(instance: Instance) -> None:
    asked = _ask(instance)
    suda, prasit = instance.portal("suda").action, instance.portal("prasit").action
    with pytest.raises(NotFound):
        prasit.dgatier_request_show(id=asked["id"])
    with pytest.raises(ValidationError):
        suda.dgatier_request_ask_review(id=asked["id"], reviewer="somchai", reason="Sound?")
    suda.dgatier_request_ask_review(id=asked["id"], reviewer="prasit", reason="Is it sound?")
    assert prasit.dgatier_request_show(id=asked["id"])["roles"] == ["reviewer"]
    assert asked["id"] in [
        one["id"] for one in prasit.dgatier_request_list(taking_part=True, limit=200)["results"]
    ]
    prasit.dgatier_request_review(id=asked["id"], reason="The sample is too small.")
    with pytest.raises((ValidationError, NotAuthorized)):
        prasit.dgatier_request_decide(id=asked["id"], decision="approve")
    told = json.dumps(suda.dgatier_request_show(id=asked["id"])["history"])
    assert "The sample is too small." in told
    hidden = json.dumps(instance.portal("nari").action.dgatier_request_show(id=asked["id"]))
    assert "The sample is too small." not in hidden
    assert "Is it sound?" not in hidden


def test_a_remark_is_for_all_or_for_stewards_alone(instance: Instance) -> None:
    asked = _ask(instance)
    suda, nari = instance.portal("suda").action, instance.portal("nari").action
    suda.dgatier_request_remark(id=asked["id"], reason="Between us.", private=True)
    suda.dgatier_request_remark(id=asked["id"], reason="Which provinces?")
    nari.dgatier_request_remark(id=asked["id"], reason="Those of the north.")
    with pytest.raises(NotAuthorized):
        nari.dgatier_request_remark(id=asked["id"], reason="Between you.", private=True)
    told = [event["reason"] for event in nari.dgatier_request_show(id=asked["id"])["history"]]
    assert told == [None, None, "Which provinces?", "Those of the north."]
    anan = instance.portal("anan").action.dgatier_request_show(id=asked["id"])
    assert "Between us." in [event["reason"] for event in anan["history"]]
    assert anan["commands"] == []


def test_members_of_a_team_accept_by_themselves_and_have_grants_of_their_own(
    instance: Instance,
) -> None:
    asked = _ask(instance, members=["malee", "somchai"])
    malee, somchai = instance.portal("malee").action, instance.portal("somchai").action
    assert {one["state"] for one in asked["members"]} == {"asked"}
    malee.dgatier_request_accept(id=asked["id"])
    assert _approve(instance, asked["id"])["state"] == "approved"
    assert [len(_grants(instance, name, asked["id"])) for name in ("nari", "malee", "somchai")] == [
        1, 1, 0,
    ]  # fmt: skip
    assert (_tier(instance, "malee"), _tier(instance, "somchai")) == ("masked", "summary")
    somchai.dgatier_request_accept(id=asked["id"])
    (late,) = _grants(instance, "somchai", asked["id"])
    (first,) = _grants(instance, "nari", asked["id"])
    assert late["valid_until"] == first["valid_until"]
    assert late["valid_from"] > first["valid_from"]
    malee.dgatier_request_decline(id=asked["id"])
    assert _tier(instance, "malee") == "summary"
    assert _tier(instance, "somchai") == "masked"


def test_a_draft_is_not_shown_to_the_team_and_a_stranger_cannot_join(instance: Instance) -> None:
    draft = _ask(instance, members=["malee"], submit=False)
    with pytest.raises(NotFound):
        instance.portal("malee").action.dgatier_request_accept(id=draft["id"])
    sent = instance.portal("nari").action.dgatier_request_submit(id=draft["id"])
    with pytest.raises(NotFound):
        instance.portal("somchai").action.dgatier_request_accept(id=sent["id"])
    with pytest.raises(ValidationError) as refused:
        _ask(instance, members=["no-such-person"])
    assert "members" in refused.value.error_dict


def test_a_steward_in_the_team_does_not_decide(instance: Instance) -> None:
    asked = _ask(instance, members=["suda"])
    shown = instance.portal("suda").action.dgatier_request_show(id=asked["id"])
    assert shown["roles"] == ["member"]
    with pytest.raises((NotAuthorized, ValidationError)):
        _approve(instance, asked["id"])


def test_an_appeal_is_decided_by_a_steward_who_did_not_reject(instance: Instance) -> None:
    asked = _ask(instance)
    suda, nari = instance.portal("suda").action, instance.portal("nari").action
    rejecting = {"id": asked["id"], "decision": "reject", "reason": "The plan is not clear."}
    with pytest.raises(ValidationError) as refused:
        suda.dgatier_request_decide(**rejecting, ground="oia-15-8")
    assert "ground" in refused.value.error_dict
    suda.dgatier_request_decide(**rejecting, ground="oia-15-5")
    told = nari.dgatier_request_show(id=asked["id"])
    assert (told["decision_ground"], told["appeal_days"]) == ("oia-15-5", 15)
    page = instance.browse("nari").get(
        f"{instance.url}/en/access/request/{asked['id']}", timeout=30
    )
    assert "Official Information Act B.E. 2540 (1997), s. 15 (5)" in page.text
    assert "within 15 days of the decision" in page.text
    with pytest.raises(ValidationError):
        nari.dgatier_request_appeal(id=asked["id"])
    again = nari.dgatier_request_appeal(id=asked["id"], reason="The plan says it on page two.")
    assert (again["state"], again["decision_ground"]) == ("submitted", None)
    with pytest.raises(NotAuthorized):
        _approve(instance, asked["id"])
    decided = instance.portal("wichai").action.dgatier_request_decide(
        id=asked["id"], decision="approve"
    )
    assert decided["state"] == "approved"


def test_closing_out_says_what_became_of_the_copies_and_ends_every_grant(
    instance: Instance,
) -> None:
    asked = _ask(instance, members=["malee"])
    instance.portal("malee").action.dgatier_request_accept(id=asked["id"])
    _approve(instance, asked["id"])
    nari = instance.portal("nari").action
    for copies in ({}, {"copies": "lost"}, {"copies": "kept_by_law"}):
        with pytest.raises(ValidationError):
            nari.dgatier_request_close(id=asked["id"], **copies)
    assert _tier(instance, "malee") == "masked"
    closed = nari.dgatier_request_close(id=asked["id"], copies="deleted")
    assert (closed["state"], closed["commands"]) == ("closed", [])
    assert (_tier(instance, "nari"), _tier(instance, "malee")) == ("summary", "summary")
    newest = instance.portal("anan").action.dgatier_audit_list(actor="nari", limit=5)["results"]
    assert "request_closed" in [one["action"] for one in newest]


def test_one_of_two_stewards_who_decide_in_the_same_instant_wins(instance: Instance) -> None:
    for _try in range(5):
        asked = _ask(instance)

        def decide(name: str, request_id: str = asked["id"]) -> str:
            try:
                return str(
                    instance.portal(name).action.dgatier_request_decide(
                        id=request_id,
                        decision="approve" if name == "suda" else "reject",
                        reason="As I see it.",
                    )["state"]
                )
            except ValidationError as told:
                assert {"id", "state"} & told.error_dict.keys()
                return "told"

        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(decide, ("suda", "wichai")))
        assert said.count("told") == 1, said
        state = instance.portal("nari").action.dgatier_request_show(id=asked["id"])["state"]
        assert state in said
        assert len(_grants(instance, "nari", asked["id"])) == (state == "approved")


def _check() -> tuple[int, str]:
    done = run_command("dgatier", "rebuild", "--check")
    return done.returncode, done.stdout


def test_the_tables_are_what_the_events_lead_to_and_are_put_right_where_not(
    instance: Instance, sql: Any
) -> None:
    asked = _ask(instance, members=["malee"])
    _approve(instance, asked["id"])
    (grant,) = _grants(instance, "nari", asked["id"])
    lost = _ask(instance)
    assert _check() == (0, "0 differences\n")
    sql.execute("UPDATE dgatier_request SET days = 900 WHERE id = %s", (asked["id"],))
    sql.execute("UPDATE dgatier_grant SET tier = 'full' WHERE id = %s", (grant["id"],))
    sql.execute("DELETE FROM dgatier_request WHERE id = %s", (lost["id"],))
    sql.execute(
        "INSERT INTO dgatier_grant SELECT 'forged', request_id, 'nobody', dataset_id, agency,"
        " resource_ids, tier, purpose, valid_from, valid_until, approved_by FROM dgatier_grant"
        " WHERE id = %s",
        (grant["id"],),
    )
    code, said = _check()
    assert code == 1
    assert set(said.splitlines()) == {
        f"dgatier_request {asked['id']}: days is 900 and should be 30",
        f"dgatier_request {lost['id']} is missing",
        "dgatier_grant forged is in no event",
        f"dgatier_grant {grant['id']}: tier is 'full' and should be <AccessTier.MASKED: 'masked'>",
        "4 differences",
    }
    assert "4 rows put right" in ckan("dgatier", "rebuild")
    assert _check() == (0, "0 differences\n")


@pytest.fixture
def history(sql: Any) -> Iterator[Any]:
    """Return the cursor, while the log of requests can be changed as nobody else can."""
    sql.execute("ALTER TABLE dgatier_request_event DISABLE TRIGGER USER")
    yield sql
    sql.execute("UPDATE dgatier_request_event SET type = 'created' WHERE type = 'nonsense'")
    sql.execute("ALTER TABLE dgatier_request_event ENABLE TRIGGER USER")
    ckan("dgatier", "rebuild")


def _turn_of_the_clock() -> str:
    program = (
        "from ckanext.dgatier.logic import request_clock; "
        "request_clock.escalate(); request_clock.expire()\n"
    )
    done = run_command("shell", given=program)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_what_falls_due_is_noted_once_and_one_bad_request_does_not_stop_it(
    instance: Instance, history: Any
) -> None:
    waiting, held, bad = (_ask(instance)["id"] for _ in range(3))
    _approve(instance, held, days=1)
    history.execute(
        "UPDATE dgatier_request_event SET at = at - interval '16 days' WHERE request_id IN %s",
        ((waiting, held),),
    )
    history.execute(
        "UPDATE dgatier_request_event SET payload = jsonb_set(payload, '{valid_until}',"
        " to_jsonb(at + interval '1 day')) WHERE type = 'granted' AND request_id = %s",
        (held,),
    )
    ckan("dgatier", "rebuild")
    unreadable = "UPDATE dgatier_request_event SET type = %s WHERE sequence = 1 AND request_id = %s"
    history.execute(unreadable, ("nonsense", bad))
    history.execute(
        "UPDATE dgatier_request SET submitted_at = now() - interval '40 days' WHERE id = %s", (bad,)
    )
    assert f"the events of request {bad} cannot be read" in _check()[1]
    for _turn in range(2):
        assert f"request {bad} could not be brought up to date" in _turn_of_the_clock()
    history.execute(unreadable, ("created", bad))
    show = instance.portal("suda").action.dgatier_request_show
    assert [event["type"] for event in show(id=waiting)["history"]].count("escalated") == 1
    assert show(id=held)["state"] == "expired"
    told = instance.portal("nari").action.dgatier_notice_list(limit=200)["results"]
    ended = [one["payload"]["request_id"] for one in told if one["kind"] == "grant_ended"]
    assert ended.count(held) == 1
    assert show(id=bad)["escalated_at"] is None
    queue = instance.portal("suda").action.dgatier_request_list(
        queue=True, state="waiting", limit=200
    )
    (row,) = [one for one in queue["results"] if one["id"] == waiting]
    assert row["escalated_at"]


def test_a_steward_works_on_a_request_on_its_page(instance: Instance) -> None:
    asked = _ask(instance)
    session = instance.browse("suda")
    page = session.get(f"{instance.url}/en/access/request/{asked['id']}", timeout=30)
    assert "Take it on" in page.text
    claimed = _send(session, page, command="claim")
    assert "being looked at" in claimed.text
    handed = _send(session, claimed, command="hand_over", to="wichai")
    assert "Looked at by" in handed.text
    refused = _send(session, handed, command="hand_over", to="nobody-there")
    assert "There is no such user." in refused.text
    assert "cannot be done here" in _send(session, handed, command="dance").text


def _send(session: Any, page: Any, **fields: str) -> Any:
    from bs4 import BeautifulSoup

    form: Any = BeautifulSoup(page.text, "html.parser").select_one("main form, .dg-steps, .dg-form")
    token = form.select_one("input[type=hidden][name]")
    return session.post(page.url, data={token["name"]: token["value"], **fields}, timeout=30)


def test_conditions_a_legal_ground_and_uses_of_health_data_are_kept_and_bound(
    instance: Instance,
) -> None:
    asked = _ask(
        instance,
        legal_ground="pdpa-24-1",
        data_uses=["DUO:0000006"],
        conditions={
            "provinces": ["เชียงใหม่", "น่าน"],
            "years": [2567],
            "columns": "province, gender",
        },
    )
    assert (asked["legal_ground"], asked["data_uses"]) == ("pdpa-24-1", ["DUO:0000006"])
    assert asked["conditions"]["columns"] == ["province", "gender"]
    for wider in ({"provinces": ["ตรัง"]}, {"provinces": []}, {"years": [2567, 2568]}):
        with pytest.raises(ValidationError):
            _approve(instance, asked["id"], conditions={**asked["conditions"], **wider})
    narrower = {**asked["conditions"], "provinces": ["น่าน"]}
    _approve(instance, asked["id"], conditions=narrower)
    (grant,) = _grants(instance, "nari", asked["id"])
    assert grant["conditions"] == {
        "provinces": ["น่าน"], "years": [2567], "columns": ["province", "gender"],
    }  # fmt: skip
    assert _check()[0] == 0
    page = instance.browse("nari").get(
        f"{instance.url}/en/access/request/{asked['id']}", timeout=30
    )
    assert "Research or statistics" in page.text
    assert "DUO:0000006" in page.text
    assert "เชียงใหม่, น่าน" in page.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"legal_ground": "because"}, "legal_ground"),
        ({"data_uses": ["DUO:1"]}, "data_uses"),
        ({"conditions": {"moon": ["full"]}}, "conditions"),
        ({"conditions": {"years": ["soon"]}}, "conditions"),
        ({"conditions": {"columns": [str(number) for number in range(201)]}}, "conditions"),
        ({"conditions": "all"}, "conditions"),
    ],
)
def test_what_is_no_ground_use_or_condition_is_refused_with_its_field(
    instance: Instance, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        _ask(instance, **changes)
    assert field in refused.value.error_dict


def test_a_draft_may_lack_anything_until_it_is_handed_in(instance: Instance) -> None:
    nari = instance.portal("nari").action
    draft = nari.dgatier_request_create(id=REGISTER, draft=True)
    assert draft["state"] == "draft"
    with pytest.raises(ValidationError) as refused:
        nari.dgatier_request_submit(id=draft["id"])
    assert {"purpose", "justification"} <= refused.value.error_dict.keys()
    nari.dgatier_request_update(id=draft["id"], draft=True, purpose="dpv:AcademicResearch")
    with pytest.raises(ValidationError):
        nari.dgatier_request_update(id=draft["id"], draft=True, tier="everything")
    nari.dgatier_request_update(id=draft["id"], justification="A study of welfare.", days=10)
    assert nari.dgatier_request_submit(id=draft["id"])["state"] == "submitted"
    with pytest.raises(NotFound):
        instance.portal("malee").action.dgatier_request_show(id=draft["id"])


def test_the_form_tells_before_what_is_needed_and_how_long_it_usually_takes(
    instance: Instance,
) -> None:
    for _number in range(5):
        _approve(instance, _ask(instance)["id"])
    needed = instance.portal("nari").action.dgatier_request_requirements(id=REGISTER)
    assert (needed["max_tier"], needed["max_days"], needed["approvals"]) == ("full", 365, 1)
    assert needed["usual_days"] >= 0
    page = instance.browse("nari").get(f"{instance.url}/en/access/ask/{REGISTER}", timeout=30)
    assert "for 365 days. Stewards who decide: 1." in page.text
    assert "were decided within" in page.text


def test_the_form_tells_what_policy_requires_of_the_tier_and_the_days_chosen(
    instance: Instance,
) -> None:
    ask = instance.portal("nari").action.dgatier_request_requirements
    rows = ask(id=REGISTER, tier="masked", days=30)
    assert rows["allowed"]
    assert (rows["reading"]["ial"], rows["reading"]["aal"]) == (2, 2)
    assert (rows["reading"]["watermark"], rows["reading"]["smallest_cell"]) == (True, None)
    counts = ask(id=REGISTER, tier="summary", days=30)["reading"]
    assert (counts["aal"], counts["watermark"], counts["smallest_cell"]) == (0, False, 10)
    long = ask(id=REGISTER, tier="masked", days=366)
    assert not long["allowed"]
    assert [one["code"] for one in long["reasons"]] == ["period_too_long"]
    citizen = instance.portal("somchai").action.dgatier_request_requirements
    assert not citizen(id=REGISTER, tier="full", days=30)["allowed"]
    for wrong in ({"tier": "everything"}, {"days": "ยาว"}, {"purpose": ["x"]}):
        with pytest.raises(ValidationError):
            ask(id=REGISTER, **wrong)
    part = f"{instance.url}/en/access/ask/{REGISTER}/needs"
    token = {"Authorization": instance.person("nari")["api_token"]}
    told = requests.get(f"{part}?tier=masked&days=400", headers=token, timeout=30).text
    assert "So it cannot be sent" in told
    assert "sign in with two factors" in told
    broken = requests.get(f"{part}?tier=x&days=%E0%B8%81", headers=token, timeout=30)
    assert (broken.status_code, "So it cannot" in broken.text) == (200, False)
    assert requests.get(part, timeout=30).status_code == 401
    hidden = requests.get(
        f"{instance.url}/en/access/ask/promptpay-transfers/needs", headers=token, timeout=30
    )
    assert hidden.status_code == 404


def test_several_grants_side_by_side_neither_lend_nor_borrow(instance: Instance) -> None:
    suda = instance.portal("suda").action
    kinds = {"summary": "dpv:PublicBenefit", "masked": "dpv:AcademicResearch"}
    held = {}
    for tier, purpose in kinds.items():
        asked = _ask(instance, tier=tier, purpose=purpose)
        _approve(instance, asked["id"])
        (held[tier],) = _grants(instance, "nari", asked["id"])

    def tier_for(purpose: str) -> str:
        return str(
            instance.portal("nari").action.dgatier_access_show(id=REGISTER, purpose=purpose)["tier"]
        )

    assert tier_for(kinds["masked"]) == "masked"
    assert tier_for(kinds["summary"]) == "summary"
    suda.dgatier_grant_revoke(id=held["summary"]["id"], reason="One of two.")
    assert tier_for(kinds["masked"]) == "masked"
    suda.dgatier_grant_revoke(id=held["masked"]["id"], reason="The other one.")
    assert tier_for(kinds["masked"]) == "summary"


def test_of_200_requests_sent_and_decided_at_once_from_50_clients_none_is_lost_or_double(
    instance: Instance, sql: Any
) -> None:
    dataset = "shopping-subsidy-wallet"

    def send(_number: int) -> str:
        # For a day, so that lists that begin with what ends last go on showing everything else.
        return str(_ask(instance, id=dataset, days=1)["id"])

    with ThreadPoolExecutor(50) as pool:
        sent = list(pool.map(send, range(200)))
        decided = list(pool.map(lambda one: _approve(instance, one)["state"], sent))
    assert decided == ["approved"] * 200
    assert len(set(sent)) == 200
    for table, column, wanted in (
        ("dgatier_request", "id", 200),
        ("dgatier_grant", "request_id", 200),
        ("dgatier_request_event", "request_id", 200 * 5),
    ):
        sql.execute(f"SELECT count(*) FROM {table} WHERE {column} = ANY(%s)", (sent,))
        assert sql.fetchone() == (wanted,), table
    sql.execute(
        "SELECT count(*) FROM dgatier_audit.event WHERE action IN ('request_approved',"
        " 'grant_created') AND body::jsonb #>> '{detail,request_id}' = ANY(%s)",
        (sent,),
    )
    assert sql.fetchone() == (400,)
    assert _check()[0] == 0
