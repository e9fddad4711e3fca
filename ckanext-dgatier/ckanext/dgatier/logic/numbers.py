"""The numbers of requests for everyone, counted once a minute, and as open data."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.dgatier import store
from ckanext.dgatier.core import calendar
from ckanext.dgatier.core.numbers import Line, Numbers, Outcome, hide_small
from ckanext.dgatier.enforce import catalogue, facts

DATASET = "access-requests-numbers"
_SECONDS = 60.0
_counted: tuple[float, datetime, Numbers] | None = None
_KEYS = ["by", "value"]
# As many rows as CKAN gives at once; agencies, purposes, months and grounds are some hundred.
_MOST_LINES = 32_000


class NotSet(Exception):
    """No agency was named that publishes the numbers, or there is none of that name."""


def current() -> tuple[datetime, Numbers]:
    """Return when it was counted, at most a minute ago, and what may be shown of it.

    Only of datasets that everyone may discover: how often others are asked for would tell that
    they are there. Raises `policy.PolicyUnavailable`.
    """
    global _counted  # noqa: PLW0603
    if _counted is None or time.monotonic() - _counted[0] >= _SECONDS:
        known = store.numbers.count(catalogue.public(store.numbers.asked_for()))
        _counted = (time.monotonic(), datetime.now(UTC), hide_small(known, smallest()))
    return _counted[1], _counted[2]


def smallest() -> int:
    """Return the smallest count that is shown."""
    return int(toolkit.config["ckanext.dgatier.numbers.smallest"])


def line_shape(line: Line) -> dict[str, Any]:
    """Return a line of numbers as JSON: days with one decimal, `null` for what is hidden."""
    return {
        "value": line.key,
        **dict(zip(map(str, Outcome), line.counts, strict=True)),
        "total": line.total,
        "median_days": _days(line.median_days),
        "slow_days": _days(line.slow_days),
    }


def publish(now: datetime) -> int:
    """Bring the dataset and its table in the catalogue up to date; return how many rows it has.

    Run again it changes nothing but the day. Raises `NotSet`.
    """
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    # The operator who names the agency has had it approved there that these numbers are open.
    context: Context = {"ignore_auth": True, "user": site["name"]}
    resource_id = _resource(context)
    _at, known = current()
    day = calendar.today(now).isoformat()
    rows = [
        {**line_shape(line), "by": by, "as_of": day}
        for by, lines in (
            ("everything", (known.total,)),
            ("agency", known.agencies),
            ("purpose", known.purposes),
            ("month", known.months),
            ("ground", known.grounds),
        )
        for line in lines
    ]
    table = {"resource_id": resource_id, "force": True}
    # One call, so that a reader meets the old numbers or the new ones; then what is of neither.
    toolkit.get_action("datastore_upsert")({**context}, {**table, "records": rows})
    said = toolkit.get_action("datastore_search")(
        {**context}, {"resource_id": resource_id, "fields": _KEYS, "limit": _MOST_LINES}
    )
    there = {tuple(one[key] for key in _KEYS) for one in said["records"]}
    for gone in there - {tuple(row[key] for key in _KEYS) for row in rows}:
        toolkit.get_action("datastore_records_delete")(
            {**context}, {**table, "filters": dict(zip(_KEYS, gone, strict=True))}
        )
    return len(rows)


def publish_daily(now: datetime) -> None:
    """Publish where an agency is named and this day's numbers are not out yet."""
    if not toolkit.config["ckanext.dgatier.numbers.organization"]:
        return
    package = model.Package.by_name(DATASET)
    if package is not None and package.state == "active" and package.resources:
        site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
        found = toolkit.get_action("datastore_search")(
            {"ignore_auth": True, "user": site["name"]},
            {"resource_id": package.resources[0].id, "fields": ["as_of"], "limit": 1},
        )
        if any(one["as_of"][:10] == calendar.today(now).isoformat() for one in found["records"]):
            return
    publish(now)


def _resource(context: Context) -> str:
    """Return the id of the table, made with its dataset where it is not there yet."""
    agency = model.Group.by_name(toolkit.config["ckanext.dgatier.numbers.organization"] or "")
    if agency is None or not agency.is_organization:
        raise NotSet
    package = model.Package.by_name(DATASET)
    if package is None or package.state != "active":
        toolkit.get_action("package_create")({**context}, _metadata(agency))
        package = model.Package.by_name(DATASET)
    if package.resources:
        return str(package.resources[0].id)
    made = toolkit.get_action("datastore_create")(
        {**context},
        {
            "resource": {"package_id": package.id, "name": f"{DATASET}.csv", "format": "CSV"},
            "force": True,
            "primary_key": _KEYS,
            "fields": _fields(),
        },
    )
    return str(made["resource_id"])


def _fields() -> list[dict[str, Any]]:
    counts = [(str(one), "int", _LABELS[one]) for one in Outcome]
    columns = [
        ("by", "text", "นับตาม: ทั้งหมด หน่วยงาน วัตถุประสงค์ เดือนที่ยื่น หรือเหตุที่ไม่อนุมัติ"),
        ("value", "text", "หน่วยงาน วัตถุประสงค์ เดือน หรือเหตุตามมาตรา 15"),
        *counts,
        ("total", "int", "ทั้งหมด"),
        ("median_days", "float", "จำนวนวันที่ครึ่งหนึ่งของคำขอได้รับการพิจารณา"),
        ("slow_days", "float", "จำนวนวันที่เก้าในสิบของคำขอได้รับการพิจารณา"),
        ("as_of", "date", "ข้อมูล ณ วันที่"),
    ]
    return [
        {
            "id": name,
            "type": type_,
            "info": {"label": label, facts.LEVEL_FIELD: "open", "disclosure": "plain"},
        }
        for name, type_, label in columns
    ]


_LABELS = {
    Outcome.APPROVED: "อนุมัติ",
    Outcome.REJECTED: "ไม่อนุมัติ",
    Outcome.WITHDRAWN: "ผู้ขอถอน",
    Outcome.WAITING: "รอการพิจารณา",
}


def _metadata(agency: model.Group) -> dict[str, Any]:
    few = smallest()
    return {
        "name": DATASET,
        "title": "สถิติคำขอเข้าถึงข้อมูล",
        "title_en": "Numbers of requests for access",
        "notes": "จำนวนคำขอเข้าถึงข้อมูล ผลการพิจารณา และระยะเวลาพิจารณา แยกตามหน่วยงาน วัตถุประสงค์ "
        f"เดือนที่ยื่น และเหตุที่ไม่อนุมัติ จำนวนที่น้อยกว่า {few} ไม่แสดง เพื่อไม่ให้รู้ถึงตัวบุคคล ปรับปรุงทุกวัน",
        "notes_en": "How many requests for access there were, what became of them and in how many "
        f"days, by agency, purpose, month and ground of refusal. Counts below {few} are left out, "
        "so that they tell of nobody. Brought up to date each day.",
        "owner_org": agency.id,
        facts.LEVEL_FIELD: "open",
        "data_category": "ข้อมูลสาธารณะ",
        "license_id": "cc-by",
        "maintainer": agency.title,
        "maintainer_email": toolkit.config["ckanext.dgatier.numbers.contact"],
        "data_type": "ข้อมูลสถิติ",
        "update_frequency_unit": "วัน",
        "geo_coverage": "ประเทศ",
        "data_source": agency.title,
        "data_language": ["ไทย"],
        "data_format": ["CSV"],
        "tags": [{"name": "สถิติ"}],
    }


def _days(value: float | None) -> float | None:
    return None if value is None else round(float(value), 1)
