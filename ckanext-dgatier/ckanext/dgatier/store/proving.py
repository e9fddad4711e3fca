"""Proving the chains of the audit, by as many processes as there are processors."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from sqlalchemy.engine import Engine

from ckanext.dgatier.core import audit, checkpoint
from ckanext.dgatier.core.audit import Link

_FEW = 20_000
_AT_ONCE = 10_000
_QUERY = """
    SELECT lane, sequence, previous, hash, seal, body FROM dgatier_audit.event
    WHERE lane BETWEEN %s AND %s ORDER BY lane, sequence
"""


@dataclass(frozen=True, slots=True)
class Chains:
    """What is wrong with chains, and the hashes of their events by lane, one after the other."""

    problems: list[str]
    hashes: Mapping[int, bytes | bytearray]


def prove(engine: Engine, sizes: Mapping[int, int], key: bytes) -> Chains:
    """Read the lanes of these sizes, each of which one process proves from its first event.

    Memory holds 32 bytes an event, and a part of the rows. An audit of some thousand events is
    proved in this process.
    """
    parts = _parts(sizes, 1 if sum(sizes.values()) < _FEW else os.cpu_count() or 1)
    if len(parts) < 2:
        return _prove(engine, key, *(parts[0] if parts else (0, 0)))
    # A process that is forked needs not load CKAN anew; it makes a connection of its own.
    own = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(parts), mp_context=own) as processes:
        work = [processes.submit(_prove, engine, key, *part) for part in parts]
        found = [one.result() for one in work]
    hashes = {lane: each for one in found for lane, each in one.hashes.items()}
    return Chains([text for one in found for text in one.problems], hashes)


def _parts(sizes: Mapping[int, int], count: int) -> list[tuple[int, int]]:
    """Return ranges of lanes, from and to, of about as many events each."""
    lanes = sorted(sizes)
    share = sum(sizes.values()) / count
    ends = accumulate(sizes[lane] for lane in lanes)
    part_of = {lane: int((end - 1) // share) for lane, end in zip(lanes, ends, strict=True)}
    parts = [[lane for lane in lanes if part_of[lane] == part] for part in range(count)]
    return [(part[0], part[-1]) for part in parts if part]


def _prove(engine: Engine, key: bytes, first: int, last: int) -> Chains:
    hashes: dict[int, bytearray] = {}
    links = checkpoint.recorded(_links(engine, first, last), hashes)
    return Chains(list(audit.problems(links, key)), hashes)


def _links(engine: Engine, first: int, last: int) -> Iterator[Link]:
    """Yield the events of lanes as the driver gives them, which is twice as fast as by rows."""
    given, named = engine.dialect.create_connect_args(engine.url)
    with closing(engine.dialect.connect(*given, **named)) as connection:
        cursor: Any = connection.cursor("dgatier_audit")
        cursor.itersize = _AT_ONCE
        cursor.execute(_QUERY, (first, last))
        for lane, sequence, previous, hashed, seal, body in cursor:
            yield Link(lane, sequence, bytes(previous), bytes(hashed), bytes(seal), body)
