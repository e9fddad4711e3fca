"""What is hidden and what does not exist have the same headers, and none to remember them by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
import world
from world import Target

from instance import Instance

HIDDEN = ("secret", "private", "draft", "reclassified", "deleted")
#: What differs between any two answers: the time, a session, and what a page may run.
_OF_EACH = ("date", "set-cookie", "content-security-policy", "x-request-id")
_VALIDATORS = ("etag", "last-modified")
#: What asks whether a copy from before is still good, or for a part.
_CONDITIONS: tuple[dict[str, str], ...] = (
    {},
    {"If-None-Match": "*"},
    {"If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"},
    {"Range": "bytes=0-9"},
)


def _paths(target: Target) -> Iterator[str]:
    yield from (f"/dataset/{one}" for one in (target.name, target.id))
    yield f"/dataset/activity/{target.id}"
    yield f"/api/3/action/package_show?id={target.name}"
    yield f"/api/3/action/datastore_search?resource_id={target.table}"
    yield f"/datastore/dump/{target.table}?format=csv"
    for resource in target.resources:
        yield f"/dataset/{target.id}/resource/{resource}"
        yield f"/dataset/{target.id}/resource/{resource}/download/file.pdf"


def _headers(answer: requests.Response, target: Target) -> dict[str, str]:
    return {
        name.lower(): world.neutral(value, target)
        for name, value in answer.headers.items()
        if name.lower() not in _OF_EACH
    }


@pytest.mark.parametrize(
    ("kind", "person"),
    [*((kind, None) for kind in HIDDEN), ("secret", "admin"), ("draft", "admin")],
)
def test_headers_tell_nothing_of_what_is_hidden(
    instance: Instance, targets: dict[str, Target], kind: str, person: str | None
) -> None:
    hidden, missing = targets[kind], world.missing(targets[kind])
    session = requests.Session()
    if person:
        session.headers["Authorization"] = instance.person(person)["api_token"]
    for there, nowhere in zip(_paths(hidden), _paths(missing), strict=True):
        for number, condition in enumerate(_CONDITIONS):
            method = ("GET", "HEAD")[number % 2]
            one, other = (
                session.request(
                    method, instance.url + path, headers=condition, timeout=60,
                    allow_redirects=False,
                )
                for path in (there, nowhere)
            )  # fmt: skip
            told, plain = _headers(one, hidden), _headers(other, missing)
            assert (one.status_code, told) == (other.status_code, plain), (method, there, condition)
            assert not set(_VALIDATORS) & set(told), (method, there, condition)
