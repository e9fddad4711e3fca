"""A page about what is hidden is, byte for byte, that about what does not exist."""

from __future__ import annotations

import paths
import pytest
import requests
import world
from registry import of_portal
from walking import Walk
from world import Target

from instance import Instance
from stack.settings import Settings


@pytest.fixture(scope="module")
def rules() -> list[list[object]]:
    return list(of_portal(Settings.load().ini)["rules"])


@pytest.mark.parametrize("person", [None, "prasit", "admin"])
@pytest.mark.parametrize("kind", ["secret"])
def test_a_page_about_something_hidden_is_that_of_something_missing(
    instance: Instance,
    targets: dict[str, Target],
    rules: list[list[object]],
    person: str | None,
    kind: str,
) -> None:
    hidden, missing = targets[kind], world.missing(targets[kind])
    walk = Walk(instance, person, targets)
    there = [one for one in paths.of_routes(rules, [hidden]) if one.kind]
    none = [one for one in paths.of_routes(rules, [missing]) if one.kind]
    assert len(there) == len(none) > 50
    differing = []
    for about_hidden, about_missing in zip(there, none, strict=True):
        one, other = walk.ask(about_hidden), walk.ask(about_missing)
        told = [_told(one, hidden), _told(other, missing)]
        if told[0] != told[1]:
            differing.append((about_hidden.method, about_hidden.path, told[0][0], told[1][0]))
    assert not differing


def _told(answer: requests.Response, target: Target) -> tuple[int, str, dict[str, str]]:
    """Return what an answer says, without what is of this answer alone."""
    own = ("date", "set-cookie", "content-length", "x-decision-id")
    headers = {
        name.lower(): world.neutral(text, target)
        for name, text in answer.headers.items()
        if name.lower() not in own
    }
    return answer.status_code, world.neutral(answer.text, target), headers
