"""Recognises what the columns of a table hold, to suggest how its dictionary describes them.

What is suggested is for a publisher to take or leave; nothing is classified by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

#: The share of the values of a column that must look like a thing, and the fewest values.
_ENOUGH = 0.6
_FEWEST = 5
_DIGITS = 13
_LONG_TEXT = 40
_WORDS = 6
_BORN_SPREAD = 40  # years that dates of birth of a population span at least
_OLD = 15  # years ago that the middle one of them is at least


class Holding(StrEnum):
    """What a column can be recognised to hold."""

    CITIZEN_NUMBER = "citizen_number"
    JURISTIC_NUMBER = "juristic_number"
    EMAIL = "email"
    PHONE = "phone"
    ACCOUNT = "account"
    COORDINATES = "coordinates"
    NAME = "name"
    FIRM = "firm"
    ADDRESS = "address"
    BIRTH_DATE = "birth_date"
    FREE_TEXT = "free_text"


#: What the data dictionary says of a column that holds such a thing.
ENTRIES: Mapping[Holding, Mapping[str, str]] = {
    Holding.CITIZEN_NUMBER: {"disclosure": "identifier", "subject_key": "citizen_id"},
    Holding.JURISTIC_NUMBER: {"disclosure": "identifier", "subject_key": "juristic_id"},
    Holding.EMAIL: {"disclosure": "identifier"},
    Holding.PHONE: {"disclosure": "identifier", "kind": "phone"},
    Holding.ACCOUNT: {"disclosure": "identifier", "kind": "account"},
    Holding.COORDINATES: {"disclosure": "identifier"},
    Holding.NAME: {"disclosure": "identifier", "kind": "name"},
    Holding.FIRM: {"disclosure": "identifier", "kind": "name"},
    Holding.ADDRESS: {"disclosure": "identifier"},
    Holding.BIRTH_DATE: {"disclosure": "quasi_identifier", "kind": "birth_date"},
    Holding.FREE_TEXT: {"disclosure": "sensitive"},
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a column seems to hold, and which share (0 to 1) of how many values looks like it.

    `by_name` says that the column's name decided between things that look alike.
    """

    holding: Holding
    share: float
    values: int
    by_name: bool = False


def suggest(name: str, values: Sequence[object], today: date) -> Suggestion | None:
    """Return what a column of that name with these values seems to hold, `None` for nothing.

    Values are as the DataStore gives them: texts, numbers, dates; empty ones do not count.
    """
    texts = [text for value in values if value is not None and (text := str(value).strip())]
    if len(texts) < _FEWEST:
        return None
    for holding, looks_like in _LOOKS.items():
        share = sum(map(looks_like, texts)) / len(texts)
        if share >= _ENOUGH:
            if holding is Holding.CITIZEN_NUMBER:
                return _of_numbers(name, texts, share)
            return Suggestion(holding, share, len(texts))
    if _are_births(name, texts, today):
        return Suggestion(Holding.BIRTH_DATE, _share(_date_of, texts), len(texts))
    if _are_free(texts):
        return Suggestion(Holding.FREE_TEXT, _share(_is_long, texts), len(texts))
    return None


def is_number(text: str) -> bool:
    """Say whether a text is a number of 13 digits and no more, its check digit right."""
    return _thirteen(text) == text


def is_citizen_number(text: str) -> bool:
    """Say whether a text is a number of 13 digits as persons have it, its check digit right."""
    digits = _thirteen(text)
    return digits is not None and digits[0] != "0"


def is_juristic_number(text: str) -> bool:
    """Say whether a text is a number of 13 digits as firms have it, its check digit right."""
    digits = _thirteen(text)
    return digits is not None and digits[0] == "0"


def check_digit(first_twelve: str) -> str:
    """Return the last digit of a citizen or juristic number (modulus 11)."""
    weighed = sum(int(digit) * (_DIGITS - place) for place, digit in enumerate(first_twelve))
    return str((11 - weighed % 11) % 10)


def is_phone(text: str) -> bool:
    """Say whether a text is a telephone number in Thailand, with or without the country's code."""
    return bool(_PHONE.fullmatch(re.sub(r"[\s().-]", "", text)))


def is_email(text: str) -> bool:
    """Say whether a text is an address of electronic mail."""
    return bool(_EMAIL.fullmatch(text))


def is_account(text: str) -> bool:
    """Say whether a text is a number of a bank account as banks print it, 000-0-00000-0."""
    return bool(_ACCOUNT.fullmatch(text))


def is_coordinate(text: str) -> bool:
    """Say whether a text is a place in Thailand: a pair of degrees, of a precision of metres."""
    found = _PAIR.fullmatch(text)
    if not found:
        return False
    first, second = float(found[1]), float(found[2])
    return (_is_north(first) and _is_east(second)) or (_is_east(first) and _is_north(second))


def is_name(text: str) -> bool:
    """Say whether a text is a person's name with a title, in Thai or English."""
    return bool(_NAME.match(text))


def is_firm(text: str) -> bool:
    """Say whether a text is the name of a company or partnership."""
    return bool(_FIRM.search(text))


def is_address(text: str) -> bool:
    """Say whether a text is a postal address: at least two of its parts are named."""
    return sum(bool(part.search(text)) for part in _ADDRESS) > 1


_PHONE = re.compile(r"(?:0|\+66|0066)(?:[689]\d{8}|[2-57]\d{7})")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_ACCOUNT = re.compile(r"\d{3}-\d-\d{5}-\d|\d{3}-\d{6}-\d|\d{3}-\d-\d{6}-\d")
_PAIR = re.compile(r"\(?(-?\d{1,3}\.\d{3,})[,\s]\s*(-?\d{1,3}\.\d{3,})\)?")
_NAME = re.compile(
    r"(?:นาย|นางสาว|นาง|น\.ส\.|เด็กชาย|เด็กหญิง|ด\.ช\.|ด\.ญ\.|ดร\.|พล\.?[ตทรอ]\S*\.|พ\.[ตทจ]\.[ตทอ]\.)\s*[ก-๙]{2,}"
    r"|(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?\s+[A-Z][a-z]+"
)
_FIRM = re.compile(
    r"^(?:บริษัท|ห้างหุ้นส่วน|บจก\.|บมจ\.|หจก\.)|จำกัด(?:\s*\(มหาชน\))?$|(?:Co\.,?\s*Ltd|PLC|Inc)\.?$",
    re.I,
)
_ADDRESS = tuple(
    re.compile(part)
    for part in (
        r"\d+(?:/\d+)?\s*(?:หมู่|ม\.|ซอย|ซ\.|ถนน|ถ\.)|(?:เลขที่|บ้านเลขที่)\s*\d",
        r"(?:หมู่(?:ที่)?|ม\.)\s*\d+|(?:ซอย|ซ\.|ถนน|ถ\.)\s*\S",
        r"(?:ตำบล|แขวง|ต\.)\s*[ก-๙]",
        r"(?:อำเภอ|เขต|อ\.)\s*[ก-๙]",
        r"(?:จังหวัด|จ\.)\s*[ก-๙]|กรุงเทพ",
        r"\b[1-9]\d{4}\b",
        r"\d+\s+[A-Z]\S*.*\b(?:Road|Rd|Street|St|Soi|Moo)\b",
    )
)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_BIRTH = re.compile(r"เกิด|birth|born|\bdob\b", re.I)
_OF_PERSONS = re.compile(r"ประชาชน|citizen|บัตร|person", re.I)
_OF_FIRMS = re.compile(r"นิติบุคคล|juristic|ผู้เสียภาษี|\btax|company|ร้าน|merchant", re.I)


def _is_latitude(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,2}\.\d{4,}", text)) and _is_north(float(text))


def _is_longitude(text: str) -> bool:
    return bool(re.fullmatch(r"\d{2,3}\.\d{4,}", text)) and _is_east(float(text))


#: In the order of how surely a thing is told from others.
_LOOKS: Mapping[Holding, Callable[[str], bool]] = {
    Holding.CITIZEN_NUMBER: lambda text: _thirteen(text) is not None,
    Holding.EMAIL: is_email,
    Holding.ACCOUNT: is_account,
    Holding.PHONE: is_phone,
    Holding.COORDINATES: lambda text: (
        is_coordinate(text) or _is_latitude(text) or _is_longitude(text)
    ),
    Holding.FIRM: is_firm,
    Holding.ADDRESS: is_address,
    Holding.NAME: is_name,
}


def _of_numbers(name: str, texts: Sequence[str], share: float) -> Suggestion:
    """Return whose numbers of thirteen digits these are: by the column's name, else as they begin.

    Those of firms begin with 0; a table of both, or of numbers that are made up, may mix them.
    """
    firms = bool(_OF_FIRMS.search(name))
    by_name = firms != bool(_OF_PERSONS.search(name))
    if not by_name:
        firms = _share(is_juristic_number, texts) > share / 2
    holding = Holding.JURISTIC_NUMBER if firms else Holding.CITIZEN_NUMBER
    return Suggestion(holding, share, len(texts), by_name)


def _thirteen(text: str) -> str | None:
    digits = re.sub(r"[\s-]", "", text)
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if check_digit(digits[:-1]) == digits[-1] else None


def _are_births(name: str, texts: Sequence[str], today: date) -> bool:
    """Say whether dates are of births: their column says so, or they are as old as people are."""
    years = sorted(year for text in texts if (year := _date_of(text)))
    if len(years) < _ENOUGH * len(texts):
        return False
    if _BIRTH.search(name):
        return True
    middle = years[len(years) // 2]
    return years[-1] - years[0] >= _BORN_SPREAD and today.year - middle >= _OLD


def _date_of(text: str) -> int | None:
    """Return the year of a date in the common era, also of one in the Buddhist era."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year = int(found[1])
    return year - 543 if year >= 2400 else year


def _are_free(texts: Sequence[str]) -> bool:
    different = len(set(texts)) / len(texts)
    return _share(_is_long, texts) >= _ENOUGH and different >= _ENOUGH


def _is_long(text: str) -> bool:
    return len(text) >= _LONG_TEXT or len(text.split()) >= _WORDS


def _share(holds: Callable[[str], object], texts: Sequence[str]) -> float:
    return sum(bool(holds(text)) for text in texts) / len(texts)


def _is_north(degrees: float) -> bool:
    return 5.5 <= degrees <= 20.5


def _is_east(degrees: float) -> bool:
    return 97.3 <= degrees <= 105.7
