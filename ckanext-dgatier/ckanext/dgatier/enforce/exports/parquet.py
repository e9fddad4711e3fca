"""Writes Parquet: columns with their types, a few thousand rows at a time."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import parquet

_TYPES = {
    "int": pa.int32(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    # A numeric of PostgreSQL has no bounds, and the decimals of Parquet have.
    "numeric": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}


class Parquet:
    """One row group for each part that is written, compressed by Snappy; labels are metadata."""

    def __init__(
        self, fields: Sequence[tuple[str, str]], bom: bool, label: Mapping[str, str]
    ) -> None:
        self._schema = pa.schema(
            [pa.field(name, _TYPES.get(kind, pa.string())) for name, kind in fields],
            {f"dgatier.{name}": text for name, text in label.items()} or None,
        )
        self._out = _Drained()
        self._writer = parquet.ParquetWriter(self._out, self._schema)

    def write(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Return one row group, and the beginning of the file before the first."""
        if rows:
            columns = [
                pa.array([_value(cell, field.type) for cell in cells], field.type)
                for cells, field in zip(zip(*rows, strict=True), self._schema, strict=True)
            ]
            self._writer.write_table(pa.table(columns, schema=self._schema))
        return self._out.drained()

    def end(self) -> bytes:
        """Return the end, which tells where the row groups are."""
        self._writer.close()
        return self._out.drained()


class _Drained(io.RawIOBase):
    """A file that is only written to, of which what was written is taken away as it comes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def drained(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _value(cell: Any, kind: pa.DataType) -> Any:
    if cell is None:
        return None
    if pa.types.is_floating(kind):
        return float(cell)
    return str(cell) if pa.types.is_string(kind) else cell
