"""Times reads of a register beside plain CKAN's of the same rows, and a long stream."""

from __future__ import annotations

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..progress import StepFailed, step
from ..settings import Settings
from . import measure, report
from .lines import Line
from .measure import Figure
from .portals import Pair

_PROGRAM = Path(__file__).with_name("register.py")
_PAGE = 100
_PART = 64 * 1024
_EVERY_S = 0.1
_DUMPS = 3


@dataclass(frozen=True)
class Stream:
    """A dump of masked rows: seconds until its first byte and its end, and what it cost in memory.

    `more_mib` is by how much the portal's processes grew together, at the most, in MiB.
    """

    rows: int
    first_s: float
    all_s: float
    mib: float
    more_mib: float


@dataclass(frozen=True)
class Readings:
    """The lines beside plain CKAN, and the stream."""

    figures: tuple[Figure, ...]
    stream: Stream


def measure_all(settings: Settings, pair: Pair, rounds: int, requests: int) -> Readings:
    """Return the figures of both portals while they run."""
    with step(f"Fill a register of {pair.rows:,} rows", "half a minute for a million"):
        done = subprocess.run(
            [settings.bin / "python", _PROGRAM, pair.dgatier_ini, str(pair.rows)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StepFailed(f"no register was filled: {done.stderr[-1500:]}", "see above")
    register = json.loads(done.stdout.splitlines()[-1])
    table = register["table"]

    def page(turn: int) -> str:
        search = f"/api/3/action/datastore_search?resource_id={table}&limit={_PAGE}"
        return f"{search}&offset={turn * _PAGE}"

    first = Line("first page", lambda _turn: page(0))
    paged = Line("a later page", page)
    dump = Line("dump in CSV", lambda _turn: f"/datastore/dump/{table}?format=csv")
    masked, own = ({"Authorization": register[name]} for name in ("masked", "own_record"))
    figures = []
    for line, asker, headers, turns, calls in (
        (first, "masked", masked, rounds, requests),
        (paged, "masked", masked, rounds, requests),
        (first, "own record", own, rounds, requests),
        (dump, "masked", masked, _DUMPS, 1),
    ):
        print(f"  {line.name}, {asker}", flush=True)
        figures.append(measure.figure(pair, line, asker, headers, turns, calls))
    print("  the stream", flush=True)
    return Readings(tuple(figures), _stream(pair, dump.path(0), masked))


def _stream(pair: Pair, path: str, headers: dict[str, str]) -> Stream:
    connection = http.client.HTTPConnection(urlsplit(pair.dgatier_url).netloc, timeout=600)
    with _watched(pair.dgatier_pid) as grown:
        started = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read(1)
        first = time.perf_counter() - started
        size, lines = 1, 0
        while part := answer.read(_PART):
            size += len(part)
            lines += part.count(b"\n")
        taken = time.perf_counter() - started
    connection.close()
    if lines <= pair.rows:
        raise StepFailed(f"the stream ended after {lines:,} lines", "look into the bench's logs")
    return Stream(pair.rows, first, taken, size / 2**20, max(grown))


@contextmanager
def _watched(pid: int) -> Iterator[list[float]]:
    """Give a list that fills with the MiB by which a process and its children have grown."""
    before, grown, over = _resident(pid), [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_S):
            grown.append((_resident(pid) - before) / 2**10)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield grown
    finally:
        over.set()
        watcher.join()


def _resident(pid: int) -> int:
    """Return the KiB that a process and its children hold in memory."""
    process = Path("/proc") / str(pid)
    children = (process / "task" / str(pid) / "children").read_text().split()
    status = (process / "status").read_text()
    (line,) = (one for one in status.splitlines() if one.startswith("VmRSS:"))
    return int(line.split()[1]) + sum(map(_resident, map(int, children)))


def as_text(found: Readings) -> str:
    """Return the table for people."""
    stream = found.stream
    rows = "\n".join(report.row(each) for each in found.figures)
    return (
        f"A confidential register of {stream.rows:,} rows; ratio (spread) to plain CKAN\n"
        f"{rows}\n"
        f"The dump as a stream: first byte after {stream.first_s:.2f} s, {stream.mib:,.0f} MiB in"
        f" {stream.all_s:.1f} s, at most {stream.more_mib:.0f} MiB more resident"
    )


def as_json(found: Readings) -> dict[str, Any]:
    """Return the same with names; times in milliseconds, those of the stream in seconds."""
    stream = found.stream
    return {
        "figures": [report.figure_as_json(each) for each in found.figures],
        "stream": {
            "rows": stream.rows,
            "first_byte_s": round(stream.first_s, 3),
            "all_s": round(stream.all_s, 2),
            "mib": round(stream.mib, 1),
            "more_resident_mib": round(stream.more_mib, 1),
        },
    }
