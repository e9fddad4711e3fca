"""A copy names from whom it came, also a part of it, shuffled and in another format."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from instance import Instance, internal_table, run_command

ROWS = [{"citizen": f"synthetic {one}", "amount": one} for one in range(200)]
FIELDS = [
    {"id": "citizen", "type": "text", "info": {"disclosure": "identifier"}},
    {"id": "amount", "type": "numeric", "info": {"disclosure": "measure"}},
]


@pytest.fixture(scope="module")
def table(instance: Instance) -> Iterator[str]:
    with internal_table(
        instance, "confidential", name="traced", fields=FIELDS, records=ROWS
    ) as made:
        yield made


def _dump(instance: Instance, who: str, table: str, form: str) -> bytes:
    answer = requests.get(
        f"{instance.url}/datastore/dump/{table}?format={form}",
        headers={"Authorization": instance.person(who)["api_token"]},
        timeout=60,
    )
    assert answer.status_code == 200
    return bytes(answer.content)


def test_the_right_one_of_two_recipients_is_named(
    instance: Instance, table: str, tmp_path: Path
) -> None:
    """One start of CKAN's command line reads all the files."""
    dice = random.Random(20261128)  # noqa: S311
    people = ("suda", "wichai")
    lines = {who: _dump(instance, who, table, "csv").splitlines()[1:] for who in people}
    for who, rows in lines.items():
        some = dice.sample(rows, len(rows) * 3 // 10)
        (tmp_path / f"part-{who}.csv").write_bytes(b"\n".join(some))
    for form in ("xlsx", "parquet", "json"):
        (tmp_path / f"whole.{form}").write_bytes(_dump(instance, "suda", table, form))
    both = [*dice.sample(lines["suda"], 60), *dice.sample(lines["wichai"], 60)]
    (tmp_path / "both.csv").write_bytes(b"\n".join(both))
    foreign = "\n".join(f"{dice.getrandbits(64):016x}" for _ in range(200))
    (tmp_path / "foreign.csv").write_text(foreign)
    (tmp_path / "plain.csv").write_text("citizen,amount\nsynthetic 1,1\n")
    package = instance.portal("suda").action.resource_show(id=table)["package_id"]
    files = sorted(map(str, tmp_path.iterdir()))
    done = run_command("dgatier", "trace", *files, "--dataset", package)
    assert done.returncode == 0, done.stderr
    named: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        if not line.startswith(" "):
            file, told = line.split(": ", 1)
            named.setdefault(file, set()).add(told.split(" (")[0])
    assert named == {
        "part-suda.csv": {"suda"},
        "part-wichai.csv": {"wichai"},
        "whole.xlsx": {"suda"},
        "whole.parquet": {"suda"},
        "whole.json": {"suda"},
        "both.csv": {"suda", "wichai"},
        "foreign.csv": {"names no one"},
        "plain.csv": {"names no one"},
    }
    assert "60 of 60 pseudonyms" in done.stdout
