"""The signed bundle on the real OPA: what is not ours is not taken up, and is not passed over."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from instance import REPOSITORY
from stack import bundle
from stack.progress import StepFailed
from stack.settings import Settings

SETTINGS = Settings.load()
OPA = SETTINGS.run / "bin" / "opa"
QUESTION = {
    "input": {
        "subject": {
            "id": "someone", "authenticated": False, "roles": [], "agency": None,
            "organisation": None, "clearance": "open", "ial": 0, "aal": 0,
            "authenticated_at": None, "accredited": False,
        },
        "targets": [
            {
                "dataset_id": "d", "resource_id": None, "level": level, "category": None,
                "agency": "fpo", "province": None, "tabular": False, "columns": [], "grants": [],
            }
            for level in ("open", "internal", "confidential", "secret")
        ],
        "purpose": None,
        "environment": {"now": 1_760_000_000, "network": "internet"},
    }
}  # fmt: skip


def _status(*arguments: str) -> str:
    done = subprocess.run(
        [REPOSITORY / "scripts" / "status", *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout


def _state() -> dict[str, Any]:
    return dict(json.loads(_status("--json")))


def _tiers(url: str = SETTINGS.url("opa")) -> list[str]:
    answer = requests.post(f"{url}/v1/data/dgatier/decision/answers", json=QUESTION, timeout=5)
    return [one["tier"] for one in answer.json()["result"]]


def _until(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so within {seconds} s: {bundle.status(SETTINGS)}"
        time.sleep(0.1)


def _alarm() -> str | None:
    return bundle.alarm(SETTINGS, bundle.status(SETTINGS))


@pytest.fixture
def offered() -> Iterator[Path]:
    """Return the bundle on offer; it is again what it was when the test is over."""
    path = bundle.offered(SETTINGS)
    assert _alarm() is None
    yield path
    bundle.publish(SETTINGS)
    _until(lambda: bundle.status(SETTINGS) is not None and _alarm() is None)


def _truncated(good: Path, _folder: Path) -> bytes:
    return good.read_bytes()[:4000]


def _tampered(good: Path, _folder: Path) -> bytes:
    """Give everyone more in one rule, and leave the signature as it is."""
    changed = io.BytesIO()
    with tarfile.open(good) as old, tarfile.open(fileobj=changed, mode="w") as new:
        for member in old:
            file = old.extractfile(member)
            content = file.read() if file else b""
            if member.name.endswith("data.json"):
                content = content.replace(b'"discover"', b'"full"')
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return gzip.compress(changed.getvalue())


def _unsigned(_good: Path, folder: Path) -> bytes:
    bundle.build(SETTINGS, bundle.SOURCE, folder / "unsigned.tar.gz")
    return (folder / "unsigned.tar.gz").read_bytes()


def _signed_by_another(_good: Path, folder: Path) -> bytes:
    stranger = Settings(folder, SETTINGS.ports)
    (folder / "bin").mkdir()
    (folder / "bin" / "opa").symlink_to(OPA)
    bundle.publish(stranger)
    return bundle.offered(stranger).read_bytes()


def _signed_for_another_scope(_good: Path, folder: Path) -> bytes:
    claims = folder / "claims.json"
    claims.write_text('{"scope": "something-else"}')
    subprocess.run(
        [OPA, "build", "--bundle", bundle.SOURCE, "--ignore", "*_test.rego", "--claims-file",
         claims, "--signing-alg", "ES256", "--signing-key", bundle.signing_key(SETTINGS),
         "--output", folder / "scoped.tar.gz"],
        check=True, capture_output=True,
    )  # fmt: skip
    return (folder / "scoped.tar.gz").read_bytes()


@pytest.mark.parametrize(
    "bad", [_truncated, _tampered, _unsigned, _signed_by_another, _signed_for_another_scope]
)
def test_a_bad_bundle_leaves_the_old_one_serving_and_raises_an_alarm(
    bad: Callable[[Path, Path], bytes], offered: Path, tmp_path: Path
) -> None:
    before = _tiers()
    serving = (bundle.status(SETTINGS) or {})["active_revision"]
    good = offered.read_bytes()
    offered.write_bytes(bad(offered, tmp_path))
    _until(lambda: _alarm() is not None)
    state = _state()
    assert state["healthy"]
    assert state["services"]["opa"]["healthy"]
    (alarm,) = state["alarms"]
    assert alarm["service"] == "opa"
    assert f"was refused, revision {serving} goes on serving" in alarm["message"]
    assert "!! ALARM of opa" in _status()
    assert _tiers() == before
    offered.write_bytes(good)
    _until(lambda: _alarm() is None)
    assert _state()["alarms"] == []
    assert "ALARM" not in _status()


def test_a_bundle_that_is_gone_raises_an_alarm(offered: Path) -> None:
    before = _tiers()
    offered.unlink()
    _until(lambda: _alarm() is not None)
    assert _tiers() == before
    assert not _state()["services"]["bundles"]["healthy"]


def test_an_older_bundle_of_ours_raises_an_alarm(offered: Path, tmp_path: Path) -> None:
    """It is signed, so it serves; but it is not the one that was published."""
    older = tmp_path / "rego"
    shutil.copytree(bundle.SOURCE, older)
    (older / "dgatier" / "older").mkdir()
    (older / "dgatier" / "older" / "data.json").write_text("{}")
    bundle.build(SETTINGS, older, tmp_path / "older.tar.gz", sign=True)
    offered.write_bytes((tmp_path / "older.tar.gz").read_bytes())
    _until(lambda: _alarm() is not None)
    assert "was published, but revision" in _state()["alarms"][0]["message"]


def test_opa_killed_beside_a_bad_bundle_comes_back_with_the_last_good_one(
    offered: Path, tmp_path: Path
) -> None:
    before = _tiers()
    offered.write_bytes(_signed_by_another(offered, tmp_path))
    pid = _state()["services"]["opa"]["pid"]
    os.kill(pid, signal.SIGKILL)
    _until(lambda: _state()["services"]["opa"]["pid"] not in (0, pid), 30)
    _until(lambda: _state()["services"]["opa"]["healthy"], 30)
    assert _tiers() == before
    _until(lambda: _alarm() is not None)


def test_publishing_mends_what_is_on_offer(offered: Path) -> None:
    offered.write_bytes(_truncated(offered, offered))
    _until(lambda: _alarm() is not None)
    done = subprocess.run(
        [REPOSITORY / "scripts" / "policy", "publish"], capture_output=True, text=True, check=True
    )
    assert "is now in service" in done.stdout
    assert _state()["alarms"] == []
    again = subprocess.run(
        [REPOSITORY / "scripts" / "policy", "publish"], capture_output=True, text=True, check=True
    )
    assert "was already in service" in again.stdout


def test_a_policy_that_does_not_compile_is_not_published(tmp_path: Path) -> None:
    broken = tmp_path / "rego"
    shutil.copytree(bundle.SOURCE, broken)
    (broken / "dgatier" / "broken.rego").write_text("package dgatier.broken\n\nallow := nobody\n")
    with pytest.raises(StepFailed) as refused:
        bundle.build(SETTINGS, broken, tmp_path / "broken.tar.gz", sign=True)
    assert "nobody" in str(refused.value)
    assert not (tmp_path / "broken.tar.gz").exists()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[str]:
    """Return the address of an OPA as ours is started, which never had a good bundle."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (SETTINGS.run / "opa.yaml").read_text()
    (tmp_path / "opa.yaml").write_text(text.replace(str(SETTINGS.run / "opa"), str(tmp_path)))
    key = f"keys.bundle.key={bundle.verification_key(SETTINGS)}"
    with subprocess.Popen(
        [OPA, "run", "--server", "--addr", f"127.0.0.1:{port}", "--config-file",
         tmp_path / "opa.yaml", "--set-file", key, "--authorization", "basic",
         "--skip-version-check"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def test_a_fresh_start_with_only_a_bad_bundle_is_unhealthy_and_answers_nothing(
    offered: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    good = offered.read_bytes()
    offered.write_bytes(_tampered(offered, tmp_path))
    url = request.getfixturevalue("fresh")

    def _code(path: str) -> int:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{url}{path}", timeout=5).status_code
        return 0

    _until(lambda: _code("/health?bundles") != 0)
    time.sleep(3)
    assert _code("/health?bundles") >= 400
    answer = requests.post(f"{url}/v1/data/dgatier/decision/answers", json=QUESTION, timeout=5)
    assert answer.status_code >= 400
    assert "result" not in answer.text
    port = int(url.rsplit(":", 1)[1])
    its = replace(SETTINGS, ports={**SETTINGS.ports, "opa": port})
    assert "no policy is in service" in str(bundle.alarm(its, bundle.status(its)))
    offered.write_bytes(good)
    _until(lambda: _code("/health?bundles") == 200)
    assert _tiers(url) == _tiers()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/policies/mine"),
        ("POST", "/v1/policies/mine"),
        ("DELETE", "/v1/policies/dgatier%2Frego%2Fdgatier%2Fdecision%2Fdecision.rego"),
        ("GET", "/v1/policies"),
        ("PUT", "/v1/data/dgatier/overrides"),
        ("PATCH", "/v1/data/dgatier/defaults"),
        ("DELETE", "/v1/data/dgatier/defaults"),
        ("PUT", "/v1/data/dgatier/decision/answers"),
        ("PUT", "/v1/data"),
        ("GET", "/v1/data"),
        ("GET", "/v1/data/dgatier/defaults"),
        ("POST", "/v1/data"),
        ("POST", "/v1/data/system/authz/allow"),
        ("POST", "/v1/query"),
        ("GET", "/v1/config"),
        ("POST", "//v1/data"),
        ("PUT", "/v1/data/dgatier/../dgatier/overrides"),
    ],
)
def test_opa_takes_no_writes_and_gives_no_policy_out(method: str, path: str) -> None:
    before = _tiers()
    body = [{"op": "replace", "path": "/smallest_cell", "value": 1}] if method == "PATCH" else {}
    request = requests.Request(method, "http://opa/", json=body).prepare()
    request.url = f"{SETTINGS.url('opa')}{path}"
    with requests.Session() as session:
        answer = session.send(request, timeout=5, allow_redirects=False)
    assert answer.status_code in (301, 307, 401), answer.text
    assert "result" not in answer.text
    assert _tiers() == before


def test_keys_and_logs_are_for_their_owner_only() -> None:
    assert bundle.signing_key(SETTINGS).stat().st_mode & 0o777 == 0o600
    assert SETTINGS.log.stat().st_mode & 0o077 == 0
    public = bundle.verification_key(SETTINGS).read_bytes()
    assert isinstance(serialization.load_pem_public_key(public), ec.EllipticCurvePublicKey)
    for environment in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            assert str(bundle.signing_key(SETTINGS)).encode() not in environment.read_bytes()
