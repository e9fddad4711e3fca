"""Fetches and builds the parts that are not Python packages."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

from .progress import Mark, StepFailed, step
from .settings import REPOSITORY, Settings

DEPLOY = REPOSITORY / "deploy"


def everything(settings: Settings) -> list[str]:
    """Install Solr, Keycloak and OPA where missing or of another version; return what is new."""
    parts = (("solr", _solr), ("keycloak", _keycloak), ("opa", _opa))
    return [name for name, install in parts if install(settings)]


def go_tool(settings: Settings, name: str, expected: str) -> tuple[Path, bool]:
    """Build a Go program at the version that its `go.mod` pins; return it and if it is new."""
    source = DEPLOY / "gotools" / name
    built = settings.run / "bin" / name
    mark = Mark(settings.run, f"go-{name}", source)
    if mark.is_current() and built.exists():
        return built, False
    module = next(
        line.split()[1]
        for line in (source / "go.mod").read_text().splitlines()
        if line.startswith("tool ")
    )
    with step(f"Build {name}", expected):
        built.parent.mkdir(exist_ok=True)
        _run(
            ["go", "build", "-trimpath", "-ldflags=-s -w", "-o", str(built), module],
            cwd=source,
            remedy="see the lines above; Go's module proxy must be reachable",
        )
        mark.set()
    return built, True


def _opa(settings: Settings) -> bool:
    return go_tool(settings, "opa", "a minute or two the first time")[1]


def _solr(settings: Settings) -> bool:
    source = DEPLOY / "solr"
    libraries = settings.run / "solr" / "lib"
    mark = Mark(settings.run, "solr", source / "pom.xml", source / "SearchServer.java")
    if mark.is_current():
        return False
    with step("Fetch Solr", "15 s the first time"):
        shutil.rmtree(libraries, ignore_errors=True)
        _maven(
            "-f", str(source / "pom.xml"), "dependency:copy-dependencies",
            "-DincludeScope=runtime", f"-DoutputDirectory={libraries}",
        )  # fmt: skip
        _run(
            ["javac", "-cp", f"{libraries}/*", "-d", str(libraries.parent / "classes"),
             str(source / "SearchServer.java")],
            remedy="see the lines above; the JDK and the Solr libraries do not fit",
        )  # fmt: skip
        mark.set()
    return True


def _keycloak(settings: Settings) -> bool:
    version = tomllib.loads((DEPLOY / "versions.toml").read_text())["keycloak"]
    home = settings.run / "keycloak"
    options = ["--db=postgres", "--health-enabled=true", "--cache=local"]
    mark = Mark(settings.run, "keycloak", version, *options)
    if mark.is_current():
        return False
    with step("Fetch Keycloak", "10 s the first time"):
        archive = settings.run / "download" / f"keycloak-quarkus-dist-{version}.zip"
        _maven(
            "dependency:copy",
            f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{version}:zip",
            f"-DoutputDirectory={archive.parent}",
        )
        shutil.rmtree(home, ignore_errors=True)
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(archive.parent)
        (archive.parent / f"keycloak-{version}").rename(home)
        (home / "bin" / "kc.sh").chmod(0o755)
        shutil.rmtree(archive.parent)
    with step("Build Keycloak's configuration", "20 s the first time"):
        _run(
            [str(home / "bin" / "kc.sh"), "build", *options],
            remedy="see the lines above; Keycloak wants Java 17 or newer",
        )
        mark.set()
    return True


def _maven(*arguments: str) -> None:
    _run(
        ["mvn", "-q", "-B", *arguments],
        remedy="see the lines above; Maven's central repository must be reachable",
    )


def _run(command: list[str], *, remedy: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-4000:], sep="\n")
        raise StepFailed(f"`{command[0]}` ended with status {done.returncode}", remedy)
