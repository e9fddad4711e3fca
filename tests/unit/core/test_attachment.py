"""What can be attached is one kind of file to its last byte, and brings nothing that runs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import files
from ckanext.dgatier.core.attachment import Fault, Kind, NotAttachable, check, shown_name

_GOOD = {
    "plan.pdf": (Kind.PDF, files.pdf()),
    "แผนวิจัย.PDF": (Kind.PDF, files.packed_pdf(b"5 0 <</Type/Page>>")),
    "plan.docx": (Kind.DOCX, files.docx()),
    "chart.docx": (Kind.DOCX, files.docx(word__embeddings__Sheet1_d_xlsx=files.xlsx())),
    "printed.docx": (Kind.DOCX, files.docx(xl__printerSettings1_d_bin=b"x")),
    "table.xlsx": (Kind.XLSX, files.xlsx()),
    "map.png": (Kind.PNG, files.png()),
    "photo.jpeg": (Kind.JPEG, files.jpeg()),
    "photo with a preview.jpg": (Kind.JPEG, files.jpeg() + b"\0\0" + files.jpeg()),
}
_LINK = '<Relationship {}="External" Target="https://x.example" Type="http://o/attachedTemplate"/>'
_LOADS = _LINK.format("TargetMode").encode()
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
_BAD = {
    "nothing.pdf": (Fault.EMPTY, b""),
    "plan.exe": (Fault.UNKNOWN_KIND, files.pdf()),
    "plan": (Fault.UNKNOWN_KIND, files.pdf()),
    "program.pdf": (Fault.OTHER_KIND, b"MZ" + files.pdf()),
    "picture.pdf": (Fault.OTHER_KIND, files.png()),
    "table.docx": (Fault.OTHER_KIND, files.xlsx()),
    "archive.docx": (Fault.OTHER_KIND, files.archive({"[Content_Types].xml": b"<Types/>"})),
    "plan.docm": (Fault.MACROS, files.docx(files.WITH_MACROS)),
    "renamed.docx": (Fault.MACROS, files.docx(files.WITH_MACROS)),
    "hidden.docx": (Fault.MACROS, files.docx(word__vbaProject_d_bin=b"x")),
    "control.docx": (Fault.MACROS, files.docx(word__activeX__activeX1_d_xml=b"x")),
    "locked.docx": (Fault.LOCKED, _COMPOUND),
    "locked.pdf": (Fault.LOCKED, files.pdf(b"/Encrypt 9 0 R")),
    "locked by numbers.pdf": (Fault.LOCKED, files.pdf(b"/#45ncrypt 9 0 R")),
    "script.pdf": (Fault.SCRIPTS, files.pdf(b"/OpenAction<</S/JavaScript/JS(1)>>")),
    "script by numbers.pdf": (Fault.SCRIPTS, files.pdf(b"/OpenAction<</S/Java#53cript/JS(1)>>")),
    "packed script.pdf": (Fault.SCRIPTS, files.packed_pdf(b"5 0 <</S/JavaScript>>")),
    "starts.pdf": (Fault.SCRIPTS, files.pdf(b"/OpenAction<</S/Launch>>")),
    "form.pdf": (Fault.SCRIPTS, files.pdf(b"/AcroForm<</XFA 9 0 R>>")),
    "file inside.pdf": (Fault.FILE_INSIDE, files.pdf(b"/Names<</EmbeddedFiles 9 0 R>>")),
    "program inside.docx": (Fault.FILE_INSIDE, files.docx(word__embeddings__run_d_exe=b"x")),
    "macros inside.docx": (
        Fault.MACROS,
        files.docx(
            word__embeddings__a_d_xlsx=files.docx(files.WITH_MACROS, xl__vbaProject_d_bin=b"x")
        ),
    ),
    "from elsewhere.docx": (Fault.FILE_INSIDE, files.docx(word___rels__x_d_rels=_LOADS)),
    "from elsewhere in other quotes.docx": (
        Fault.FILE_INSIDE,
        files.docx(word___rels__x_d_rels=_LOADS.replace(b'"', b"'")),
    ),
    "from elsewhere by a prefix.docx": (
        Fault.FILE_INSIDE,
        files.docx(
            word___rels__x_d_RELS=b'<r:Relationships xmlns:r="x"><r:Relationship '
            b'Type="x/attached&#84;emplate" TargetMode="External" Target="http://x"/>'
            b"</r:Relationships>"
        ),
    ),
    "by an entity.docx": (
        Fault.BROKEN,
        files.docx(word___rels__x_d_rels=b'<!DOCTYPE x [<!ENTITY e "External">]><x/>'),
    ),
    "packed far away.pdf": (
        Fault.BROKEN,
        files.packed_pdf(b"5 0 <</S/JavaScript>>").replace(b"/ObjStm", b"/ObjStm" + b" " * 1_100),
    ),
    "packed twice.pdf": (
        Fault.BROKEN,
        files.packed_pdf(b"5 0 <<>>").replace(b"/FlateDecode", b"[/FlateDecode/FlateDecode]"),
    ),
    "packed unseen.pdf": (
        Fault.BROKEN,
        files.packed_pdf(b"<</S/JavaScript>>").replace(b"/ObjStm", b"/Obj#53tm"),
    ),
    "packed strangely.pdf": (
        Fault.BROKEN,
        files.pdf(b"/Type/ObjStm>>stream\nnot packed\nendstream"),
    ),
    "cut.pdf": (Fault.BROKEN, files.pdf()[:-8]),
    "cut.png": (Fault.BROKEN, files.png()[:-6]),
    "cut.jpg": (Fault.BROKEN, files.jpeg()[:-2]),
    "changed.png": (Fault.BROKEN, files.png().replace(b"IHDR\0\0\0\1", b"IHDR\0\0\0\2")),
    "cut.xlsx": (Fault.BROKEN, files.xlsx()[:-40]),
    "archive behind.pdf": (Fault.TWO_KINDS, files.pdf(after=files.archive({"a": b"a"}))),
    "archive behind.png": (Fault.TWO_KINDS, files.png() + files.archive({"a": b"a"})),
    "page behind.jpg": (Fault.TWO_KINDS, files.jpeg() + b"<script>1</script>"),
    "more pictures than a camera makes.jpg": (Fault.TWO_KINDS, files.jpeg() * 40),
    "archive in a remark.pdf": (
        Fault.TWO_KINDS,
        files.pdf(after=b"%" + files.archive({"a": b"a"}) + b"\n%%EOF"),
    ),
    "words behind.docx": (Fault.TWO_KINDS, files.docx() + b"more"),
    "pdf before.docx": (
        Fault.TWO_KINDS,
        files.archive({"%PDF-1.7": b"1"})[:40] + files.docx(),
    ),
}


@pytest.mark.parametrize("name", _GOOD)
def test_a_sound_file_is_what_its_name_says(name: str) -> None:
    kind, content = _GOOD[name]
    assert check(name, content) is kind


@pytest.mark.parametrize("name", _BAD)
def test_what_is_not_sound_is_refused_with_its_fault(name: str) -> None:
    fault, content = _BAD[name]
    with pytest.raises(NotAttachable) as refused:
        check(name, content)
    assert refused.value.fault is fault


def test_what_unpacks_to_more_than_it_says_is_refused() -> None:
    bomb = files.docx(word___rels__x_d_rels=b"\0" * 5_000_000)
    assert len(bomb) < 50_000
    with pytest.raises(NotAttachable):
        check("bomb.docx", bomb)
    with pytest.raises(NotAttachable):
        check("bomb.pdf", files.packed_pdf(b"\0" * 34_000_000))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.pdf", b"%PDF-1.7\n" + b"/ObjStm stream\n" * 600_000 + b"%%EOF"),
        ("x.docx", files.docx(word___rels__x_d_rels=b"<Relationship " * 290_000)),
    ],
    ids=["pdf", "docx"],
)
def test_what_is_made_to_take_long_is_refused_after_one_look(name: str, content: bytes) -> None:
    started = time.process_time()
    with pytest.raises(NotAttachable):
        check(name, content)
    # Not a measure of speed: looked through again from each place it took hours.
    assert time.process_time() - started < 20


_CONTENTS = st.sampled_from([content for _kind, content in _GOOD.values()])
_NAMES = st.sampled_from([f"x.{kind}" for kind in Kind])


@given(_NAMES, _CONTENTS, st.data())
def test_a_file_that_was_cut_or_changed_anywhere_is_sound_or_refused_and_nothing_else(
    name: str, content: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(content) - 1))
    changed = data.draw(st.binary(max_size=4))
    for broken in (content[:place], content[:place] + changed + content[place + len(changed) :]):
        try:
            check(name, broken)
        except NotAttachable:
            continue


@given(st.binary(min_size=1, max_size=200))
def test_nothing_but_padding_follows_a_picture(behind: bytes) -> None:
    if behind.strip(b"\0") and not behind.lstrip(b"\0").startswith(b"\xff\xd8\xff"):
        for name, picture in (("x.png", files.png()), ("x.jpg", files.jpeg())):
            with pytest.raises(NotAttachable):
                check(name, picture + behind)


@given(st.text(max_size=300), st.sampled_from(Kind))
def test_a_name_is_kept_without_a_path_or_anything_unseen(name: str, kind: Kind) -> None:
    kept = shown_name(name, kind)
    assert kept.endswith(f".{kind}")
    assert kept.isprintable()
    assert not {"/", "\\"} & set(kept)
    assert 0 < len(kept) <= 150


def test_names_are_told_as_they_were_given() -> None:
    assert shown_name("C:\\งาน\\แผนวิจัย.pdf", Kind.PDF) == "แผนวิจัย.pdf"
    assert shown_name("../../etc/plan.JPEG", Kind.JPEG) == "plan.jpg"
    assert shown_name("plan\u202efdp.exe.pdf", Kind.PDF) == "planfdp.exe.pdf"
