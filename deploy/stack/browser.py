"""Chromium and a Thai font for the tests that look at pages: Debian's, where there are none."""

from __future__ import annotations

import os
import shutil
import subprocess

from .progress import StepFailed, step

_PACKAGES = ("chromium", "fonts-noto-core")


def find_or_install() -> str:
    """Return Chromium's path; as root on Debian it is installed with its packages."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise StepFailed(
            "there is no Chromium for the tests of the pages",
            f"install the packages {' and '.join(_PACKAGES)}, then run again",
        )
    with step("Install Chromium", "a minute the first time"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", *_PACKAGES]):
            done = subprocess.run(
                ["apt-get", "-q", *command], capture_output=True, text=True, check=False,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )  # fmt: skip
            if done.returncode:
                print(done.stderr[-2000:])
                raise StepFailed("apt-get did not install Chromium", "see the lines above")
    path = shutil.which("chromium")
    if path is None:
        raise StepFailed("Chromium was installed and is not on the PATH", "look for it by hand")
    return path
