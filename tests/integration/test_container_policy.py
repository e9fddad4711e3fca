"""What the policy container's file says, done for real beside the instance: build, sign, start."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from instance import REPOSITORY
from stack.settings import Settings

OPA = Settings.load().run / "bin" / "opa"
TEXT = (REPOSITORY / "deploy" / "containers" / "policy.Containerfile").read_text()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Return the folder that the image has as `/policy`, made by the file's own commands."""
    folder = tmp_path / "policy"
    found = re.search(r"^RUN (mkdir /policy .*?[^\\])$", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None
    commands = re.sub(r"\\\n\s*", "", found[1])
    for path, here in (
        ("/policies/", f"{REPOSITORY}/policies/"),
        ("/policy/", f"{folder}/"),
        ("mkdir /policy ", f"mkdir {folder} "),
        ("/opa ", f"{OPA} "),
    ):
        assert path in commands, path
        commands = commands.replace(path, here)
    subprocess.run(["sh", "-euc", commands], check=True, capture_output=True, cwd=tmp_path)
    shutil.copy(REPOSITORY / "deploy" / "opa.yaml.in", folder / "opa.yaml")
    assert not (tmp_path / "signing-key.pem").exists()
    return folder


@pytest.fixture
def url(image: Path) -> Iterator[str]:
    """Return the address of an OPA started by the file's own arguments."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    _, _, arguments = TEXT.partition("\nCMD ")
    command = json.loads(arguments.replace("\\\n", ""))
    variables = dict(re.findall(r"(\w+)=(\S+)", TEXT.split("\nENV ")[1].splitlines()[0]))
    process = subprocess.Popen(
        [
            OPA,
            *(
                one.replace("/policy/", f"{image}/").replace("0.0.0.0:8181", address)
                for one in command
            ),
        ],
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://{address}"
    process.terminate()
    process.wait()


def _health(url: str) -> int:
    try:
        return requests.get(f"{url}/health?bundles", timeout=5).status_code
    except requests.ConnectionError:
        return 0


def test_it_serves_the_verified_bundle_of_its_image_and_takes_no_writes(url: str) -> None:
    deadline = time.monotonic() + 15
    while _health(url) != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    status = requests.get(f"{url}/v1/status", timeout=5).json()["result"]["bundles"]["dgatier"]
    assert status["active_revision"]
    assert not status.get("message")
    assert requests.put(f"{url}/v1/data/dgatier/overrides", json={}, timeout=5).status_code == 401


def test_it_does_not_start_with_a_bundle_that_another_signed(
    image: Path, request: pytest.FixtureRequest
) -> None:
    shutil.copy(Settings.load().run / "policy" / "bundle.tar.gz", image)
    url = request.getfixturevalue("url")
    deadline = time.monotonic() + 15
    while _health(url) == 0:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(2)
    assert _health(url) >= 400
