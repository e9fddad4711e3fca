"""Times decisions inside the portal's application: `decide.py INI ROUNDS CALLS` ends with JSON.

In turns: the bare call of OPA; one decision as the portal makes it (query of grants, input, OPA,
reading the answer) beside a thousand grants and beside a million; a page of a hundred datasets.
"""

from __future__ import annotations

import gc
import http.client
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.plugins import toolkit

from ckanext.dgatier import identity, store
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.subject import Role, Subject
from ckanext.dgatier.core.target import Column, Target
from ckanext.dgatier.enforce import decision_point
from ckanext.dgatier.policy import document

FEW, MANY = 1_000, 1_000_000
_DATASETS = 1_000
_PAGE = 100
_LEVELS = tuple(ClassificationLevel)[:3]
_COLUMNS = tuple(
    Column(f"column_{number}", "text", None, disclosure)
    for number, disclosure in enumerate(
        ("identifier", "identifier", "plain", "quasi_identifier", "measure", "measure", "sensitive")
    )
)


def main() -> None:
    """Fill the two tables of grants where they are not, and measure."""
    ini, rounds, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    application = make_app(CKANConfigLoader(ini).get_config())
    # As `wsgi.py` does.
    gc.collect()
    gc.freeze()
    with application._wsgi_app.test_request_context("/"):
        for size in (FEW, MANY):
            _fill(size)
        print(json.dumps(_measure(rounds, calls)))


def _measure(rounds: int, calls: int) -> dict[str, list[list[float]]]:
    """Return for each subject of measurement the sorted milliseconds of each round."""
    subject = Subject(
        "bench-person-7", roles=frozenset({Role.RESEARCHER}), accredited=True,
        ial=2.3, aal=2, authenticated_at=datetime.now(UTC),
    )  # fmt: skip
    one = [
        Target(_dataset(7), ClassificationLevel.CONFIDENTIAL, "agency-1", "resource", None, None,
               tabular=True, columns=_COLUMNS)
    ]  # fmt: skip
    page = [
        Target(_dataset(number), _LEVELS[number % 3], f"agency-{number % 12}")
        for number in range(_PAGE)
    ]

    def decide(targets: list[Target]) -> Callable[[], object]:
        return lambda: decision_point.decide(subject, targets, None)

    measured: dict[str, tuple[int, Callable[[], object], int]] = {
        "bare": (FEW, _bare(subject, one[0]), calls),
        "few": (FEW, decide(one), calls),
        "many": (MANY, decide(one), calls),
        "page": (FEW, decide(page), max(1, calls // 10)),
    }
    found: dict[str, list[list[float]]] = {name: [] for name in measured}
    for number in range(rounds + 1):
        for name, (size, call, times) in measured.items():
            _use(size)
            taken = [_time(call) for _ in range(times)]
            if number:  # the first round warms up
                found[name].append(sorted(taken))
    return found


def _time(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _bare(subject: Subject, target: Target) -> Callable[[], object]:
    """Return a call of OPA with ready bytes over a kept connection, its answer not even parsed."""
    address = urlsplit(toolkit.config["ckanext.dgatier.opa_url"])
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=5)
    held = store.grants.held_by(subject.id, [target.dataset_id])
    asked: dict[str, Any] = {
        "subject": document.of_subject(subject),
        "targets": [document.of_target(target, held.get(target.dataset_id, []))],
        "purpose": None,
        "environment": document.of_environment(identity.current_environment()),
    }
    body = json.dumps({"input": asked}).encode()

    def call() -> object:
        connection.request(
            "POST", "/v1/data/dgatier/decision/reply", body, {"Content-Type": "application/json"}
        )
        return connection.getresponse().read()

    return call


def _dataset(number: int) -> str:
    return f"bench-dataset-{number}"


def _use(size: int) -> None:
    """Let the portal's next queries meet the table with so many grants."""
    model.Session.rollback()
    model.Session.execute(sa.text(f"SET search_path TO grants_{size}, public"))
    model.Session.commit()
    model.Session.execute(sa.text(f"SET search_path TO grants_{size}, public"))


def _fill(size: int) -> None:
    """Make a table of grants like the portal's in a schema of its own; each person holds some."""
    schema = f"grants_{size}"
    with model.meta.engine.begin() as connection:
        found = connection.execute(
            sa.text("SELECT to_regclass(:name)"), {"name": f"{schema}.dgatier_grant"}
        )
        if found.scalar():
            return
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
        table = f"{schema}.dgatier_grant"
        connection.execute(
            sa.text(f"CREATE TABLE {table} (LIKE public.dgatier_grant INCLUDING ALL)")
        )
        connection.execute(
            sa.text(
                f"INSERT INTO {table} (id, request_id, subject_id, dataset_id, agency,"  # noqa: S608
                " resource_ids, tier, purpose, valid_from, valid_until, approved_by)"
                " SELECT 'grant-' || n, 'request-' || n, 'bench-person-' || (n / 10),"
                f" 'bench-dataset-' || (n * 7 % {_DATASETS}), 'agency-1', '[]', 'masked',"
                " 'dpv:AcademicResearch', now() - interval '1 day', now() + interval '1 year', '[]'"
                f" FROM generate_series(1, {size}) AS n"
            )
        )
    with model.meta.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"ANALYZE {schema}.dgatier_grant"))


if __name__ == "__main__":
    main()
