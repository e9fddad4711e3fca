"""The pages that are made from the code are as the code is today."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from instance import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "docs"))
import generate

DOCUMENTS = sorted(
    path for path in (REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md"))
)


def test_generated_pages_are_up_to_date() -> None:
    for name, text in generate.pages(Path(os.environ["DGATIER_OPA"])).items():
        assert (REPOSITORY / "docs" / name).read_text() == text, f"run docs/generate.py: {name}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_page_of_security_names_tests_that_are_there() -> None:
    text = (REPOSITORY / "docs" / "security.md").read_text()
    named = re.findall(r"`(tests/[^`]+)::(\w+)`", text)
    assert named
    for path, name in named:
        assert f"def {name}(" in (REPOSITORY / path).read_text(), f"{path} has no {name}"
    rows = re.findall(r"^\| (?!---|threat)(.*)$", text, re.M)
    assert [row for row in rows if "`tests/" not in row] == []
