"""What the portal's container runs, run for real against the services of this instance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from instance import REPOSITORY, Instance
from stack import container, database, health, render
from stack.settings import Settings


@pytest.fixture
def environment(instance: Instance, tmp_path: Path) -> dict[str, str]:
    """Return what compose would give to the portal, with this instance's addresses."""
    settings = Settings.load()
    secrets = settings.secrets()
    values = {
        **render.values(settings, secrets),
        "redis_url": render.redis_url(settings, secrets, 3),
    }
    given = {variable: values[name] for name, variable in container.variables().items()}
    state = tmp_path / "state"
    state.mkdir()
    return {
        **given,
        "PATH": os.environ["PATH"],
        "DGATIER_SITE_URL": settings.url("bench"),
        "DGATIER_DATABASE_ADMINISTRATOR": database.administrator_url(settings, secrets, "ckan"),
        "DGATIER_STATE": str(state),
        "DGATIER_INI": str(tmp_path / "ckan.ini"),
        "DGATIER_BIND": f"127.0.0.1:{settings.ports['bench']}",
        "DGATIER_SOLR_HOME": str(tmp_path / "solr"),
        "DGATIER_REALM_IMPORT": str(tmp_path),
        "DGATIER_EXCHANGE_CLIENT": secrets["exchange_client"],
        "DGATIER_DIGITAL_ID_CLIENT": secrets["digital_id_client"],
        "DGATIER_PORTAL_FROM_KEYCLOAK": "http://portal:5000",
    }


def _command(what: str) -> list[str]:
    return [sys.executable, "-m", "stack.container", what]


@pytest.fixture
def served(environment: dict[str, str]) -> Iterator[str]:
    url = environment["DGATIER_SITE_URL"]
    process = subprocess.Popen(_command("portal"), env=environment, cwd=REPOSITORY)
    try:
        health.wait(Settings.load(), "container's portal", health.portal(url), 60)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def test_the_portal_serves_the_same_answers(instance: Instance, served: str) -> None:
    asked = "/api/3/action/dgatier_access_show?id=state-welfare-cards"
    here = requests.get(served + asked, timeout=30).json()["result"]
    there = requests.get(instance.url + asked, timeout=30).json()["result"]
    assert {**here, "decision_id": ""} == {**there, "decision_id": ""}


def test_what_is_prepared_for_solr_and_keycloak(environment: dict[str, str]) -> None:
    subprocess.run(_command("prepare"), env=environment, cwd=REPOSITORY, check=True)
    ours = Path(environment["DGATIER_SOLR_HOME"]) / "ckan" / "conf" / "schema.xml"
    theirs = REPOSITORY / ".run" / "solr" / "home" / "ckan" / "conf" / "schema.xml"
    assert ours.read_bytes() == theirs.read_bytes()
    realm = json.loads(
        (Path(environment["DGATIER_REALM_IMPORT"]) / "dgatier-realm.json").read_text()
    )
    assert realm["clients"][0]["secret"] == environment["DGATIER_PORTAL_CLIENT"]
    assert all(user["username"].startswith("service-account-") for user in realm["users"])
    logout = realm["clients"][0]["attributes"]["backchannel.logout.url"]
    assert logout == "http://portal:5000/access/backchannel-logout"


def test_a_missing_name_is_said(environment: dict[str, str]) -> None:
    del environment["DGATIER_URL_OPA"]
    done = subprocess.run(
        _command("worker"), env=environment, cwd=REPOSITORY, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "DGATIER_URL_OPA is not set" in done.stderr
    assert "Traceback" not in done.stderr
