"""What a table must be at the door."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core import column_types, upload


def _inspect(content: bytes) -> upload.Table:
    return upload.inspect(io.BytesIO(content))


def _refusal(content: bytes) -> upload.UploadRefused:
    with pytest.raises(upload.UploadRefused) as refused:
        _inspect(content)
    return refused.value


def test_plain_utf8_is_taken_as_it_is() -> None:
    table = _inspect("จังหวัด,จำนวน\nเชียงใหม่,1\nตาก,2\n".encode())
    assert table == upload.Table("utf-8", ",", 2)
    assert table.is_plain


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_put_right(delimiter: str) -> None:
    source = io.BytesIO(f"a{delimiter}b\n1{delimiter}x,y\n".encode())
    table = upload.inspect(source)
    target = io.BytesIO()
    upload.rewrite(source, table, target)
    assert target.read() == b'a,b\n1,"x,y"\n'


def test_tis620_is_read_right() -> None:
    source = io.BytesIO("จังหวัด,จำนวน\nเชียงใหม่,1\n".encode("cp874"))
    table = upload.inspect(source)
    assert table.encoding == "cp874"
    target = io.BytesIO()
    upload.rewrite(source, table, target)
    assert target.read().decode("utf-8") == "จังหวัด,จำนวน\nเชียงใหม่,1\n"


def test_broken_utf8_is_refused_and_not_taken_for_tis620() -> None:
    good = "จังหวัด,จำนวน\nเชียงใหม่,1\n".encode()
    refused = _refusal(good + b"\xe0\xb8,2\n")
    assert refused.code == "broken_encoding"
    assert "line 3" in refused.en
    assert "บรรทัด 3" in refused.th


def test_a_row_with_other_cells_than_the_header_is_refused() -> None:
    refused = _refusal(b"a,b\n1,2\n1;2\n")
    assert refused.code == "ragged"
    assert "line 3" in refused.en


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,b\n"])
def test_a_table_without_rows_is_refused(content: bytes) -> None:
    assert _refusal(content).code in ("empty", "no_rows")


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|x", "-2+3"])
def test_a_formula_is_refused(cell: str) -> None:
    refused = _refusal(f"a,b\nx,{cell}\n".encode())
    assert refused.code == "formula"
    assert "Column b" in refused.en


def test_a_character_that_no_database_holds_is_refused() -> None:
    refused = _refusal(b"a,b\nx,\x00y\n")
    assert refused.code == "not_text"
    assert "line 2" in refused.en


@pytest.mark.parametrize("cell", ["-5", "+66.5", "-", "-1,000", "5%"])
def test_signed_numbers_are_no_formulas(cell: str) -> None:
    assert not upload.is_formula(cell)


def test_repeated_column_names_are_refused() -> None:
    assert _refusal(b"a,a\n1,2\n").code == "header"


@pytest.mark.parametrize("name", ["_id", 'a""b', "ก" * 22, "a" * 64])
def test_a_column_name_that_the_database_cannot_have_is_refused(name: str) -> None:
    assert _refusal(f'"{name}",b\n1,2\n'.encode()).code == "column_name"


@pytest.mark.parametrize("name", ["ก" * 21, "a" * 63, "ปีงบประมาณ"])
def test_a_thai_column_name_is_taken(name: str) -> None:
    assert _inspect(f"{name},b\n1,2\n".encode()).rows == 1


def test_types_come_from_all_values() -> None:
    header = ["id", "amount", "day", "code", "note"]
    rows = [
        ["0105500000001", "12.5", "2024-01-31", "01", "x"],
        ["0105500000002", "7", "2024-02-01", "10", ""],
    ]
    assert column_types.guess(header, rows) == {
        "id": "text",
        "amount": "numeric",
        "day": "timestamp",
        "code": "text",
        "note": "text",
    }


@given(st.lists(st.integers(10**12, 10**13 - 1), min_size=1))
def test_a_number_of_thirteen_digits_is_never_added_up(numbers: list[int]) -> None:
    assert column_types.guess(["n"], [[str(each)] for each in numbers]) == {"n": "text"}


def _zip(parts: int, size: int) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(parts):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * size)
    return target


def test_a_small_workbook_may_unpack_to_what_it_likes() -> None:
    upload.check_packed(_zip(3, 5 * 1024 * 1024))


@pytest.mark.parametrize(("parts", "size"), [(1, 40 * 1024 * 1024), (2_001, 1)])
def test_a_file_that_unpacks_to_far_more_or_to_too_many_is_refused(parts: int, size: int) -> None:
    bomb = _zip(parts, size)
    with pytest.raises(upload.UploadRefused) as refused:
        upload.check_packed(bomb)
    assert refused.value.code == "too_large_unpacked"
    assert bomb.tell() == 0


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04 and no more"])
def test_what_is_no_workbook_is_none(content: bytes) -> None:
    for check in (upload.check_packed, upload.check_old_workbook):
        with pytest.raises(upload.NotAWorkbook):
            check(io.BytesIO(content))
