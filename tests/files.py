"""Small files of each kind that can be attached, and what hides in files."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from openpyxl import Workbook

#: The test string of the European Institute for Computer Antivirus Research, in two parts so that
#: no scanner takes this file for one that is infected.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WITH_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def pdf(inside: bytes = b"", *, after: bytes = b"") -> bytes:
    """Return a PDF of one empty page; `inside` stands in its catalogue."""
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R" + inside + b">>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n" + after
    )


def packed_pdf(objects: bytes) -> bytes:
    """Return a PDF in which objects are packed."""
    packed = zlib.compress(objects)
    head = b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d" % len(packed)
    body = b"\n4 0 obj<<" + head + b">>stream\n" + packed + b"\nendstream endobj\n"
    return pdf().replace(b"trailer", body + b"trailer")


def png() -> bytes:
    """Return a picture of one pixel."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        told = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + told

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    lines = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + lines + chunk(b"IEND", b"")


def jpeg() -> bytes:
    """Return what is laid out as a JPEG: a head, a scan with a stuffed byte, an end."""
    head = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    scan = b"\xff\xda\x00\x08\x01\x01\0\0\x3f\0" + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + head + scan + b"\xff\xd9"


def docx(main: str = _WORD, **parts: bytes) -> bytes:
    """Return a document; `parts` are further ones, `__` for a slash and `_d_` for a dot."""
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    names = {name.replace("__", "/").replace("_d_", "."): one for name, one in parts.items()}
    return archive({"[Content_Types].xml": types.encode(), "word/document.xml": b"<w/>", **names})


def archive(parts: dict[str, bytes]) -> bytes:
    """Return a ZIP archive of these parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return written.getvalue()


def xlsx() -> bytes:
    """Return a workbook as openpyxl writes it."""
    written = io.BytesIO()
    workbook = Workbook()
    workbook.worksheets[0].append(["จังหวัด", 1])
    workbook.save(written)
    return written.getvalue()
