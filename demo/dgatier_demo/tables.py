"""The tables of the demonstration: for each its columns, and how a row is made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .people import PROVINCES, SIAM_TRADING, SOMCHAI, Population

Row = tuple[str | int | float, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its entry in the data dictionary; `bounds` are those of its sums."""

    id: str
    label: str
    disclosure: str
    subject_key: str = ""
    level: str = ""
    period: str = ""
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and a function that makes a row of its number."""

    columns: tuple[Column, ...]
    row: Callable[[Population, int], Row]

    def rows(self, seed: str, count: int) -> Iterator[Row]:
        """Yield the rows, the same for the same seed."""
        population = Population(seed)
        return (self.row(population, number) for number in range(count))


_CITIZEN = Column("citizen_id", "เลขประจำตัวประชาชน", "identifier", "citizen_id")
_JURISTIC = Column("juristic_id", "เลขทะเบียนนิติบุคคล", "identifier", "juristic_id")
_NAME = Column("full_name", "ชื่อและนามสกุล", "identifier")
_FIRM = Column("company", "ชื่อนิติบุคคล", "identifier")
_PROVINCE = Column("province", "จังหวัด", "plain", "province")
_BORN = Column("birth_date", "วันเกิด", "quasi_identifier")

#: In the register of farmers this row is about somchai, in that of exporters about malee's company.
_OWN_ROW = 7

_CROPS = ("ข้าวนาปี", "ข้าวนาปรัง", "มันสำปะหลัง", "อ้อย", "ยางพารา", "ปาล์มน้ำมัน", "ลำไย", "ทุเรียน")
_COUNTRIES = ("จีน", "สหรัฐอเมริกา", "ญี่ปุ่น", "เวียดนาม", "มาเลเซีย", "อินเดีย", "ออสเตรเลีย")
_LICENCES = ("จำหน่ายสุรา", "จำหน่ายยาสูบ", "โรงงาน", "ร้านอาหาร", "โรงแรม", "ขนส่ง", "นำเข้าอาหาร")
_METHODS = ("เฉพาะเจาะจง", "ประกาศเชิญชวน", "คัดเลือก")
_PURPOSES = ("ทุนหมุนเวียน", "ซื้อเครื่องจักร", "ซื้อที่อยู่อาศัย", "ปัจจัยการผลิต", "ขยายกิจการ")


def _welfare(people: Population, number: int) -> Row:
    income = people.money(42_000, 0.5)
    return (
        people.citizen_number(), people.name(), people.date(1940, 2005), people.province().name_th,
        min(income, 100_000), 300 if income < 30_000 else 200, people.date(2022, 2024),
    )  # fmt: skip


def _wallet(people: Population, number: int) -> Row:
    return (
        people.citizen_number(), people.juristic_number(), people.province().name_th,
        min(people.money(180, 0.7), 3000), people.date(2021, 2021),
    )  # fmt: skip


def _transfer(people: Population, number: int) -> Row:
    return (
        people.citizen_number(), people.citizen_number(), people.province().name_th,
        people.money(900, 1.2), people.date(2024, 2024),
    )  # fmt: skip


def _loan(people: Population, number: int) -> Row:
    principal = people.money(180_000, 0.9)
    paid = people.random.random()
    return (
        people.citizen_number(), people.name(), people.province().name_th,
        people.random.choice(_PURPOSES), principal, round(principal * (1 - paid)),
        people.random.choices((0, 30, 90, 180), (85, 8, 5, 2))[0], people.date(2016, 2024),
    )  # fmt: skip


def _farmer(people: Population, number: int) -> Row:
    drawn = people.citizen_number(), people.name()
    return (
        *(SOMCHAI if number == _OWN_ROW else drawn),
        people.date(1945, 2000), people.province().name_th, people.random.choice(_CROPS),
        round(people.random.lognormvariate(2.3, 0.7), 2), people.date(2020, 2024),
    )  # fmt: skip


def _exporter(people: Population, number: int) -> Row:
    drawn = people.juristic_number(), people.firm()
    return (
        *(SIAM_TRADING if number == _OWN_ROW else drawn), people.province().name_th,
        f"{people.random.randrange(1, 97):02d}{people.random.randrange(10**6):06d}",
        people.random.choice(_COUNTRIES), people.money(2_500_000, 1.3), people.date(2023, 2024),
    )  # fmt: skip


def _declaration(people: Population, number: int) -> Row:
    return (
        f"A{number:011d}", people.juristic_number(), people.random.choice(_COUNTRIES),
        people.money(4000, 1.1), people.money(35_000, 1.2),
        people.random.choices(("เขียว", "แดง"), (9, 1))[0], people.date(2024, 2024),
    )  # fmt: skip


def _licence(people: Population, number: int) -> Row:
    return (
        f"L{number:07d}", people.juristic_number(), people.firm(),
        people.random.choice(_LICENCES), people.province().name_th, people.date(2020, 2024),
        people.random.choices(("ใช้อยู่", "สิ้นอายุ", "พักใช้"), (8, 1, 1))[0],
    )  # fmt: skip


def _procurement(people: Population, number: int) -> Row:
    return (
        f"{number:08d}", people.province().name_th, people.random.choices(_METHODS, (8, 1, 1))[0],
        people.money(380_000, 1.1), people.firm(), people.date(2022, 2024),
    )  # fmt: skip


def _by_province(people: Population, number: int) -> Row:
    province = PROVINCES[number % len(PROVINCES)]
    year = 2565 + number // len(PROVINCES)
    count = round(province.weight * people.random.uniform(20, 60))
    return (
        province.code, province.name_th, province.name_en, year, count,
        round(count * people.random.uniform(800, 4200)),
    )  # fmt: skip


def _province(people: Population, number: int) -> Row:
    province = PROVINCES[number]
    return (province.code, province.name_th, province.name_en, province.weight)


TABLES = {
    "welfare": Table(
        (_CITIZEN, _NAME, _BORN, _PROVINCE,
         Column("annual_income", "รายได้ต่อปี (บาท)", "quasi_identifier"),
         Column("monthly_benefit", "สวัสดิการต่อเดือน (บาท)", "measure", bounds=(0, 300)),
         Column("registered_on", "วันที่ลงทะเบียน", "plain", period="date")), _welfare),
    "wallet": Table(
        (_CITIZEN, Column("merchant_id", "เลขร้านค้า", "identifier", "juristic_id"), _PROVINCE,
         Column("amount", "จำนวนเงิน (บาท)", "measure", bounds=(0, 3000)),
         Column("used_on", "วันที่ใช้สิทธิ", "quasi_identifier", period="date")), _wallet),
    "transfer": Table(
        (Column("sender_id", "ผู้โอน", "identifier", "citizen_id"),
         Column("receiver_id", "ผู้รับ", "identifier"), _PROVINCE,
         Column("amount", "จำนวนเงิน (บาท)", "measure"),
         Column("sent_on", "วันที่โอน", "quasi_identifier", period="date")), _transfer),
    "loan": Table(
        (_CITIZEN, _NAME, _PROVINCE, Column("purpose", "วัตถุประสงค์การกู้", "plain"),
         Column("principal", "วงเงินกู้ (บาท)", "quasi_identifier"),
         Column("outstanding", "ยอดคงค้าง (บาท)", "sensitive"),
         Column("overdue_days", "วันค้างชำระ", "sensitive"),
         Column("signed_on", "วันทำสัญญา", "quasi_identifier", period="date")), _loan),
    "farmer": Table(
        (_CITIZEN, _NAME, _BORN, _PROVINCE, Column("crop", "พืชที่ปลูก", "plain"),
         Column("area_rai", "เนื้อที่ (ไร่)", "quasi_identifier"),
         Column("registered_on", "วันที่ขึ้นทะเบียน", "plain", period="date")), _farmer),
    "exporter": Table(
        (_JURISTIC, _FIRM, _PROVINCE, Column("hs_code", "พิกัดศุลกากร", "quasi_identifier"),
         Column("country", "ประเทศปลายทาง", "plain"),
         Column("value_baht", "มูลค่า (บาท)", "quasi_identifier"),
         Column("exported_on", "วันที่ส่งออก", "quasi_identifier", period="date")), _exporter),
    "declaration": Table(
        (Column("declaration_no", "เลขที่ใบขน", "identifier"), _JURISTIC,
         Column("country", "ประเทศ", "plain"), Column("weight_kg", "น้ำหนัก (กก.)", "measure"),
         Column("duty_baht", "อากร (บาท)", "sensitive"), Column("channel", "ช่องตรวจ", "plain"),
         Column("declared_on", "วันที่ยื่น", "quasi_identifier", period="date")), _declaration),
    "licence": Table(
        (Column("licence_no", "เลขที่ใบอนุญาต", "identifier"), _JURISTIC, _FIRM,
         Column("kind", "ประเภทใบอนุญาต", "plain"), _PROVINCE,
         Column("issued_on", "วันที่ออก", "plain", period="date"),
         Column("status", "สถานะ", "plain")), _licence),
    "procurement": Table(
        (Column("project_no", "เลขที่โครงการ", "plain"), _PROVINCE,
         Column("method", "วิธีจัดซื้อจัดจ้าง", "plain"),
         Column("value_baht", "มูลค่า (บาท)", "measure"), Column("winner", "ผู้ชนะ", "plain"),
         Column("signed_on", "วันลงนาม", "plain", period="date")), _procurement),
    "by_province": Table(
        (Column("province_code", "รหัสจังหวัด", "plain"), _PROVINCE,
         Column("province_en", "จังหวัด (อังกฤษ)", "plain"),
         Column("year", "ปี พ.ศ.", "plain", period="buddhist_year"),
         Column("number", "จำนวน", "measure"),
         Column("amount_baht", "จำนวนเงิน (บาท)", "measure")), _by_province),
    "province": Table(
        (Column("code", "รหัสจังหวัด", "plain"), Column("name_th", "ชื่อจังหวัด", "plain"),
         Column("name_en", "ชื่อภาษาอังกฤษ", "plain"),
         Column("population_thousands", "ประชากร (พันคน)", "measure")), _province),
}  # fmt: skip
