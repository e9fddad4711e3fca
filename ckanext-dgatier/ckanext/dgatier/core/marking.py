"""What tells from whom a copy came: which keys made its pseudonyms.

Each person sees pseudonyms of their own, one key for each set of grants that rows come from. So the
pseudonyms of a copy name its recipient to whoever can make them anew, in any order and however few
rows are left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .decision import Decision

PSEUDONYM_DIGITS = 16
#: A pseudonym in a text, whatever stands around it.
PSEUDONYM = re.compile(rb"(?<![0-9A-Za-z])[0-9a-f]{%d}(?![0-9A-Za-z])" % PSEUDONYM_DIGITS)
_METHOD = "pseudonym"


@dataclass(frozen=True, slots=True)
class Marks:
    """The columns that a person sees as pseudonyms, and by key the grants that it is made for."""

    columns: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape, as the audit keeps it."""
        return {"columns": list(self.columns), "keys": [list(one) for one in self.keys]}

    @classmethod
    def from_dict(cls, shape: Mapping[str, Any]) -> Marks:
        """Return the marks of their JSON shape."""
        return cls(tuple(shape["columns"]), tuple(map(tuple, shape["keys"])))


def marks_of(decision: Decision) -> Marks | None:
    """Return how copies by a decision can be told; `None` where they have no pseudonyms."""
    owed = decision.obligations
    if not owed.row_filter:
        columns = [one for one, mask in owed.column_masks.items() if mask.method == _METHOD]
        return Marks(tuple(columns), (decision.grants,)) if columns else None
    shares = {
        name: [one.share for one in cells if one.mask and one.mask.method == _METHOD]
        for name, cells in decision.cells.items()
    }
    used = {share for names in shares.values() for share in names}
    keys = tuple(one.grants for one in decision.shares if one.name in used)
    return Marks(tuple(name for name, names in shares.items() if names), keys) if keys else None
