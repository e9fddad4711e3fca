"""The policy bundle of this instance: built from `policies/rego`, signed, offered, in service."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .progress import Mark, StepFailed, digest, step
from .settings import REPOSITORY, Settings, write_private

POLICIES = REPOSITORY / "policies"
SOURCE = POLICIES / "rego"
NAME = "dgatier"
_TAKE_UP_SECONDS = 15
TESTS = "*_test.rego"
_PEM = serialization.Encoding.PEM


def folder(settings: Settings) -> Path:
    """Return where the keys are and what is on offer."""
    return settings.run / "policy"


def offered(settings: Settings) -> Path:
    """Return the signed bundle that OPA fetches."""
    return folder(settings) / "bundle.tar.gz"


def signing_key(settings: Settings) -> Path:
    """Return the private key of this instance, mode 600; OPA never sees it."""
    return folder(settings) / "signing-key.pem"


def verification_key(settings: Settings) -> Path:
    """Return the public key, by which OPA verifies."""
    return folder(settings) / "verification-key.pem"


def make_keys(settings: Settings) -> bool:
    """Make the pair of keys (ES256) unless it is there; say if it is new.

    OPA reads its half when it starts.
    """
    if signing_key(settings).exists() and verification_key(settings).exists():
        return False
    folder(settings).mkdir(parents=True, exist_ok=True)
    pair = ec.generate_private_key(ec.SECP256R1())
    public = pair.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = pair.private_bytes(
        _PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    write_private(verification_key(settings), public.decode())
    write_private(signing_key(settings), private.decode())
    return True


def publish(settings: Settings) -> bool:
    """Build, sign and offer the bundle unless that of today's folder is on offer; say if it did.

    Raises `StepFailed` where OPA cannot compile the folder; what is on offer then stays.
    """
    make_keys(settings)
    if _mark(settings).is_current():
        return False
    with step("Build and sign the policy bundle"):
        fresh = offered(settings).with_name("fresh.tar.gz")
        build(settings, SOURCE, fresh, sign=True)
        fresh.replace(offered(settings))
        _published(settings).write_text(revision(SOURCE))
        _mark(settings).set()
    return True


def run(settings: Settings) -> None:
    """Publish what the folder holds and wait until OPA decides by it."""
    changed = publish(settings)
    wait_until_in_service(settings)
    word = "is now" if changed else "was already"
    print(f"Revision {_published(settings).read_text()} {word} in service.")


def build(settings: Settings, source: Path, target: Path, *, sign: bool = False) -> None:
    """Build a bundle without its tests. Raises `StepFailed` with what OPA says is wrong."""
    signing: list[str | Path] = [
        "--signing-alg", "ES256", "--signing-key", signing_key(settings),
        "--claims-file", POLICIES / "claims.json",
    ]  # fmt: skip
    done = subprocess.run(
        [settings.run / "bin" / "opa", "build", "--bundle", source, "--ignore", TESTS,
         "--revision", revision(source), "--output", target, *(signing if sign else [])],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise StepFailed(
            f"{source} makes no policy bundle:\n    "
            + (done.stderr or done.stdout).strip().replace("\n", "\n    "),
            "mend the policy where OPA says; what was published before stays in service",
        )


def revision(source: Path) -> str:
    """Return the name of a state of a folder, or of a file: twelve hexadecimal digits."""
    return digest(*_parts(source))[:12]


def status(settings: Settings) -> dict[str, Any] | None:
    """Return what OPA says of the bundle: `active_revision`, and `message` where one was refused.

    Empty when no bundle was ever loaded, as nobody may ask OPA then; `None` when it is down.
    """
    try:
        with urllib.request.urlopen(f"{settings.url('opa')}/v1/status", timeout=5) as answer:
            return dict(json.load(answer)["result"]["bundles"][NAME])
    except urllib.error.HTTPError:
        return {}
    except (OSError, ValueError):
        return None


def wait_until_in_service(settings: Settings) -> None:
    """Wait until OPA decides by what was published; raise `StepFailed` with its reason if not."""
    deadline = time.monotonic() + _TAKE_UP_SECONDS
    while (found := status(settings)) is None or alarm(settings, found):
        if time.monotonic() > deadline:
            raise StepFailed(
                f"OPA did not take up the policy: {alarm(settings, found) or 'it does not answer'}",
                f"see {settings.log / 'opa.log'}; scripts/status says what is in service",
            )
        time.sleep(0.1)


def alarm(settings: Settings, found: dict[str, Any] | None) -> str | None:
    """Return what is wrong with the bundle, by what OPA says of it; `None` where nothing is."""
    if found is None:
        return None
    if not found.get("active_revision"):
        return f"no policy is in service, so everything is closed; see {settings.log / 'opa.log'}"
    serving = f"revision {found['active_revision']} goes on serving"
    if found.get("message"):
        errors = "; ".join(str(one.get("message", one)) for one in found.get("errors") or ())
        return f"the bundle on offer was refused, {serving}: {found['message']} {errors}".strip()
    published = _published(settings).read_text()
    if found["active_revision"] != published:
        return f"revision {published} was published, but {serving}"
    return None


def _published(settings: Settings) -> Path:
    return folder(settings) / "revision"


def _mark(settings: Settings) -> Mark:
    """Remember the folder together with what is on offer, so that a changed file is mended."""
    present = [offered(settings)] if offered(settings).exists() else []
    return Mark(settings.run, "bundle", *_parts(SOURCE), verification_key(settings), *present)


def _parts(source: Path) -> list[Path | str]:
    """Return all files of a bundle with their places in it."""
    if source.is_file():
        return [source]
    files = sorted(one for one in source.rglob("*") if one.is_file() and not one.match(TESTS))
    return [part for one in files for part in (str(one.relative_to(source)), one)]
