"""A file that comes again with other columns takes nothing of what was said of the old ones."""

from __future__ import annotations

import io
from typing import Any

from instance import Instance, arrived

SAID = {
    "card": {"disclosure": "identifier", "label": "บัตร"},
    "amount": {"disclosure": "measure", "kind": "amount"},
}


def test_a_column_keeps_its_class_and_a_new_one_has_none(instance: Instance, package: str) -> None:
    suda = instance.portal("suda")
    table = suda.call_action(
        "resource_create",
        {"package_id": package, "name": "t.csv", "format": "CSV"},
        files={"upload": ("t.csv", _file("card,amount,note\n01,5,a\n02,6,b\n"))},
    )["id"]
    arrived(instance, table, 2)
    suda.action.datastore_create(
        resource_id=table,
        force=True,
        fields=[{"id": column, "info": said} for column, said in SAID.items()],
    )
    suda.call_action(
        "resource_patch",
        {"id": table},
        files={"upload": ("t.csv", _file("amount,card,district\n5,01,x\n6,02,y\n7,03,z\n"))},
    )
    arrived(instance, table, 3)
    found = {one["id"]: one for one in suda.action.datastore_info(id=table)["fields"]}
    assert list(found) == ["amount", "card", "district"]
    assert {name: _said(found[name]) for name in found} == {**SAID, "district": {}}
    assert found["amount"]["type"] == "numeric"


def _file(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


def _said(column: dict[str, Any]) -> dict[str, str]:
    return {key: text for key, text in column["info"].items() if key != "type_override"}
