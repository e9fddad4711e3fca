"""Proving the chains of the audit, by as many processes as there are processors.

A process with threads is not forked, as a lock that one of them holds would stay held for ever in
the copy: the portal proves in the thread that was asked to, the command line with all processors.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import psycopg2
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
    alone = sum(sizes.values()) < _FEW or threading.active_count() > 1
    parts = _parts(sizes, 1 if alone else os.cpu_count() or 1)
    _given, server = engine.dialect.create_connect_args(engine.url)
    if len(parts) < 2:
        return _prove(server, key, *(parts[0] if parts else (0, 0)))
    # What is forked needs not load CKAN anew; it makes a connection of its own.
    own = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(parts), mp_context=own) as processes:
        work = [processes.submit(_prove, server, key, *part) for part in parts]
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


def _prove(server: Mapping[str, Any], key: bytes, first: int, last: int) -> Chains:
    hashes: dict[int, bytearray] = {}
    links = checkpoint.recorded(_links(server, first, last), hashes)
    return Chains(list(audit.problems(links, key)), hashes)


def _links(server: Mapping[str, Any], first: int, last: int) -> Iterator[Link]:
    """Yield the events of lanes as the driver gives them, which is twice as fast as by rows."""
    with closing(psycopg2.connect(**server)) as connection:
        cursor = connection.cursor("dgatier_audit")
        cursor.itersize = _AT_ONCE
        cursor.execute(_QUERY, (first, last))
        for lane, sequence, previous, hashed, seal, body in cursor:
            yield Link(lane, sequence, bytes(previous), bytes(hashed), bytes(seal), body)
