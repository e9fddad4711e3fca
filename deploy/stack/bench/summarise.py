"""Times new questions for a summary in the portal's application: `summarise.py INI ROUNDS`.

In turns: the plain GROUP BY in PostgreSQL with the same sum, a question that nobody has asked, and
the same question again. Ends with JSON, milliseconds by what was measured.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import sqlalchemy as sa
from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.plugins import toolkit
from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine

from ckanext.dgatier.store.tables import summary_answer, summary_budget

_READER = "bench-reader"
_CONFIDENTIAL = "bench-000004"
_DIMENSIONS: dict[str, dict[str, str]] = {
    "province": {"disclosure": "plain"},
    "year": {"disclosure": "plain"},
    "amount": {"disclosure": "measure", "lowest": "0", "highest": "1000000"},
    "note": {"disclosure": "identifier"},
}


def main() -> None:
    """Copy the open table into a confidential dataset where that is not done, and measure."""
    ini, rounds = sys.argv[1], int(sys.argv[2])
    application = make_app(CKANConfigLoader(ini).get_config())
    with application._wsgi_app.test_request_context("/"):
        resource_id = _fill(model.Package.get("bench-000000").resources[0].id)
        print(json.dumps(_measure(resource_id, rounds)))


def _measure(resource_id: str, rounds: int) -> dict[str, list[float]]:
    statement = sa.text(
        "SELECT province, count(*), sum(amount)"  # noqa: S608 - the id is our own
        f' FROM "{resource_id}" GROUP BY province'
    )

    def plain() -> None:
        with get_read_engine().connect() as connection:
            connection.execute(statement).all()

    def ask() -> None:
        answer = toolkit.get_action("dgatier_summary")(
            {"user": _READER},
            {"resource_id": resource_id, "by": ["province"], "measures": ["sum:amount"]},
        )
        assert answer["cells"]  # noqa: S101

    def forget() -> None:
        with model.meta.engine.begin() as connection:
            for table in (summary_answer, summary_budget):
                connection.execute(sa.delete(table).where(table.c.resource_id == resource_id))

    found: dict[str, list[float]] = {"plain": [], "new": [], "again": []}
    for number in range(rounds + 1):
        forget()
        taken = {"plain": _time(plain), "new": _time(ask), "again": _time(ask)}
        if number:  # the first round warms up
            for name, one in taken.items():
                found[name].append(one)
    return found


def _time(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _fill(open_id: str) -> str:
    resource = model.Package.get(_CONFIDENTIAL).resources[0]
    with get_read_engine().connect() as connection:
        known = connection.execute(
            sa.text("SELECT to_regclass(quote_ident(:id))"), {"id": resource.id}
        )
        if known.scalar():
            return str(resource.id)
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    types = {"province": "text", "year": "int", "amount": "numeric", "note": "text"}
    toolkit.get_action("datastore_create")(
        {"ignore_auth": True, "user": site["name"]},
        {
            "resource_id": resource.id,
            "force": True,
            "fields": [
                {"id": name, "type": types[name], "info": info}
                for name, info in _DIMENSIONS.items()
            ],
        },
    )
    names = ", ".join(types)
    with get_write_engine().begin() as connection:
        connection.execute(
            sa.text(
                f'INSERT INTO "{resource.id}" ({names})'  # noqa: S608 - the ids are our own
                f' SELECT {names} FROM "{open_id}"'
            )
        )
    with get_write_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f'ANALYZE "{resource.id}"'))
    return str(resource.id)


if __name__ == "__main__":
    main()
