"""Names from whom a copy came, by the pseudonyms in it and by who was given such, in the audit."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ckan import model
from ckan.plugins import toolkit
from pyarrow import parquet

from ckanext.dgatier import store
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.marking import PSEUDONYM, Marks

from . import facts, graded_view

_GIVEN = (AuditAction.FILE_DOWNLOAD, AuditAction.DATA_READ)
_PART = 1 << 20  # bytes
_LOOKED_AT = 2000  # pseudonyms of a file; one alone is as good as certain


@dataclass(frozen=True, slots=True)
class Key:
    """Whose pseudonyms of which table: a person's, for what these grants gave them."""

    person_id: str
    resource_id: str
    grants: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """A key that made `matched` of the pseudonyms, and what was given out by it, newest first."""

    key: Key
    matched: int
    given: list[AuditEvent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trace:
    """How many pseudonyms of a file were looked at, and who was given them, the most first."""

    looked_at: int
    found: list[Found]


@dataclass(slots=True)
class _Given:
    columns: set[str] = field(default_factory=set)
    events: list[AuditEvent] = field(default_factory=list)


def trace(path: Path, dataset_id: str | None = None) -> Trace:
    """Return from whom a file came: CSV, TSV, JSON, XML, XLSX or Parquet, or any part of one.

    Tables are read as they are now: what has gone from one since names nobody any more. With
    `dataset_id` only its tables are looked at, which takes less time.
    """
    pseudonyms = sorted(pseudonyms_in(path))[:_LOOKED_AT]
    if not pseudonyms:
        return Trace(0, [])
    secret = toolkit.config["ckanext.dgatier.pseudonym_key"]
    found = []
    for key, given in _keys(dataset_id).items():
        there = {column.name for column in facts.columns_of(key.resource_id)}
        columns = sorted(given.columns & there)
        if not columns:
            continue
        made = graded_view.pseudonym_key(
            secret, key.person_id, key.resource_id, "+".join(key.grants)
        )
        if count := graded_view.matched(key.resource_id, columns, made, pseudonyms):
            found.append(Found(key, count, given.events))
    return Trace(len(pseudonyms), sorted(found, key=lambda one: one.matched, reverse=True))


def pseudonyms_in(path: Path) -> set[str]:
    """Return what looks like a pseudonym in a file, in whichever column."""
    return {found.decode() for part in _texts(path) for found in PSEUDONYM.findall(part)}


def _texts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        kind = file.read(4)
    if kind == b"PAR1":
        for batch in parquet.ParquetFile(path).iter_batches():
            for column in batch.columns:
                yield "\n".join(map(str, column.to_pylist())).encode()
    elif kind[:2] == b"PK":
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if name.endswith(".xml"):
                    yield book.read(name)
    else:
        yield from _parts(path)


def _parts(path: Path) -> Iterator[bytes]:
    """Yield the file in parts that overlap, so that no pseudonym is cut in two."""
    rest = b""
    with path.open("rb") as file:
        while part := file.read(_PART):
            text = rest + part
            end = max(text.rfind(b"\n"), text.rfind(b","), text.rfind(b"\t")) + 1 or len(text)
            yield text[:end]
            rest = text[end:]
    yield rest


def _keys(dataset_id: str | None) -> dict[Key, _Given]:
    keys: dict[Key, _Given] = {}
    for action in _GIVEN:
        wanted = {"action": action, "dataset_id": dataset_id}
        for part in store.audit.found(wanted, None):
            for event in (one.event for one in part):
                if event.actor_id is None or event.resource_id is None:
                    continue
                if (shape := event.detail.get("marks")) is None:
                    continue
                marks = Marks.from_dict(shape)
                for grants in marks.keys:
                    given = keys.setdefault(
                        Key(event.actor_id, event.resource_id, grants), _Given()
                    )
                    given.columns.update(marks.columns)
                    given.events.append(event)
    return keys


def table_name(resource_id: str) -> str:
    """Return a table by the names of its dataset and itself, for people to read."""
    record = model.Resource.get(resource_id)
    return f"{record.package.name} / {record.name}" if record else resource_id
