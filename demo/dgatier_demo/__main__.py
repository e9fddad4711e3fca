"""`python -m dgatier_demo`: publishes the catalogue; run again, it goes on where it stopped.

The agencies are made by the command line of the server. `suda` publishes what is her agency's;
for the other agencies, which have no steward among the demonstration people, an account named
`demo-publisher` does, an editor of each of them and no sysadmin. What it publishes waits for a
steward to confirm the level; the command line of the server does that in the end, as for levels
that were approved outside of the portal. Secret data is `suda`'s only: nobody publishes what they
are not cleared to see.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ckanapi import NotFound, RemoteCKAN

from . import catalogue
from .sign_in import api_token, sign_in
from .tables import Column

_STEWARD, _STEWARDS_AGENCY = "suda", "fpo"
_APPROVED = "ผู้มีอำนาจของแต่ละหน่วยงานอนุมัติแล้วนอกระบบ (ข้อมูลสาธิต)"
_SECONDS_TO_LOAD = 900


class _Upload(io.BytesIO):
    """A file in memory that says its name, which the client sends along."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


def main() -> None:
    """Publish everything that is not published yet."""
    parser = argparse.ArgumentParser(prog="dgatier_demo", description=__doc__)
    parser.add_argument("--portal-url", required=True)
    parser.add_argument("--ini", required=True, type=Path)
    parser.add_argument("--secrets", required=True, type=Path)
    chosen = parser.parse_args()
    tokens = _prepare(chosen.portal_url, chosen.ini, chosen.secrets)
    portals = {name: RemoteCKAN(chosen.portal_url, apikey=token) for name, token in tokens.items()}
    everything = catalogue.datasets()
    resources: dict[str, str] = {}
    waiting = False
    for number, dataset in enumerate(everything, start=1):
        portal = portals[_STEWARD if dataset.agency == _STEWARDS_AGENCY else "demo-publisher"]
        resources[dataset.name], waits = _publish(portal, dataset)
        waiting |= waits
        _say(f"    {number}/{len(everything)} {dataset.name} ({dataset.row_count:,} rows)")
    for number, dataset in enumerate(everything, start=1):
        portal = portals[_STEWARD if dataset.agency == _STEWARDS_AGENCY else "demo-publisher"]
        _describe(portal, dataset, resources[dataset.name])
        if number % 10 == 0 or dataset.row_count >= 50_000:
            _say(f"    {number}/{len(everything)} loaded and described: {dataset.name}")
    if waiting:
        confirmed = _ckan(chosen.ini, "dgatier", "levels", "confirm", "--ground", _APPROVED)
        _say(f"    {len(confirmed.splitlines())} levels confirmed")
    _say(f"    {_ckan(chosen.ini, 'dgatier', 'numbers', 'publish').strip()}")


def _prepare(portal_url: str, ini: Path, secrets_file: Path) -> dict[str, str]:
    """Make agencies, users and tokens; return the tokens of those who publish."""
    shape = json.dumps(catalogue.agencies(), ensure_ascii=False)
    publisher = _ckan(ini, "dgatier", "demo-agencies", shape).strip().splitlines()[-1]
    _ckan(ini, "dgatier", "people", "sync")
    secrets = json.loads(secrets_file.read_text())
    for name, person in secrets["people"].items():
        if "api_token" not in person:
            session = sign_in(portal_url, name, person["password"], person["totp_secret"], aal=2)
            person["api_token"] = api_token(session, portal_url, name, "demonstration")
            _say(f"    {name} has signed in with two factors")
            _write_private(secrets_file, json.dumps(secrets, indent=1))
    if "publisher_token" not in secrets:
        secrets["publisher_token"] = publisher
        _write_private(secrets_file, json.dumps(secrets, indent=1))
    return {
        _STEWARD: secrets["people"][_STEWARD]["api_token"],
        "demo-publisher": secrets["publisher_token"],
    }


def _publish(portal: RemoteCKAN, dataset: catalogue.Dataset) -> tuple[str, bool]:
    """Make the dataset and upload its file unless that was done.

    Returns the resource's id, and whether the level waits to be confirmed.
    """
    try:
        package = portal.action.package_show(id=dataset.name)
    except NotFound:
        package = portal.action.package_create(**dataset.metadata())
    waits = "level_proposal" in package
    if package["resources"]:
        return str(package["resources"][0]["id"]), waits
    made = portal.action.resource_create(
        package_id=package["id"],
        name=dataset.file_name,
        format="XLSX" if dataset.file == "xlsx" else "CSV",
        upload=_Upload(dataset.file_name, dataset.content()),
    )
    return str(made["id"]), waits


def _describe(portal: RemoteCKAN, dataset: catalogue.Dataset, resource_id: str) -> None:
    """Wait until the file is in the DataStore, then write the data dictionary."""
    deadline = time.monotonic() + _SECONDS_TO_LOAD
    tried_again = False
    while True:
        status = portal.action.xloader_status(resource_id=resource_id)["status"]
        if status == "complete":
            break
        if status == "error" and not tried_again:
            portal.action.xloader_submit(resource_id=resource_id)
            tried_again = True
        elif status == "error" or time.monotonic() > deadline:
            sys.exit(f"{dataset.name}: the file was not loaded: {status}")
        time.sleep(0.5)
    known = portal.action.datastore_info(id=resource_id)["fields"]
    wanted: dict[str, Any] = {column.id: column for column in dataset.table.columns}
    if all((field.get("info") or {}).get("disclosure") for field in known):
        return
    portal.action.datastore_create(
        resource_id=resource_id,
        force=True,
        fields=[
            {
                "id": field["id"],
                "type": field["type"],
                "info": {
                    **(field.get("info") or {}),
                    "label": wanted[field["id"]].label,
                    "disclosure": wanted[field["id"]].disclosure,
                    "subject_key": wanted[field["id"]].subject_key,
                    "period": wanted[field["id"]].period,
                    "classification_level": wanted[field["id"]].level,
                    **_bounds(wanted[field["id"]]),
                },
            }
            for field in known
        ],
    )


def _bounds(column: Column) -> dict[str, str]:
    """Return the entries of the dictionary by which a measure may be summed up."""
    if column.bounds is None:
        return {}
    return {"lowest": str(column.bounds[0]), "highest": str(column.bounds[1])}


def _ckan(ini: Path, *arguments: str) -> str:
    program = Path(sys.executable).with_name("ckan")
    done = subprocess.run(  # noqa: S603
        [program, "-c", ini, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"`ckan {' '.join(arguments[:2])}` failed:\n{done.stderr[-3000:]}")
    return done.stdout


def _write_private(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
