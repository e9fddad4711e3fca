"""A grant that is bound to provinces, years or columns opens these alone, on each path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from ckanapi import NotAuthorized, RemoteCKAN, ValidationError

from instance import Instance, describe, loaded_table

GROUND = "Section 9 of the Official Information Act."
HERE, THERE = "น่าน", "แพร่"
# Those of the province come between others, so that gaps in the numbers of rows would tell.
ROWS = (
    ("1000000000001", THERE, "2023-02-01", 10, "elsewhere"),
    ("1000000000002", HERE, "2023-03-01", 20, "here"),
    ("1000000000003", THERE, "2022-03-01", 30, "elsewhere"),
    ("1000000000004", HERE, "2022-12-31", 40, "here before"),
    ("1000000000005", "", "2023-05-01", 50, "no place"),
    ("1000000000006", HERE, "", 60, "no day"),
    ("1000000000007", HERE, "2023-12-31", 70, "here"),
    ("1000000000008", "น่านน้ำ", "2023-06-01", 80, "nearly here"),
)
COLUMNS = ("citizen", "province", "day", "amount", "note")
DICTIONARY: dict[str, dict[str, str]] = {
    "citizen": {"disclosure": "identifier"},
    "province": {"disclosure": "plain", "subject_key": "province"},
    "day": {"disclosure": "quasi_identifier", "period": "date"},
    "amount": {"disclosure": "measure"},
    "note": {"disclosure": "plain"},
}
Bound = Callable[..., str]


@pytest.fixture(scope="module")
def suda(instance: Instance) -> RemoteCKAN:
    return instance.portal("suda")


@pytest.fixture(scope="module")
def table(instance: Instance) -> Iterator[dict[str, Any]]:
    """Return an internal dataset with one uploaded table and its dictionary."""
    changes = {"classification_level": "internal", "level_ground": GROUND}
    with loaded_table(instance, COLUMNS, ROWS, DICTIONARY, **changes) as made:
        yield made


def _asked(portal: RemoteCKAN, table: dict[str, Any], tier: str, conditions: dict[str, Any]) -> str:
    """Return the id of a request for the table under conditions, handed in."""
    made = portal.action.dgatier_request_create(
        id=table["package"], tier=tier, purpose="dpv:AcademicResearch", days=30,
        justification="A study of how welfare reaches the provinces.", conditions=conditions,
    )  # fmt: skip
    return str(made["id"])


@pytest.fixture
def bound(instance: Instance, suda: RemoteCKAN, table: dict[str, Any]) -> Iterator[Bound]:
    """Return what grants a person a tier of the table under conditions; it ends with the test."""
    given: list[tuple[str, str]] = []

    def grant(who: str, tier: str = "full", **conditions: list[Any]) -> str:
        request_id = _asked(instance.portal(who), table, tier, conditions)
        suda.action.dgatier_request_decide(id=request_id, decision="approve")
        given.append((who, request_id))
        return request_id

    yield grant
    for who, request_id in given:
        instance.portal(who).action.dgatier_request_close(id=request_id, copies="none")


def _notes(portal: RemoteCKAN, table: dict[str, Any], **query: Any) -> list[Any]:
    found = portal.action.datastore_search(resource_id=table["resource"], **query)
    return [one["note"] for one in found["records"]]


def _access(portal: RemoteCKAN, table: dict[str, Any]) -> dict[str, Any]:
    return dict(
        portal.action.dgatier_access_show(id=table["package"], resource_id=table["resource"])
    )


def _codes(found: dict[str, Any]) -> set[str]:
    return {one["code"] for one in found["reasons"]}


@pytest.mark.parametrize(
    ("conditions", "amounts"),
    [
        ({"provinces": [HERE]}, [20, 40, 60, 70]),
        ({"provinces": [HERE, THERE]}, [10, 20, 30, 40, 60, 70]),
        ({"provinces": ["นครนายก"]}, []),
        ({"years": [2023]}, [10, 20, 50, 70, 80]),
        ({"years": [2566]}, [10, 20, 50, 70, 80]),
        ({"years": [2022, 2023], "provinces": [THERE]}, [10, 30]),
        ({"years": [2023], "provinces": [HERE]}, [20, 70]),
    ],
)
def test_only_the_rows_of_the_conditions_are_there(
    instance: Instance, table: dict[str, Any], bound: Bound,
    conditions: dict[str, list[Any]], amounts: list[int],
) -> None:  # fmt: skip
    nari = instance.portal("nari")
    bound("nari", **conditions)
    access = _access(nari, table)
    assert (access["tier"], access["whole_tier"]) == ("full", "discover")
    assert access["obligations"]["row_filter"]
    assert "bound_to_a_part" in _codes(access)
    found = nari.action.datastore_search(resource_id=table["resource"])
    assert [one["amount"] for one in found["records"]] == amounts
    assert found["total"] == len(amounts)
    assert [one["_id"] for one in found["records"]] == [n + 1 for n in range(len(amounts))]


def test_no_question_gets_behind_the_filter(
    instance: Instance, table: dict[str, Any], bound: Bound
) -> None:
    bound("nari", provinces=[HERE], years=[2023])
    nari, resource = instance.portal("nari"), table["resource"]
    mine = ["here", "here"]
    questions: list[dict[str, Any]] = [
        {"filters": {"province": THERE}},
        {"filters": {"province": [HERE, THERE]}},
        {"filters": {"note": "elsewhere"}},
        {"filters": {"_id": [3, 4, 5, 6, 7, 8]}},
        {"filters": {"amount": {"gte": 71}}},
        {"filters": {"$or": [{"province": THERE}, {"province": HERE}]}},
        {"q": "elsewhere"},
        {"q": {"province": THERE}},
        {"q": THERE, "language": "simple"},
        {"sort": "amount desc"},
        {"sort": "province asc, day desc"},
        {"limit": 32000},
        {"offset": 1},
        {"offset": 2},
        {"filters": {}, "plain": False, "q": "else:*"},
        {"total_estimation_threshold": 1},
        {"records_format": "lists"},
    ]
    for question in questions:
        try:
            found = nari.action.datastore_search(resource_id=resource, **question)
        except ValidationError:
            continue
        assert found["total"] <= 2, question
        assert "elsewhere" not in str(found["records"]), question
        assert THERE not in str(found["records"]), question
    for form in ("csv", "tsv"):
        found = nari.action.datastore_search(resource_id=resource, records_format=form)
        assert len(found["records"].splitlines()) == 2
    distinct = nari.action.datastore_search(
        resource_id=resource, distinct=True, fields=["province"], sort="province"
    )
    assert (distinct["records"], distinct["total"]) == ([{"province": HERE}], 1)
    assert _notes(nari, table, sort="amount desc", limit=1) == ["here"]
    assert _notes(nari, table) == mine
    for sql, rows in (
        (f'SELECT note FROM "{resource}"', [{"note": "here"}] * 2),
        (f'SELECT count(*) AS n FROM "{resource}"', [{"n": 2}]),
        # fails where it meets an amount of 10, which only a row that is filtered out has
        (f'SELECT note FROM "{resource}" WHERE 100 / (amount - 10) > 0', [{"note": "here"}] * 2),
        (f"SELECT note FROM \"{resource}\" WHERE _id > 2 OR note = 'elsewhere'", []),
    ):
        assert nari.action.datastore_search_sql(sql=sql)["records"] == rows, sql


def test_an_alias_is_the_same_table(
    instance: Instance, suda: RemoteCKAN, table: dict[str, Any], bound: Bound
) -> None:
    alias = f"alias{table['resource'][:8]}"
    suda.action.datastore_create(resource_id=table["resource"], force=True, aliases=[alias])
    bound("nari", provinces=[HERE], years=[2023])
    found = instance.portal("nari").action.datastore_search(resource_id=alias)
    assert found["total"] == 2


def _get(instance: Instance, who: str, path: str) -> requests.Response:
    token = instance.person(who)["api_token"]
    return requests.get(instance.url + path, headers={"Authorization": token}, timeout=60)


def test_files_carry_the_rows_of_the_conditions_and_never_the_original(
    instance: Instance, table: dict[str, Any], bound: Bound
) -> None:
    bound("nari", provinces=[HERE], years=[2023])
    resource, package = table["resource"], table["package"]
    for path in (
        f"/dataset/{package}/resource/{resource}/download/register.csv",
        f"/dataset/{package}/resource/{resource}/download",
        f"/datastore/dump/{resource}",
        f"/datastore/dump/{resource}?format=json",
        f"/datastore/dump/{resource}?format=tsv&limit=100&offset=0",
    ):
        answer = _get(instance, "nari", path)
        assert answer.status_code == 200, path
        text = answer.content.decode("utf-8-sig")
        assert text.count("here") == 2, path
        assert "1000000000002" in text, path
        assert not any(word in text for word in ("elsewhere", "nearly", "no day", "0000003")), path


def test_how_large_the_whole_table_is_is_not_told(
    instance: Instance, table: dict[str, Any], bound: Bound
) -> None:
    bound("nari", provinces=[HERE])
    told = instance.portal("nari").action.datastore_info(id=table["resource"])
    assert told["meta"] == {"id": table["resource"], "count": 4}
    assert {one["id"] for one in told["fields"]} == {"_id", *COLUMNS} - {"_id"}


def test_only_the_columns_of_the_condition_are_shown(
    instance: Instance, table: dict[str, Any], bound: Bound
) -> None:
    bound("nari", columns=["note", "amount", "gone"])
    nari = instance.portal("nari")
    access = _access(nari, table)
    assert (access["tier"], access["whole_tier"]) == ("full", "discover")
    assert not access["obligations"]["row_filter"]
    found = nari.action.datastore_search(resource_id=table["resource"])["records"]
    assert [one["amount"] for one in found] == [row[3] for row in ROWS]
    assert {one["citizen"] for one in found} == {one["day"] for one in found} == {None}
    assert not nari.action.datastore_search(
        resource_id=table["resource"], filters={"citizen": "1000000000001"}
    )["records"]
    answer = _get(
        instance, "nari",
        f"/dataset/{table['package']}/resource/{table['resource']}/download/register.csv",
    )  # fmt: skip
    assert "elsewhere" in answer.text
    assert "100000000000" not in answer.text


def test_columns_and_rows_together(instance: Instance, table: dict[str, Any], bound: Bound) -> None:
    bound("nari", columns=["note"], provinces=[HERE], years=[2022])
    found = instance.portal("nari").action.datastore_search(resource_id=table["resource"])
    hidden = dict.fromkeys(COLUMNS)
    assert found["records"] == [{"_id": 1, **hidden, "note": "here before"}]


def test_each_row_is_shown_as_the_most_opening_ground_shows_it(
    instance: Instance, table: dict[str, Any], bound: Bound
) -> None:
    """An official of another agency sees all rows masked, and those that were granted in full."""
    prasit = instance.portal("prasit")
    before = prasit.action.datastore_search(resource_id=table["resource"])["records"]
    assert not any(one["citizen"].startswith("1000") for one in before)
    bound("prasit", provinces=[HERE], years=[2023])
    access = _access(prasit, table)
    assert (access["tier"], access["whole_tier"]) == ("full", "masked")
    after = prasit.action.datastore_search(resource_id=table["resource"])["records"]
    assert [one["note"] for one in after] == [row[4] for row in ROWS]
    for row, one in zip(ROWS, after, strict=True):
        in_full = row[4] == "here"
        assert (one["citizen"] == row[0]) is in_full, row
        assert one["day"] == (f"{row[2]} 00:00:00" if in_full else row[2][:4] or None)
    masked = [one["citizen"] for one in after if one["note"] != "here"]
    assert masked == [one["citizen"] for one in before if one["note"] != "here"]
    hidden = prasit.action.datastore_search(
        resource_id=table["resource"], filters={"citizen": "1000000000001"}
    )
    assert hidden["total"] == 0


def test_two_grants_open_what_either_of_them_opens_under_keys_of_their_own(
    instance: Instance, table: dict[str, Any], bound: Bound
) -> None:
    bound("nari", "masked", provinces=[HERE], years=[2022])
    first = instance.portal("nari").action.datastore_search(resource_id=table["resource"])
    bound("nari", "masked", provinces=[THERE])
    both = instance.portal("nari").action.datastore_search(resource_id=table["resource"])["records"]
    assert [one["note"] for one in both] == ["elsewhere", "elsewhere", "here before"]
    assert both[2]["citizen"] == first["records"][0]["citizen"]
    assert len({one["citizen"] for one in both}) == 3


def test_a_grant_for_everything_is_not_narrowed_by_one_for_a_part(
    instance: Instance, table: dict[str, Any], bound: Bound
) -> None:
    nari = instance.portal("nari")
    bound("nari", provinces=[HERE])
    bound("nari")
    access = _access(nari, table)
    assert (access["tier"], access["whole_tier"]) == ("full", "full")
    assert not access["obligations"]["row_filter"]
    assert nari.action.datastore_search(resource_id=table["resource"])["total"] == len(ROWS)


@pytest.mark.parametrize(
    ("conditions", "changes"),
    [
        ({"provinces": [HERE]}, {"province": {"disclosure": "plain"}}),
        ({"provinces": [HERE]}, {"note": {"disclosure": "plain", "subject_key": "province"}}),
        ({"provinces": [HERE]}, {"province": {}, "amount": {"subject_key": "province"}}),
        ({"years": [2023]}, {"day": {"disclosure": "plain"}}),
        ({"years": [2023]}, {"day": {"disclosure": "plain", "period": "year"}}),
        ({"years": [2023], "provinces": [HERE]}, {"day": {"disclosure": "plain"}}),
        ({"columns": ["gone"]}, {}),
    ],
)
def test_where_the_table_does_not_tell_it_the_grant_counts_for_nothing(
    instance: Instance, suda: RemoteCKAN, table: dict[str, Any], bound: Bound,
    conditions: dict[str, list[Any]], changes: dict[str, dict[str, str]],
) -> None:  # fmt: skip
    nari = instance.portal("nari")
    bound("nari", **conditions)
    describe(suda, table["resource"], {**DICTIONARY, **changes})
    try:
        access = _access(nari, table)
        assert access["tier"] == "discover"
        assert "conditions_not_enforced" in _codes(access)
        with pytest.raises(NotAuthorized):
            nari.action.datastore_search(resource_id=table["resource"])
        listed = nari.action.dgatier_access_show(id=table["package"])["resources"]
        assert listed == {table["resource"]: "discover"}
    finally:
        describe(suda, table["resource"], DICTIONARY)


def test_whoever_decides_is_told_what_the_table_cannot_keep_to(
    instance: Instance, suda: RemoteCKAN, table: dict[str, Any]
) -> None:
    nari = instance.portal("nari")
    request_id = _asked(nari, table, "full", {"years": [2023], "columns": ["gone"]})
    try:
        shown = suda.action.dgatier_request_show(id=request_id)
        assert shown["not_kept"] == {"provinces": [], "years": [], "columns": ["register.csv"]}
        describe(
            suda, table["resource"], {**DICTIONARY, "day": {"disclosure": "plain"}, "province": {}}
        )
        shown = suda.action.dgatier_request_show(id=request_id)
        assert shown["not_kept"] == {
            name: ["register.csv"] for name in ("provinces", "years", "columns")
        }
        assert nari.action.dgatier_request_show(id=request_id)["not_kept"] is None
    finally:
        describe(suda, table["resource"], DICTIONARY)
        nari.action.dgatier_request_withdraw(id=request_id)


def test_a_summary_counts_the_rows_of_the_conditions_alone(
    instance: Instance, table: dict[str, Any], bound: Bound
) -> None:
    bound("nari", "summary", provinces=[HERE])
    nari = instance.portal("nari")
    assert _access(nari, table)["tier"] == "summary"
    with pytest.raises(NotAuthorized):
        nari.action.datastore_search(resource_id=table["resource"])
    found = nari.action.dgatier_view_search(resource_id=table["resource"], by="province")
    # Four rows are fewer than the smallest group that may be told of, and no other group is there.
    assert found["summary"]["cells"] == []


def test_a_system_that_enforces_elsewhere_is_told_what_holds_of_everything(
    instance: Instance, table: dict[str, Any], bound: Bound
) -> None:
    bound("nari", provinces=[HERE])
    answer = requests.post(
        f"{instance.url}/access/v1/evaluation",
        headers={"Authorization": f"Bearer {instance.bearer()}"},
        json={
            "subject": {"type": "user", "id": "nari", "properties": {"aal": 2}},
            "action": {"name": "full"},
            "resource": {"type": "resource", "id": table["resource"]},
        },
        timeout=30,
    ).json()
    assert answer["decision"] is False, answer
    assert answer["context"]["obligations"]["row_filter"] is True


def test_officials_have_the_rows_about_their_own_agency_as_its_own_data(
    instance: Instance, suda: RemoteCKAN, table: dict[str, Any]
) -> None:
    """Only where the dictionary says whose a row is; the others stay masked for them."""
    prasit, agency = instance.portal("prasit"), "excise-dept"
    made = suda.action.datastore_create(
        resource={"package_id": table["package"], "name": "by agency"},
        fields=[{"id": "ผู้ดูแล", "type": "text"}, {"id": "amount", "type": "numeric"},
                {"id": "who", "type": "text"}],
        records=[{"ผู้ดูแล": owner, "amount": number, "who": "สมมติ"}
                 for number, owner in enumerate([agency, "fpo", None, agency])],
    )  # fmt: skip
    resource = {"package": table["package"], "resource": made["resource_id"]}
    try:
        for key, seen in (("", [None] * 4), ("owner_org", ["สมมติ", None, None, "สมมติ"])):
            owner = {"disclosure": "plain", "subject_key": key}
            suda.action.datastore_create(
                resource_id=resource["resource"], force=True,
                fields=[{"id": "ผู้ดูแล", "info": owner},
                        {"id": "amount", "info": {"disclosure": "measure"}},
                        {"id": "who", "info": {"disclosure": "sensitive"}}],
            )  # fmt: skip
            found = prasit.action.datastore_search(resource_id=resource["resource"])["records"]
            assert [one["amount"] for one in found] == [0, 1, 2, 3]
            assert [one["who"] for one in found] == seen
        access = _access(prasit, resource)
        assert (access["tier"], access["whole_tier"]) == ("full", "masked")
        assert {"rows_of_your_agency", "bound_to_a_part"} <= _codes(access)
        listed = prasit.action.dgatier_access_show(id=table["package"])["resources"]
        assert listed[resource["resource"]] == "full"
        with pytest.raises(NotAuthorized):
            instance.portal("nari").action.datastore_search(resource_id=resource["resource"])
    finally:
        suda.action.resource_delete(id=resource["resource"])
