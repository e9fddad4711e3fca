"""The type of a column, told from all of its values and not from a sample.

A number is what one would add up. What only looks like one, as a citizen number or a code with
zeros in front, is text, or its zeros would be lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_MOMENT = re.compile(r"\d{4}-(0\d|1[0-2])-[0-3]\d([ T][0-2]\d:[0-5]\d(:[0-5]\d(\.\d+)?)?)?")
_CODE_LENGTH = 8  # digits of one length from here on are a code: accounts, HS codes, numbers
_LONGEST_NUMBER = 18


@dataclass(slots=True)
class _Seen:
    """What has been seen of one column."""

    number: bool = True
    moment: bool = True
    lengths: set[int] = field(default_factory=set)

    def look(self, value: str) -> None:
        """Weigh one value; an empty one says nothing."""
        if not value:
            return
        if self.number and not _NUMBER.fullmatch(value):
            self.number = False
        if self.moment and not _MOMENT.fullmatch(value):
            self.moment = False
        if self.number and len(self.lengths) < 2:
            self.lengths.add(len(value))
        if len(value) > _LONGEST_NUMBER:
            self.number = False

    def type(self) -> str:
        """Return the DataStore's type; a column without any value is text."""
        if not self.lengths and self.number:
            return "text"
        if self.number and not self._is_code():
            return "numeric"
        return "timestamp" if self.moment and not self.number else "text"

    def _is_code(self) -> bool:
        return len(self.lengths) == 1 and next(iter(self.lengths)) >= _CODE_LENGTH


def guess(header: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return `numeric`, `timestamp` or `text` for each column of the header."""
    seen = [_Seen() for _name in header]
    for row in rows:
        for one, value in zip(seen, row, strict=False):
            one.look(value.strip())
    return {name.strip(): one.type() for name, one in zip(header, seen, strict=True)}
