"""Makes up people, firms and places: all from a seed, none of them real."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from importlib import resources
from itertools import accumulate

_GIVEN = (
    "สมชาย", "สมหญิง", "ประเสริฐ", "วิชัย", "มานะ", "ปิติ", "ชูใจ", "วีระ", "สุรีย์",
    "อรุณ", "กานดา", "จันทร์", "ดวงใจ", "ธนา", "นภา", "บุญมา", "พรชัย", "เพ็ญศรี",
    "มณี", "รัตนา", "ลัดดา", "วรรณา", "ศิริ", "สายฝน", "อำนวย", "อุไร", "กมล", "ขวัญ",
    "จิราพร", "ชัยวัฒน์", "ณรงค์", "ทวี",
)  # fmt: skip
_FAMILY = (
    "ใจดี", "รักไทย", "มีสุข", "ทองคำ", "ศรีสุข", "บุญเรือง", "แก้วมณี", "พงษ์ไทย",
    "วงศ์ดี", "สุขใจ", "เจริญผล", "ชัยมงคล", "ดีงาม", "ตั้งมั่น", "ทรัพย์มาก",
    "นาคทอง", "ประสงค์ดี", "พูลสวัสดิ์", "ภักดี", "มั่นคง", "ยิ่งยง", "รุ่งเรือง",
    "ลาภมาก", "สมบูรณ์", "อุดมสุข",
)  # fmt: skip
_FIRM = (
    "สยาม", "ไทยรุ่ง", "เจริญ", "มั่งมี", "รวมใจ", "ก้าวหน้า", "ทวีทรัพย์", "พัฒนา",
    "สหกิจ", "บูรพา", "เหนือฟ้า", "ทะเลไทย",
)  # fmt: skip
_TRADE = (
    "การค้า", "เกษตร", "อุตสาหกรรม", "ขนส่ง", "อาหาร", "สิ่งทอ", "วัสดุ", "บริการ",
    "ส่งออก", "พาณิชย์",
)  # fmt: skip


#: By these numbers `identity/` knows them; a citizen's first digit is never 0.
SOMCHAI = ("0110000000018", "สมชาย ใจดี")
SIAM_TRADING = ("0900000000011", "บริษัท สยามการค้า จำกัด")


@dataclass(frozen=True, slots=True)
class Province:
    """One of the 77 provinces; `weight` is its registered population in thousands."""

    code: str
    name_th: str
    name_en: str
    weight: int


def provinces() -> list[Province]:
    """Return the 77 provinces by code."""
    text = resources.files(__package__).joinpath("provinces.csv").read_text("utf-8")
    return [
        Province(row["code"], row["name_th"], row["name_en"], int(row["population_thousands"]))
        for row in csv.DictReader(text.splitlines())
    ]


PROVINCES = provinces()
_CUMULATIVE = list(accumulate(province.weight for province in PROVINCES))


def check_digit(first_twelve: str) -> str:
    """Return the last digit of a 13-digit number, for citizens and juristic persons alike.

    The digits are weighted 13 down to 2; the check digit is what is missing to a multiple of 11,
    its last digit (Department of Provincial Administration).
    """
    total = sum(
        int(digit) * weight for digit, weight in zip(first_twelve, range(13, 1, -1), strict=True)
    )
    return str((11 - total % 11) % 10)


class Population:
    """Draws made-up people, firms and places from one seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def citizen_number(self) -> str:
        """Return a 13-digit citizen number with a right check digit."""
        # A first digit of 0 is never issued, so that no number made up here can be a real one.
        first = "0" + f"{self.random.randrange(10**11):011d}"
        return first + check_digit(first)

    def juristic_number(self) -> str:
        """Return a 13-digit juristic number with a right check digit; a real one only by chance."""
        first = "09" + f"{self.random.randrange(10**10):010d}"
        return first + check_digit(first)

    def name(self) -> str:
        """Return a given name and a family name."""
        return f"{self.random.choice(_GIVEN)} {self.random.choice(_FAMILY)}"

    def firm(self) -> str:
        """Return the name of a company."""
        return f"บริษัท {self.random.choice(_FIRM)}{self.random.choice(_TRADE)} จำกัด"

    def province(self) -> Province:
        """Return a province, more often a populous one."""
        return self.random.choices(PROVINCES, cum_weights=_CUMULATIVE)[0]

    def date(self, first_year: int, last_year: int) -> str:
        """Return a day as `YYYY-MM-DD`."""
        year = self.random.randint(first_year, last_year)
        return f"{year}-{self.random.randint(1, 12):02d}-{self.random.randint(1, 28):02d}"

    def money(self, median: float, spread: float = 0.8) -> int:
        """Return an amount in baht, log-normal around the median as incomes and loans are."""
        return max(1, round(median * self.random.lognormvariate(0, spread)))
