"""Real open data is published as open datasets and comes back as it went in."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
import requests

from instance import REPOSITORY, Instance, arrived

DATA = Path(os.environ.get("DGATIER_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
TABLES = ("thai_provinces.csv", "thai_districts.csv", "thai_sub_districts.csv")
DOCUMENTS = ("local_authority_procurement_2019.json", "local_contractors_2019.json")

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the real open data is not here ({DATA}); set DGATIER_REAL_DATA"
)


def _publish(instance: Instance, package: str, path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return dict(
            instance.portal("suda").action.resource_create(
                package_id=package, name=path.name, format=path.suffix[1:].upper(), upload=file
            )
        )


@pytest.mark.parametrize("name", TABLES)
def test_a_real_table_is_read_back_row_by_row(instance: Instance, package: str, name: str) -> None:
    made = _publish(instance, package, DATA / name)
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found = arrived(instance, made["id"], len(rows))
    names = [row["name_th"] for row in found["records"]]
    assert names == [row["name_th"] for row in rows[:1000]]
    assert {field["id"] for field in found["fields"]} == {"_id", *rows[0]}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_real_document_is_downloaded_byte_by_byte(
    instance: Instance, package: str, name: str
) -> None:
    made = _publish(instance, package, DATA / name)
    url = f"{instance.url}/dataset/{package}/resource/{made['id']}/download/{name}"
    got = requests.get(url, timeout=60).content
    assert got == (DATA / name).read_bytes()
    assert len(json.loads(got)) > 50
