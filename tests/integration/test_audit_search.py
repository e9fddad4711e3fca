"""An auditor finds what belongs together, and takes it along; a steward their own agency's."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from ckanapi import NotAuthorized, ValidationError

from instance import REGISTER, Instance

_REASON = "=HYPERLINK(1) is no reason, but it is written here."


@pytest.fixture
def grant(instance: Instance, resource_of: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """Give nari a grant, let her read by it, and take it back with a strange reason."""
    nari, suda = instance.portal("nari").action, instance.portal("suda").action
    asked = nari.dgatier_request_create(
        id=REGISTER, tier="masked", purpose="dpv:AcademicResearch", days=30,
        justification="A study of how welfare reaches the provinces.",
    )  # fmt: skip
    suda.dgatier_request_decide(id=asked["id"], decision="approve", reason="A sound plan.")
    (held,) = [
        one for one in nari.dgatier_grant_list(limit=200) if one["request_id"] == asked["id"]
    ]
    nari.datastore_search(resource_id=resource_of(REGISTER), limit=7)
    suda.dgatier_grant_revoke(id=held["id"], reason=_REASON)
    yield held


def test_an_auditor_finds_what_belongs_to_a_request_a_grant_and_a_decision(
    instance: Instance, grant: dict[str, Any]
) -> None:
    anan = instance.portal("anan").action
    of_request = anan.dgatier_audit_list(request_id=grant["request_id"])["results"]
    assert {"request_submitted", "request_approved"} <= {one["action"] for one in of_request}
    of_grant = anan.dgatier_audit_list(grant_id=grant["id"])["results"]
    assert {"data_read", "grant_revoked"} <= {one["action"] for one in of_grant}
    (read,) = [one for one in of_grant if one["action"] == "data_read"]
    of_decision = anan.dgatier_audit_list(decision_id=read["decision_id"])
    assert [one["sequence"] for one in of_decision["results"]] == [read["sequence"]]
    assert of_decision["count"] == 1


def test_outcome_period_and_dataset_narrow_a_search(
    instance: Instance, grant: dict[str, Any], resource_of: Callable[[str], str]
) -> None:
    anan = instance.portal("anan").action
    with pytest.raises(NotAuthorized):
        instance.portal("malee").action.datastore_search(
            resource_id=resource_of("customs-declarations")
        )
    refused = anan.dgatier_audit_list(outcome="refused", actor="malee", action="data_refused")[
        "results"
    ]
    assert {(one["outcome"], one["action"]) for one in refused} == {("refused", "data_refused")}
    by_name = anan.dgatier_audit_list(dataset_id=REGISTER, grant_id=grant["id"])
    assert by_name["count"] == anan.dgatier_audit_list(grant_id=grant["id"])["count"]
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert anan.dgatier_audit_list(since=tomorrow)["count"] == 0
    assert anan.dgatier_audit_list(until=tomorrow, grant_id=grant["id"])["count"] >= 2
    with pytest.raises(ValidationError):
        anan.dgatier_audit_list(since="yesterday")


def test_what_no_event_says_finds_nothing(instance: Instance, grant: dict[str, Any]) -> None:
    anan = instance.portal("anan").action
    for filters in ({"grant_id": "%"}, {"decision_id": "_"}, {"request_id": grant["id"]}):
        assert anan.dgatier_audit_list(**filters)["count"] == 0


def test_a_search_is_taken_along_as_csv_that_no_spreadsheet_runs_and_as_json_lines(
    instance: Instance, grant: dict[str, Any]
) -> None:
    anan = instance.browse("anan")
    address = f"{instance.url}/en/audit/export"
    found = anan.get(f"{address}/csv", params={"grant_id": grant["id"]}, timeout=60)
    rows = list(csv.DictReader(io.StringIO(found.text)))
    lines = [
        json.loads(line)
        for line in anan.get(
            f"{address}/jsonl", params={"grant_id": grant["id"]}, timeout=60
        ).text.splitlines()
    ]
    assert "no-store" in found.headers["Cache-Control"]
    assert [row["sequence"] for row in rows] == [one["sequence"] for one in lines]
    assert {"data_read", "grant_revoked"} <= {row["action"] for row in rows}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert any(one["detail"].get("reason") == _REASON for one in lines)
    newest = instance.portal("anan").action.dgatier_audit_list(action="audit_exported", limit=1)
    assert newest["results"][0]["actor"]["name"] == "anan"


def test_who_is_no_steward_and_no_auditor_takes_nothing_along(instance: Instance) -> None:
    for name in ("malee", "admin"):
        with pytest.raises(NotAuthorized):
            instance.portal(name).action.dgatier_audit_list(outcome="done")
    assert (
        instance.browse("malee").get(f"{instance.url}/en/audit/export/csv", timeout=30).status_code
        == 403
    )
    public = requests.get(f"{instance.url}/en/audit/export/csv", timeout=30)
    assert "sequence,at" not in public.text


def test_a_steward_takes_along_their_own_agencys_part_only(instance: Instance) -> None:
    everything = instance.portal("anan").action.dgatier_audit_list(limit=1)["count"]
    own = instance.portal("suda").action.dgatier_audit_list(limit=1)["count"]
    taken = instance.browse("suda").get(f"{instance.url}/en/audit/export/jsonl", timeout=120)
    lines = taken.text.splitlines()
    assert own < everything
    assert own <= len(lines) <= own + 5
