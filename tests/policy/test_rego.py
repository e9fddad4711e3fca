"""The policy's own tests, its form and its lint."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

POLICY = Path(__file__).resolve().parents[2] / "policies" / "rego"
SCHEMAS = POLICY.parent / "schemas"


def _program(variable: str) -> str:
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"{variable} is not set; scripts/test sets it")
    return path


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=POLICY, capture_output=True, text=True, check=False)


def test_every_rule_is_tested_and_right() -> None:
    opa = _program("DGATIER_OPA")
    tests = _run(opa, "test", ".")
    assert tests.returncode == 0, tests.stdout
    coverage = json.loads(_run(opa, "test", ".", "--coverage", "--format=json").stdout)
    uncovered = {
        name: file["not_covered"]
        for name, file in coverage["files"].items()
        if file.get("not_covered")
    }
    assert coverage["coverage"] == 100, uncovered


def test_policy_is_strict() -> None:
    done = _run(_program("DGATIER_OPA"), "check", "--strict", ".")
    assert done.returncode == 0, done.stderr


def test_policy_asks_only_for_what_its_input_has() -> None:
    opa = _program("DGATIER_OPA")
    done = _run(opa, "check", "--strict", "--schema", str(SCHEMAS), ".")
    assert done.returncode == 0, done.stderr


def test_a_fact_that_no_schema_has_is_found(tmp_path: Path) -> None:
    copy = tmp_path / "rego"
    shutil.copytree(POLICY, copy)
    rule = copy / "dgatier" / "entitlement" / "entitlement.rego"
    rule.write_text(rule.read_text().replace("input.purpose", "input.porpoise"))
    opa = _program("DGATIER_OPA")
    done = _run(opa, "check", "--strict", "--schema", str(SCHEMAS), str(copy))
    assert "porpoise" in done.stderr


def test_every_package_and_rule_says_what_it_is_and_which_law_it_rests_on() -> None:
    said = _run(_program("DGATIER_OPA"), "inspect", "--annotations", "--format=json", ".")
    annotated = {
        ".".join(part["value"] for part in one["path"]): one["annotations"]
        for one in json.loads(said.stdout)["annotations"]
    }
    names = set()
    for path in POLICY.rglob("*.rego"):
        if not path.name.endswith("_test.rego"):
            text = path.read_text()
            package = "data." + text.split("package ")[1].split()[0]
            heads = re.findall(r"^(?:default )?(_?[a-z]\w*)(?:\(| contains| :=| if)", text, re.M)
            names |= {package, *(f"{package}.{rule}" for rule in heads)}
    assert len(names) > 100
    for name in names:
        assert name in annotated, name
        assert annotated[name].get("description"), name
        assert annotated[name].get("custom", {}).get("law"), name


def test_policy_is_formatted() -> None:
    done = _run(_program("DGATIER_OPA"), "fmt", "--list", ".")
    assert done.stdout == ""


def test_policy_has_no_lint() -> None:
    done = _run(_program("DGATIER_REGAL"), "lint", ".")
    assert done.returncode == 0, done.stdout


def test_every_text_is_in_both_languages() -> None:
    texts = json.loads((POLICY / "dgatier" / "texts" / "data.json").read_text())
    assert texts
    for code, text in texts.items():
        assert text["code"] == code
        assert text["th"], f"{code} has no Thai"
        assert text["en"], f"{code} has no English"
