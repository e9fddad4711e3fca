"""Reads the catalogue and says of each dataset what is published."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import openpyxl

from .tables import TABLES, Table

_SEED = "dgatier-2569"
_CATEGORY = {
    "open": "ข้อมูลสาธารณะ",
    "internal": "ข้อมูลสาธารณะ",
    "confidential": "ข้อมูลส่วนบุคคล",
    "secret": "ข้อมูลความลับทางราชการ",
}
_GROUND = {
    "open": "เป็นข้อมูลข่าวสารที่ต้องเปิดเผย ตาม พ.ร.บ. ข้อมูลข่าวสารของราชการ พ.ศ. 2540 มาตรา 7 และ 9",
    "internal": "ใช้ภายในหน่วยงาน และให้ผู้อื่นได้เมื่อขอ ตามหลักเกณฑ์ธรรมาภิบาลข้อมูลภาครัฐ",
    "confidential": "มีข้อมูลส่วนบุคคล ตาม พ.ร.บ. ข้อมูลข่าวสารของราชการ พ.ศ. 2540 มาตรา 15 (5)",
    "secret": "ตามระเบียบว่าด้วยการรักษาความลับของทางราชการ พ.ศ. 2544",
}
_LICENCE = {"open": "cc-by"}
_TOPIC = {
    "by_province": "สถิติรายจังหวัด",
    "declaration": "ศุลกากร",
    "exporter": "ส่งออก",
    "farmer": "เกษตรกร",
    "licence": "ใบอนุญาต",
    "loan": "สินเชื่อ",
    "procurement": "จัดซื้อจัดจ้าง",
    "province": "จังหวัด",
    "transfer": "การโอนเงิน",
    "wallet": "เงินอุดหนุน",
    "welfare": "สวัสดิการ",
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset of the demonstration and its one file."""

    name: str
    agency: str
    agency_th: str
    agency_en: str
    level: str
    table_name: str
    row_count: int
    file: str
    title: str
    title_en: str

    @property
    def table(self) -> Table:
        """The columns and rows."""
        return TABLES[self.table_name]

    @property
    def file_name(self) -> str:
        """Name of the uploaded file."""
        return f"{self.name}.{'xlsx' if self.file == 'xlsx' else 'csv'}"

    def metadata(self) -> dict[str, Any]:
        """Return the dataset for `package_create`."""
        return {
            "name": self.name,
            "title": self.title,
            "title_en": self.title_en,
            "notes": f"{self.title} ของ{self.agency_th} ข้อมูลสังเคราะห์เพื่อการสาธิต "
            "ไม่มีข้อมูลของบุคคลหรือนิติบุคคลจริง",
            "notes_en": f"{self.title_en} of the {self.agency_en}. Synthetic, for demonstration: "
            "no real person or firm is in it.",
            "owner_org": self.agency,
            "classification_level": self.level,
            "level_ground": _GROUND[self.level],
            "data_category": _CATEGORY[self.level],
            "license_id": _LICENCE.get(self.level, "notspecified"),
            "maintainer": self.agency_th,
            "maintainer_email": f"data@{self.agency}.example.org",
            "data_type": "ข้อมูลสถิติ" if self.table_name == "by_province" else "ข้อมูลระเบียน",
            "update_frequency_unit": "ปี",
            "geo_coverage": "จังหวัด",
            "data_source": self.agency_th,
            "data_language": ["ไทย"],
            "data_format": ["XLS" if self.file == "xlsx" else "CSV"],
            "synthetic": "True",
            "tags": [{"name": _TOPIC[self.table_name]}],
        }

    def content(self) -> bytes:
        """Return the file: the same bytes of text for the same seed."""
        header = [column.id for column in self.table.columns]
        rows = self.table.rows(f"{_SEED}/{self.name}", self.row_count)
        if self.file == "xlsx":
            book = openpyxl.Workbook(write_only=True)
            sheet = book.create_sheet()
            sheet.append(header)
            for row in rows:
                sheet.append(list(row))
            buffer = io.BytesIO()
            book.save(buffer)
            return buffer.getvalue()
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
        return text.getvalue().encode("cp874" if self.file == "tis620" else "utf-8")


def agencies() -> dict[str, tuple[str, str]]:
    """Return the Thai and English names of the agencies by name."""
    return {name: (names[0], names[1]) for name, names in _read()["agencies"].items()}


def datasets() -> list[Dataset]:
    """Return every dataset, the smallest first, so that a portal has something to show soon."""
    source = _read()
    found = [
        each
        for shape in (*source["series"], *source["dataset"])
        for each in _expand(shape, source["agencies"])
    ]
    return sorted(found, key=lambda each: each.row_count)


def _expand(shape: Mapping[str, Any], names: Mapping[str, list[str]]) -> Iterator[Dataset]:
    for agency in shape["agencies"]:
        thai, english = names[agency]
        yield Dataset(
            name=shape.get("name") or f"{agency}-{shape['suffix']}",
            agency=agency,
            agency_th=thai,
            agency_en=english,
            level=shape["level"],
            table_name=shape["table"],
            row_count=shape["rows"],
            file=shape.get("file", "csv"),
            title=shape["title"].format(th=thai, en=english),
            title_en=shape["title_en"].format(th=thai, en=english),
        )


def _read() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("catalogue.toml").read_text("utf-8")
    return tomllib.loads(text)
