"""A level is proposed, stands as high as it must meanwhile, and is confirmed by stewards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from ckanapi import (
    CKANAPIError,
    NotAuthorized,
    NotFound,
    RemoteCKAN,
    SearchIndexError,
    ValidationError,
)

from dgatier_demo import catalogue
from instance import Instance, ckan, open_dataset, run_in_ckan
from stack import database, health, supervisor
from stack.settings import Settings

GROUND = "Section 9 of the Official Information Act."
Made = Callable[..., dict[str, Any]]


@pytest.fixture
def made(instance: Instance, editor: RemoteCKAN) -> Iterator[Made]:
    """Return what creates an open dataset, as the editor if no one else is named."""
    ids = []

    def make(by: RemoteCKAN = editor, **changes: Any) -> dict[str, Any]:
        package = by.action.package_create(**{**open_dataset(), **changes})
        ids.append(package["id"])
        return package

    yield make
    for package_id in ids:
        editor.action.package_delete(id=package_id)


@pytest.fixture
def suda(instance: Instance) -> RemoteCKAN:
    return instance.portal("suda")


@pytest.fixture
def wichai(instance: Instance) -> RemoteCKAN:
    return instance.portal("wichai")


def _level(instance: Instance, dataset_id: str) -> str:
    """Return the level that the public meets: in the dataset, in search and in the decision."""
    public = instance.portal().action
    shown = public.package_show(id=dataset_id)["classification_level"]
    found = public.package_search(fq=f"id:{dataset_id} AND classification_level:{shown}", rows=1)
    assert found["count"] == 1, f"search does not find it at {shown}"
    assert public.dgatier_access_show(id=dataset_id)["level"] == shown
    return str(shown)


def _lowering(suda: RemoteCKAN, dataset_id: str, level: str = "internal") -> dict[str, Any]:
    return suda.action.dgatier_level_propose(id=dataset_id, level=level, ground=GROUND)["proposal"]


def test_an_editors_open_dataset_stands_confidential_until_a_steward_confirms_it(
    instance: Instance, made: Made, suda: RemoteCKAN
) -> None:
    package = made(level_ground=GROUND, level_review_on="2031-01-31")
    waiting = package["level_proposal"]
    assert (waiting["level"], waiting["standing_level"]) == ("open", "confidential")
    assert (waiting["ground"], waiting["review_on"]) == (GROUND, "2031-01-31")
    assert _level(instance, package["id"]) == "confidential"
    access = instance.portal().action.dgatier_access_show(id=package["id"])
    assert access["tier"] == "discover"

    shown = suda.action.dgatier_level_decide(id=waiting["id"], decision="confirm")
    assert (shown["standing_level"], shown["confirmed_level"]) == ("open", "open")
    assert [person["name"] for person in shown["confirmed_by"]] == ["suda"]
    assert _level(instance, package["id"]) == "open"
    assert instance.portal().action.dgatier_access_show(id=package["id"])["tier"] == "full"


def test_every_dataset_of_the_demonstration_stands_at_its_level(suda: RemoteCKAN) -> None:
    found = suda.action.package_search(rows=1000)["results"]
    standing = {package["name"]: package["classification_level"] for package in found}
    for dataset in catalogue.datasets():
        assert standing[dataset.name] == dataset.level, dataset.name


def test_only_those_who_may_edit_are_told_of_a_proposal(
    instance: Instance, made: Made, editor: RemoteCKAN
) -> None:
    package = made()
    for portal in (editor, instance.portal("suda")):
        assert portal.action.package_show(id=package["id"])["level_proposal"]["level"] == "open"
    for name in (None, "somchai", "nari", "prasit", "anan"):
        action = instance.portal(name).action
        assert "level_proposal" not in action.package_show(id=package["id"]), name
        (found,) = action.package_search(fq=f"id:{package['id']}")["results"]
        assert not {"level_proposal", "level_ground", "level_review_on"} & set(found), name
    with pytest.raises(NotAuthorized):
        instance.portal("somchai").action.dgatier_level_show(id=package["id"])
    history = instance.portal("anan").action.dgatier_level_show(id=package["id"])["history"]
    assert [event["type"] for event in history] == ["begun", "proposed"]


def test_what_a_steward_publishes_stands_at_once(
    instance: Instance, made: Made, suda: RemoteCKAN
) -> None:
    package = made(suda, level_ground=GROUND)
    assert "level_proposal" not in package
    assert _level(instance, package["id"]) == "open"
    shown = suda.action.dgatier_level_show(id=package["id"])
    assert shown["confirmed_level"] == "open"
    assert shown["review_on"] == _in_years(5)
    assert shown["ground"] == GROUND


def test_lowering_takes_two_different_stewards(
    instance: Instance, made: Made, suda: RemoteCKAN, wichai: RemoteCKAN
) -> None:
    package = made(suda, classification_level="confidential")
    changed = suda.action.package_patch(
        id=package["id"], classification_level="open", level_ground=GROUND, title="ชื่อใหม่"
    )
    assert changed["title"] == "ชื่อใหม่"
    waiting = changed["level_proposal"]
    assert [person["name"] for person in waiting["approvals"]] == ["suda"]
    assert _level(instance, package["id"]) == "confidential"
    with pytest.raises(NotAuthorized) as refused:
        suda.action.dgatier_level_decide(id=waiting["id"], decision="confirm")
    assert "another person" in str(refused.value) or "อีกคน" in str(refused.value)
    assert _level(instance, package["id"]) == "confidential"

    shown = wichai.action.dgatier_level_decide(id=waiting["id"], decision="confirm")
    assert {person["name"] for person in shown["confirmed_by"]} == {"suda", "wichai"}
    assert [event["type"] for event in shown["history"]][-2:] == ["approval_given", "lowered"]
    assert _level(instance, package["id"]) == "open"
    assert instance.portal().action.dgatier_access_show(id=package["id"])["tier"] == "full"


WAYS_IN: dict[str, Callable[[RemoteCKAN, dict[str, Any]], Any]] = {
    "package_update": lambda portal, package: portal.action.package_update(**package),
    "package_patch": lambda portal, package: portal.action.package_patch(
        id=package["id"],
        classification_level=package["classification_level"],
        level_ground=package["level_ground"],
    ),
    "package_revise": lambda portal, package: portal.action.package_revise(
        match={"id": package["id"]},
        update={
            "classification_level": package["classification_level"],
            "level_ground": package["level_ground"],
        },
    ),
    "resource_create": lambda portal, package: portal.action.resource_create(
        package_id=package["id"], name="t", url="https://example.org/t", classification_level="open"
    ),
}


@pytest.mark.parametrize("way", WAYS_IN)
def test_no_way_in_lowers_a_level_at_once(
    instance: Instance, made: Made, suda: RemoteCKAN, editor: RemoteCKAN, way: str
) -> None:
    package = made(suda, classification_level="confidential")
    for portal in (suda, editor):
        given = {**package, "classification_level": "open", "level_ground": f"{GROUND} {way}"}
        WAYS_IN[way](portal, given)
        assert _level(instance, package["id"]) == "confidential", way


def test_an_older_picture_of_a_dataset_undoes_no_raise(
    instance: Instance, made: Made, suda: RemoteCKAN, editor: RemoteCKAN
) -> None:
    package = made(suda)
    older = editor.action.package_show(id=package["id"])
    suda.action.package_patch(id=package["id"], classification_level="confidential")
    with pytest.raises(ValidationError) as refused:
        editor.action.package_update(**{**older, "title": "ชื่อใหม่"})
    assert "level_ground" in refused.value.error_dict
    assert _level(instance, package["id"]) == "confidential"


_BY_ITSELF = """
from ckan.plugins import toolkit
site = toolkit.get_action("get_site_user")({{"ignore_auth": True}}, {{}})
toolkit.get_action("package_patch")(
    {{"ignore_auth": True, "user": site["name"]}},
    {{"id": "{dataset_id}", "classification_level": "{level}", "title": "ชื่อใหม่"}},
)
"""


@pytest.mark.parametrize(("level", "stands"), [("open", "internal"), ("confidential",) * 2])
def test_what_the_portal_does_by_itself_lowers_nothing(
    instance: Instance, made: Made, suda: RemoteCKAN, level: str, stands: str
) -> None:
    package = made(suda, classification_level="internal")
    run_in_ckan(_BY_ITSELF.format(dataset_id=package["id"], level=level))
    assert _level(instance, package["id"]) == stands
    shown = suda.action.dgatier_level_show(id=package["id"])
    assert shown["dataset_title"] == "ชื่อใหม่"
    assert (shown["confirmed_level"], bool(shown["proposal"])) == ("internal", level != "open")


def test_deciding_takes_a_sign_in_with_two_factors(
    instance: Instance, made: Made, suda: RemoteCKAN
) -> None:
    package = made(suda, classification_level="confidential")
    proposal = _lowering(suda, package["id"])
    weak = instance.browse("wichai", aal=1)
    page = weak.get(f"{instance.url}/en/steward/level/{package['name']}", timeout=30).text
    token = re.search(r'name="_csrf_token" content="([^"]+)"', page)
    assert token
    refused = weak.post(
        f"{instance.url}/en/api/3/action/dgatier_level_decide",
        json={"id": proposal["id"], "decision": "confirm"},
        headers={"X-CSRFToken": token[1], "Referer": instance.url}, timeout=30,
    )  # fmt: skip
    assert refused.status_code == 403
    assert "two factors" in refused.json()["error"]["message"]
    assert _level(instance, package["id"]) == "confidential"


def test_a_steward_who_refused_confirms_the_level_that_stands_by_meaning_it(
    made: Made, suda: RemoteCKAN
) -> None:
    package = made()
    proposal_id = package["level_proposal"]["id"]
    suda.action.dgatier_level_decide(id=proposal_id, decision="refuse", reason="People are in it.")
    suda.action.package_patch(id=package["id"], classification_level="confidential", title="ใหม่")
    assert suda.action.dgatier_level_show(id=package["id"])["confirmed_level"] is None
    shown = suda.action.dgatier_level_propose(id=package["id"], level="confidential")
    assert (shown["confirmed_level"], shown["standing_level"]) == ("confidential",) * 2
    assert shown["proposal"] is None
    with pytest.raises(ValidationError):
        suda.action.dgatier_level_propose(id=package["id"], level="confidential")


def test_an_editors_lowering_takes_two_stewards_as_well(
    instance: Instance, made: Made, editor: RemoteCKAN, suda: RemoteCKAN, wichai: RemoteCKAN
) -> None:
    package = made(suda, classification_level="confidential")
    proposal = editor.action.dgatier_level_propose(
        id=package["id"], level="internal", ground=GROUND
    )["proposal"]
    assert proposal["approvals"] == []
    assert proposal["approvals_needed"] == 2
    once = suda.action.dgatier_level_decide(id=proposal["id"], decision="confirm")
    assert once["standing_level"] == "confidential"
    assert _level(instance, package["id"]) == "confidential"
    twice = wichai.action.dgatier_level_decide(id=proposal["id"], decision="confirm")
    assert twice["standing_level"] == "internal"
    assert _level(instance, package["id"]) == "internal"


def test_one_refusal_ends_it_with_its_reason(
    instance: Instance, made: Made, suda: RemoteCKAN, wichai: RemoteCKAN
) -> None:
    package = made(suda, classification_level="confidential")
    proposal = _lowering(suda, package["id"])
    with pytest.raises(ValidationError):
        wichai.action.dgatier_level_decide(id=proposal["id"], decision="refuse")
    shown = wichai.action.dgatier_level_decide(
        id=proposal["id"], decision="refuse", reason="People are in it."
    )
    assert (shown["proposal"], shown["standing_level"]) == (None, "confidential")
    assert shown["history"][-1]["reason"] == "People are in it."
    with pytest.raises(ValidationError) as again:
        wichai.action.dgatier_level_decide(id=proposal["id"], decision="confirm")
    assert "id" in again.value.error_dict
    assert _level(instance, package["id"]) == "confidential"


def test_the_proposer_takes_it_back_and_nobody_else_does(
    made: Made, suda: RemoteCKAN, wichai: RemoteCKAN
) -> None:
    package = made(suda, classification_level="confidential")
    proposal = _lowering(suda, package["id"])
    with pytest.raises(NotAuthorized):
        wichai.action.dgatier_level_withdraw(id=proposal["id"])
    shown = suda.action.dgatier_level_withdraw(id=proposal["id"])
    assert (shown["proposal"], shown["standing_level"]) == (None, "confidential")


def test_stewards_and_officials_of_other_agencies_decide_nothing(
    instance: Instance, made: Made
) -> None:
    proposal = made()["level_proposal"]
    for name in ("prasit", "nari", "somchai", "malee", "admin", "anan", None):
        with pytest.raises((NotAuthorized, NotFound)):
            instance.portal(name).action.dgatier_level_decide(id=proposal["id"], decision="confirm")
    elsewhere = made(owner_org="customs-dept")["level_proposal"]
    with pytest.raises((NotAuthorized, NotFound)):
        instance.portal("suda").action.dgatier_level_decide(id=elsewhere["id"], decision="confirm")
    with pytest.raises(NotFound):
        instance.portal("suda").action.dgatier_level_decide(id="no-such", decision="confirm")


@pytest.fixture
def suda_elsewhere(suda: RemoteCKAN) -> Iterator[RemoteCKAN]:
    """Return the portal as suda sees it while she is an editor of another agency too."""
    run_in_ckan(_MEMBERSHIP.format(verb="create"))
    yield suda
    run_in_ckan(_MEMBERSHIP.format(verb="delete"))


_MEMBERSHIP = """
from ckan.plugins import toolkit
site = toolkit.get_action("get_site_user")({{"ignore_auth": True}}, {{}})
toolkit.get_action("member_{verb}")(
    {{"ignore_auth": True, "user": site["name"]}},
    {{"id": "customs-dept", "object": "suda", "object_type": "user", "capacity": "editor"}},
)
"""


def test_a_made_up_agency_in_a_dataset_makes_nobody_its_steward(
    made: Made, suda_elsewhere: RemoteCKAN
) -> None:
    package = made(suda_elsewhere, owner_org="customs-dept", organization={"name": "fpo"})
    assert package["level_proposal"]["standing_level"] == "confidential"


def test_raising_holds_from_the_next_request_on_and_waits_to_be_confirmed(
    instance: Instance, made: Made, editor: RemoteCKAN, suda: RemoteCKAN
) -> None:
    package = made(suda)
    raised = editor.action.package_patch(id=package["id"], classification_level="confidential")
    assert raised["classification_level"] == "confidential"
    assert raised["level_proposal"]["kind"] == "raise"
    assert _level(instance, package["id"]) == "confidential"
    assert package["id"] in _waiting(suda)
    shown = suda.action.dgatier_level_decide(
        id=raised["level_proposal"]["id"], decision="refuse", reason="It is public."
    )
    assert shown["standing_level"] == "open"
    assert _level(instance, package["id"]) == "open"


def test_a_steward_raises_and_that_is_all(instance: Instance, made: Made, suda: RemoteCKAN) -> None:
    package = made(suda)
    raised = suda.action.package_patch(id=package["id"], classification_level="internal")
    assert "level_proposal" not in raised
    assert _level(instance, package["id"]) == "internal"
    assert suda.action.dgatier_level_show(id=package["id"])["confirmed_level"] == "internal"


def test_an_update_with_the_same_level_proposes_nothing(
    made: Made, editor: RemoteCKAN, suda: RemoteCKAN
) -> None:
    package = made()
    shown = editor.action.package_show(id=package["id"])
    editor.action.package_update(**{**shown, "title": "ชื่อใหม่"})
    editor.action.package_patch(id=package["id"], notes="คำอธิบายใหม่")
    editor.action.package_patch(id=package["id"], classification_level="open")
    after = suda.action.dgatier_level_show(id=package["id"])
    assert [event["type"] for event in after["history"]] == ["begun", "proposed"]
    assert after["proposal"]["id"] == package["level_proposal"]["id"]


def test_of_two_decisions_at_once_one_counts(
    instance: Instance, made: Made, suda: RemoteCKAN, wichai: RemoteCKAN
) -> None:
    package = made()
    proposal_id = package["level_proposal"]["id"]

    def decide(portal: RemoteCKAN) -> str:
        try:
            portal.action.dgatier_level_decide(id=proposal_id, decision="confirm")
        except ValidationError:
            return "refused"
        return "done"

    with ThreadPoolExecutor(2) as both:
        outcomes = sorted(both.map(decide, (suda, wichai)))
    assert "done" in outcomes
    history = suda.action.dgatier_level_show(id=package["id"])["history"]
    assert [event["type"] for event in history].count("confirmed") == 1
    assert _level(instance, package["id"]) == "open"


@pytest.mark.parametrize(
    ("changes", "field", "en", "th"),
    [
        ({"level": "public"}, "level", "not a classification level", "ไม่ใช่ชั้นความลับ"),
        ({"level": "top_secret"}, "level", "does not hold top", "ลับที่สุด"),
        ({"level": "confidential"}, "level", "at this level already", ""),
        ({"ground": ""}, "ground", "needs its ground", "ต้องบอกเหตุผล"),
        ({"ground": "x" * 4001}, "ground", "at most 4000", "4000"),
        ({"review_on": "soon"}, "review_on", "Give a day as", ""),
        ({"review_on": "2020-01-31"}, "review_on", "in the future", ""),
        ({"resource_id": "nonsense"}, "resource_id", "not part of this", "ไม่ได้อยู่ในชุดข้อมูล"),
    ],
)
def test_a_bad_proposal_is_refused_in_both_languages_and_not_stored(
    instance: Instance, made: Made, suda: RemoteCKAN,
    changes: dict[str, Any], field: str, en: str, th: str,
) -> None:  # fmt: skip
    package = made(suda, classification_level="confidential")
    given = {"id": package["id"], "level": "open", "ground": GROUND, **changes}
    headers = {"Authorization": instance.person("suda")["api_token"]}
    for prefix, words in (("/en", en), ("", th)):
        url = f"{instance.url}{prefix}/api/3/action/dgatier_level_propose"
        refused = requests.post(url, json=given, headers=headers, timeout=30)
        assert refused.status_code == 409
        assert words in str(refused.json()["error"][field])
    after = suda.action.dgatier_level_show(id=package["id"])
    assert (after["proposal"], len(after["history"])) == (None, 3)


def test_a_level_that_could_never_stand_is_refused_at_once(made: Made, editor: RemoteCKAN) -> None:
    with pytest.raises(ValidationError) as refused:
        made(data_category="ข้อมูลส่วนบุคคล")
    assert "data_category" in refused.value.error_dict
    package = made(classification_level="confidential", data_category="ข้อมูลส่วนบุคคล")
    with pytest.raises(ValidationError) as refused:
        editor.action.package_patch(id=package["id"], classification_level="open")
    assert "data_category" in refused.value.error_dict


def test_those_who_asked_are_told(
    instance: Instance, made: Made, suda: RemoteCKAN, wichai: RemoteCKAN
) -> None:
    package = made(suda, classification_level="confidential")
    nari = instance.portal("nari").action
    asked = nari.dgatier_request_create(
        id=package["id"], tier="masked", purpose="dpv:AcademicResearch", days=30,
        justification="A study of how welfare reaches the provinces.",
    )  # fmt: skip
    proposal = _lowering(suda, package["id"])
    assert not _told(nari, package["id"])
    wichai.action.dgatier_level_decide(id=proposal["id"], decision="confirm")
    (notice,) = _told(nari, package["id"])
    assert notice["kind"] == "level_lowered"
    assert (notice["payload"]["before"], notice["payload"]["level"]) == ("confidential", "internal")
    assert notice["payload"]["ground"] == GROUND
    assert not _told(instance.portal("malee").action, package["id"])
    page = instance.browse("nari").get(f"{instance.url}/en/access/mine", timeout=30).text
    assert "was lowered to Internal" in page
    nari.dgatier_request_withdraw(id=asked["id"])


def _told(action: Any, dataset_id: str) -> list[dict[str, Any]]:
    found = action.dgatier_notice_list(limit=200)["results"]
    return [one for one in found if one["dataset_id"] == dataset_id]


def test_a_steward_keeps_a_level_and_says_when_to_look_again(
    made: Made, editor: RemoteCKAN, suda: RemoteCKAN
) -> None:
    package = made(suda)
    day = (date.today() + timedelta(days=30)).isoformat()  # noqa: DTZ011
    with pytest.raises(NotAuthorized):
        editor.action.dgatier_level_review(id=package["id"], review_on=day)
    with pytest.raises(ValidationError):
        suda.action.dgatier_level_review(id=package["id"], review_on="")
    shown = suda.action.dgatier_level_review(id=package["id"], review_on=day, ground="Still so.")
    assert (shown["review_on"], shown["ground"]) == (day, "Still so.")
    assert shown["history"][-1]["type"] == "reviewed"


def test_a_level_past_its_review_date_is_in_the_queue(
    instance: Instance, made: Made, suda: RemoteCKAN
) -> None:
    package = made(suda)
    _let_the_review_pass(package["id"])
    (row,) = [
        one
        for one in suda.action.dgatier_level_list(limit=200)["results"]
        if one["dataset_id"] == package["id"]
    ]
    assert (row["overdue"], row["id"], row["level"]) == (True, None, "open")
    suda.action.dgatier_level_review(id=package["id"], review_on="2040-01-01")
    assert package["id"] not in _waiting(suda)
    assert _level(instance, package["id"]) == "open"


def _let_the_review_pass(dataset_id: str) -> None:
    """Let the day of a review be past, as it becomes by waiting."""
    run_in_ckan(_LATE.format(dataset_id=dataset_id))


_LATE = """
from datetime import UTC, datetime
from ckanext.dgatier import store
from ckanext.dgatier.core.levelling import LevelEvent, LevelEventType
known = store.levels.load("{dataset_id}")
payload = {{"review_on": "2025-01-01", "ground": ""}}
late = LevelEvent(LevelEventType.REVIEWED, known.events[0].actor_id, datetime.now(UTC), payload)
with store.transaction() as connection:
    store.levels.append(known.events, [late], connection)
"""


def _waiting(steward: RemoteCKAN) -> set[str]:
    found = steward.action.dgatier_level_list(limit=200)
    return {one["dataset_id"] for one in found["results"]}


def test_the_queue_is_the_agencys_and_the_oldest_is_first(
    instance: Instance, made: Made, suda: RemoteCKAN
) -> None:
    first, second = made(), made()
    elsewhere = made(owner_org="customs-dept")
    ids = [one["dataset_id"] for one in suda.action.dgatier_level_list(limit=200)["results"]]
    assert ids.index(first["id"]) < ids.index(second["id"])
    assert elsewhere["id"] not in ids
    everything = instance.portal("anan").action.dgatier_level_list(limit=200)["results"]
    assert elsewhere["id"] in {one["dataset_id"] for one in everything}
    for name in ("somchai", "prasit", "admin", None):
        with pytest.raises(NotAuthorized):
            instance.portal(name).action.dgatier_level_list()


def test_an_operator_confirms_what_was_approved_elsewhere_and_only_first_levels(
    instance: Instance, made: Made, editor: RemoteCKAN, suda: RemoteCKAN
) -> None:
    first = made()
    settled = made(suda, classification_level="confidential")
    _lowering(suda, settled["id"])
    for package in (first, settled):
        ckan("dgatier", "levels", "confirm", "--dataset", package["name"], "--ground", "Order 1.")
    assert _level(instance, first["id"]) == "open"
    assert _level(instance, settled["id"]) == "confidential"
    audited = instance.portal("anan").action.dgatier_audit_list(
        dataset_id=first["id"], action="level_confirmed"
    )["results"]
    assert audited[0]["detail"]["operator"] is True
    assert audited[0]["detail"]["reason"] == "Order 1."


def test_every_step_is_in_the_audit(
    instance: Instance, made: Made, suda: RemoteCKAN, wichai: RemoteCKAN
) -> None:
    package = made(suda, classification_level="confidential")
    proposal = _lowering(suda, package["id"])
    wichai.action.dgatier_level_decide(id=proposal["id"], decision="confirm")
    audited = instance.portal("anan").action.dgatier_audit_list(dataset_id=package["id"])
    actions = [event["action"] for event in reversed(audited["results"])]
    assert [action for action in actions if action.startswith("level_")] == [
        "level_proposed", "level_confirmed", "level_proposed",
        "level_approval_given", "level_lowered",
    ]  # fmt: skip


@pytest.fixture
def log_is_closed() -> Iterator[None]:
    """Take from the portal's role the right to write down what happens to levels."""
    settings = Settings.load()
    connection = database.connect(settings, settings.secrets(), "ckan")
    with connection.cursor() as cursor:
        cursor.execute("REVOKE INSERT ON dgatier_level_event FROM ckan")
        try:
            yield
        finally:
            cursor.execute("GRANT INSERT ON dgatier_level_event TO ckan")
    connection.close()


def test_what_cannot_be_logged_is_not_stored(
    instance: Instance, made: Made, editor: RemoteCKAN, request: pytest.FixtureRequest
) -> None:
    settled = made(instance.portal("suda"))
    request.getfixturevalue("log_is_closed")
    new = open_dataset()
    with pytest.raises(CKANAPIError):
        editor.action.package_create(**new)
    with pytest.raises(NotFound):
        editor.action.package_show(id=new["name"])
    with pytest.raises(CKANAPIError):
        editor.action.package_patch(
            id=settled["id"], classification_level="confidential", title="ชื่อใหม่"
        )
    after = editor.action.package_show(id=settled["id"])
    assert (after["classification_level"], after["title"]) == ("open", settled["title"])


def test_a_decision_that_ckan_could_not_store_leaves_it_closed_and_is_mended_by_the_same(
    instance: Instance, made: Made, suda: RemoteCKAN
) -> None:
    package = made()
    proposal_id = package["level_proposal"]["id"]
    settings = Settings.load()
    supervisor.connect(settings).stopProcess("solr")
    try:
        with pytest.raises(SearchIndexError):
            suda.action.dgatier_level_decide(id=proposal_id, decision="confirm")
    finally:
        supervisor.ensure(settings, "solr")
        health.wait(settings, "solr", health.checks(settings, settings.secrets())["solr"], 60)
    assert _level(instance, package["id"]) == "confidential"
    suda.action.dgatier_level_decide(id=proposal_id, decision="confirm")
    assert _level(instance, package["id"]) == "open"


def test_a_resources_own_level_is_raised_freely_and_lowered_by_two(
    instance: Instance, made: Made, editor: RemoteCKAN, suda: RemoteCKAN, wichai: RemoteCKAN
) -> None:
    package = made(suda)
    resource = editor.action.resource_create(
        package_id=package["id"], name="table", url="https://example.org/table",
        classification_level="confidential",
    )  # fmt: skip
    assert _effective(instance, package["id"]) == "confidential"
    kept = suda.action.resource_patch(
        id=resource["id"], classification_level="", level_ground=GROUND, name="renamed"
    )
    assert (kept["name"], kept["classification_level"]) == ("renamed", "confidential")
    assert _effective(instance, package["id"]) == "confidential"
    shown = suda.action.dgatier_level_show(id=package["id"])
    proposal = shown["resources"][0]["proposal"]
    assert (proposal["resource_id"], proposal["level"]) == (resource["id"], "open")
    wichai.action.dgatier_level_decide(id=proposal["id"], decision="confirm")
    assert _effective(instance, package["id"]) == "open"


def test_a_proposal_for_a_resource_that_is_gone_waits_for_nobody(
    made: Made, suda: RemoteCKAN, wichai: RemoteCKAN
) -> None:
    package = made(suda)
    resource = suda.action.resource_create(
        package_id=package["id"], name="table", url="https://example.org/table",
        classification_level="confidential",
    )  # fmt: skip
    suda.action.dgatier_level_propose(
        id=package["id"], resource_id=resource["id"], level="internal", ground=GROUND
    )
    waiting = suda.action.package_show(id=package["id"])["level_proposal"]
    assert (waiting["resource_id"], waiting["level"]) == (resource["id"], "internal")
    suda.action.resource_delete(id=resource["id"])
    assert "level_proposal" not in suda.action.package_show(id=package["id"])
    assert package["id"] not in _waiting(suda)
    with pytest.raises(NotFound):
        wichai.action.dgatier_level_decide(id=waiting["id"], decision="confirm")


def _effective(instance: Instance, dataset_id: str) -> str:
    return str(instance.portal().action.dgatier_access_show(id=dataset_id)["level"])


def _in_years(years: int) -> str:
    today = datetime.now(ZoneInfo("Asia/Bangkok")).date()
    return today.replace(year=today.year + years).isoformat()
