"""Operators list, show, bring in and take back on the command line, each in somebody's name."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from instance import REGISTER, Instance, ckan, run_command

COLUMNS = (
    "reference", "dataset", "holder", "tier", "purpose", "days", "approved_by", "reason",
)  # fmt: skip
REASON = "Memorandum of the committee; a study of how welfare reaches the provinces."


def _line(**changes: str) -> dict[str, str]:
    return {
        "reference": f"กค 0402/{uuid.uuid4().hex[:10]}", "dataset": REGISTER, "holder": "malee",
        "tier": "masked", "purpose": "dpv:AcademicResearch", "days": "30",
        "approved_by": "suda", "reason": REASON, **changes,
    }  # fmt: skip


def _file(*lines: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, extrasaction="ignore")
    table.writeheader()
    table.writerows(lines)
    return text.getvalue()


def _brought_in(text: str, *options: str) -> tuple[int, list[dict[str, Any]], str]:
    done = run_command("dgatier", "grants", "import", "--json", *options, "-", given=text)
    assert "Traceback" not in done.stderr, done.stderr
    refused = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, refused, done.stderr.splitlines()[-1]


def _tier(instance: Instance, table: str, who: str = "malee") -> str:
    found = instance.portal(who).action.dgatier_access_show(
        id=REGISTER, resource_id=table, purpose="dpv:AcademicResearch"
    )
    return str(found["tier"])


@pytest.fixture
def paper(instance: Instance) -> Iterator[dict[str, str]]:
    """Return a line of a grant that was approved on paper; what came of it is taken back."""
    line = _line()
    yield line
    run_command("dgatier", "grants", "revoke", "--as", "suda", "--reason", "test is over",
                "--reference", line["reference"])  # fmt: skip


def test_a_grant_approved_on_paper_counts_once_and_is_gone_when_it_is_taken_back(
    instance: Instance, paper: dict[str, str], resource_of: Callable[[str], str]
) -> None:
    table = resource_of(REGISTER)
    before = _tier(instance, table)
    assert _brought_in(_file(paper), "--dry-run") == (
        0, [], "1 could be brought in, 0 are there already, 0 refused; nothing was written",
    )  # fmt: skip
    assert _tier(instance, table) == before == "summary"
    assert _brought_in(_file(paper))[2] == "1 brought in, 0 were there already, 0 refused"
    assert _brought_in(_file(paper))[2] == "0 brought in, 1 were there already, 0 refused"
    assert _tier(instance, table) == "masked"

    (grant,) = [
        one for one in instance.portal("malee").action.dgatier_grant_list(limit=200)
        if one["state"] == "active" and one["dataset_name"] == REGISTER
    ]  # fmt: skip
    shown = json.loads(ckan("dgatier", "requests", "show", "--as", "suda", grant["request_id"]))
    assert [event["type"] for event in shown["history"]] == [
        "created", "submitted", "approval_given", "approved", "granted",
    ]  # fmt: skip
    assert {event["reference"] for event in shown["history"][:4]} == {paper["reference"]}
    told = instance.portal("anan").action.dgatier_audit_list(
        request_id=grant["request_id"], limit=20
    )
    approved = next(one for one in told["results"] if one["action"] == "request_approved")
    assert approved["detail"]["reference"] == paper["reference"]
    assert ckan("dgatier", "rebuild", "--check") == "0 differences\n"

    ckan("dgatier", "grants", "revoke", "--as", "suda", "--reason", "The paper was recalled.",
         "--reference", paper["reference"])  # fmt: skip
    assert _tier(instance, table) == "summary"


def test_each_refused_line_is_told_with_its_number_and_nothing_is_written(
    instance: Instance, paper: dict[str, str], resource_of: Callable[[str], str]
) -> None:
    wrong = {
        "dataset": _line(dataset="no-such-dataset"),
        "holder": _line(holder="nobody-here"),
        "tier": _line(tier="full"),
        "purpose": _line(purpose="curiosity"),
        "days": _line(days="minus one"),
        "reason": _line(reason="short"),
        "not a steward": _line(approved_by="prasit"),
        "nobody": _line(approved_by="nobody-here"),
        "own": _line(holder="suda"),
        "no reference": _line(reference=""),
        "twice": paper,
        "one for secret": _line(dataset="promptpay-transfers", holder="wichai"),
    }
    status, refused, last = _brought_in(_file(paper, *wrong.values()))
    assert status == 1
    assert [one["line"] for one in refused] == list(range(3, 3 + len(wrong)))
    assert all(one["problems"] for one in refused)
    assert last == "1 could be brought in, 0 are there already, 12 refused; nothing was written"
    assert _tier(instance, resource_of(REGISTER)) == "summary"

    status, _refused, last = _brought_in(_file(paper, *wrong.values()), "--skip-refused")
    assert (status, last) == (1, "1 brought in, 0 were there already, 12 refused")
    assert _tier(instance, resource_of(REGISTER)) == "masked"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "reference,dataset\nx,y\n",
        _file(_line(), columns=(*COLUMNS, "password")),
        _file(_line()).replace("malee", '"mal"ee'),
    ],
    ids=["empty", "columns missing", "a column too many", "broken quotes"],
)
def test_what_is_no_such_table_is_refused_as_a_whole(text: str) -> None:
    done = run_command("dgatier", "grants", "import", "-", given=text)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("Error: ")


def test_lists_show_what_the_person_may_see_whose_name_is_given(instance: Instance) -> None:
    lines = ckan("dgatier", "requests", "list", "--as", "anan", "--json").splitlines()
    assert len({json.loads(line)["id"] for line in lines}) == len(lines)
    own = ckan("dgatier", "grants", "list", "--as", "suda", "--state", "active").splitlines()
    assert own[0].split("\t")[:3] == ["id", "state", "dataset_name"]
    assert {line.split("\t")[1] for line in own[1:]} <= {"active"}
    for who in ("malee", "admin", "nobody-here"):
        done = run_command("dgatier", "grants", "list", "--as", who)
        assert done.returncode == 1, who
        assert done.stderr.startswith("Error: "), who
