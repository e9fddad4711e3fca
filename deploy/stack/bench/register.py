"""Fills a confidential register of the bench and lets two people into it: `register.py INI ROWS`.

nari has a grant of masked rows, somchai the rows about himself; both are asked of Keycloak as the
portal does. Ends with JSON: the table's id and their API tokens.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckan.plugins import toolkit
from ckanext.datastore.backend.postgres import get_write_engine

from ckanext.dgatier import store
from ckanext.dgatier.identity import directory, provider, provisioning
from ckanext.dgatier.store.tables import grant, token_assurance

_DATASET = "bench-000009"
_OWN_ROWS = 3
_COLUMNS: dict[str, tuple[str, dict[str, str]]] = {
    "citizen_id": ("text", {"disclosure": "identifier", "subject_key": "citizen_id"}),
    "full_name": ("text", {"disclosure": "identifier", "kind": "name"}),
    "province": ("text", {"disclosure": "plain", "subject_key": "province"}),
    "registered_on": ("timestamp", {"disclosure": "quasi_identifier", "kind": "event_date"}),
    "amount": ("numeric", {"disclosure": "measure"}),
    "remark": ("text", {"disclosure": "sensitive"}),
}


def main() -> None:
    """Fill what is missing; the last line of output is JSON."""
    ini, rows = sys.argv[1], int(sys.argv[2])
    application = make_app(CKANConfigLoader(ini).get_config())
    with application._wsgi_app.test_request_context("/"):
        resource = model.Package.get(_DATASET).resources[0]
        nari, somchai = (_person(name) for name in ("nari", "somchai"))
        if not _count(resource.id):
            _fill(resource.id, rows, _number(somchai))
        _grant(nari, resource.package)
        print(
            json.dumps(
                {"table": resource.id, "masked": _token(nari), "own_record": _token(somchai)}
            )
        )


def _person(name: str) -> str:
    claims = directory.claims_named(name)
    assert claims, name  # noqa: S101 - the realm of the demonstration has them
    return provisioning.provision(provider.issuer_and_client()[0], claims)


def _number(user_id: str) -> str:
    claims = store.people.claims_of(user_id) or {}
    return str(claims["citizen_id"])


def _token(user_id: str) -> str:
    """Return a new API token as if made in a sign-in with two factors."""
    user = model.User.get(user_id)
    made = toolkit.get_action("api_token_create")(
        {"ignore_auth": True, "user": user.name}, {"user": user.name, "name": f"bench {_now()}"}
    )
    newest = max(model.Session.query(model.ApiToken).filter_by(user_id=user_id),
                 key=lambda one: one.created_at)  # fmt: skip
    strength = {"aal": 2, "authenticated_at": _now()}
    with model.meta.engine.begin() as connection:
        made_in = sa.update(token_assurance).where(token_assurance.c.token_id == newest.id)
        connection.execute(made_in.values(**strength))
    return str(made["token"])


def _grant(user_id: str, package: model.Package) -> None:
    day = timedelta(days=1)
    values = {
        "id": str(uuid5(NAMESPACE_URL, "bench:grant")), "request_id": "bench",
        "subject_id": user_id, "dataset_id": package.id, "agency": "agency-9",
        "resource_ids": [], "conditions": {}, "tier": "masked", "purpose": "dpv:AcademicResearch",
        "valid_from": _now() - day, "valid_until": _now() + day, "approved_by": [],
        "level": "confidential",
    }  # fmt: skip
    with model.meta.engine.begin() as connection:
        connection.execute(sa.delete(grant).where(grant.c.id == values["id"]))
        connection.execute(sa.insert(grant).values(**values))


def _count(resource_id: str) -> int:
    with get_write_engine().connect() as connection:
        found = connection.execute(sa.text("SELECT to_regclass(:id)"), {"id": f'"{resource_id}"'})
        if found.scalar() is None:
            return 0
        table = sa.table(resource_id)
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _fill(resource_id: str, rows: int, own_number: str) -> None:
    """Make the table with its dictionary; some rows amid the others are about one person."""
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    fields = [{"id": name, "type": kind, "info": info} for name, (kind, info) in _COLUMNS.items()]
    toolkit.get_action("datastore_create")(
        {"ignore_auth": True, "user": site["name"]},
        {"resource_id": resource_id, "force": True, "fields": fields},
    )
    number = sa.func.generate_series(1, rows, type_=sa.Integer).column_valued("number")
    text = sa.cast(number, sa.Text)
    own = number % max(1, rows // _OWN_ROWS) == 1
    values: dict[str, Any] = {
        "citizen_id": sa.case((own, own_number), else_=sa.func.lpad(text, 13, "1")),
        "full_name": "person " + text,
        "province": "province " + sa.cast(number % 77, sa.Text),
        "registered_on": sa.cast("2026-01-01", sa.DateTime)
        - sa.cast(sa.cast(number % 3650, sa.Text) + " days", sa.Interval),
        "amount": number % 3000,
        "remark": "remark on row " + text,
    }
    table = sa.table(resource_id, *map(sa.column, values))
    with get_write_engine().begin() as connection:
        made = sa.select(*values.values())
        connection.execute(sa.insert(table).from_select(list(values), made))
    with get_write_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f'ANALYZE "{resource_id}"'))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
