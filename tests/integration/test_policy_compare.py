"""The policy in service beside a candidate: the real people, the real data, two real OPAs."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from instance import REGISTER, REPOSITORY, Instance
from stack import bundle
from stack.settings import Settings

SETTINGS = Settings.load()


def _compare(candidate: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [REPOSITORY / "scripts" / "policy", "compare", candidate, *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def _found(candidate: Path, *options: str) -> dict[str, Any]:
    done = _compare(candidate, "--json", *options)
    assert done.returncode in (0, 3), done.stderr
    found = json.loads(done.stdout)
    assert done.returncode == (3 if found["changed"] else 0)
    return dict(found)


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    copy = tmp_path / "rego"
    shutil.copytree(bundle.SOURCE, copy)
    return copy


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_same_policy_changes_nothing_as_folder_or_bundle(instance: Instance) -> None:
    for same in (bundle.SOURCE, bundle.offered(SETTINGS)):
        found = _found(same)
        assert (found["changed"], found["changes"]) == (0, [])
        assert found["people"] >= len(instance.state["people"])
        assert found["datasets"] >= 62
        everything = found["people"] * found["datasets"]
        assert sum(count["now"] for count in found["counts"].values()) == everything


def test_another_value_in_the_table_tells_who_would_have_less(
    instance: Instance, candidate: Path
) -> None:
    table = candidate / "dgatier" / "defaults" / "data.json"
    _change(table, '"signed_in": "summary"', '"signed_in": "discover"')
    found = _found(candidate, "--limit", "100000")
    assert {(one["now"], one["then"]) for one in found["changes"]} == {("summary", "discover")}
    assert found["changed"] == len(found["changes"])
    for name in (None, "somchai"):
        now = instance.portal(name).action.dgatier_access_show(id=REGISTER)["tier"]
        listed = {"person": name, "dataset": REGISTER, "now": now, "then": "discover"}
        assert (listed in found["changes"]) is (now == "summary"), name
    counted = Counter(one["then"] for one in found["changes"])
    assert (
        found["counts"]["discover"]["then"] - found["counts"]["discover"]["now"]
        == (counted["discover"])
    )


def test_a_changed_rule_tells_who_would_have_more_in_a_short_list(candidate: Path) -> None:
    rule = candidate / "dgatier" / "ladder" / "ladder.rego"
    changed, times = re.subn(
        "(?m)^highest[(]tiers[)] := .*$", 'highest(_) := "full"', rule.read_text()
    )
    assert times == 1
    rule.write_text(changed)
    done = _compare(candidate, "--limit", "3")
    assert done.returncode == 3
    assert "(the public)" in done.stdout
    assert done.stdout.count("→ full") == 3
    assert "--limit lists more" in done.stdout
    assert _found(candidate, "--limit", "0")["changes"] == []


def test_nothing_is_in_service_that_was_only_compared(instance: Instance, candidate: Path) -> None:
    table = candidate / "dgatier" / "defaults" / "data.json"
    _change(table, '"everyone": "discover"', '"everyone": "full"')
    before = instance.portal().action.dgatier_access_show(id=REGISTER)["tier"]
    assert _found(candidate)["changed"] > 0
    assert instance.portal().action.dgatier_access_show(id=REGISTER)["tier"] == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("package dgatier.broken\n\nallow := nobody\n", "nobody"),
        ("package dgatier.broken\n\nallow if {\n", "broken.rego"),
    ],
)
def test_a_candidate_that_does_not_compile_is_a_clear_error(
    candidate: Path, spoil: str, said: str
) -> None:
    (candidate / "dgatier" / "broken.rego").write_text(spoil)
    done = _compare(candidate, "--json")
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_candidate_that_answers_nothing_or_is_not_there_is_a_clear_error(
    candidate: Path,
) -> None:
    shutil.rmtree(candidate / "dgatier" / "simulation")
    mute = _compare(candidate)
    assert mute.returncode == 1
    assert "The candidate's OPA gives no answer" in mute.stderr
    missing = _compare(candidate / "nowhere")
    assert missing.returncode == 1
    assert "is not there" in missing.stderr
    assert not [one for one in Path("/proc").glob("[0-9]*/cmdline") if _names(one, candidate)]


def _names(command_line: Path, candidate: Path) -> bool:
    """Say whether a program runs with this candidate: a second OPA must be gone."""
    with contextlib.suppress(OSError):
        return str(candidate).encode() in command_line.read_bytes()
    return False
