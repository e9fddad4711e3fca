"""What was approved does not outlive the level and the terms of the data; nothing has to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
import requests
from bs4 import BeautifulSoup
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError
from outbox import Outbox

from instance import Instance, ckan, open_dataset, run_command, run_in_ckan

GROUND = "Section 9 of the Official Information Act."
TERMS = "Use it for **this study** alone."
OTHER_TERMS = "Use it for **this study** alone, and name the source."
Made = Callable[..., dict[str, Any]]
_NOTE = "from ckanext.dgatier.logic import recall; recall.note()"


@pytest.fixture
def suda(instance: Instance) -> RemoteCKAN:
    return instance.portal("suda")


@pytest.fixture
def nari(instance: Instance) -> RemoteCKAN:
    return instance.portal("nari")


@pytest.fixture
def made(suda: RemoteCKAN, nari: RemoteCKAN) -> Iterator[Made]:
    """Return what creates an internal dataset with one file; what was asked for is closed."""
    ids = []

    def make(**changes: Any) -> dict[str, Any]:
        shape = {**open_dataset(), "classification_level": "internal", "level_ground": GROUND}
        package = suda.action.package_create(**{**shape, "resources": [], **changes})
        ids.append(package["id"])
        suda.action.resource_create(package_id=package["id"], name="part", url="part.csv")
        return suda.action.package_show(id=package["id"])

    yield make
    for one in nari.action.dgatier_request_list(state="approved", limit=200)["results"]:
        if one["dataset_id"] in ids:
            nari.action.dgatier_request_close(id=one["id"], copies="none")
    for package_id in ids:
        suda.action.package_delete(id=package_id)


def _granted(
    nari: RemoteCKAN, suda: RemoteCKAN, dataset_id: str, tier: str = "full", **asked: Any
) -> dict[str, Any]:
    """Let the researcher ask and the steward approve; returns the grant."""
    request = nari.action.dgatier_request_create(
        **{
            "id": dataset_id, "tier": tier, "purpose": "dpv:AcademicResearch", "days": 30,
            "justification": "A study of how welfare reaches the provinces.", **asked,
        }
    )  # fmt: skip
    suda.action.dgatier_request_decide(id=request["id"], decision="approve")
    return next(
        one
        for one in nari.action.dgatier_grant_list(dataset_id=dataset_id, limit=200)
        if one["request_id"] == request["id"]
    )


def _access(portal: RemoteCKAN, dataset_id: str) -> tuple[str, set[str], list[str]]:
    found = portal.action.dgatier_access_show(id=dataset_id)
    return (
        found["tier"],
        {one["code"] for one in found["reasons"]},
        [one["code"] for one in found["next_steps"]],
    )


def _state(portal: RemoteCKAN, grant_id: str) -> str:
    return str(portal.action.dgatier_grant_show(id=grant_id)["state"])


def _told(portal: RemoteCKAN, dataset_id: str) -> list[str]:
    notices = portal.action.dgatier_notice_list(limit=200)["results"]
    return [one["kind"] for one in notices if one["dataset_id"] == dataset_id]


def _check() -> str:
    return run_command("dgatier", "rebuild", "--check").stdout


def _raise_the_dataset(suda: RemoteCKAN, package: dict[str, Any]) -> None:
    suda.action.package_patch(
        id=package["id"], classification_level="confidential", level_ground=GROUND
    )


def _raise_its_file(suda: RemoteCKAN, package: dict[str, Any]) -> None:
    suda.action.resource_patch(
        id=package["resources"][0]["id"], classification_level="confidential"
    )


@pytest.mark.parametrize("raised", [_raise_the_dataset, _raise_its_file])
def test_a_grant_given_at_a_lower_level_does_not_count_from_the_next_reading_on(
    suda: RemoteCKAN, nari: RemoteCKAN, made: Made, raised: Callable[..., None]
) -> None:
    package = made()
    grant = _granted(nari, suda, package["id"])
    assert grant["level"] == "internal"
    assert _access(nari, package["id"])[0] == "full"
    raised(suda, package)
    tier, reasons, steps = _access(nari, package["id"])
    assert (tier, steps) == ("summary", ["ask"])
    assert "level_raised" in reasons
    file = nari.action.dgatier_access_show(
        id=package["id"], resource_id=package["resources"][0]["id"]
    )
    assert file["tier"] == "summary"
    again = _granted(nari, suda, package["id"], "masked")
    assert again["level"] == "confidential"
    assert _access(nari, package["id"])[:2] == ("masked", {"granted"})


def test_a_recall_is_written_down_and_told_once_and_ends_when_the_level_is_lowered(
    instance: Instance, suda: RemoteCKAN, nari: RemoteCKAN, made: Made
) -> None:
    package = made()
    grant = _granted(nari, suda, package["id"])
    _raise_the_dataset(suda, package)
    for _turn in range(2):
        run_in_ckan(_NOTE)
    assert _state(nari, grant["id"]) == "recalled"
    recalled = nari.action.dgatier_grant_list(dataset_id=package["id"], state="recalled", limit=200)
    assert [one["id"] for one in recalled] == [grant["id"]]
    assert not nari.action.dgatier_grant_list(dataset_id=package["id"], state="active")
    assert _told(nari, package["id"]).count("grant_recalled") == 1
    assert _told(suda, package["id"]).count("grants_recalled") == 1
    history = nari.action.dgatier_request_show(id=grant["request_id"])["history"]
    assert [one["type"] for one in history].count("withheld") == 1
    newest = instance.portal("anan").action.dgatier_audit_list(dataset_id=package["id"], limit=20)
    (event,) = [one for one in newest["results"] if one["action"] == "grant_withheld"]
    assert (event["detail"]["why"], event["detail"]["level"]) == ("level_raised", "confidential")
    assert _check() == "0 differences\n"

    lowering = suda.action.dgatier_level_propose(id=package["id"], level="internal", ground=GROUND)[
        "proposal"
    ]
    instance.portal("wichai").action.dgatier_level_decide(id=lowering["id"], decision="confirm")
    assert _access(nari, package["id"])[0] == "full", "it counts before anything has run"
    run_in_ckan(_NOTE)
    assert _state(nari, grant["id"]) == "active"
    assert _told(nari, package["id"]).count("grant_restored") == 1
    assert _check() == "0 differences\n"


def test_who_joins_a_team_after_the_level_was_raised_holds_no_more_than_was_approved(
    instance: Instance, suda: RemoteCKAN, nari: RemoteCKAN, made: Made
) -> None:
    package = made()
    grant = _granted(nari, suda, package["id"], members=["malee"])
    _raise_the_dataset(suda, package)
    malee = instance.portal("malee")
    malee.action.dgatier_request_accept(id=grant["request_id"])
    (late,) = malee.action.dgatier_grant_list(dataset_id=package["id"])
    assert late["level"] == "internal"
    assert _access(malee, package["id"])[0] == "summary"


def test_a_grant_waits_until_its_holder_accepts_other_terms(
    instance: Instance, suda: RemoteCKAN, nari: RemoteCKAN, made: Made
) -> None:
    package = made(terms_of_use=TERMS)
    grant = _granted(nari, suda, package["id"])
    first = nari.action.dgatier_grant_show(id=grant["id"])["terms"]
    assert (first["text"], first["accepted"]) == (TERMS, True)
    suda.action.package_patch(id=package["id"], terms_of_use=f" {TERMS}\n")
    assert _access(nari, package["id"])[0] == "full", "white space is no other terms"

    suda.action.package_patch(id=package["id"], terms_of_use=OTHER_TERMS)
    tier, reasons, steps = _access(nari, package["id"])
    assert (tier, steps) == ("discover", ["accept_terms", "ask"])
    assert "terms_changed" in reasons
    run_in_ckan(_NOTE)
    assert _state(nari, grant["id"]) == "suspended"
    assert _told(nari, package["id"]).count("grant_suspended") == 1
    assert "grants_recalled" not in _told(suda, package["id"])

    accept = {"id": grant["id"]}
    with pytest.raises(NotAuthorized):
        suda.action.dgatier_grant_accept(**accept)
    with pytest.raises(NotFound):
        instance.portal("somchai").action.dgatier_grant_accept(**accept)
    with pytest.raises(ValidationError) as stale:
        nari.action.dgatier_grant_accept(**accept, terms_version=first["version"])
    assert "terms_version" in stale.value.error_dict
    assert _access(nari, package["id"])[0] == "discover"
    accepted = nari.action.dgatier_grant_accept(**accept)
    assert (accepted["state"], accepted["terms"]["accepted"]) == ("active", True)
    assert _access(nari, package["id"])[0] == "full"
    run_in_ckan(_NOTE)
    assert _state(nari, grant["id"]) == "active"
    assert "grant_restored" not in _told(nari, package["id"])
    newest = instance.portal("anan").action.dgatier_audit_list(dataset_id=package["id"], limit=20)
    (event,) = [one for one in newest["results"] if one["action"] == "grant_terms_accepted"]
    assert event["detail"]["terms_version"] == accepted["terms"]["version"]
    assert _check() == "0 differences\n"


def test_terms_that_changed_between_asking_and_deciding_are_to_be_accepted_first(
    suda: RemoteCKAN, nari: RemoteCKAN, made: Made
) -> None:
    package = made()
    asked = {
        "id": package["id"], "tier": "full", "purpose": "dpv:AcademicResearch", "days": 30,
        "justification": "A study of how welfare reaches the provinces.",
    }  # fmt: skip
    request = nari.action.dgatier_request_create(**asked)
    suda.action.package_patch(id=package["id"], terms_of_use=TERMS)
    suda.action.dgatier_request_decide(id=request["id"], decision="approve")
    assert "terms_changed" in _access(nari, package["id"])[1]
    with pytest.raises(ValidationError):
        nari.action.dgatier_request_create(**asked, terms_version="of another page")


def test_the_terms_are_read_and_accepted_on_a_page(
    instance: Instance, suda: RemoteCKAN, nari: RemoteCKAN, made: Made
) -> None:
    package = made(terms_of_use=TERMS)
    _granted(nari, suda, package["id"])
    suda.action.package_patch(id=package["id"], terms_of_use=OTHER_TERMS)
    session = instance.browse("nari")
    address = f"{instance.url}/en/access/terms/{package['id']}"
    dataset = session.get(f"{instance.url}/en/dataset/{package['name']}", timeout=30)
    assert f"/en/access/terms/{package['name']}" in dataset.text
    asking = session.get(f"{instance.url}/en/access/ask/{package['name']}", timeout=30)
    assert "By sending this you accept the terms of use" in asking.text
    page = session.get(address, timeout=30)
    assert "<strong>this study</strong>" in page.text
    assert "and name the source" in page.text
    suda.action.package_patch(id=package["id"], terms_of_use=f"{OTHER_TERMS} And once more.")
    refused = _accept(session, page)
    assert "The terms of use changed meanwhile; read them again." in refused.text
    done = _accept(session, refused)
    assert "You have accepted the terms of use." in done.text
    assert _access(nari, package["id"])[0] == "full"
    assert instance.browse("suda").get(address, timeout=30).status_code == 404


def _accept(session: requests.Session, page: requests.Response) -> requests.Response:
    """Send the form in which the terms are accepted, as it stands on the page."""
    soup = BeautifulSoup(page.text, "html.parser")
    version: Any = soup.select_one("input[name=terms_version]")
    hidden = {
        one["name"]: one.get("value", "") for one in version.find_parent("form").select("input")
    }
    return session.post(page.url, data=hidden, timeout=30)


def test_one_grant_that_cannot_be_read_counts_for_nothing_and_stops_no_other(
    suda: RemoteCKAN, nari: RemoteCKAN, made: Made
) -> None:
    package = made()
    bad = _granted(nari, suda, package["id"])
    good = _granted(nari, suda, package["id"], "masked", purpose="dpv:PublicBenefit")
    box = Outbox()
    for column, value in (
        ("tier", "no tier"), ("level", "no level"), ("withheld", "nonsense"),
        ("conditions", "[]"), ("resource_ids", "{}"),
    ):  # fmt: skip
        box.execute(f"UPDATE dgatier_grant SET {column} = %s WHERE id = %s", value, bad["id"])
        assert _access(nari, package["id"])[:2] == ("masked", {"granted"}), column
        listed = nari.action.dgatier_grant_list(dataset_id=package["id"])
        assert [one["id"] for one in listed] == [good["id"]], column
        with pytest.raises(NotFound):
            nari.action.dgatier_grant_show(id=bad["id"])
        run_in_ckan(_NOTE)
        ckan("dgatier", "rebuild")
    for never in ("0044-03-15 BC", "20000-01-01Z", "infinity"):
        with pytest.raises(psycopg2.errors.CheckViolation):
            box.execute("UPDATE dgatier_grant SET valid_until = %s WHERE id = %s", never, bad["id"])
    assert _access(nari, package["id"])[0] == "full"
    box.execute("UPDATE dgatier_grant SET tier = 'no tier' WHERE id = %s", bad["id"])
    _raise_the_dataset(suda, package)
    run_in_ckan(_NOTE)
    assert _state(nari, good["id"]) == "recalled"
    ckan("dgatier", "rebuild")
