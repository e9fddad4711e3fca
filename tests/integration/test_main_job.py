"""The main job: publish, find, ask, approve, read masked, revoke, look back."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
import requests
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError

from instance import REGISTER, Instance, ckan


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


@pytest.fixture
def granted(instance: Instance) -> Any:
    """Give nari masked access to the register, and take it back at the end."""
    asked = _ask(instance)
    assert asked["state"] == "submitted"
    decided = instance.portal("suda").action.dgatier_request_decide(
        id=asked["id"], decision="approve", reason="A sound plan."
    )
    assert decided["state"] == "approved"
    (grant,) = [
        one
        for one in instance.portal("nari").action.dgatier_grant_list(limit=200)
        if one["request_id"] == asked["id"]
    ]
    yield grant
    with contextlib.suppress(ValidationError):  # where the test itself has revoked it
        instance.portal("suda").action.dgatier_grant_revoke(id=grant["id"], reason="test is over")


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_grant_opens_masked_rows_in_api_dump_and_file_and_revoking_closes_them(
    instance: Instance, resource_of: Callable[[str], str], granted: dict[str, Any]
) -> None:
    resource_id = resource_of(REGISTER)
    nari = instance.portal("nari")
    headers = {"Authorization": instance.person("nari")["api_token"]}
    dump = f"{instance.url}/datastore/dump/{resource_id}?limit=20"
    file = f"{instance.url}/dataset/{REGISTER}/resource/{resource_id}/download"

    found = nari.action.datastore_search(resource_id=resource_id, limit=20)
    assert found["total"] == 200_000
    shown = nari.action.dgatier_view_search(resource_id=resource_id, limit=20)
    assert shown["tier"] == "masked"
    dumped = requests.get(dump, headers=headers, timeout=30)
    assert dumped.status_code == 200
    with requests.get(file, headers=headers, timeout=60, stream=True) as answer:
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        head = next(answer.iter_content(8192))
    downloaded = _rows(head.decode("utf-8", "ignore"))[:20]

    originals = _original_numbers()
    for row in (*found["records"], *shown["records"], *_rows(dumped.text)[:20], *downloaded):
        assert row["citizen_id"] not in originals
        assert len(row["citizen_id"]) == 16
        assert "–" in row["annual_income"]
        assert row["province"]

    instance.portal("suda").action.dgatier_grant_revoke(id=granted["id"], reason="The study ended.")
    with pytest.raises(NotAuthorized):
        nari.action.datastore_search(resource_id=resource_id)
    assert requests.get(file, headers=headers, timeout=30).status_code == 403
    assert requests.get(dump, headers=headers, timeout=30).status_code == 403
    after = nari.action.dgatier_access_show(id=REGISTER, resource_id=resource_id)
    assert after["tier"] == "summary"
    assert "revoked" in [reason["code"] for reason in after["reasons"]]


def test_a_dump_of_many_pages_is_whole(
    instance: Instance, resource_of: Callable[[str], str], granted: dict[str, Any]
) -> None:
    headers = {"Authorization": instance.person("nari")["api_token"]}
    url = f"{instance.url}/datastore/dump/{resource_of(REGISTER)}"
    answer = requests.get(url, headers=headers, timeout=120)
    numbers = [row["_id"] for row in _rows(answer.content.decode())]
    assert len(numbers) == len(set(numbers)) == 200_000


def _original_numbers() -> set[str]:
    from dgatier_demo import catalogue

    dataset = next(each for each in catalogue.datasets() if each.name == REGISTER)
    text = dataset.content().decode()
    return {row["citizen_id"] for row in _rows(text)}


def test_filters_search_and_sort_on_masked_columns_tell_nothing(
    instance: Instance, resource_of: Callable[[str], str], granted: dict[str, Any]
) -> None:
    resource_id = resource_of(REGISTER)
    nari = instance.portal("nari").action
    number = sorted(_original_numbers())[0]
    for query in (
        {"filters": {"citizen_id": number}},
        {"q": number},
        {"q": {"citizen_id": number}},
    ):
        assert nari.datastore_search(resource_id=resource_id, **query)["total"] == 0
    distinct = nari.datastore_search(
        resource_id=resource_id, fields=["province"], distinct=True, sort="province"
    )
    assert distinct["total"] == 77


def test_rows_of_open_data_need_no_one_and_a_number_that_is_none_is_said(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    public = instance.portal().action
    resource_id = resource_of("population-by-province")
    shown = public.dgatier_view_search(resource_id=resource_id, limit=5, purpose="dpv:Statistics")
    assert (shown["tier"], len(shown["records"])) == ("full", 5)
    assert not [field for field in shown["fields"] if field["mask"]]
    with pytest.raises(ValidationError) as refused:
        public.dgatier_view_search(resource_id=resource_id, limit="many")
    assert "limit" in refused.value.error_dict
    page = f"{instance.url}/en/dataset/population-by-province/resource/{resource_id}"
    assert requests.get(page, timeout=30).status_code == 200


def test_another_purpose_counts_for_nothing(
    instance: Instance, resource_of: Callable[[str], str], granted: dict[str, Any]
) -> None:
    resource_id = resource_of(REGISTER)
    nari = instance.portal("nari").action
    with pytest.raises(NotAuthorized):
        nari.datastore_search(resource_id=resource_id, purpose="dpv:CommercialResearch")
    nari.datastore_search(resource_id=resource_id, purpose="dpv:AcademicResearch")


def test_a_sign_in_with_one_factor_does_not_reach_masked_rows(
    instance: Instance, resource_of: Callable[[str], str], granted: dict[str, Any]
) -> None:
    resource_id = resource_of(REGISTER)
    weak = instance.browse("nari", aal=1)
    asked = weak.get(
        f"{instance.url}/api/3/action/dgatier_access_show",
        params={"id": REGISTER, "resource_id": resource_id},
        timeout=30,
    ).json()["result"]
    assert asked["tier"] == "summary"
    assert [step["action"] for step in asked["next_steps"]] == ["step_up"]


def test_what_each_person_may_have(instance: Instance) -> None:
    expected = {
        None: {"provinces": "full", "household-debt-survey": "discover", REGISTER: "discover"},
        "somchai": {"provinces": "full", "household-debt-survey": "discover", REGISTER: "summary"},
        "prasit": {"household-debt-survey": "masked", REGISTER: "summary"},
        "suda": {
            "household-debt-survey": "full", REGISTER: "masked", "promptpay-transfers": "discover",
        },
        "admin": {"household-debt-survey": "discover", REGISTER: "summary"},
    }  # fmt: skip
    for name, datasets in expected.items():
        portal = instance.portal(name)
        found = {each: portal.action.dgatier_access_show(id=each)["tier"] for each in datasets}
        assert found == datasets, name


@pytest.mark.parametrize("name", [None, "somchai", "nari", "prasit", "admin", "anan"])
def test_a_secret_dataset_does_not_exist_for_those_not_cleared(
    instance: Instance, name: str | None
) -> None:
    action = instance.portal(name).action
    assert (
        action.package_search(q="promptpay-transfers OR โอนเงิน", fq="classification_level:secret")[
            "count"
        ]
        == 0
    )
    for call in (action.package_show, action.dgatier_access_show):
        with pytest.raises((NotFound, NotAuthorized)):
            call(id="promptpay-transfers")
    secret = requests.get(f"{instance.url}/dataset/promptpay-transfers", timeout=30)
    missing = requests.get(f"{instance.url}/dataset/there-is-no-such-one", timeout=30)
    assert (secret.status_code, missing.status_code) == (404, 404)


def test_the_public_reads_open_data_whole(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    found = instance.portal().action.datastore_search(resource_id=resource_of("provinces"))
    assert found["total"] == 77
    types = {field["id"]: field["type"] for field in found["fields"]}
    assert types["population_thousands"] == "numeric"
    assert types["name_th"] == "text"
    file = f"{instance.url}/dataset/provinces/resource/{resource_of('provinces')}/download"
    assert "เชียงใหม่" in requests.get(file, timeout=30).content.decode()


def test_tis620_was_read_right(instance: Instance, resource_of: Callable[[str], str]) -> None:
    found = instance.portal().action.datastore_search(
        resource_id=resource_of("duty-by-province"), filters={"province": "เชียงใหม่"}
    )
    assert found["total"] == 2


def test_a_summary_hides_small_groups(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    shown = instance.portal("somchai").action.dgatier_view_search(resource_id=resource_of(REGISTER))
    assert shown["tier"] == "summary"
    assert shown["records"] == []
    cells = shown["summary"]["cells"]
    assert shown["summary"]["by"] == "province"
    assert len(cells) == 77
    assert all(cell["count"] >= shown["summary"]["smallest_count"] > 10 for cell in cells)


@pytest.mark.parametrize("name", ["malee", "somchai"])
def test_who_may_not_read_is_told_why_and_what_next(
    instance: Instance, resource_of: Callable[[str], str], name: str
) -> None:
    with pytest.raises(NotAuthorized) as refused:
        instance.portal(name).action.datastore_search(resource_id=resource_of(REGISTER))
    assert "ยื่นคำขอ" in str(refused.value) or "Ask for access" in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tier": "everything"}, "tier"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"justification": "short"}, "justification"),
        ({"justification": "x" * 20_001}, "justification"),
        ({"days": 366}, "days"),
        ({"days": "soon"}, "days"),
        ({"resource_ids": ["nonsense"]}, "resource_ids"),
    ],
)
def test_a_bad_request_is_refused_with_its_field(
    instance: Instance, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        _ask(instance, **changes)
    assert field in refused.value.error_dict


def test_a_citizen_is_told_the_highest_that_can_be_asked(instance: Instance) -> None:
    with pytest.raises(ValidationError) as refused:
        _ask(instance, "somchai", tier="full")
    assert "masked" in str(refused.value.error_dict["tier"])


def test_only_a_steward_of_the_agency_decides(instance: Instance) -> None:
    asked = _ask(instance)
    for name in ("somchai", "prasit", "admin"):
        with pytest.raises((NotFound, NotAuthorized)):
            instance.portal(name).action.dgatier_request_decide(id=asked["id"], decision="approve")
    with pytest.raises((ValidationError, NotAuthorized)):
        instance.portal("nari").action.dgatier_request_decide(id=asked["id"], decision="approve")
    with pytest.raises(ValidationError):
        instance.portal("suda").action.dgatier_request_decide(id=asked["id"], decision="reject")
    rejected = instance.portal("suda").action.dgatier_request_decide(
        id=asked["id"], decision="reject", reason="The plan is not clear."
    )
    assert rejected["state"] == "rejected"
    assert rejected["decision_reason"] == "The plan is not clear."
    with pytest.raises(ValidationError):
        instance.portal("suda").action.dgatier_request_decide(id=asked["id"], decision="approve")


@pytest.mark.parametrize(
    "action",
    ["request_list", "request_show", "grant_list", "grant_show", "audit_list", "audit_verify"],
)
def test_the_public_has_no_requests_or_grants(instance: Instance, action: str) -> None:
    with pytest.raises(NotAuthorized) as refused:
        instance.portal().call_action(f"dgatier_{action}", {"id": "x"})
    assert refused.value


def test_returned_changed_and_sent_again(instance: Instance) -> None:
    asked = _ask(instance)
    suda, nari = instance.portal("suda").action, instance.portal("nari").action
    assert (
        suda.dgatier_request_return(id=asked["id"], reason="For how long?")["state"] == "returned"
    )
    assert nari.dgatier_request_update(id=asked["id"], days=10)["days"] == 10
    assert nari.dgatier_request_submit(id=asked["id"])["state"] == "submitted"
    assert nari.dgatier_request_withdraw(id=asked["id"])["state"] == "withdrawn"


def test_secret_data_takes_two_stewards_one_of_them_senior(instance: Instance) -> None:
    asked = instance.portal("wichai").action.dgatier_request_create(
        id="promptpay-transfers",
        tier="masked",
        purpose="dpv:CombatFraud",
        justification="Following a reported fraud.",
        days=30,
    )
    first = instance.portal("suda").action.dgatier_request_decide(
        id=asked["id"], decision="approve"
    )
    assert first["state"] == "submitted"
    assert first["approvals_needed"] == 2
    with pytest.raises(NotAuthorized):
        instance.portal("suda").action.dgatier_request_decide(id=asked["id"], decision="approve")
    with pytest.raises((NotAuthorized, ValidationError)):
        instance.portal("wichai").action.dgatier_request_decide(id=asked["id"], decision="approve")
    instance.portal("wichai").action.dgatier_request_withdraw(id=asked["id"])


def test_two_stewards_give_secret_data_to_a_third_cleared_person_after_a_strong_sign_in(
    instance: Instance, new_person: Callable[..., str]
) -> None:
    name = new_person("official", clearance="secret")
    ckan("dgatier", "people", "sync")
    token = ckan("user", "token", "add", name, "test").split()[-1]
    person = RemoteCKAN(instance.url, apikey=token).action
    asked = person.dgatier_request_create(
        id="promptpay-transfers", tier="masked", purpose="dpv:CombatFraud", days=30,
        justification="Following a reported fraud.",
    )  # fmt: skip
    suda, wichai = (instance.portal(one).action for one in ("suda", "wichai"))
    first = suda.dgatier_request_decide(id=asked["id"], decision="approve")
    assert (first["state"], first["approvals_needed"]) == ("submitted", 2)
    assert not person.dgatier_grant_list()
    with pytest.raises(NotAuthorized):
        suda.dgatier_request_decide(id=asked["id"], decision="approve")
    second = wichai.dgatier_request_decide(id=asked["id"], decision="approve")
    assert second["state"] == "approved"
    (grant,) = person.dgatier_grant_list()
    assert {one["name"] for one in grant["approved_by"]} == {"suda", "wichai"}

    # The token was made without a sign-in, so what was granted waits for a strong one.
    may = person.dgatier_access_show(id="promptpay-transfers", purpose="dpv:CombatFraud")
    assert (may["tier"], may["obligations"]["step_up"]) == ("discover", 2)
    suda.dgatier_grant_revoke(id=grant["id"], reason="test is over")
    gone = person.dgatier_access_show(id="promptpay-transfers", purpose="dpv:CombatFraud")
    assert (gone["tier"], gone["obligations"]["step_up"]) == ("discover", None)


def test_the_audit_tells_who_did_what_and_is_whole(
    instance: Instance, resource_of: Callable[[str], str]
) -> None:
    with pytest.raises(NotAuthorized):
        instance.portal("somchai").action.datastore_search(resource_id=resource_of(REGISTER))
    anan = instance.portal("anan").action
    newest = anan.dgatier_audit_list(actor="somchai", limit=1)["results"][0]
    assert (newest["action"], newest["outcome"]) == ("data_refused", "refused")
    assert newest["dataset_name"] == REGISTER
    proof = anan.dgatier_audit_verify()
    assert proof["valid"], proof["problems"]
    for name in ("somchai", "nari", "admin"):
        with pytest.raises(NotAuthorized):
            instance.portal(name).action.dgatier_audit_list()


def test_the_catalogue_filters_by_level(instance: Instance) -> None:
    found = instance.portal().action.package_search(fq="classification_level:confidential", rows=0)
    assert found["count"] >= 10
