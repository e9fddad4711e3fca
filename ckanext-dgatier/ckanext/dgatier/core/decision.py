"""Decisions: what policy answered, and what it obliges the enforcement point to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .classification import ClassificationLevel
from .tier import AccessTier


@dataclass(frozen=True, slots=True)
class Message:
    """A reason or a next step, in both languages.

    `law` and `law_en` name the section it rests on (may be empty). `action` of a next step is one
    of `sign_in | step_up | prove_identity | accept_terms | ask | wait | contact`, `None` for a
    reason.
    """

    code: str
    th: str
    en: str
    law: str = ""
    law_en: str = ""
    action: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the action API."""
        shape: dict[str, Any] = {
            "code": self.code,
            "th": self.th,
            "en": self.en,
            "law": self.law,
            "law_en": self.law_en,
        }
        if self.action is not None:
            shape["action"] = self.action
        return shape


@dataclass(frozen=True, slots=True)
class ColumnMask:
    """How one column is shown.

    `method` is one of `suppress | replace | partial | pseudonym | generalise | truncate | limit |
    noise`; `options` carries what the method needs, e.g. `{"keep": 4}` for partial.
    """

    method: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the action API."""
        return {"method": self.method, **self.options}


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the next tier of rows would show of the columns that are locked today.

    A column's mask is `None` where it would be shown as it is.
    """

    tier: AccessTier
    columns: Mapping[str, ColumnMask | None]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the action API."""
        return {
            "tier": str(self.tier),
            "columns": {name: mask and mask.to_dict() for name, mask in self.columns.items()},
        }


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a table with what it comes from; `rows` are the conditions that its rows meet.

    `grants` are the ids of the grants that it comes from, none for what is had without asking.
    """

    name: str
    grants: tuple[str, ...]
    rows: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cell:
    """How a share shows a column; `mask` is `None` where it is shown as it is."""

    share: str
    mask: ColumnMask | None


@dataclass(frozen=True, slots=True)
class SummaryTerms:
    """What a summary may tell, and at what price.

    It is of all rows (`of_all`), or of those that its `shares` have. Each figure gives
    away `epsilon`, with `delta` what groups are told of, of whoever has at most `rows_a_person`
    rows. In `period_days` a person spends at most `budget` on a table, and those
    of a `pool` together at most `pool_budget`. `dimensions` maps columns to count by to the mask
    that makes them coarser, `measures` those to sum up to the bounds between which they count.
    """

    smallest_cell: int
    epsilon: float
    delta: float
    budget: float
    pool_budget: float
    pool: str | None
    period_days: int
    rows_a_person: int
    most_dimensions: int
    dimensions: Mapping[str, ColumnMask | None] = field(default_factory=dict)
    measures: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    of_all: bool = False
    shares: tuple[Share, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the action API."""
        return {
            "smallest_cell": self.smallest_cell,
            "epsilon": self.epsilon,
            "delta": self.delta,
            "budget": self.budget,
            "pool_budget": self.pool_budget,
            "period_days": self.period_days,
            "rows_a_person": self.rows_a_person,
            "most_dimensions": self.most_dimensions,
            "dimensions": list(self.dimensions),
            "measures": {name: list(bounds) for name, bounds in self.measures.items()},
        }


@dataclass(frozen=True, slots=True)
class Obligations:
    """What must be done when the data is handed out.

    `summary` are the terms of a summary, `None` where none is given. Where `row_filter` is set,
    only the rows of the decision's shares are; `column_masks` then names each column that is
    masked in any of them.
    """

    row_filter: bool = False
    column_masks: Mapping[str, ColumnMask] = field(default_factory=dict)
    smallest_cell: int | None = None
    summary: SummaryTerms | None = None
    log_purpose: bool = False
    watermark: bool = False
    step_up_aal: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of the action API."""
        return {
            "row_filter": self.row_filter,
            "column_masks": {name: mask.to_dict() for name, mask in self.column_masks.items()},
            "smallest_cell": self.smallest_cell,
            "summary": self.summary.to_dict() if self.summary else None,
            "log_purpose": self.log_purpose,
            "watermark": self.watermark,
            "step_up": self.step_up_aal,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to *how much of this may they have?*

    `grants` are the ids of the grants that count towards the tier, `whole_tier` is what is had of
    all rows and columns. `own_record` is how the rows about the person or their company are shown,
    whatever the tier; `NONE` where they have none. With a row filter `shares` are the parts that
    make up the rows, and `cells` how they show each column, the most opening first; a column that
    none shows is hidden. `why` says of each masked column why it is, `ahead` what the next tier
    would show instead.
    """

    tier: AccessTier
    level: ClassificationLevel
    decision_id: str
    obligations: Obligations = field(default_factory=Obligations)
    reasons: tuple[Message, ...] = ()
    next_steps: tuple[Message, ...] = ()
    grants: tuple[str, ...] = ()
    whole_tier: AccessTier = AccessTier.NONE
    shares: tuple[Share, ...] = ()
    cells: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict)
    why: Mapping[str, Message] = field(default_factory=dict)
    ahead: Ahead | None = None
    own_record: AccessTier = AccessTier.NONE

    def gives(self, tier: AccessTier) -> bool:
        """Say whether a tier, or rows about the person themself, are had."""
        return self.tier.allows(tier) or self.own_record.allows(tier)

    @property
    def is_whole(self) -> bool:
        """Say whether all of it may be had, and so the original too."""
        return self.whole_tier is AccessTier.FULL

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape of `dgatier_access_show`."""
        return {
            "tier": str(self.tier),
            "whole_tier": str(self.whole_tier),
            "own_record": str(self.own_record),
            "level": str(self.level),
            "obligations": self.obligations.to_dict(),
            "reasons": [message.to_dict() for message in self.reasons],
            "next_steps": [message.to_dict() for message in self.next_steps],
            "why": {name: message.to_dict() for name, message in self.why.items()},
            "ahead": self.ahead.to_dict() if self.ahead else None,
            "decision_id": self.decision_id,
        }
