"""Makes the virtual environment of locked packages, then hands over to the stack in it.

Runs on the machine's own Python, so it uses the standard library only.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
RUN = REPOSITORY / ".run"
VENV = RUN / "venv"
SUPPORTED = ((3, 11), (3, 13))


def stop(problem: str, remedy: str) -> None:
    """End with a problem and what to do about it."""
    sys.exit(f"\nCannot go on: {problem}\n  What to do: {remedy}\n")


def check_python() -> None:
    """Refuse a Python that the locked packages do not support."""
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        stop(
            f"Python {sys.version.split()[0]} at {sys.executable} is not 3.11, 3.12 or 3.13",
            "install one of these and name it: DGATIER_PYTHON=python3.12 scripts/up",
        )


def run(*command: str) -> None:
    """Run a command quietly; show what it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        stop(
            f"`{' '.join(command[:4])} …` failed",
            "see the lines above; most often the package index is out of reach",
        )


def synchronise(lock: pathlib.Path) -> None:
    """Make the virtual environment hold exactly what the lock says, and our own packages."""
    digest = hashlib.sha256()
    for part in (lock, REPOSITORY / "ckanext-dgatier" / "pyproject.toml", pathlib.Path(__file__)):
        digest.update(part.read_bytes())
    mark = RUN / f"python-{lock.stem}"
    if mark.is_file() and mark.read_text() == digest.hexdigest():
        return
    started = time.monotonic()
    sys.stderr.write(f"  Python packages ({lock.stem}): about half a minute … ")
    sys.stderr.flush()
    if not (VENV / "bin" / "uv").exists():
        shutil.rmtree(VENV, ignore_errors=True)
        run(sys.executable, "-m", "venv", str(VENV))
        own = str(VENV / "bin" / "python")
        run(own, "-m", "pip", "install", "-q", "--require-hashes",
            "-r", str(REPOSITORY / "locks" / "bootstrap.txt"))  # fmt: skip
    uv = [str(VENV / "bin" / "uv"), "pip"]
    python = ["--python", str(VENV / "bin" / "python")]
    for each in dict.fromkeys((REPOSITORY / "locks" / "bootstrap.txt", lock)):
        run(*uv, "install", *python, "--compile-bytecode", "--require-hashes", "-r", str(each))
    install_extension(uv, python)
    mark.write_text(digest.hexdigest())
    sys.stderr.write(f"{time.monotonic() - started:.0f} s\n")


def install_extension(uv: list[str], python: list[str]) -> None:
    """Install the extension editable; CKAN pins its namespace, so its path is added to it."""
    source = REPOSITORY / "ckanext-dgatier"
    run(*uv, "install", *python, "--no-deps", "--no-build-isolation",
        "-e", str(source), "--config-settings", "editable_mode=compat")  # fmt: skip
    (packages,) = VENV.glob("lib/python3*/site-packages")
    (packages / "zz-dgatier-namespace.pth").write_text(
        f"import ckanext; ckanext.__path__.append({str(source / 'ckanext')!r})\n"
    )
    (packages / "zz-dgatier-paths.pth").write_text(
        "".join(f"{REPOSITORY / name}\n" for name in ("deploy", "demo"))
    )


def main() -> None:
    """Prepare and hand over: `bootstrap.py LOCK MODULE [ARGUMENT …]`."""
    check_python()
    lock, module, *arguments = sys.argv[1:]
    RUN.mkdir(exist_ok=True)
    # Containers often forbid it to stay small; each start of CKAN would compile itself anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    synchronise(REPOSITORY / "locks" / f"{lock}.txt")
    python = str(VENV / "bin" / "python")
    os.execv(python, [python, "-m", module, *arguments])


if __name__ == "__main__":
    main()
