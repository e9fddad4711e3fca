"""Fills the catalogue of the bench in bulk: `fill.py INI content SIZE ROWS` or `fill.py INI index`.

Everything is made up from the number of the dataset, so that two runs hold the same.
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
from ckan.lib import search
from ckan.plugins import toolkit
from ckanext.datastore.backend.postgres import get_write_engine

_START = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_SUBJECTS = (
    "health", "rice", "water", "school", "road", "tax", "tourism", "forest", "energy", "port",
)  # fmt: skip
_PROVINCES = ("กรุงเทพมหานคร", "เชียงใหม่", "พะเยา", "น่าน", "สงขลา", "ระยอง", "ขอนแก่น")
_LEVELS = ("open", "open", "open", "internal", "confidential")
_CATEGORY = {"open": "ข้อมูลสาธารณะ", "internal": "ข้อมูลสาธารณะ", "confidential": "ข้อมูลส่วนบุคคล"}
_AGENCIES = 12
_TAGS_EACH = 2
_BATCH = 2000
_READER = "bench-reader"


def main() -> None:
    """Do what the arguments ask; the content's last line of output is JSON."""
    ini, what, *numbers = sys.argv[1:]
    application = make_app(CKANConfigLoader(ini).get_config())
    with application._wsgi_app.test_request_context("/"):
        if what == "index":
            _index()
        else:
            size, rows = map(int, numbers)
            _insert_catalogue(size)
            table = _insert_table(rows)
            token = _make_reader()
            names = [_name(number) for number in range(0, size, max(1, size // 50))]
            print(json.dumps({"datasets": names, "table": table, "token": token}))


def _insert_catalogue(size: int) -> None:
    session = model.Session
    agencies = [
        {"id": _id("agency", number), "name": f"agency-{number}", "title": f"หน่วยงานที่ {number}",
         "type": "organization", "is_organization": True}
        for number in range(_AGENCIES)
    ]  # fmt: skip
    session.execute(sa.insert(model.group_table), agencies)
    tags = [{"id": _id("tag", word), "name": word} for word in _SUBJECTS]
    session.execute(sa.insert(model.tag_table), tags)
    for first in range(0, size, _BATCH):
        numbers = range(first, min(first + _BATCH, size))
        session.execute(sa.insert(model.package_table), [_dataset(one) for one in numbers])
        session.execute(sa.insert(model.resource_table), [_resource(one) for one in numbers])
        session.execute(sa.insert(model.member_table), [_membership(one) for one in numbers])
        session.execute(
            sa.insert(model.package_tag_table),
            [_tagging(one, which) for one in numbers for which in range(_TAGS_EACH)],
        )
    session.commit()


def _dataset(number: int) -> dict[str, Any]:
    level = _level(number)
    subject, province = _SUBJECTS[number % 10], _PROVINCES[number % 7]
    return {
        "id": _id("dataset", number),
        "name": _name(number),
        "title": f"ชุดข้อมูล {subject} ที่ {number} {province}",
        "notes": f"ข้อมูลสังเคราะห์เพื่อวัดความเร็ว {subject} {province} " * 4,
        "license_id": "cc-by",
        "maintainer_email": "data@bench.example.org",
        "owner_org": _id("agency", number % _AGENCIES),
        "metadata_created": _START + timedelta(minutes=number),
        "metadata_modified": _START + timedelta(minutes=number),
        "extras": {
            "title_en": f"Dataset {number} on {subject}",
            "notes_en": f"Made up to measure speed, about {subject}. " * 4,
            "classification_level": level,
            "data_category": _CATEGORY[level],
            "data_type": "ข้อมูลสถิติ",
            "update_frequency_unit": "ปี",
            "geo_coverage": "จังหวัด",
        },
    }


def _resource(number: int) -> dict[str, Any]:
    return {
        "id": _id("resource", number),
        "package_id": _id("dataset", number),
        "url": f"https://bench.example.org/{number}.csv",
        "name": f"table {number}",
        "format": "CSV",
        "position": 0,
        "metadata_modified": _START,
        "extras": {},
    }


def _membership(number: int) -> dict[str, Any]:
    return {
        "id": _id("membership", number),
        "table_name": "package",
        "table_id": _id("dataset", number),
        "capacity": "organization",
        "group_id": _id("agency", number % _AGENCIES),
    }


def _tagging(number: int, which: int) -> dict[str, Any]:
    return {
        "id": _id("tagging", f"{number}-{which}"),
        "package_id": _id("dataset", number),
        "tag_id": _id("tag", _SUBJECTS[(number + which) % 10]),
    }


def _insert_table(rows: int) -> str:
    """Give the first dataset, which is open, a table in the DataStore; its rows come in bulk."""
    resource_id = _id("resource", 0)
    toolkit.get_action("datastore_create")(
        _system(),
        {
            "resource_id": resource_id,
            "force": True,
            "fields": [
                {"id": "province", "type": "text"},
                {"id": "year", "type": "int"},
                {"id": "amount", "type": "numeric"},
                {"id": "note", "type": "text"},
            ],
        },
    )
    number = sa.func.generate_series(1, rows, type_=sa.Integer).column_valued("number")
    text = sa.cast(number, sa.Text)
    columns: dict[str, sa.ColumnElement[Any]] = {
        "province": "province " + sa.cast(number % 77, sa.Text),
        "year": 2540 + number % 30,
        "amount": number * sa.literal_column("1.5"),
        "note": "row " + text,
    }
    table = sa.table(resource_id, *map(sa.column, columns))
    made = sa.select(*columns.values())
    with get_write_engine().begin() as connection:
        connection.execute(sa.insert(table).from_select(list(columns), made))
    return resource_id


def _make_reader() -> str:
    """Make the person who is signed in, and return an API token of theirs."""
    user = model.User(name=_READER, email="reader@bench.example.org")
    model.Session.add(user)
    model.Session.commit()
    made = toolkit.get_action("api_token_create")(
        {**_system(), "user": _READER}, {"user": _READER, "name": "bench"}
    )
    return str(made["token"])


def _index() -> None:
    search.clear_all()
    search.rebuild(quiet=True, defer_commit=True)
    search.commit()


def _system() -> Any:
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    return {"ignore_auth": True, "user": site["name"]}


def _id(kind: str, of: object) -> str:
    return str(uuid5(NAMESPACE_URL, f"bench:{kind}:{of}"))


def _name(number: int) -> str:
    return f"bench-{number:06}"


def _level(number: int) -> str:
    return _LEVELS[number % len(_LEVELS)]


if __name__ == "__main__":
    main()
