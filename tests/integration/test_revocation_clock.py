"""From the moment in which something is lost until each path refuses: seconds, printed by path."""

from __future__ import annotations

import io
import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from keycloak import KeycloakAdmin
from requests.adapters import HTTPAdapter

import files
from instance import Instance, internal_table
from stack import database
from stack.settings import Settings

CANARY = "ถ้อยคำที่ต้องไม่เหลือ"
#: Of what the identity provider knows the portal hears within seconds; its own it knows at once.
_LATEST = {"left": 5.0, "disabled": 5.0}
#: What goes out already goes on for so long at most.
_LONGEST = 5.0
#: A download is read slowly, and so large that no buffer between holds what is left of it.
_LARGE = 24 << 20
_PART, _PAUSE = 1 << 14, 0.05
Lose = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Held:
    """What is granted: a table of one row, one that is long, and a file, all in one dataset."""

    package: str
    table: str
    long: str
    paper: str


class _SmallBuffer(HTTPAdapter):
    """Keeps little of an answer that is not read yet, so that the portal has to wait."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)]
        super().init_poolmanager(*arguments, socket_options=options, **named)


class Reader:
    """A company's member who reads in each of the ways that there are."""

    def __init__(self, instance: Instance, held: Held) -> None:
        self._url = instance.url
        self._browser = instance.browse("malee", aal=2)
        self._token = {"Authorization": instance.person("malee")["api_token"]}
        at = f"/dataset/{held.package}/resource/{held.table}"
        search = f"/api/3/action/datastore_search?resource_id={held.table}"
        sql = f'/api/3/action/datastore_search_sql?sql=SELECT words FROM "{held.table}"'
        self.paths: dict[str, Callable[[], requests.Response]] = {
            "search, session": lambda: self._get(search, session=True),
            "file, session": lambda: self._get(f"{at}/download", session=True),
            "search, token": lambda: self._get(search),
            "SQL, token": lambda: self._get(sql),
            "graded view, token": lambda: self._get(search.replace("datastore", "dgatier_view")),
            "dump, token": lambda: self._get(f"/datastore/dump/{held.table}"),
            "file, token": lambda: self._get(f"{at}/download"),
        }
        self.downloads = {
            "dump that goes out": f"/datastore/dump/{held.long}",
            "file that goes out": f"/dataset/{held.package}/resource/{held.paper}/download",
        }

    def _get(self, path: str, *, session: bool = False) -> requests.Response:
        if session:
            return self._browser.get(self._url + path, timeout=60)
        return requests.get(self._url + path, headers=self._token, timeout=60)

    def reads(self, path: str) -> bool:
        """Say whether the words of the table come by this path."""
        answer = self.paths[path]()
        return CANARY in (
            json.dumps(answer.json(), ensure_ascii=False)
            if "json" in answer.headers.get("Content-Type", "")
            else answer.content.decode()
        )

    def begin(self, path: str) -> requests.Response:
        """Begin a download, of which nothing was read yet."""
        session = requests.Session()
        session.mount("http://", _SmallBuffer())
        answer = session.get(self._url + path, headers=self._token, timeout=60, stream=True)
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture(scope="module")
def held(instance: Instance) -> Iterator[Held]:
    suda = instance.portal("suda").action
    fields = [{"id": "words", "type": "text", "info": {"disclosure": "plain"}}]
    words = {"fields": fields, "records": [{"words": CANARY}], "force": True}
    with internal_table(instance, name="clock", **words) as table:
        package = suda.resource_show(id=table)["package_id"]
        resource = {"package_id": package, "name": "long"}
        long = str(suda.datastore_create(resource=resource, **words)["resource_id"])
        settings = Settings.load()
        connection = database.connect(settings, settings.secrets(), "datastore")
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{long}" (words) SELECT repeat(%s, 1024) '
                "FROM generate_series(1, %s)", ("x", _LARGE // 1024),
            )  # fmt: skip
        connection.close()
        with io.BytesIO(files.pdf(after=b"x" * _LARGE)) as upload:
            upload.name = "paper.pdf"
            paper = suda.resource_create(
                package_id=package, name="paper.pdf", format="PDF", upload=upload
            )
        yield Held(package, table, long, paper["id"])


@pytest.fixture(scope="module")
def reader(instance: Instance, held: Held) -> Reader:
    return Reader(instance, held)


@pytest.fixture
def grant(instance: Instance, held: Held) -> Iterator[dict[str, Any]]:
    """Return a grant of all of it, which malee has while she acts for her company."""
    suda, malee = instance.portal("suda").action, instance.portal("malee").action
    request = malee.dgatier_request_create(
        id=held.package, tier="full", purpose="dpv:CommercialResearch", days=30,
        justification="How soon what was lost is gone.",
    )  # fmt: skip
    suda.dgatier_request_decide(id=request["id"], decision="approve")
    made = next(one for one in malee.dgatier_grant_list() if one["request_id"] == request["id"])
    yield made
    malee.dgatier_request_close(id=request["id"], copies="none")


@pytest.fixture
def revoked(instance: Instance) -> Lose:
    def lose(grant: dict[str, Any]) -> None:
        instance.portal("suda").action.dgatier_grant_revoke(id=grant["id"], reason="the clock runs")

    return lose


@pytest.fixture
def expired() -> Lose:
    """Let the grant end a second from now, and wait until then."""

    def lose(grant: dict[str, Any]) -> None:
        settings = Settings.load()
        connection = database.connect(settings, settings.secrets(), "ckan")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE dgatier_grant SET valid_until = now() + interval '1 second'"
                " WHERE id = %s RETURNING valid_until", (grant["id"],)
            )  # fmt: skip
            (ends,) = cursor.fetchone()
        connection.close()
        time.sleep(max(0.0, (ends - datetime.now(UTC)).total_seconds()))

    return lose


@pytest.fixture
def raised(instance: Instance, held: Held) -> Lose:
    """Return what raises the dataset, which one person alone cannot bring down again."""

    def lose(_grant: dict[str, Any]) -> None:
        instance.portal("suda").action.package_patch(
            id=held.package, classification_level="confidential"
        )

    return lose


@pytest.fixture
def left(keycloak: KeycloakAdmin) -> Iterator[Lose]:
    person = str(keycloak.get_user_id("malee"))
    company = next(
        one["id"] for one in keycloak.get_organizations() if one["alias"] == "siam-trading"
    )
    yield lambda _grant: keycloak.organization_user_remove(person, company)
    keycloak.organization_user_add(person, company)
    time.sleep(3)


@pytest.fixture
def disabled(keycloak: KeycloakAdmin) -> Iterator[Lose]:
    person = str(keycloak.get_user_id("malee"))

    def enable(enabled: bool) -> None:
        keycloak.update_user(person, {**keycloak.get_user(person), "enabled": enabled})

    yield lambda _grant: enable(False)
    enable(True)
    time.sleep(5)


def _refusals(reader: Reader, lost: float) -> dict[str, tuple[float, bool]]:
    """Return when each path refused first, in seconds, and whether it did so when first asked."""
    refused: dict[str, tuple[float, bool]] = {}
    asked_before: set[str] = set()
    while left_over := reader.paths.keys() - refused.keys():
        assert time.monotonic() - lost < 10, f"still read by {left_over}"
        for path in left_over:
            asked = time.monotonic() - lost
            if not reader.reads(path):
                refused[path] = (asked, path not in asked_before)
            asked_before.add(path)
    return refused


def _ends(answer: requests.Response, until: Callable[[], float]) -> tuple[float, bool]:
    """Read slowly until a moment, then all that is left; return when it ended, and if whole.

    Until then far less is read than there is, and what is on its way is little beside what is
    left: the end comes only where the portal still gives after that moment.
    """
    try:
        for _ in answer.iter_content(_PART):
            if time.monotonic() < until():
                time.sleep(_PAUSE)
    except requests.exceptions.ChunkedEncodingError:
        return time.monotonic(), False
    return time.monotonic(), True


@pytest.mark.parametrize("way", ["revoked", "expired", "left", "disabled", "raised"])
def test_what_is_lost_is_gone_on_each_path(
    reader: Reader, grant: dict[str, Any], way: str, request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    lose: Lose = request.getfixturevalue(way)
    assert {path: reader.reads(path) for path in reader.paths} == dict.fromkeys(reader.paths, True)
    begun = {path: reader.begin(at) for path, at in reader.downloads.items()}
    moment = [float("inf")]
    with ThreadPoolExecutor(len(begun)) as threads:
        reading = {
            path: threads.submit(_ends, one, lambda: moment[0]) for path, one in begun.items()
        }
        lose(grant)
        lost = time.monotonic()
        moment[0] = lost + _LONGEST
        refused = _refusals(reader, lost)
        ended = {path: one.result() for path, one in reading.items()}
    with capsys.disabled():
        for path, (seconds, _) in refused.items():
            sys.stdout.write(f"\n  {way:<9} {path:<20} {seconds:5.2f} s")
        for path, (at, _) in ended.items():
            # Read slowly for so long: it broke off by then, what was on its way came after.
            sys.stdout.write(f"\n  {way:<9} {path:<20} at most {at - lost:.1f} s")
    latest = _LATEST.get(way)
    for path, (seconds, at_once) in refused.items():
        if latest is None:
            assert at_once, f"{way}: {path} was not refused at the next request"
        else:
            assert seconds < latest, f"{way}: {path} took {seconds:.1f} s"
    for path, (at, whole) in ended.items():
        assert not whole, f"{way}: the {path} went on to its end"
        assert at - lost < _LONGEST + 1, f"{way}: the {path} took {at - lost:.1f} s"
