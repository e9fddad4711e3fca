"""Drafts: kept as they are typed, in no event and in no audit, and safe against two windows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckanapi import NotFound, ValidationError

from instance import REGISTER, Instance, ckan, run_in_ckan
from stack import database
from stack.settings import Settings

_DATASET = "shopping-subsidy-wallet"
WORDS = {
    "tier": "masked",
    "purpose": "dpv:AcademicResearch",
    "justification": "โครงการวิจัยเรื่องสวัสดิการ ระหว่างเขียน",
    "days": "30",
    "conditions": {"provinces": "พะเยา, น่าน", "years": "2566"},
}


@pytest.fixture
def nari(instance: Instance) -> Iterator[Any]:
    """Return the actions of a researcher who has no draft, and has none in the end."""
    action = instance.portal("nari").action
    _throw_away_all(action)
    yield action
    _throw_away_all(action)


def _throw_away_all(action: Any) -> None:
    while left := action.dgatier_request_list(state="draft", limit=200)["results"]:
        for one in left:
            action.dgatier_request_withdraw(id=one["id"])


@pytest.fixture
def sql() -> Iterator[Any]:
    settings = Settings.load()
    with database.connect(settings, settings.secrets(), "ckan").cursor() as cursor:
        yield cursor


def _begin(action: Any, **words: Any) -> dict[str, Any]:
    return dict(action.dgatier_request_save(dataset_id=_DATASET, **{**WORDS, **words}))


def test_what_is_typed_is_kept_as_it_is_typed_and_marked_where_it_is_wrong(nari: Any) -> None:
    saved = _begin(nari)
    assert saved["errors"] == {}
    broken = {**WORDS, "days": "หลายวัน", "members": "ไม่มีคนนี้", "conditions": {"years": "66"}}
    again = nari.dgatier_request_save(id=saved["id"], version=saved["version"], **broken)
    assert set(again["errors"]) == {"days", "members", "conditions"}
    draft = nari.dgatier_request_show(id=saved["id"])["draft"]
    assert draft["words"]["days"] == "หลายวัน"
    assert draft["words"]["justification"] == WORDS["justification"]
    assert draft["version"] == again["version"]
    with pytest.raises(ValidationError) as refused:
        nari.dgatier_request_submit(id=saved["id"])
    assert set(refused.value.error_dict) >= {"days", "members"}
    assert nari.dgatier_request_show(id=saved["id"])["draft"]["words"]["days"] == "หลายวัน"


def test_a_draft_is_sent_as_it_was_typed_last_and_then_there_is_none(nari: Any, sql: Any) -> None:
    saved = _begin(nari, days="10", justification="to be written")
    nari.dgatier_request_save(id=saved["id"], version=saved["version"], **WORDS)
    sent = nari.dgatier_request_submit(id=saved["id"])
    assert (sent["state"], sent["days"], sent["draft"]) == ("submitted", 30, None)
    assert sent["justification"] == WORDS["justification"]
    assert sent["conditions"] == {"provinces": ["พะเยา", "น่าน"], "years": [2566], "columns": []}
    assert [event["type"] for event in sent["history"]] == ["created", "updated", "submitted"]
    sql.execute("SELECT count(*) FROM dgatier_draft WHERE request_id = %s", (saved["id"],))
    assert sql.fetchone() == (0,)
    nari.dgatier_request_withdraw(id=saved["id"])


def test_of_two_windows_the_older_is_told_and_nothing_is_overwritten(nari: Any) -> None:
    saved = _begin(nari)
    newer = {**WORDS, "justification": "From the second window."}
    nari.dgatier_request_save(id=saved["id"], version=saved["version"], **newer)
    older = {**WORDS, "justification": "From the first window."}
    for version in (saved["version"], "", "1.99", "nonsense"):
        with pytest.raises(ValidationError) as refused:
            nari.dgatier_request_save(id=saved["id"], version=version, **older)
        assert "version" in refused.value.error_dict
    draft = nari.dgatier_request_show(id=saved["id"])["draft"]
    assert draft["words"]["justification"] == "From the second window."


def test_two_windows_that_begin_in_the_same_instant_make_one_draft(nari: Any) -> None:
    def begin(_window: int) -> bool:
        try:
            _begin(nari)
        except ValidationError as told:
            assert "version" in told.error_dict
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(begin, range(4))) == 1
    assert nari.dgatier_request_list(state="draft")["count"] == 1


def test_saves_of_one_version_in_the_same_instant_keep_one_of_them(nari: Any) -> None:
    saved = _begin(nari)

    def save(window: int) -> str | None:
        words = {**WORDS, "justification": f"From window {window}."}
        try:
            nari.dgatier_request_save(id=saved["id"], version=saved["version"], **words)
        except ValidationError as told:
            assert "version" in told.error_dict
            return None
        return str(words["justification"])

    with ThreadPoolExecutor(4) as pool:
        (kept,) = [one for one in pool.map(save, range(4)) if one]
    draft = nari.dgatier_request_show(id=saved["id"])["draft"]
    assert draft["words"]["justification"] == kept


def test_what_no_form_sends_is_refused_and_the_good_draft_stays(nari: Any) -> None:
    saved = _begin(nari)
    for wrong in (
        {"justification": "ก" * 40_001},
        {"members": {"nari": 1}},
        {"resource_ids": [["deep"]]},
        {"conditions": {"moon": "1"}},
        {"conditions": "everything"},
        {"data_uses": ["x"] * 1_001},
    ):
        with pytest.raises(ValidationError):
            nari.dgatier_request_save(
                id=saved["id"], version=saved["version"], **{**WORDS, **wrong}
            )
    draft = nari.dgatier_request_show(id=saved["id"])["draft"]
    assert (draft["version"], draft["words"]["days"]) == (saved["version"], "30")


def test_the_log_and_the_audit_hold_no_word_of_a_draft(
    nari: Any, instance: Instance, sql: Any
) -> None:
    saved = _begin(nari, justification="A word that nobody else shall read.")
    for number in range(5):
        words = {**WORDS, "justification": f"A word that nobody else shall read {number}."}
        saved = nari.dgatier_request_save(id=saved["id"], version=saved["version"], **words)
    sql.execute(
        "SELECT type, payload::text FROM dgatier_request_event WHERE request_id = %s",
        (saved["id"],),
    )
    ((kind, payload),) = sql.fetchall()
    assert (kind, "nobody" in payload) == ("created", False)
    sql.execute(
        "SELECT count(*) FROM dgatier_audit.event WHERE body LIKE %s", (f"%{saved['id']}%",)
    )
    assert sql.fetchone() == (1,)
    for other in ("suda", "anan", "admin", "malee"):
        with pytest.raises(NotFound):
            instance.portal(other).action.dgatier_request_show(id=saved["id"])
        with pytest.raises(NotFound):
            instance.portal(other).action.dgatier_request_save(
                id=saved["id"], version=saved["version"], **WORDS
            )
    nari.dgatier_request_withdraw(id=saved["id"])
    sql.execute("SELECT count(*) FROM dgatier_draft WHERE request_id = %s", (saved["id"],))
    assert sql.fetchone() == (0,)
    assert "0 differences" in ckan("dgatier", "rebuild", "--check")


def test_a_returned_request_is_changed_as_a_draft_is(nari: Any, instance: Instance) -> None:
    saved = _begin(nari, members="malee")
    nari.dgatier_request_submit(id=saved["id"])
    with pytest.raises(ValidationError):
        nari.dgatier_request_save(id=saved["id"], version=saved["version"], **WORDS)
    suda = instance.portal("suda").action
    suda.dgatier_request_return(id=saved["id"], reason="Which years?")
    draft = nari.dgatier_request_show(id=saved["id"])["draft"]
    assert draft["words"]["members"] == ["malee"]
    assert suda.dgatier_request_show(id=saved["id"])["draft"] is None
    changed = {**draft["words"], "days": "20"}
    nari.dgatier_request_save(id=saved["id"], version=draft["version"], **changed)
    assert suda.dgatier_request_show(id=saved["id"])["days"] == 30
    sent = nari.dgatier_request_submit(id=saved["id"])
    assert (sent["state"], sent["days"]) == ("submitted", 20)
    assert [one["name"] for one in sent["members"]] == ["malee"]
    nari.dgatier_request_withdraw(id=saved["id"])


def test_without_scripts_the_buttons_keep_send_and_throw_away(
    nari: Any, instance: Instance
) -> None:
    browser = instance.browse("nari")
    address = f"{instance.url}/en/access/ask/{_DATASET}"

    def press(page: Any, do: str, **typed: str) -> Any:
        form: Any = BeautifulSoup(page.text, "html.parser").find("form", {"data-draft-url": True})
        hidden = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")}
        return browser.post(page.url, data={**hidden, **typed, "do": do}, timeout=30)

    typed = {"tier": "masked", "days": "a month", "justification": "Half of a pl"}
    kept = press(browser.get(address, timeout=30), "draft", **typed)
    assert kept.url.endswith("/edit")
    for words in ("Saved at", "a month", "Half of a pl", "Give a whole number of days"):
        assert words in kept.text
    assert browser.get(address, timeout=30).url == kept.url
    assert "Go on with your draft" in browser.get(f"{instance.url}/en/access/mine", timeout=30).text
    page = browser.get(f"{instance.url}/en/dataset/{_DATASET}", timeout=30).text
    assert "Go on with your draft" in page
    press(kept, "draft", **{**typed, "days": "30"})
    late = press(kept, "draft", **{**typed, "days": "60"})
    assert "changed in another window" in late.text
    again = browser.get(kept.url, timeout=30)
    assert 'value="30"' in again.text
    gone = press(again, "discard")
    assert "The draft was thrown away." in gone.text
    assert nari.dgatier_request_list(state="draft")["count"] == 0


def test_the_form_saves_by_itself_only_with_its_token(nari: Any, instance: Instance) -> None:
    browser = instance.browse("nari")
    page = browser.get(f"{instance.url}/en/access/ask/{_DATASET}", timeout=30)
    form: Any = BeautifulSoup(page.text, "html.parser").find("form", {"data-draft-url": True})
    hidden = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")}
    address = f"{instance.url}{form['data-draft-url']}"
    typed = {**hidden, "tier": "masked", "days": "30", "justification": "Words."}
    without = {name: value for name, value in typed.items() if name != "_csrf_token"}
    assert browser.post(address, data=without, timeout=30).status_code == 400
    assert nari.dgatier_request_list(state="draft")["count"] == 0
    answer = browser.post(address, data=typed, timeout=30)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["said"].startswith("Saved at ")
    assert "no-store" in answer.headers["Cache-Control"]
    assert browser.post(address, data=typed, timeout=30).status_code == 409
    after = {**typed, "request_id": told["id"], "version": told["version"], "days": ""}
    assert json.loads(browser.post(address, data=after, timeout=30).text)["errors"] == {}


def _age(sql: Any, request_id: str, days: int) -> None:
    """Let a draft be as old as if it were begun and typed so many days earlier."""
    sql.execute("ALTER TABLE dgatier_request_event DISABLE TRIGGER USER")
    for table, column, key in (
        ("dgatier_request_event", "at", "request_id"),
        ("dgatier_request", "created_at", "id"),
        ("dgatier_draft", "saved_at", "request_id"),
    ):
        sql.execute(
            f"UPDATE {table} SET {column} = {column} - %s * interval '1 day' WHERE {key} = %s",
            (days, request_id),
        )
    sql.execute("ALTER TABLE dgatier_request_event ENABLE TRIGGER USER")


def test_a_draft_left_for_long_is_spoken_of_and_thrown_away_weeks_after(
    nari: Any, sql: Any
) -> None:
    left, young = _begin(nari), nari.dgatier_request_create(id=REGISTER, draft=True)
    _age(sql, left["id"], 100)
    _age(sql, young["id"], 60)

    def turn() -> tuple[str, int]:
        run_in_ckan("from ckanext.dgatier.logic import request_clock; request_clock.clear_drafts()")
        sql.execute(
            "SELECT count(*) FROM dgatier_notice WHERE kind = 'draft_left'"
            " AND payload ->> 'request_id' IN (%s, %s)",
            (left["id"], young["id"]),
        )
        state = nari.dgatier_request_show(id=left["id"])["state"]
        return state, sql.fetchone()[0]

    assert [turn(), turn()] == [("draft", 1), ("draft", 1)]
    told = nari.dgatier_notice_list(limit=5)["results"][0]
    assert (told["kind"], told["payload"]["days"]) == ("draft_left", 14)
    sql.execute(
        "UPDATE dgatier_notice SET at = at - interval '15 days' WHERE kind = 'draft_left'"
        " AND payload ->> 'request_id' = %s",
        (left["id"],),
    )
    assert turn() == ("withdrawn", 1)
    sql.execute("SELECT count(*) FROM dgatier_draft WHERE request_id = %s", (left["id"],))
    assert sql.fetchone() == (0,)
    assert nari.dgatier_request_show(id=young["id"])["state"] == "draft"


def test_who_goes_on_with_a_draft_keeps_it(nari: Any, sql: Any) -> None:
    saved = _begin(nari)
    _age(sql, saved["id"], 100)
    clock = "from ckanext.dgatier.logic import request_clock; request_clock.clear_drafts()"
    run_in_ckan(clock)
    sql.execute(
        "UPDATE dgatier_notice SET at = at - interval '15 days' WHERE kind = 'draft_left'"
        " AND payload ->> 'request_id' = %s",
        (saved["id"],),
    )
    nari.dgatier_request_save(id=saved["id"], version=saved["version"], **WORDS)
    run_in_ckan(clock)
    assert nari.dgatier_request_show(id=saved["id"])["state"] == "draft"
