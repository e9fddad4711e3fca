"""The gate: over every action and every route found at run time, nothing comes out above a tier."""

from __future__ import annotations

import os
import sys
from typing import Any

import paths
import pytest
from paths import Probe
from walking import Walk
from world import Target

from instance import Instance
from registry import of_portal
from stack.settings import Settings

PEOPLE = (None, "somchai", "malee", "nari", "prasit", "suda", "wichai", "anan", "admin")
#: In the suite those who differ most are asked about what differs most; `scripts/gate` asks all.
WHOLE = bool(os.environ.get("DGATIER_GATE_WHOLE"))
_FEW_PEOPLE = (None, "prasit", "admin")
_FEW_KINDS = ("internal", "secret")


@pytest.fixture(scope="module")
def registry() -> dict[str, Any]:
    """Return what the portal's own application can be asked."""
    return of_portal(Settings.load().ini)


@pytest.fixture(scope="module")
def probes(registry: dict[str, Any], targets: dict[str, Target]) -> list[Probe]:
    chosen = [one for kind, one in targets.items() if WHOLE or kind in _FEW_KINDS]
    made = [
        *paths.of_actions(registry["actions"], chosen),
        *paths.of_routes(registry["rules"], chosen),
    ]
    if WHOLE:
        made += paths.of_gets(registry["actions"], chosen)
    return list(dict.fromkeys(made))


def test_an_action_that_nobody_knows_how_to_ask_is_found(targets: dict[str, Target]) -> None:
    with pytest.raises(paths.UnknownPath, match="brand_new_show"):
        list(paths.of_actions(["brand_new_show"], targets.values()))
    rule = ["new.page", "/dataset/<id>/<colour>", ["GET"], ["id", "colour"]]
    with pytest.raises(paths.UnknownPath, match="colour"):
        list(paths.of_routes([rule], targets.values()))


@pytest.mark.parametrize("person", PEOPLE if WHOLE else _FEW_PEOPLE)
def test_nothing_comes_out_above_a_persons_tier(
    instance: Instance, targets: dict[str, Target], probes: list[Probe], person: str | None
) -> None:
    walk = Walk(instance, person, targets)
    leaks = walk.leaks(probes)
    sys.stdout.write(f"\n{person or 'anyone'}: {walk.asked} probes, {len(leaks)} leaks\n")
    assert not leaks, "\n".join(sorted(map(str, leaks)))
    assert not walk.failed, "\n".join(sorted(walk.failed))


def test_the_words_do_come_out_to_those_who_may_have_them(
    instance: Instance, targets: dict[str, Target], probes: list[Probe]
) -> None:
    """Hold the gate itself to account: with nothing to read, it would find nothing."""
    walk = Walk(instance, "suda", targets)
    seen = ""
    for probe in probes:
        if probe.kind == "secret" and not probe.changes:
            seen += walk.ask(probe).text
    missing = {
        tells_of
        for word, tells_of in targets["secret"].words.items()
        if walk.may["secret"].know(targets["secret"], tells_of) and word not in seen
    }
    assert not missing
