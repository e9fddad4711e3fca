"""In a register closed to everyone else people see the rows about themselves, on every path."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
import requests
from ckanapi import NotAuthorized, RemoteCKAN
from keycloak import KeycloakAdmin

from instance import Instance, describe, loaded_table
from stack import database
from stack.settings import Settings

# As `identity/` knows them. No citizen has a number that begins with 0.
SOMCHAI, SIAM_TRADING = "0110000000018", "0900000000011"
COLUMNS = ("citizen", "firm", "income", "note")
DICTIONARY: dict[str, dict[str, str]] = {
    "citizen": {"disclosure": "identifier", "subject_key": "citizen_id"},
    "firm": {"disclosure": "identifier", "subject_key": "juristic_id"},
    "income": {"disclosure": "sensitive"},
    "note": {},
}
# What is about them comes between others, so that gaps in the numbers of rows would tell.
ROWS = (
    ("0110000000026", SIAM_TRADING, 10, "another person at the firm"),
    (SOMCHAI, "", 20, "somchai once"),
    ("0123456789016", "", 30, "nobody here"),
    (SOMCHAI, "0000000000000", 40, "somchai again"),
    ("", "", 50, "nobody at all"),
    *((f"{number:013}", "", number, "one of many") for number in range(100, 200)),
)
GROUND = "Section 15 (5) of the Official Information Act."


@pytest.fixture(scope="module")
def table(instance: Instance) -> Iterator[dict[str, str]]:
    """Return a confidential register with rows about somchai and about malee's company."""
    changes = {
        "classification_level": "confidential",
        "level_ground": GROUND,
        "data_category": "ข้อมูลส่วนบุคคล",
    }
    with loaded_table(instance, COLUMNS, ROWS, DICTIONARY, **changes) as made:
        yield made


def _notes(found: dict[str, Any]) -> list[str]:
    return [row["note"] for row in found["records"]]


def test_a_citizen_reads_the_rows_about_themself_as_they_are(
    instance: Instance, table: dict[str, str]
) -> None:
    somchai = instance.portal("somchai").action
    found = somchai.datastore_search(resource_id=table["resource"])
    assert found["records"] == [
        {"_id": 1, "citizen": SOMCHAI, "firm": None, "income": 20, "note": "somchai once"},
        {
            "_id": 2, "citizen": SOMCHAI, "firm": "0000000000000", "income": 40,
            "note": "somchai again",
        },
    ]  # fmt: skip
    assert found["total"] == 2
    assert somchai.datastore_info(id=table["resource"])["meta"]["count"] == 2


def test_nothing_of_others_can_be_asked_for(instance: Instance, table: dict[str, str]) -> None:
    somchai = instance.portal("somchai").action
    for asked in (
        {"filters": {"note": "nobody here"}},
        {"filters": {"citizen": "0123456789016"}},
        {"q": "another person"},
        {"filters": {"income": {"gt": 40}}},
        {"filters": {"_id": 3}},
    ):
        found = somchai.datastore_search(resource_id=table["resource"], **asked)
        assert (found["records"], found["total"]) == ([], 0), asked
    sql = f'SELECT count(*) AS n, max(income) AS most FROM "{table["resource"]}"'
    (row,) = somchai.datastore_search_sql(sql=sql)["records"]
    assert (int(row["n"]), int(row["most"])) == (2, 40)


def test_files_and_dumps_have_the_same_rows(instance: Instance, table: dict[str, str]) -> None:
    headers = {"Authorization": instance.person("somchai")["api_token"]}
    package, resource = table["package"], table["resource"]
    for path in (
        f"/dataset/{package}/resource/{resource}/download/register.csv",
        f"/datastore/dump/{resource}?format=csv&bom=false",
    ):
        answer = requests.get(instance.url + path, headers=headers, timeout=60)
        assert answer.status_code == 200, path
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [row["note"] for row in rows] == ["somchai once", "somchai again"], path
        nobody = requests.get(instance.url + path, timeout=60)
        assert nobody.status_code in (401, 403), path


def test_it_stands_beside_the_tier_and_says_why(instance: Instance, table: dict[str, str]) -> None:
    somchai = instance.portal("somchai").action
    answer = somchai.dgatier_access_show(id=table["package"], resource_id=table["resource"])
    assert (answer["tier"], answer["whole_tier"], answer["own_record"]) == (
        "summary", "summary", "full",
    )  # fmt: skip
    (why,) = [one for one in answer["reasons"] if one["code"] == "rows_about_you"]
    assert "มาตรา 25" in why["law"]
    assert SOMCHAI not in str(answer)
    seen = somchai.dgatier_view_search(resource_id=table["resource"])
    assert _notes(seen) == ["somchai once", "somchai again"]
    assert seen["tier"] == "summary"


def test_figures_are_still_of_all_rows(instance: Instance, table: dict[str, str]) -> None:
    answer = instance.portal("somchai").action.dgatier_summary(resource_id=table["resource"])
    assert answer["total"] > len(ROWS) / 2


def test_a_member_reads_the_rows_about_their_company_until_they_leave_it(
    instance: Instance, table: dict[str, str], keycloak: KeycloakAdmin
) -> None:
    malee = instance.portal("malee").action
    assert _notes(malee.datastore_search(resource_id=table["resource"])) == [
        "another person at the firm"
    ]
    person = str(keycloak.get_user_id("malee"))
    (company,) = [
        one["id"] for one in keycloak.get_organizations() if one["alias"] == "siam-trading"
    ]
    keycloak.organization_user_remove(person, company)
    try:
        _refused_within_5_s(malee, table["resource"])
    finally:
        keycloak.organization_user_add(person, company)
        time.sleep(3)  # until the portal has heard


def _refused_within_5_s(actions: Any, resource: str) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < 5:
        try:
            actions.datastore_search(resource_id=resource)
        except NotAuthorized:
            return
        time.sleep(0.2)
    pytest.fail("the company's rows are still given")


@pytest.mark.parametrize("who", ["nari", "prasit", "admin", None])
def test_who_is_not_in_it_is_refused_as_before(
    instance: Instance, table: dict[str, str], who: str | None
) -> None:
    portal = instance.portal(who) if who else RemoteCKAN(instance.url)
    with pytest.raises(NotAuthorized):
        portal.action.datastore_search(resource_id=table["resource"])


def test_a_system_that_asks_for_others_learns_nothing_of_who_is_in_it(
    instance: Instance, table: dict[str, str]
) -> None:
    answers = []
    for person in ("somchai", "nari"):
        asked = {
            "subject": {
                "type": "user", "id": person, "properties": {"aal": 2, "auth_time": time.time()}
            },
            "action": {"name": "masked"},
            "resource": {"type": "resource", "id": table["resource"]},
        }  # fmt: skip
        answer = requests.post(
            f"{instance.url}/access/v1/evaluation", json=asked, timeout=60,
            headers={"Authorization": f"Bearer {instance.bearer()}"},
        ).json()  # fmt: skip
        assert answer["decision"] is False
        told = answer["context"]
        answers.append([told["own_record"], told["obligations"]["row_filter"], told["reasons"]])
    assert answers[0] == answers[1]


def test_a_dictionary_that_says_nonsense_opens_nothing_and_breaks_nothing(
    instance: Instance, table: dict[str, str]
) -> None:
    suda = instance.portal("suda")
    entries: dict[str, Any] = {**DICTIONARY, "citizen": {"subject_key": ["citizen_id"]}}
    describe(suda, table["resource"], entries)
    try:
        for portal in (instance.portal("somchai"), RemoteCKAN(instance.url)):
            with pytest.raises(NotAuthorized):
                portal.action.datastore_search(resource_id=table["resource"])
    finally:
        describe(suda, table["resource"], DICTIONARY)


def test_where_two_columns_tell_whose_a_row_is_nobody_has_said_which(
    instance: Instance, table: dict[str, str]
) -> None:
    suda, somchai = instance.portal("suda"), instance.portal("somchai").action
    both = {**DICTIONARY, "note": {"disclosure": "identifier", "subject_key": "citizen_id"}}
    describe(suda, table["resource"], both)
    try:
        with pytest.raises(NotAuthorized):
            somchai.datastore_search(resource_id=table["resource"])
    finally:
        describe(suda, table["resource"], DICTIONARY)
    assert len(somchai.datastore_search(resource_id=table["resource"])["records"]) == 2


def test_a_table_without_the_loaders_indexes_is_indexed_when_it_is_described(
    instance: Instance, table: dict[str, str]
) -> None:
    suda = instance.portal("suda").action
    made = suda.resource_create(package_id=table["package"], name="by hand", format="CSV", url="")
    fields = [
        {"id": name, "type": "text", "info": DICTIONARY[name]} for name in ("citizen", "firm")
    ]
    suda.datastore_create(
        resource_id=made["id"], force=True, fields=fields,
        records=[{"citizen": SOMCHAI, "firm": "x" * 9000}],
    )  # fmt: skip
    stack = Settings.load()
    address = database.administrator_url(stack, stack.secrets(), "datastore")
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", (made["id"],))
        found = [one for (one,) in cursor.fetchall()]
    assert sum("USING hash (citizen)" in one for one in found) == 1, found
    assert sum("USING hash (firm)" in one for one in found) == 1, found
    suda.datastore_create(resource_id=made["id"], force=True, fields=fields)
    somchai = instance.portal("somchai").action
    assert len(somchai.datastore_search(resource_id=made["id"])["records"]) == 1


def test_no_log_has_the_number(instance: Instance, table: dict[str, str]) -> None:
    instance.portal("somchai").action.datastore_search(resource_id=table["resource"])
    time.sleep(1)
    logs = Settings.load().log
    for name in ("opa.log", "portal.log"):
        path = logs / name
        assert path.exists(), name
        assert SOMCHAI not in path.read_text(errors="replace"), name
