"""Each protected read stands in the audit with what went out, why, and by which decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from instance import REGISTER, Instance

_INTERNAL = "household-debt-survey"


def _newest(instance: Instance, action: str, who: str = "suda") -> dict[str, Any]:
    found = instance.portal("anan").action.dgatier_audit_list(actor=who, action=action, limit=1)
    return dict(found["results"][0])


def _get(instance: Instance, path: str, **parameters: str) -> requests.Response:
    headers = {"Authorization": instance.person("suda")["api_token"]}
    return requests.get(instance.url + path, params=parameters, headers=headers, timeout=60)


@pytest.mark.parametrize("form", ["objects", "lists", "csv", "tsv"])
def test_rows_by_the_api_are_counted_with_their_purpose(
    instance: Instance, resource_of: Callable[[str], str], form: str
) -> None:
    answer = _get(
        instance, "/api/3/action/datastore_search", resource_id=resource_of(_INTERNAL),
        limit="7", records_format=form, purpose="dpv:PublicBenefit",
    )  # fmt: skip
    assert answer.status_code == 200
    event = _newest(instance, "data_read")
    assert event["detail"]["rows"] == 7
    assert event["detail"]["purpose"] == "dpv:PublicBenefit"
    assert event["detail"]["tier"] == "full"
    assert event["decision_id"]


def test_a_whole_file_is_written_down_with_its_size(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    resource = resource_of(_INTERNAL)
    answer = _get(instance, f"/dataset/{_INTERNAL}/resource/{resource}/download")
    event = _newest(instance, "file_download")
    assert event["resource_id"] == resource
    assert event["detail"]["bytes"] == len(answer.content) > 1000
    companion = _get(instance, answer.links["describedby"]["url"]).json()
    assert companion["decision_id"] == event["decision_id"] == answer.headers["X-Decision-Id"]


def test_a_masked_file_is_written_down_before_and_counted_after(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    answer = _get(instance, f"/dataset/{REGISTER}/resource/{resource_of(REGISTER)}/download")
    assert answer.status_code == 200
    begun, sent = _newest(instance, "file_download"), _newest(instance, "data_sent")
    assert begun["decision_id"] == sent["decision_id"] == answer.headers["X-Decision-Id"]
    assert sent["detail"]["complete"]
    assert sent["detail"]["bytes"] == len(answer.content)
    assert sent["detail"]["rows"] == answer.text.count("\n") - 1 == 200_000


def test_a_file_that_breaks_off_is_told_from_one_that_came_whole(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    path = f"/dataset/{REGISTER}/resource/{resource_of(REGISTER)}/download"
    headers = {"Authorization": instance.person("suda")["api_token"]}
    with requests.get(instance.url + path, headers=headers, stream=True, timeout=60) as answer:
        next(answer.iter_content(1000))
        decision = answer.headers["X-Decision-Id"]
    for _ in range(50):
        sent = _newest(instance, "data_sent")
        if sent["decision_id"] == decision:
            break
    assert sent["decision_id"] == decision
    assert not sent["detail"]["complete"]
    assert sent["detail"]["rows"] < 200_000


def test_a_refusal_is_written_down_with_what_was_wanted(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    resource = resource_of(REGISTER)
    headers = {"Authorization": instance.person("somchai")["api_token"]}
    refused = requests.get(
        f"{instance.url}/api/3/action/datastore_search",
        params={"resource_id": resource}, headers=headers, timeout=60,
    )  # fmt: skip
    assert refused.status_code == 403
    event = _newest(instance, "data_refused", "somchai")
    assert (event["outcome"], event["detail"]["wanted"]) == ("refused", "masked")
    assert event["resource_id"] == resource
