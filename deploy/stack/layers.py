"""Runs import-linter on our part of CKAN's namespace.

CKAN's installation pins the namespace `ckanext` when Python starts, so the check runs without
that start-up, with our part alone on the path.
"""

from __future__ import annotations

import subprocess
import sys

from .settings import REPOSITORY, Settings

_PROGRAM = """
import sys
sys.path[:0] = [{source!r}]
sys.path.append({packages!r})
from importlinter.cli import lint_imports
sys.exit(lint_imports(no_cache=True))
"""


def main() -> None:
    """End with the exit status of import-linter."""
    settings = Settings.load()
    (packages,) = (settings.run / "venv").glob("lib/python3*/site-packages")
    source = str(REPOSITORY / "ckanext-dgatier")
    program = _PROGRAM.format(source=source, packages=str(packages))
    done = subprocess.run([sys.executable, "-S", "-c", program], check=False, cwd=REPOSITORY)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
