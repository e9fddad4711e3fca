"""Classification levels and data categories of government data.

The five levels are a total order. The upper three are those of the Rule on Maintenance of
Official Secrets B.E. 2544; the lower two come from the government data classification
standard of the Digital Government Development Agency.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class UnknownLevel(ValueError):
    """The text is not the code of a classification level."""


class ClassificationLevel(StrEnum):
    """How sensitive a dataset, a resource or a column is; compared by rank, not by name."""

    OPEN = "open"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    SECRET = "secret"
    TOP_SECRET = "top_secret"

    @property
    def rank(self) -> int:
        """Place in the order, 0 for open to 4 for top secret."""
        return _LEVEL_RANK[self]

    @classmethod
    def parse(cls, text: object) -> ClassificationLevel:
        """Return the level whose code `text` is, or raise `UnknownLevel`."""
        try:
            return cls(str(text))
        except ValueError:
            raise UnknownLevel(str(text)) from None


_LEVEL_RANK = {level: rank for rank, level in enumerate(ClassificationLevel)}


class DataCategory(StrEnum):
    """Category of the government data governance framework, stored with its Thai value."""

    PUBLIC = "ข้อมูลสาธารณะ"
    PERSONAL = "ข้อมูลส่วนบุคคล"
    NATIONAL_SECURITY = "ข้อมูลความมั่นคง"
    OFFICIAL_SECRET = "ข้อมูลความลับทางราชการ"


class Disclosure(StrEnum):
    """What a column would tell about a person or a firm; statistical disclosure control terms."""

    IDENTIFIER = "identifier"
    QUASI_IDENTIFIER = "quasi_identifier"
    SENSITIVE = "sensitive"
    MEASURE = "measure"
    PLAIN = "plain"


class SubjectKey(StrEnum):
    """Which attribute of a subject the values of a column are compared with."""

    CITIZEN_ID = "citizen_id"
    JURISTIC_ID = "juristic_id"
    OWNER_ORG = "owner_org"
    PROVINCE = "province"


def effective_level(
    own: ClassificationLevel | None, parts: Iterable[ClassificationLevel | None] = ()
) -> ClassificationLevel:
    """Return the highest of a thing's own level and the levels of what it holds.

    A level that is missing (`None`) counts as top secret: what nobody classified is closed.
    """
    levels = [own, *parts]
    return max(
        (level or ClassificationLevel.TOP_SECRET for level in levels),
        key=lambda level: level.rank,
    )
