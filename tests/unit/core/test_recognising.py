"""What columns hold is recognised by their values, and most of other things is not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core import recognising
from ckanext.dgatier.core.recognising import ENTRIES, Holding, suggest
from dgatier_demo.tables import TABLES

TODAY = date(2026, 11, 28)
_TWELVE = st.text("0123456789", min_size=12, max_size=12)


def _found(name: str, *values: object) -> Holding | None:
    suggestion = suggest(name, values * 5, TODAY)
    return suggestion.holding if suggestion else None


@given(_TWELVE)
def test_exactly_one_last_digit_is_right(first: str) -> None:
    def is_number(text: str) -> bool:
        return recognising.is_citizen_number(text) or recognising.is_juristic_number(text)

    right = [last for last in "0123456789" if is_number(first + last)]
    assert right == [recognising.check_digit(first)]
    assert is_number(f"{first[0]}-{first[1:5]}-{first[5:10]}-{first[10:]}-{right[0]}")
    assert recognising.is_juristic_number(first + right[0]) == (first[0] == "0")


@given(_TWELVE, st.sampled_from([0, 1, *range(3, 12)]), st.integers(1, 9))
def test_a_digit_that_was_mistyped_is_noticed(first: str, place: int, by: int) -> None:
    """But for the third, whose weight is the modulus, and two remainders that share a digit."""
    other = str((int(first[place]) + by) % 10)
    wrong = first[:place] + other + first[place + 1 :]
    noticed = recognising.check_digit(wrong) != recognising.check_digit(first)
    weighed = [
        sum(int(digit) * (13 - index) for index, digit in enumerate(text)) % 11
        for text in (first, wrong)
    ]
    assert noticed or set(weighed) == {0, 10}


@given(st.integers(10_000_000, 99_999_999), st.sampled_from(["06", "08", "09", "+668", "+66 9"]))
def test_a_telephone_number_is_one_however_it_is_written(rest: int, first: str) -> None:
    digits = str(rest)
    for text in (f"{first}{digits}", f"{first}-{digits[:3]}-{digits[3:]}", f"{first} {digits}"):
        assert recognising.is_phone(text)
    assert not recognising.is_phone(f"{first}{digits}0")


@given(st.floats(5.6, 20.4), st.floats(97.4, 105.6))
def test_a_place_in_thailand_is_one_in_either_order(north: float, east: float) -> None:
    assert recognising.is_coordinate(f"{north:.5f}, {east:.5f}")
    assert recognising.is_coordinate(f"({east:.4f} {north:.4f})")
    assert not recognising.is_coordinate(f"{-north:.5f}, {east:.5f}")


@given(st.lists(st.text(), max_size=30), st.text())
def test_whatever_a_column_holds_it_is_looked_at(values: list[str], name: str) -> None:
    suggestion = suggest(name, values, TODAY)
    assert suggestion is None or 0 < suggestion.share <= 1


@pytest.mark.parametrize(
    ("holding", "values"),
    [
        (Holding.NAME, ["นายสมมติ ใจดี", "น.ส. สมหญิง มีสุข", "ด.ช.สมชาย", "Mr. John Smith"]),
        (Holding.FIRM, ["บริษัท สมมติ จำกัด", "หจก. ทดสอบ", "Example Co., Ltd."]),
        (Holding.EMAIL, ["a@example.org", "somchai.j@mail.example.co.th"]),
        (Holding.ACCOUNT, ["123-4-56789-0", "081-2-34567-8", "012-345678-9"]),
        (Holding.PHONE, ["02-123-4567", "0812345678", "+66 81 234 5678", "043 123 456"]),
        (Holding.COORDINATES, ["13.75633", "18.79043"]),
        (Holding.COORDINATES, ["100.50177", "98.98468"]),
        (Holding.ADDRESS, ["99/1 หมู่ 4 ต.ในเมือง อ.เมือง จ.น่าน 55000",
                           "เลขที่ 5 ซอยอารีย์ แขวงสามเสนใน เขตพญาไท กรุงเทพฯ"]),
        (Holding.BIRTH_DATE, ["1944-03-01", "1960-01-01", "1990-07-15T00:00:00", "2001-05-05"]),
        (Holding.BIRTH_DATE, ["2487-03-01", "2503-01-01", "2533-07-15"]),
    ],
)  # fmt: skip
def test_each_thing_is_recognised(holding: Holding, values: list[str]) -> None:
    assert _found("x", *values) is holding


def test_free_text_is_long_and_differs() -> None:
    said = [f"ผู้ป่วยมาพบแพทย์ครั้งที่ {n} ด้วยอาการไข้ ไอ และเหนื่อยมาสามวัน" for n in range(20)]
    found = suggest("note", said, TODAY)
    assert found is not None
    assert found.holding is Holding.FREE_TEXT
    assert suggest("note", said[:1] * 20, TODAY) is None


@pytest.mark.parametrize(
    "values",
    [
        ["น่าน", "แพร่", "เชียงใหม่", "นครนายก", "นางรอง"],
        [300, 200, 300.5, 0, 1_000_000],
        [2566, 2567, 2565],
        ["2023-01-01", "2024-05-05", "2022-03-03"],
        ["1234567890123", "1111111111111"],
        ["ข้าวนาปี", "อ้อย", "ยางพารา"],
        ["ก", "ข"],
        ["2024-01-01", None, "", "เดิม"],
    ],
)
def test_other_things_are_left_alone(values: list[object]) -> None:
    assert _found("x", *values) is None


def test_few_values_and_few_alike_say_nothing() -> None:
    assert suggest("mail", ["a@example.org"] * 4, TODAY) is None
    mixed = ["a@example.org"] * 5 + ["none"] * 5
    assert suggest("mail", mixed, TODAY) is None


def test_numbers_of_thirteen_digits_are_told_apart_by_name_or_beginning() -> None:
    firm, person = (
        "".join((n, recognising.check_digit(n))) for n in ("010555012345", "110170012345")
    )
    assert _found("เลขทะเบียนนิติบุคคล", person) is Holding.JURISTIC_NUMBER
    assert _found("เลขประจำตัวประชาชน", firm) is Holding.CITIZEN_NUMBER
    assert _found("x", person) is Holding.CITIZEN_NUMBER
    assert _found("x", firm) is Holding.JURISTIC_NUMBER


def test_what_is_taken_agrees_with_what_the_demonstration_says() -> None:
    """A suggestion is never more open than the entry that the demonstration's publishers wrote."""
    order = ("identifier", "sensitive", "quasi_identifier", "measure", "plain")
    recognised = 0
    for table in TABLES.values():
        rows = list(table.rows("a seed", 50))
        for place, column in enumerate(table.columns):
            found = suggest(column.id, [row[place] for row in rows], TODAY)
            if found is not None:
                recognised += 1
                entry = ENTRIES[found.holding]
                assert order.index(entry["disclosure"]) <= order.index(column.disclosure), column
                if column.subject_key:  # numbers that are made up begin as those of firms do
                    assert entry.get("subject_key") in ("citizen_id", "juristic_id"), column
    assert recognised >= 10
