"""OPA's decision log and the portal's audit tell of the same decision; the log not of whom."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckanapi import NotAuthorized

from instance import REGISTER, Instance
from stack.settings import Settings

LOG = Settings.load().log / "opa.log"


def _logged(call: str) -> dict[str, Any]:
    """Return the entry of OPA's log under an id; the newest file and the one before."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for path in (LOG, LOG.with_name("opa.log.1")):
            with contextlib.suppress(FileNotFoundError), path.open(encoding="utf-8") as lines:
                for line in lines:
                    if f'"decision_id":"{call}"' in line:
                        return dict(json.loads(line))
        time.sleep(0.1)
    pytest.fail(f"OPA logged no decision {call}")


def _newest_of(instance: Instance, name: str) -> dict[str, Any]:
    found = instance.portal("anan").action.dgatier_audit_list(actor=name, limit=1)
    return dict(found["results"][0])


@pytest.fixture
def granted(instance: Instance) -> Iterator[dict[str, Any]]:
    """Give nari masked access to the register for the length of a test."""
    nari, suda = instance.portal("nari").action, instance.portal("suda").action
    asked = nari.dgatier_request_create(
        id=REGISTER,
        tier="masked",
        purpose="dpv:AcademicResearch",
        justification="A study of how welfare reaches the provinces.",
        days=30,
    )
    suda.dgatier_request_decide(id=asked["id"], decision="approve", reason="A sound plan.")
    (grant,) = [
        one for one in nari.dgatier_grant_list(limit=200) if one["request_id"] == asked["id"]
    ]
    yield grant
    suda.dgatier_grant_revoke(id=grant["id"], reason="test is over")


def test_a_read_is_found_in_the_log_by_the_id_in_the_audit_without_the_person(
    instance: Instance, resource_of: Callable[[str], str], granted: dict[str, Any]
) -> None:
    resource_id = resource_of(REGISTER)
    instance.portal("nari").action.datastore_search(resource_id=resource_id, limit=1)
    event = _newest_of(instance, "nari")
    assert (event["action"], event["dataset_name"]) == ("data_read", REGISTER)
    call, number = event["decision_id"].rsplit(".", 1)
    entry = _logged(call)
    target, answer = entry["input"]["targets"][int(number)], entry["result"][int(number)]
    assert (target["dataset_id"], target["resource_id"]) == (event["dataset_id"], resource_id)
    assert (answer["tier"], answer["reasons"]) == ("masked", ["granted"])
    assert granted["id"] in answer["grants"]
    assert "researcher" in entry["input"]["subject"]["roles"]
    assert set(entry["input"]["subject"]) == {
        "authenticated", "roles", "clearance", "ial", "aal", "accredited",
    }  # fmt: skip
    user = instance.portal("nari").action.user_show(id="nari")
    for personal in (user["id"], user["name"], user["fullname"]):
        assert personal not in json.dumps(entry, ensure_ascii=False), personal


def test_a_refusal_is_found_in_the_log_too(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    with pytest.raises(NotAuthorized):
        instance.portal("somchai").action.datastore_search(resource_id=resource_of(REGISTER))
    event = _newest_of(instance, "somchai")
    call, number = event["decision_id"].rsplit(".", 1)
    answer = _logged(call)["result"][int(number)]
    assert (answer["tier"], answer["level"]) == ("summary", "confidential")


def test_no_entry_of_the_log_tells_of_a_person(instance: Instance) -> None:
    """Of all questions that were asked so far: decisions, approvals, labels, simulations."""
    instance.portal("suda").action.dgatier_policy_simulate(id=REGISTER)
    ids = {
        instance.portal(person["username"]).action.user_show(id=person["username"])["id"]
        for person in instance.state["people"]
    }
    paths = set()
    with LOG.open(encoding="utf-8") as lines:
        for line in lines:
            if '"decision_id"' in line:
                paths.add(json.loads(line)["path"])
                assert not [one for one in ids if one in line], line[:300]
    assert {"decision", "simulation"} <= {path.split("/")[1] for path in paths}
