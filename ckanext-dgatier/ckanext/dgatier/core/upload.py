"""What an uploaded table must be before anything of it is stored.

Reads CSV in UTF-8 and in TIS-620 (as cp874, its common superset), with comma, semicolon, tab or
bar between the cells; says in which line something is wrong.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

_DELIMITERS = ",;\t|"
_SAMPLE = 64 * 1024
_NUMBER = re.compile(r"[+-]?[\d.,\s]+%?")
_THAI = re.compile(r"[\u0e01-\u0e5b]")
# The bytes with which every Thai letter begins in UTF-8.
_THAI_IN_UTF8 = re.compile(rb"\xe0[\xb8\xb9]")
_LONGEST_CELL = 1024 * 1024
# How a Compound File begins ([MS-CFB] 2.2), which holds a workbook in BIFF.
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_PARTS = 2_000
_LARGEST_UNPACKED = 512 * 1024 * 1024
# Workbooks pack to a tenth or a twentieth; small ones of nothing but one value to less.
_SMALL_UNPACKED = 16 * 1024 * 1024
_STRONGEST_PACKING = 100
_LONGEST_NAME = 63  # bytes of a column's name in PostgreSQL (NAMEDATALEN - 1)


class UploadRefused(Exception):
    """The file cannot be taken as it is; `th` and `en` say why, `line` where."""

    def __init__(self, code: str, th: str, en: str, line: int | None = None) -> None:
        super().__init__(en)
        self.code = code
        self.th = f"{th} (บรรทัด {line})" if line else th
        self.en = f"{en} (line {line})" if line else en


class NotAWorkbook(UploadRefused):
    """The file is no workbook of Excel."""

    def __init__(self) -> None:
        super().__init__(
            "not_a_workbook",
            "ไฟล์นี้ไม่ใช่สมุดงาน Excel ที่อ่านได้",
            "The file is not a readable workbook",
        )


@dataclass(frozen=True, slots=True)
class Table:
    """How a delimited file is written; `rows` does not count the header."""

    encoding: str
    delimiter: str
    rows: int

    @property
    def is_plain(self) -> bool:
        """It is UTF-8 with commas already."""
        return self.encoding == "utf-8" and self.delimiter == ","


def inspect(file: IO[bytes]) -> Table:
    """Return how a file of delimited text is written; raises `UploadRefused`.

    Reads the file from its beginning, in parts, and leaves it at its beginning.
    """
    encoding = _encoding(file)
    text = _text(file, encoding)
    delimiter = _delimiter(text.read(_SAMPLE))
    text.detach()
    rows = _check_rows(file, encoding, delimiter)
    file.seek(0)
    return Table(encoding, delimiter, rows)


def rewrite(file: IO[bytes], table: Table, target: IO[bytes]) -> None:
    """Write the table to `target` as UTF-8 with commas, row by row."""
    text = _text(file, table.encoding)
    out = io.TextIOWrapper(target, "utf-8", newline="", write_through=True)
    csv.writer(out, lineterminator="\n").writerows(csv.reader(text, delimiter=table.delimiter))
    text.detach()
    out.detach()
    target.seek(0)


def check_packed(file: IO[bytes]) -> None:
    """Raise `UploadRefused` where a ZIP unpacks to more than a workbook may be.

    The sizes are those that its directory says; whoever unpacks it reads no more than these.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise NotAWorkbook from error
    finally:
        file.seek(0)
    unpacked = sum(part.file_size for part in parts)
    packed_size = sum(part.compress_size for part in parts)
    if (
        len(parts) > _MOST_PARTS
        or unpacked > _LARGEST_UNPACKED
        or unpacked > _SMALL_UNPACKED + packed_size * _STRONGEST_PACKING
    ):
        raise UploadRefused(
            "too_large_unpacked",
            "ไฟล์นี้มีขนาดใหญ่เกินไปเมื่อคลายการบีบอัด",
            "The file is too large once it is unpacked",
        )


def check_old_workbook(file: IO[bytes]) -> None:
    """Raise `UploadRefused` unless a file is a workbook of Excel 97 to 2003."""
    file.seek(0)
    begins = file.read(len(_COMPOUND_FILE))
    file.seek(0)
    if begins != _COMPOUND_FILE:
        raise NotAWorkbook


def _encoding(file: IO[bytes]) -> str:
    file.seek(0)
    thai_utf8, broken = 0, 0
    for line, content in enumerate(file, start=1):
        thai_utf8 += len(_THAI_IN_UTF8.findall(content))
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            broken = broken or line
    if not broken:
        return "utf-8"
    if thai_utf8 == 0 and _is_tis620(file):
        return "cp874"
    raise UploadRefused(
        "broken_encoding",
        "ไฟล์นี้ไม่ใช่ UTF-8 หรือ TIS-620 ที่ถูกต้อง",
        "The file is neither sound UTF-8 nor TIS-620",
        broken,
    )


def _is_tis620(file: IO[bytes]) -> bool:
    """Say whether every byte is a character of cp874, and more than a few are Thai."""
    file.seek(0)
    thai = other = 0
    try:
        for content in file:
            high = [character for character in content.decode("cp874") if ord(character) > 127]
            found = sum(1 for character in high if _THAI.match(character))
            thai, other = thai + found, other + len(high) - found
    except UnicodeDecodeError:
        return False
    return thai > other


def _text(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    file.seek(0)
    # A stream of its own over the same file, so that closing one leaves the other open.
    plain = "utf-8-sig" if encoding == "utf-8" else encoding
    return io.TextIOWrapper(_Unclosed(file), plain, newline="")


class _Unclosed(io.BufferedIOBase):
    """Reads through to a file without owning it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    @property
    def name(self) -> str:
        """A name is part of what a text stream expects of what it reads."""
        return "upload"

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._file.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._file.read(size)


def _delimiter(sample: str) -> str:
    lines = [line for line in sample.splitlines()[:50] if line.strip()]
    if not lines:
        raise UploadRefused("empty", "ไฟล์ว่างเปล่า", "The file is empty")
    counts = {mark: lines[0].count(mark) for mark in _DELIMITERS}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def _check_rows(file: IO[bytes], encoding: str, delimiter: str) -> int:
    text = _text(file, encoding)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(text, delimiter=delimiter)
    try:
        rows = sum(1 for _row in _checked(reader))
    except csv.Error as error:
        raise UploadRefused(
            "not_a_table", "อ่านเป็นตารางไม่ได้", f"Cannot be read as a table: {error}", reader.line_num
        ) from error
    finally:
        text.detach()
    if rows == 0:
        raise UploadRefused(
            "no_rows", "ไฟล์ไม่มีแถวข้อมูลใต้หัวตาราง", "The file has no rows below its header"
        )
    return rows


def _checked(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    header: list[str] | None = None
    for row in reader:
        line = reader.line_num  # type: ignore[attr-defined]
        if not row:
            continue
        if header is None:
            header = row
            check_header(header, line)
            continue
        if len(row) != len(header):
            raise UploadRefused(
                "ragged",
                f"จำนวนช่องไม่เท่ากับหัวตาราง ({len(row)} แทนที่จะเป็น {len(header)}) ตัวคั่นอาจไม่ถูกต้อง",
                f"The row has {len(row)} cells and the header {len(header)}; "
                "perhaps the delimiter is wrong",
                line,
            )
        for name, cell in zip(header, row, strict=True):
            if "\0" in cell:
                raise UploadRefused(
                    "not_text",
                    f"คอลัมน์ {name} มีอักขระที่ไม่ใช่ข้อความ (NUL)",
                    f"Column {name} holds a character that is no text (NUL)",
                    line,
                )
            if is_formula(cell):
                raise UploadRefused(
                    "formula",
                    f"คอลัมน์ {name} มีสูตรคำนวณ ซึ่งโปรแกรมตารางจะสั่งทำงาน",
                    f"Column {name} holds a formula, which a spreadsheet would run",
                    line,
                )
        yield row


def check_header(header: Sequence[str], line: int) -> None:
    """Raise `UploadRefused` unless each column has a name of its own that a database can hold."""
    names = [name.strip() for name in header]
    if "" in names or len(set(names)) != len(names):
        raise UploadRefused(
            "header",
            "หัวตารางมีชื่อคอลัมน์ว่างหรือซ้ำกัน",
            "The header has an empty or repeated column name",
            line,
        )
    for name in names:
        if name.startswith("_") or '"' in name:
            raise UploadRefused(
                "column_name",
                f"ชื่อคอลัมน์ {name} ต้องไม่ขึ้นต้นด้วย _ และไม่มีเครื่องหมายคำพูด",
                f"The column name {name} must not begin with _ or hold a quotation mark",
                line,
            )
        if len(name.encode()) > _LONGEST_NAME:
            raise UploadRefused(
                "column_name",
                f"ชื่อคอลัมน์ {name} ยาวเกินไป ใช้อักษรไทยได้ไม่เกิน {_LONGEST_NAME // 3} ตัว",
                f"The column name {name} is too long: at most {_LONGEST_NAME} Latin letters "
                f"or {_LONGEST_NAME // 3} Thai ones",
                line,
            )


def is_formula(cell: str) -> bool:
    """Say whether a spreadsheet would run this cell; signed numbers and a lone dash are none."""
    if cell[:1] not in ("=", "+", "-", "@", "\t", "\r"):
        return False
    return cell.strip() != "-" and _NUMBER.fullmatch(cell) is None
