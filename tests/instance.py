"""The running instance as the tests talk to it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup
from ckanapi import NotFound, RemoteCKAN

import warm_command
from dgatier_demo import catalogue
from dgatier_demo.sign_in import sign_in
from stack.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[1]
REGISTER = "state-welfare-cards"
#: A small table about people who are not there, with columns of three classes.
PEOPLE = {
    "fields": [
        {"id": "citizen", "type": "text", "info": {"disclosure": "identifier"}},
        {"id": "illness", "type": "text", "info": {"disclosure": "sensitive"}},
        {"id": "province", "type": "text", "info": {"disclosure": "plain"}},
    ],
    "records": [
        {"citizen": f"synthetic {one}", "illness": "none", "province": "น่าน"} for one in range(9)
    ],
}


@dataclass(frozen=True)
class Instance:
    """Where the portal is, and who its people are."""

    state: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.state["portal_url"])

    def person(self, name: str) -> dict[str, str]:
        return next(one for one in self.state["people"] if one["username"] == name)

    def portal(self, name: str | None = None) -> RemoteCKAN:
        """Return the action API as a person sees it, or the public."""
        return RemoteCKAN(self.url, apikey=self.person(name)["api_token"] if name else None)

    def browse(self, name: str, aal: int = 2) -> requests.Session:
        """Return a session in which a person has really signed in."""
        person = self.person(name)
        return sign_in(self.url, name, person["password"], person["totp_secret"], aal)

    def bearer(self, **changes: str) -> str:
        """Return a fresh access token of the service account that asks for decisions."""
        account = {**self.state["service_accounts"][0], **changes}
        answer = requests.post(
            f"{self.state['keycloak_url']}/realms/dgatier/protocol/openid-connect/token",
            data={"grant_type": "client_credentials", **account},
            timeout=30,
        )
        return str(answer.json()["access_token"])

    @classmethod
    def running(cls) -> Instance:
        """Return the instance of this checkout; fails where it is not healthy."""
        done = subprocess.run(
            [REPOSITORY / "scripts" / "status", "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        state = json.loads(done.stdout)
        assert state["healthy"], f"the instance is not healthy: {state['services']}"
        return cls(state)


def submit(session: requests.Session, page: requests.Response, **fields: str) -> requests.Response:
    """Send the first form of a page, as a person does who has filled in `fields`."""
    form: Any = BeautifulSoup(page.text, "html.parser").find("form")
    assert form, f"no form at {page.url}: {page.status_code}"
    hidden = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden][name]")}
    address = urljoin(page.url, form["action"])
    return session.post(address, data={**hidden, **fields}, timeout=30)


def open_dataset() -> dict[str, Any]:
    """Return the metadata of a new open dataset of the Fiscal Policy Office."""
    shape = next(each for each in catalogue.datasets() if each.agency == "fpo").metadata()
    return {
        **shape,
        "name": f"test-{time.time_ns()}",
        "classification_level": "open",
        "data_category": "ข้อมูลสาธารณะ",
    }


@contextlib.contextmanager
def internal_table(instance: Instance, level: str = "internal", **table: Any) -> Iterator[str]:
    """Publish a table (`name`, `fields`, `records`) in an internal dataset, or a higher one."""
    suda = instance.portal("suda").action
    shape = {
        **open_dataset(),
        "classification_level": level,
        "level_ground": "Section 9 of the Official Information Act.",
        "resources": [],
    }
    package = suda.package_create(**shape)
    resource = {"package_id": package["id"], "name": table.pop("name")}
    yield str(suda.datastore_create(resource=resource, **table)["resource_id"])
    suda.package_delete(id=package["id"])


class _File(io.BytesIO):
    name = "register.csv"


@contextlib.contextmanager
def loaded_table(
    instance: Instance,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    dictionary: Mapping[str, Any],
    **changes: Any,
) -> Iterator[dict[str, str]]:
    """Publish a CSV file and describe its table; give the ids of `package` and `resource`.

    `changes` are fields of the dataset.
    """
    suda = instance.portal("suda")
    package = suda.action.package_create(**{**open_dataset(), **changes, "resources": []})
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    made = suda.action.resource_create(
        package_id=package["id"], name="register.csv", format="CSV",
        upload=_File(text.getvalue().encode()),
    )  # fmt: skip
    arrived(instance, made["id"], len(rows))
    describe(suda, made["id"], dictionary)
    yield {"package": package["id"], "resource": made["id"]}
    suda.action.package_delete(id=package["id"])


def describe(suda: RemoteCKAN, resource: str, dictionary: Mapping[str, Any]) -> None:
    """Write what the data dictionary says of each column of a table."""
    known = suda.action.datastore_info(id=resource)["fields"]
    suda.action.datastore_create(
        resource_id=resource, force=True,
        fields=[
            {"id": one["id"], "type": one["type"], "info": dictionary[one["id"]]} for one in known
        ],
    )  # fmt: skip


def arrived(instance: Instance, resource_id: str, rows: int) -> dict[str, Any]:
    """Return what a publisher finds in the table, once the loader has brought all rows.

    They are counted here. CKAN reads the rows and their number over two connections: a loader may
    finish between them, and where it takes the table away, the three wait for each other until
    PostgreSQL ends one.
    """
    action = instance.portal("suda").action
    deadline = time.monotonic() + 60
    counted = 0
    while counted != rows:
        assert time.monotonic() < deadline, f"{counted} of {rows} rows arrived"
        time.sleep(0.3)
        with contextlib.suppress(NotFound):
            some = action.datastore_search(
                resource_id=resource_id, limit=rows + 1, include_total=False
            )
            counted = len(some["records"])
    found: dict[str, Any] = action.datastore_search(resource_id=resource_id, limit=1000)
    return found


def run_command(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run CKAN's own command on the server; `given` is what it reads."""
    return warm_command.run(Settings.load().ini, *arguments, given=given)


def ckan(*arguments: str, given: str = "") -> str:
    """Return what CKAN's own command prints on the server; fails where it ends with an error."""
    done = run_command(*arguments, given=given)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def run_in_ckan(program: str) -> None:
    """Run a program of Python inside CKAN, on the server."""
    said = ckan("shell", given=f"{program}\n")
    assert "Traceback" not in said, said
