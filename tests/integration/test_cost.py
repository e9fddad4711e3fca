"""What a page costs, by count: one round trip to OPA for what it decides, whatever it lists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from instance import REGISTER, Instance
from stack.settings import Settings

Costs = dict[str, dict[str, int]]
_NOTHING = {"opa": 0, "solr": 0, "keycloak": 0, "sql": 0}


@pytest.fixture(scope="module")
def costs(instance: Instance, resource_of: Callable[[str], str]) -> Callable[[str | None], Costs]:
    """Return what each kind of page costs a person, or the public."""
    register, provinces = resource_of(REGISTER), resource_of("provinces")
    api = "/api/3/action"
    paths = {
        "home": "/en/",
        "search": "/en/dataset/?q=",
        "dataset": f"/en/dataset/{REGISTER}",
        "table": f"/en/dataset/{REGISTER}/resource/{register}",
        "open table": f"/en/dataset/provinces/resource/{provinces}",
        "one found": f"{api}/package_search?rows=1",
        "twenty found": f"{api}/package_search?rows=20",
        "package_show": f"{api}/package_show?id={REGISTER}",
        "open rows": f"{api}/datastore_search?resource_id={provinces}",
    }
    known: dict[str | None, Costs] = {}

    def of(name: str | None) -> Costs:
        if name not in known:
            token = instance.person(name)["api_token"] if name else ""
            probe = Path(__file__).with_name("pages_probe.py")
            done = subprocess.run(
                [sys.executable, probe, Settings.load().ini, token, *paths.values()],
                check=False, capture_output=True, text=True, env={**os.environ},
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-2000:]
            counted = json.loads(done.stdout.splitlines()[-1])
            known[name] = {kind: {**_NOTHING, **counted[path]} for kind, path in paths.items()}
        return known[name]

    return of


#: The most calls of OPA and statements of SQL. A person's first call asks what they may discover,
#: the second what they may have: of the dataset with its resources, or of the table's columns.
_MOST = {
    None: {
        "home": (0, 4),
        "search": (0, 4),
        "dataset": (1, 28),
        "table": (1, 30),
        "open table": (1, 36),
        "package_show": (0, 9),
        "open rows": (0, 16),
    },
    "suda": {
        "home": (1, 18),
        "search": (1, 20),
        "dataset": (2, 56),
        "table": (2, 70),
        "open table": (2, 66),
        "package_show": (1, 22),
        "open rows": (1, 30),
    },
}


@pytest.mark.parametrize("name", [None, "suda"])
def test_a_page_asks_opa_once_for_each_question(
    costs: Callable[[str | None], Costs], name: str | None
) -> None:
    found = {kind: (cost["opa"], cost["sql"]) for kind, cost in costs(name).items()}
    too_many = {
        kind: {"counted": found[kind], "most": most}
        for kind, most in _MOST[name].items()
        if found[kind][0] > most[0] or found[kind][1] > most[1]
    }
    assert not too_many


@pytest.mark.parametrize("name", [None, "suda"])
def test_twenty_datasets_cost_what_one_costs(
    costs: Callable[[str | None], Costs], name: str | None
) -> None:
    found = costs(name)
    assert found["twenty found"] == found["one found"]
    assert found["twenty found"]["solr"] == 1
