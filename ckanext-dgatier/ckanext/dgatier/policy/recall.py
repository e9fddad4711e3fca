"""The question whether grants still count on their data as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ckanext.dgatier.core.grant import Withholding

from .client import PolicyUnavailable, ask

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Approved:
    """The level and the terms that a grant was given on, and those that stand now, as texts."""

    level: str
    terms: str | None
    level_now: str
    terms_now: str | None


def withheld(grants: Sequence[Approved]) -> list[Withholding | None]:
    """Return why each grant does not count though it lives, `None` where it counts.

    Raises `PolicyUnavailable`.
    """
    notes: list[Withholding | None] = []
    for first in range(0, len(grants), _CHUNK):
        chunk = grants[first : first + _CHUNK]
        answer = ask("recall/notes", {"grants": [_facts(one) for one in chunk]})
        if not isinstance(answer, list) or len(answer) != len(chunk):
            raise PolicyUnavailable("recall/notes")
        try:
            notes += [Withholding(why) if why is not None else None for why in answer]
        except ValueError as error:
            raise PolicyUnavailable("recall/notes") from error
    return notes


def _facts(one: Approved) -> dict[str, dict[str, str | None]]:
    return {
        "grant": {"level": one.level, "terms": one.terms},
        "stands": {"level": one.level_now, "terms": one.terms_now},
    }
