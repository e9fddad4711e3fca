"""Lists of requests go on over pages, so that nothing is left out however many there are."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup

from instance import Instance
from stack import database
from stack.settings import Settings

MANY = 101
_COPIED = """
INSERT INTO dgatier_request (
    id, requester_id, dataset_id, agency, state, tier, purpose, justification, days,
    resource_ids, created_at, submitted_at, approvals, version, members, reviewers)
SELECT %s || '-' || number, person.user_id, package.id, 'fpo', 'withdrawn', 'full',
    'dpv:PublicBenefit', 'One of many.', 7, '[]', now(), now(), '[]', 1, '{}', '{}'
FROM generate_series(1, %s) AS number, package, dgatier_person AS person
    JOIN "user" ON "user".id = person.user_id
WHERE package.name = 'provinces' AND "user".name = 'prasit'
"""


@pytest.fixture(scope="module")
def many() -> Iterator[str]:
    """Let there be many requests by prasit to the office of suda; return how their ids begin."""
    mark = f"many-{time.time_ns()}"
    settings = Settings.load()
    connection = database.connect(settings, settings.secrets(), "ckan")
    with connection.cursor() as cursor:
        cursor.execute(_COPIED, (mark, MANY))
        assert cursor.rowcount == MANY
        yield mark
        cursor.execute("DELETE FROM dgatier_request WHERE id LIKE %s", (f"{mark}%",))
    connection.close()


@pytest.mark.parametrize(
    ("who", "path"),
    [("prasit", "/en/access/mine"), ("suda", "/en/steward/queue?state=withdrawn")],
)
def test_each_request_is_on_one_of_the_pages(
    instance: Instance, many: str, who: str, path: str
) -> None:
    token = {"Authorization": instance.person(who)["api_token"]}
    found: list[str] = []
    address, pages = f"{instance.url}{path}", 0
    while address:
        answer = requests.get(address, headers=token, timeout=60)
        assert answer.status_code == 200
        here = re.findall(rf"/access/request/({many}-\d+)\"", answer.text)
        assert len(here) <= 50
        found += here
        pages += 1
        after = BeautifulSoup(answer.text, "html.parser").select_one("a[rel=next]")
        address = urljoin(address, str(after["href"])) if after else ""
    assert sorted(found) == sorted(f"{many}-{number}" for number in range(1, MANY + 1))
    assert pages >= 3


@pytest.mark.parametrize("number", ["0", "-1", "x"])
def test_a_page_that_is_no_number_is_no_error_of_the_portal(
    instance: Instance, number: str
) -> None:
    token = {"Authorization": instance.person("suda")["api_token"]}
    for path in (f"/access/mine?asked={number}", f"/steward/queue?page={number}"):
        assert requests.get(instance.url + path, headers=token, timeout=60).status_code == 400
