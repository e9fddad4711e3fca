"""Files that go with a request: which kinds there are, and whether a file is one throughout.

A file is read to its last byte, since what is foreign hides behind the first ones: a program in a
picture, an archive behind a document, a script or a further file in a PDF.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from xml.parsers import expat


class Kind(StrEnum):
    """A kind of file that can be attached, by the extension of its name."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PNG = "png"
    JPEG = "jpg"


class Fault(StrEnum):
    """Why a file cannot be attached."""

    EMPTY = "empty"
    UNKNOWN_KIND = "unknown_kind"
    OTHER_KIND = "other_kind"
    BROKEN = "broken"
    MACROS = "macros"
    LOCKED = "locked"
    SCRIPTS = "scripts"
    FILE_INSIDE = "file_inside"
    TWO_KINDS = "two_kinds"


class NotAttachable(Exception):
    """The file cannot be attached; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a request: `size` in bytes, `sha256` of its content in hexadecimal."""

    id: str
    kind: Kind
    size: int
    sha256: str


MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.PNG: "image/png",
    Kind.JPEG: "image/jpeg",
}
#: Office files with macros, and templates that bring them.
_WITH_MACROS = {"docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm"}
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
_PNG = b"\x89PNG\r\n\x1a\n"
_MAIN_PART = {
    Kind.DOCX: b"wordprocessingml.document.main+xml",
    Kind.XLSX: b"spreadsheetml.sheet.main+xml",
}
#: Parts of an office file that run or carry something.
_MACRO_PARTS = re.compile(r"vba|macro|activex|\.bin$", re.IGNORECASE)
_INSERTED_PARTS = re.compile(r"embeddings/", re.IGNORECASE)
#: What a chart keeps its numbers in.
_TABLE_INSIDE = re.compile(r"embeddings/[^/]*\.xlsx$", re.IGNORECASE)
_HARMLESS_BIN = re.compile(r"printersettings\d*\.bin$", re.IGNORECASE)
_MOST_PARTS = 5_000
_MOST_PICTURES = 16
_LARGEST_PART = 4 * 1024 * 1024
_LARGEST_UNPACKED = 200 * 1024 * 1024
_LARGEST_PDF_UNPACKED = 32 * 1024 * 1024
#: A PDF may begin somewhere in its first bytes, for those that read it.
_PDF_BEGINS_WITHIN = 1024
_PDF_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
#: How far the dictionary of packed objects reaches around the word that names them, in bytes.
_PDF_DICTIONARY = 1024
_PDF_FILTER = re.compile(rb"/\w*Decode\b")
_PDF_CHUNK = 64 * 1024
#: `/ObjStm` with some of its characters as numbers, by which packed objects would be overlooked.
_PACKED_BY_NUMBERS = re.compile(
    rb"/(?!ObjStm)" + b"".join(rb"(?:%c|#%02x|#%02X)" % (one, one, one) for one in b"ObjStm")
)
_PDF_FAULTS = (
    (re.compile(rb"/Encrypt\b"), Fault.LOCKED),
    (re.compile(rb"/(JavaScript|Rendition|Launch|RichMedia|XFA)\b"), Fault.SCRIPTS),
    (re.compile(rb"/EmbeddedFiles?\b"), Fault.FILE_INSIDE),
)


def check(name: str, content: bytes) -> Kind:
    """Return the kind of a file by its name and all of its content. Raises `NotAttachable`."""
    if not content:
        raise NotAttachable(Fault.EMPTY)
    kind = _named(name)
    if kind is None:
        raise NotAttachable(Fault.UNKNOWN_KIND)
    if content.startswith(_COMPOUND) and kind in _MAIN_PART:
        # So office programs keep a document that has a password, and those of the nineties.
        raise NotAttachable(Fault.LOCKED)
    if not content.startswith(_FIRST_BYTES[kind]):
        raise NotAttachable(Fault.OTHER_KIND)
    if kind in _MAIN_PART:
        _check_office(kind, content)
    elif kind is Kind.PDF:
        _check_pdf(content)
    elif _rest_of(kind, content).strip(b"\0"):
        raise NotAttachable(Fault.TWO_KINDS)
    if kind is not Kind.PDF and b"%PDF-" in content[:_PDF_BEGINS_WITHIN]:
        raise NotAttachable(Fault.TWO_KINDS)
    if kind not in _MAIN_PART and zipfile.is_zipfile(io.BytesIO(content)):
        raise NotAttachable(Fault.TWO_KINDS)
    return kind


def shown_name(name: str, kind: Kind) -> str:
    """Return a file's name as it is kept: no path, nothing unseen, at most 150 characters."""
    last = re.split(r"[\\/]", name)[-1]
    # Of unseen characters some turn the direction of text, so that a name reads as another.
    seen = "".join(one for one in last if one.isprintable()).strip(" .")
    stem, _dot, _extension = seen.rpartition(".")
    return f"{stem[:140] or 'file'}.{kind}"


def _named(name: str) -> Kind | None:
    extension = name.rpartition(".")[2].lower()
    if extension in _WITH_MACROS:
        raise NotAttachable(Fault.MACROS)
    if extension == "jpeg":
        return Kind.JPEG
    return Kind(extension) if extension in set(Kind) else None


_FIRST_BYTES = {
    Kind.PDF: b"%PDF-",
    Kind.DOCX: b"PK\x03\x04",
    Kind.XLSX: b"PK\x03\x04",
    Kind.PNG: _PNG,
    Kind.JPEG: b"\xff\xd8\xff",
}


def _check_office(kind: Kind, content: bytes, *, inside: bool = False) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive, content)
            for name in filter(_INSERTED_PARTS.search, archive.namelist()):
                if inside or not _TABLE_INSIDE.search(name):
                    raise NotAttachable(Fault.FILE_INSIDE)
                _check_office(Kind.XLSX, _part(archive, name), inside=True)
            types = _part(archive, "[Content_Types].xml")
            for one in archive.namelist():
                if one.lower().endswith(".rels"):
                    _check_links(_part(archive, one))
    except NotAttachable:
        raise
    except (
        zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, NotImplementedError,
        RuntimeError, struct.error, OSError, expat.ExpatError,
    ) as error:  # fmt: skip
        raise NotAttachable(Fault.BROKEN) from error
    if b"macroEnabled" in types or b"vbaProject" in types:
        raise NotAttachable(Fault.MACROS)
    if _MAIN_PART[kind] not in types:
        raise NotAttachable(Fault.OTHER_KIND)


def _check_links(part: bytes) -> None:
    """Refuse a document that fetches what is outside of it; a link to click on is none of that."""

    def begun(name: str, attributes: dict[str, str]) -> None:
        of = {key.rpartition(":")[2].lower(): text for key, text in attributes.items()}
        outside = of.get("targetmode", "").strip().lower() == "external"
        if outside and not of.get("type", "").strip().lower().endswith("/hyperlink"):
            raise NotAttachable(Fault.FILE_INSIDE)

    def typed(*_declared: object) -> None:
        raise NotAttachable(Fault.BROKEN)  # no office program writes one, and entities come by it

    parser = expat.ParserCreate()
    parser.StartElementHandler = begun
    parser.StartDoctypeDeclHandler = typed
    parser.Parse(part, True)


def _check_parts(archive: zipfile.ZipFile, content: bytes) -> None:
    parts = archive.infolist()
    ends_at = len(content) - len(archive.comment) - 22
    if content[ends_at : ends_at + 4] != b"PK\x05\x06" or archive.comment:
        raise NotAttachable(Fault.TWO_KINDS)
    if not parts or min(part.header_offset for part in parts) != 0:
        raise NotAttachable(Fault.TWO_KINDS)
    if len({part.filename for part in parts}) < len(parts):
        raise NotAttachable(Fault.BROKEN)
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise NotAttachable(Fault.BROKEN)
    for part in parts:
        if part.flag_bits & 0x1:
            raise NotAttachable(Fault.LOCKED)
        if _MACRO_PARTS.search(part.filename) and not _HARMLESS_BIN.search(part.filename):
            raise NotAttachable(Fault.MACROS)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a part unpacked; what says that it is small is not believed."""
    with archive.open(name) as opened:
        content = opened.read(_LARGEST_PART + 1)
    if len(content) > _LARGEST_PART:
        raise NotAttachable(Fault.BROKEN)
    return content


def _check_pdf(content: bytes) -> None:
    end = content.rstrip(b"\r\n\t \0")
    if not end.endswith(b"%%EOF"):
        raise NotAttachable(Fault.TWO_KINDS if b"%%EOF" in content else Fault.BROKEN)
    for text in _pdf_texts(content):
        # A name may be written with its characters as numbers: `/J#53` is `/JS`.
        plain = _PDF_NAME.sub(lambda found: bytes.fromhex(found[1].decode()), text)
        for pattern, fault in _PDF_FAULTS:
            if pattern.search(plain):
                raise NotAttachable(fault)


def _pdf_texts(content: bytes) -> Iterator[bytes]:
    """Yield the file, and the objects that it holds packed."""
    yield content
    if _PACKED_BY_NUMBERS.search(content):
        raise NotAttachable(Fault.BROKEN)
    room = _LARGEST_PDF_UNPACKED
    at = content.find(b"/ObjStm")
    while at >= 0:
        begun = content.find(b"stream", at + 7, at + _PDF_DICTIONARY)
        if begun < 0:
            raise NotAttachable(Fault.BROKEN)
        text = _unpacked(content, at, begun, room)
        room -= len(text)
        yield text
        at = content.find(b"/ObjStm", begun)


def _unpacked(content: bytes, at: int, begun: int, room: int) -> bytes:
    """Return the objects that are packed after `begun`, at most `room` bytes of them.

    What we cannot read a reader of PDFs may, so it is refused: other filters, two of them, one
    that is named elsewhere or by numbers, and what does not come to its end.
    """
    dictionary = content[max(content.rfind(b"<<", at - _PDF_DICTIONARY, at), 0) : begun]
    if _PDF_FILTER.findall(dictionary) != [b"/FlateDecode"] or b"/DecodeParms" in dictionary:
        raise NotAttachable(Fault.BROKEN)
    reader, text = zlib.decompressobj(), bytearray()
    place = begun + len(b"stream")
    place += 2 if content[place : place + 2] == b"\r\n" else 1
    try:
        while not reader.eof:
            chunk = reader.unconsumed_tail or content[place : place + _PDF_CHUNK]
            place += 0 if reader.unconsumed_tail else len(chunk)
            text += reader.decompress(chunk, room - len(text) + 1)
            if not chunk or len(text) > room:
                raise NotAttachable(Fault.BROKEN)
    except zlib.error as error:
        raise NotAttachable(Fault.BROKEN) from error
    return bytes(text)


def _rest_of(kind: Kind, content: bytes) -> bytes:
    """Return what comes after the end of a picture. Raises `NotAttachable` where it has no end."""
    try:
        if kind is Kind.PNG:
            return content[_end_of_png(content) :]
        rest = content
        # Cameras put further pictures behind the first one: a preview, or the same in more light.
        for _picture in range(_MOST_PICTURES):
            if not rest.startswith(b"\xff\xd8\xff"):
                break
            rest = rest[_end_of_jpeg(rest) :].lstrip(b"\0")
        return rest
    except (struct.error, IndexError) as error:
        raise NotAttachable(Fault.BROKEN) from error


def _end_of_png(content: bytes) -> int:
    place = len(_PNG)
    while True:
        (length,) = struct.unpack_from(">I", content, place)
        kind = content[place + 4 : place + 8]
        end = place + 12 + length
        (told,) = struct.unpack_from(">I", content, end - 4)
        if zlib.crc32(content[place + 4 : end - 4]) != told:
            raise NotAttachable(Fault.BROKEN)
        if kind == b"IEND":
            return end
        place = end


def _end_of_jpeg(content: bytes) -> int:
    place = 2
    while True:
        if content[place] != 0xFF:
            raise NotAttachable(Fault.BROKEN)
        marker = content[place + 1]
        if marker == 0xD9:
            return place + 2
        if marker == 0xFF:
            place += 1
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        place += 2 + max(length, 2)
        if marker == 0xDA:
            place = _end_of_scan(content, place)


_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def _end_of_scan(content: bytes, place: int) -> int:
    """Return where the next marker stands after packed lines of a picture."""
    found = _MARKER.search(content, place)
    if found is None:
        raise NotAttachable(Fault.BROKEN)
    return found.start()
