"""OPA dawdles, or answers nonsense: protected data stays closed, and open data goes on.

The portal is real, beside the instance and on the same data. Between it and the real OPA stands an
adversary that passes everything on but what the test spoils: the decision, or the filter on rows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from adversary import served
from instance import REGISTER, Instance, internal_table
from stack import health, render, serving
from stack.settings import Settings

_TREES = {"Accept": "application/vnd.opa.ucast.all+json"}
Spoil = Callable[[Any], tuple[int, bytes]]


def _with(change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Return what changes the one answer in a reply of the real OPA."""

    def spoil(reply: Any) -> tuple[int, bytes]:
        change(reply["result"]["answers"][0])
        return 200, json.dumps(reply).encode()

    return spoil


def _saying(reply: object, status: int = 200) -> Spoil:
    return lambda _reply: (status, json.dumps(reply).encode())


def _late(reply: Any) -> tuple[int, bytes]:
    time.sleep(2)
    return 200, json.dumps(reply).encode()


UNAVAILABLE: dict[str, Spoil] = {
    "late": _late,
    "an error": _saying({"code": "internal_error"}, 500),
    "yes": _saying("yes"),
    "true": _saying({"result": True}),
    "no result": _saying({}),
    "half a sentence": lambda _reply: (200, b'{"result": {"answers": [{"tier": "fu'),
    "no texts": _saying({"result": {"answers": [{"tier": "full"}]}}),
    "no answer": _saying({"result": {"answers": [], "texts": {}}}),
    "an answer too many": _saying({"result": {"answers": [{}, {}, {}, {}], "texts": {}}}),
    "answers in words": _saying({"result": {"answers": "full", "texts": {}}}),
}

UNREADABLE: dict[str, Spoil] = {
    "a tier that is none": _with(lambda answer: answer.update(tier="everything")),
    "a level that is none": _with(lambda answer: answer.update(tier="full", level="public")),
    "no obligations": _with(lambda answer: (answer.update(tier="full"), answer.pop("obligations"))),
    "masks that are none": _with(
        lambda answer: answer.update(tier="masked", obligations={"column_masks": "all"})
    ),
    "a reason without words": _with(lambda answer: answer.update(tier="full", reasons=["because"])),
}


def _tree(**changes: Any) -> Spoil:
    node = {"type": "field", "field": "row.owner", "operator": "eq", "value": "excise-dept"}
    return _saying({"result": {"query": {**node, **changes}}})


ROWS_UNAVAILABLE: dict[str, Spoil] = {
    "late": _late,
    "an error": _saying({"code": "internal_error"}, 500),
    "yes": _saying("yes"),
    "true": _saying({"result": True}),
    "half a sentence": lambda _reply: (200, b'{"result": {"query": {"type": "fie'),
    "a tree in words": _saying({"result": {"query": "everything"}}),
    "a list": _saying({"result": {"query": [{}]}}),
    "a column that is not there": _tree(field="row.gone"),
    "a table that is none": _tree(field="owner"),
    "an operator that is none": _tree(operator="like"),
    "not": _tree(operator="ne"),
    "a value of another type": _tree(value=7),
    "SQL": _tree(field='row.owner" = "owner" OR "owner'),
}


@dataclass
class Deceived:
    """The portal, and what is done to its decisions at the moment."""

    url: str
    spoil: Spoil | None = None
    spoil_rows: Spoil | None = None

    def ask(self, path: str, token: str | None = None) -> requests.Response:
        headers = {"Authorization": token} if token else {}
        return requests.get(self.url + path, headers=headers, timeout=30)


@pytest.fixture(scope="module")
def deceived(instance: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deceived]:
    settings, folder = Settings.load(), tmp_path_factory.mktemp("false_policy")
    portal = Deceived(settings.url("bench"))

    def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        real = requests.request(
            method, instance.state["opa_url"] + path, data=body, headers=_TREES, timeout=5
        )
        if portal.spoil and path.endswith("/decision/reply"):
            return portal.spoil(real.json())
        if portal.spoil_rows and "/compile/" in path:
            return portal.spoil_rows(real.json())
        return real.status_code, real.content

    with served(answer) as address:
        ini, secrets = folder / "portal.ini", settings.secrets()
        changes = {
            "site_url": portal.url,
            "url_opa": address,
            "redis_url": render.redis_url(settings, secrets, 4),
        }
        render.ini(settings, secrets, ini, changes)
        process = serving.start(settings, ini, "bench", folder / "log", DGATIER_WORKERS="1")
        try:
            health.wait(settings, "deceived portal", health.portal(portal.url), 60)
            yield portal
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def spoil(deceived: Deceived) -> Iterator[Callable[[Spoil], None]]:
    yield lambda how: setattr(deceived, "spoil", how)
    deceived.spoil = None


@pytest.fixture(scope="module")
def owned(instance: Instance) -> Iterator[str]:
    """Return a table of which an official of another agency has the rows about their own."""
    info = {"disclosure": "sensitive", "subject_key": "owner_org"}
    with internal_table(
        instance,
        name="owned",
        fields=[{"id": "owner", "type": "text", "info": info}],
        records=[{"owner": "excise-dept"}, {"owner": "fpo"}],
    ) as table:
        yield table


_ACCESS = f"/api/3/action/dgatier_access_show?id={REGISTER}"


def test_without_a_lie_the_portal_decides(deceived: Deceived, instance: Instance) -> None:
    token = instance.person("suda")["api_token"]
    assert deceived.ask(_ACCESS).json()["result"]["tier"] == "discover"
    assert deceived.ask(_ACCESS, token).json()["result"]["tier"] == "masked"


@pytest.mark.parametrize("lie", UNAVAILABLE)
def test_what_is_no_answer_makes_protected_data_unavailable_for_now(
    deceived: Deceived,
    instance: Instance,
    resource_of: Callable[[str], str],
    spoil: Callable[[Spoil], None],
    lie: str,
) -> None:
    token = instance.person("suda")["api_token"]
    register = resource_of(REGISTER)
    rows = f"/api/3/action/datastore_search?resource_id={register}"
    file = f"/dataset/{REGISTER}/resource/{register}/download"
    spoil(UNAVAILABLE[lie])
    started = time.monotonic()
    for path in (_ACCESS, rows, file):
        refused = deceived.ask(path, token)
        assert refused.status_code == 503, (path, refused.text[:200])
        assert refused.headers["Retry-After"]
        assert "Traceback" not in refused.text
    assert time.monotonic() - started < 6, "half a second is the most that a decision may take"
    assert deceived.ask("/dataset/provinces").status_code == 200


@pytest.mark.parametrize("lie", UNREADABLE)
def test_an_answer_that_cannot_be_read_is_none_with_a_reason(
    deceived: Deceived,
    instance: Instance,
    resource_of: Callable[[str], str],
    spoil: Callable[[Spoil], None],
    lie: str,
) -> None:
    token = instance.person("suda")["api_token"]
    spoil(UNREADABLE[lie])
    found = deceived.ask(_ACCESS, token).json()["result"]
    assert found["tier"] == "none"
    assert [reason["code"] for reason in found["reasons"]] == ["malformed_answer"]
    rows = f"/api/3/action/datastore_search?resource_id={resource_of(REGISTER)}"
    assert deceived.ask(rows, token).status_code == 403


def _rows(deceived: Deceived, instance: Instance, resource_id: str) -> requests.Response:
    path = f"/api/3/action/datastore_search?resource_id={resource_id}"
    return deceived.ask(path, instance.person("prasit")["api_token"])


@pytest.mark.parametrize("lie", ROWS_UNAVAILABLE)
def test_a_filter_on_rows_that_cannot_be_read_lets_no_row_through(
    deceived: Deceived, instance: Instance, owned: str, lie: str
) -> None:
    told = _rows(deceived, instance, owned).json()["result"]
    assert [one["owner"] for one in told["records"]] == ["excise-dept", None]
    deceived.spoil_rows = ROWS_UNAVAILABLE[lie]
    try:
        refused = _rows(deceived, instance, owned)
    finally:
        deceived.spoil_rows = None
    assert refused.status_code == 503, refused.text[:200]
    assert refused.headers["Retry-After"]


@pytest.mark.parametrize("nothing", [{}, {"result": {}}, {"result": None}])
def test_a_filter_that_never_holds_shows_no_row(
    deceived: Deceived, instance: Instance, owned: str, nothing: object
) -> None:
    deceived.spoil_rows = _saying(nothing)
    try:
        told = _rows(deceived, instance, owned).json()["result"]
    finally:
        deceived.spoil_rows = None
    assert (told["records"], told["total"]) == ([], 0)
