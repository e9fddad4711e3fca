"""Measures the audit: appending beside a plain INSERT into the same server, and proving it."""

from __future__ import annotations

import hmac
import json
import re
import statistics
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ckanext.dgatier.core import audit

from .. import database
from ..progress import StepFailed, step
from ..settings import Settings

_WRITERS = 8
_SECONDS = 3
_PROGRAM = Path(__file__).with_name("prove.py")
_RATE = re.compile(r"tps = ([0-9.]+)")


@dataclass(frozen=True)
class Audits:
    """Rows a second of each turn, and how fast the whole was proved."""

    plain: tuple[float, ...]
    append: tuple[float, ...]
    events: int
    seconds: float

    @property
    def ratio(self) -> float:
        """The median of appending over plain inserting, turn by turn."""
        return statistics.median(a / b for a, b in zip(self.append, self.plain, strict=True))


def measure(
    settings: Settings, secrets: Mapping[str, Any], ini: Path, name: str, rounds: int
) -> Audits:
    """Return the figures for the database of that name; plain and append take turns."""
    plain: list[float] = []
    append: list[float] = []
    with step("Measure the audit", f"{2 * rounds * _SECONDS + 15} s"):
        scripts = _scripts(settings, secrets)
        connection = database.connect(settings, secrets, name)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_plain")
            cursor.execute("CREATE TABLE bench_plain (id BIGSERIAL PRIMARY KEY, body TEXT)")
            cursor.execute("ALTER TABLE bench_plain OWNER TO ckan")
        connection.close()
        url = database.url(settings, secrets, "ckan", name)
        for _ in range(rounds):
            plain.append(_rate(settings, url, scripts["plain"]))
            append.append(_rate(settings, url, scripts["append"]))
        done = subprocess.run(
            [settings.bin / "python", _PROGRAM, ini], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StepFailed(f"the audit was not proved: {done.stderr[-1500:]}", "see above")
    proof = json.loads(done.stdout.splitlines()[-1])
    if proof["problems"]:
        raise StepFailed(f"{proof['problems']} events of the bench are wrong", "look into them")
    return Audits(tuple(plain), tuple(append), proof["events"], proof["seconds"])


def as_text(found: Audits) -> str:
    """Return the table for people."""
    return (
        f"Audit, {_WRITERS} writers{'':<14}{statistics.median(found.append):>9,.0f}/s appended, "
        f"{statistics.median(found.plain):,.0f}/s plain rows; ratio {found.ratio:.2f}\n"
        f"Proving {found.events:,} events{'':<9}{found.events / found.seconds:>9,.0f}/s"
    )


def as_json(found: Audits) -> dict[str, Any]:
    """Return the same with names."""
    return {
        "writers": _WRITERS,
        "plain_per_second": round(statistics.median(found.plain)),
        "append_per_second": round(statistics.median(found.append)),
        "append_over_plain": round(found.ratio, 3),
        "verify_events": found.events,
        "verify_per_second": round(found.events / found.seconds),
    }


def _scripts(settings: Settings, secrets: Mapping[str, Any]) -> dict[str, Path]:
    """Write what pgbench runs: an event like those of a read, and a plain row of the same text."""
    event = audit.AuditEvent(
        audit.AuditAction.DATA_READ,
        "bench-person",
        datetime.now(UTC),
        dataset_id="bench-dataset",
        resource_id="bench-resource",
        decision_id="00000000-0000-0000-0000-000000000000.0",
        detail={"tier": "masked", "grants": ["bench-grant"], "path": "bench", "rows": 100},
    )
    body = audit.body_of(event, {})
    seal = hmac.digest(secrets["audit_seal_key"].encode(), body.encode(), "sha256").hex()
    texts = {
        "plain": f"INSERT INTO bench_plain (body) VALUES ('{body}');",  # noqa: S608
        "append": f"SELECT dgatier_audit.append('\\x{seal}', '{body}');",
    }
    folder = settings.run / "bench"
    for name, text in texts.items():
        (folder / f"{name}.sql").write_text(text + "\n")
    return {name: folder / f"{name}.sql" for name in texts}


def _rate(settings: Settings, url: str, script: Path) -> float:
    done = subprocess.run(
        [database.locate(settings).programs / "pgbench", "-n", "-c", str(_WRITERS), "-j", "2",
         "-T", str(_SECONDS), "-f", script, url],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = _RATE.search(done.stdout)
    if done.returncode or found is None:
        raise StepFailed(f"pgbench failed: {done.stderr[-1500:]}", "see the lines above")
    return float(found[1])
