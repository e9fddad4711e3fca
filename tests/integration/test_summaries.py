"""Figures of a table: none exact, none of a small group, and no person found by asking on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np
import pytest
from ckanapi import NotAuthorized, RemoteCKAN, ValidationError

from instance import Instance, internal_table
from stack import database
from stack.settings import Settings

HOUSES = [f"house {number:03}" for number in range(200)]
_COLUMNS = {
    "house": ("text", {"disclosure": "plain"}),
    "ward": ("text", {"disclosure": "plain"}),
    "drinks": ("text", {"disclosure": "plain"}),
    "born": ("timestamp", {"disclosure": "quasi_identifier"}),
    "name": ("text", {"disclosure": "identifier"}),
    "illness": ("text", {"disclosure": "sensitive"}),
    "paid": ("numeric", {"disclosure": "measure", "lowest": "0", "highest": "1000"}),
    "debt": ("numeric", {"disclosure": "measure"}),
}
Ask = Callable[..., dict[str, Any]]
BUDGET = 10


def _dice(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - a trial that can be had again


def _rows() -> list[dict[str, Any]]:
    """Return one person a house, whose drinking is the secret."""
    dice = _dice("a survey that is made up")
    return [
        {"house": house, "ward": f"ward {number % 3}" if number < 192 else "ward 9",
         "drinks": dice.choice(("yes", "no")), "born": f"{1950 + number // 50}-01-01",
         "name": "สมมติ", "illness": "flu", "paid": 400 if number else 10**9,
         "debt": 5 if number % 2 else None}
        for number, house in enumerate(HOUSES)
    ]  # fmt: skip


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    return _rows()


@pytest.fixture
def table(instance: Instance, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Return a confidential table, of which whoever signs in has the summary."""
    fields = [{"id": name, "type": kind, "info": info} for name, (kind, info) in _COLUMNS.items()]
    with internal_table(
        instance, "confidential", name="survey", fields=fields, records=rows
    ) as made:
        yield made


@pytest.fixture
def ask(instance: Instance, table: str) -> Ask:
    """Return what asks as a citizen, or as somebody else."""

    def question(who: str = "somchai", **words: Any) -> dict[str, Any]:
        return dict(instance.portal(who).action.dgatier_summary(resource_id=table, **words))

    return question


def _counts(answer: dict[str, Any]) -> dict[str, int]:
    return {cell["values"][0]: cell["count"] for cell in answer["cells"]}


def _yes(answer: dict[str, Any]) -> int:
    return _counts(answer).get("yes", 0)


def _exactly(rows: list[dict[str, Any]], houses: set[str]) -> int:
    """Count as a portal without protection would."""
    return sum(row["drinks"] == "yes" for row in rows if row["house"] in houses)


def test_groups_are_counted_within_their_margin_and_small_ones_are_not_there(
    ask: Ask, rows: list[dict[str, Any]]
) -> None:
    answer = ask(by=["ward"])
    assert answer["tier"] == "summary"
    exact = Counter(row["ward"] for row in rows)
    assert exact["ward 9"] == 8
    found = _counts(answer)
    assert set(found) == {"ward 0", "ward 1", "ward 2"}
    for ward, count in found.items():
        assert abs(count - exact[ward]) < 5 * answer["margins"]["count"]
    assert answer["total"] == sum(found.values()), "what is hidden is in no total"
    assert answer["budget"] == {"cost": 1, "left": BUDGET - 1, "of": BUDGET, "days": 365}
    assert ask(by=["house"])["cells"] == []


def test_a_quasi_identifier_is_counted_by_its_coarser_values(ask: Ask) -> None:
    answer = ask(by=["born", "drinks"])
    assert {cell["values"][0] for cell in answer["cells"]} <= {"1950", "1951", "1952", "1953"}
    assert {one["value"] for one in answer["totals"]["drinks"]} == {"yes", "no"}


def test_one_huge_value_does_not_move_a_sum_beyond_its_bounds(ask: Ask) -> None:
    answer = ask(measures=["sum:paid", "mean:paid"], filters={"ward": ["ward 0"]})
    (cell,) = answer["cells"]
    most = 64 * 400 + 1000 + 20 * answer["margins"]["sums"]["paid"]
    assert 0 < cell["sums"]["paid"] < most
    assert 0 <= cell["means"]["paid"] <= 1000
    assert answer["budget"]["cost"] == 3


@pytest.mark.parametrize(
    "words",
    [
        {"by": ["name"]},
        {"by": ["illness"]},
        {"by": ["nothing"]},
        {"by": ["house", "ward", "drinks", "born"]},
        {"by": ["ward", "ward"]},
        {"by": {"ward": 1}},
        {"measures": ["sum:debt"]},
        {"measures": ["median:paid"]},
        {"measures": ["sum:ward"]},
        {"filters": {"name": "สมมติ"}},
        {"filters": {"paid": 400}},
        {"filters": ["ward"]},
        {"filters": "{"},
        {"filters": {"ward": []}},
        {"filters": {"ward": [{"a": 1}]}},
        {"filters": {"ward": list(map(str, range(201)))}},
    ],
)
def test_what_may_not_be_asked_is_refused_and_costs_nothing(
    ask: Ask, words: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        ask(**words)
    assert ask()["budget"]["left"] == BUDGET - 1


def test_asking_again_gives_the_same_answer_and_costs_nothing(
    instance: Instance, ask: Ask, table: str
) -> None:
    once = ask(by=["ward"], filters={"drinks": ["yes", "no"]})
    alike = [
        ask(by="ward", filters={"drinks": ["no", "yes"]}),
        ask(by=["ward"], filters={"drinks": ["yes", "no", "yes"]}, measures=["count"]),
        ask(by=["ward"], filters='{"drinks": ["yes", "no"]}', measures="count"),
        ask("malee", by=["ward"], filters={"drinks": ["yes", "no"]}),
    ]
    for again in alike:
        assert again["cells"] == once["cells"]
        assert again["budget"]["left"] == once["budget"]["left"] == BUDGET - 1


def test_other_rows_are_another_question(instance: Instance, ask: Ask, table: str) -> None:
    assert ask(by=["ward"])["budget"]["left"] == BUDGET - 1
    row = {**_rows()[0], "house": "house new"}
    instance.portal("suda").action.datastore_upsert(
        resource_id=table, method="insert", force=True, records=[row]
    )
    deadline = time.monotonic() + 30
    while ask(by=["ward"])["budget"]["left"] != BUDGET - 2:
        assert time.monotonic() < deadline, "the answer is still that to the older content"
        time.sleep(1)


def test_differencing_finds_out_without_protection_and_not_here(
    ask: Ask, rows: list[dict[str, Any]]
) -> None:
    """Everyone, and everyone but one: the difference is what that one does."""
    drinks = {row["house"]: row["drinks"] == "yes" for row in rows}
    targets = HOUSES[1:BUDGET]
    everyone = set(HOUSES)
    exact = [
        _exactly(rows, everyone) - _exactly(rows, everyone - {house}) == 1 for house in targets
    ]
    assert exact == [drinks[house] for house in targets]

    whole = _yes(ask(by=["drinks"], filters={"house": HOUSES}))
    found = []
    for house in targets:
        others = [one for one in HOUSES if one != house]
        answer = ask(by=["drinks"], filters={"house": others})
        found.append(whole - _yes(answer))
    assert found != [int(drinks[house]) for house in targets]
    assert set(found) - {0, 1}, "no difference of exact counts is anything else"
    assert answer["budget"]["left"] == 0


def test_reconstruction_finds_everyone_without_protection_and_not_here(
    ask: Ask, rows: list[dict[str, Any]]
) -> None:
    """Counts of many random groups, solved for who is in them (Dinur and Nissim, 2003)."""
    dice = _dice("random groups")
    groups = [sorted(dice.sample(HOUSES, 100)) for _ in range(400)]
    truth = np.array([row["drinks"] == "yes" for row in rows])

    exact = [float(_exactly(rows, set(group))) for group in groups]
    assert _right(groups, exact, truth) == 1.0

    noisy = []
    with pytest.raises(NotAuthorized) as refused:
        for group in groups:
            noisy.append(float(_yes(ask(by=["drinks"], filters={"house": group}))))
    assert len(noisy) == BUDGET
    assert "0" in str(refused.value)
    assert _right(groups[:BUDGET], noisy, truth) < 0.75
    again = ask(by=["drinks"], filters={"house": groups[0]})
    assert _yes(again) == noisy[0], "what was answered is answered still"


def _right(groups: list[list[str]], counts: list[float], truth: Any) -> float:
    """Return for which share of the people the attack is right."""
    inside = np.array([[house in set(group) for house in HOUSES] for group in groups], dtype=float)
    solved, *_ = np.linalg.lstsq(inside, np.array(counts), rcond=None)
    return float(np.mean((solved > 0.5) == truth))


def test_colleagues_share_a_budget_and_a_period_renews_it(
    instance: Instance, ask: Ask, table: str
) -> None:
    assert ask("suda", by=["ward"])["budget"]["left"] == BUDGET - 1
    settings = Settings.load()
    connection = database.connect(settings, settings.secrets(), "ckan")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dgatier_summary_budget VALUES"
            " ('a colleague', %s, 'v', 'one', 'agency:fpo', 10, now()),"
            " ('a colleague', %s, 'v', 'two', 'agency:fpo', 8.5, now())",
            (table, table),
        )
        with pytest.raises(NotAuthorized):
            ask("suda", by=["drinks"])
        assert ask("suda", by=["ward"])["budget"]["left"] == 0.5
        assert ask("somchai", by=["drinks"])["budget"]["left"] == BUDGET - 1
        # What a colleague was told already is nothing new to them together.
        assert ask("wichai", by=["ward"])["budget"]["left"] == 0.5
        cursor.execute(
            "UPDATE dgatier_summary_budget SET at = at - interval '366 days'"
            " WHERE resource_id = %s", (table,),
        )  # fmt: skip
        assert ask("suda", by=["drinks"])["budget"]["left"] == BUDGET - 1
    connection.close()


def test_the_public_and_open_data_have_no_such_summary(instance: Instance, table: str) -> None:
    with pytest.raises(NotAuthorized):
        instance.portal().action.dgatier_summary(resource_id=table)
    fields = [{"id": "ward", "type": "text", "info": {"disclosure": "plain"}}]
    with (
        internal_table(instance, "open", name="open", fields=fields, records=[]) as open_table,
        pytest.raises(ValidationError),
    ):
        instance.portal("somchai").action.dgatier_summary(resource_id=open_table)


def test_each_answer_and_refusal_is_written_down(instance: Instance, ask: Ask, table: str) -> None:
    ask(by=["ward"], measures=["sum:paid"])
    anan: RemoteCKAN = instance.portal("anan")
    events = anan.action.dgatier_audit_list(action="data_read", limit=20)
    listed = events["results"] if isinstance(events, dict) else events
    own = [one for one in listed if one.get("resource_id") == table]
    assert own[0]["detail"]["by"] == ["ward"]
    assert own[0]["detail"]["cost"] == 2


def test_the_page_draws_what_was_released_in_both_languages(
    instance: Instance, ask: Ask, table: str
) -> None:
    released = instance.portal("somchai").action.dgatier_view_search(resource_id=table, by="ward")
    assert all(cell["count"] >= 24 for cell in released["summary"]["cells"])
    package = instance.portal("suda").action.resource_show(id=table)["package_id"]
    session = instance.browse("somchai", 1)
    for language, words in (("en", "with noise"), ("th", "สัญญาณรบกวน")):
        page = session.get(
            f"{instance.url}/{language}/dataset/{package}/resource/{table}", timeout=60
        )
        assert words in page.text
