"""What is measured: each line is a page or an action, asked without and with a sign-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .portals import Pair

_SEARCHES = ("health", "rice", "water", "school", "road", "tax", "tourism", "forest")


@dataclass(frozen=True)
class Line:
    """A name and the path of the n-th request, which differs from the one before."""

    name: str
    path: Callable[[int], str]


def of(pair: Pair) -> tuple[Line, ...]:
    """Return the lines for this catalogue; later targets add theirs here."""

    def dataset(turn: int) -> str:
        return pair.datasets[turn % len(pair.datasets)]

    def word(turn: int) -> str:
        return _SEARCHES[turn % len(_SEARCHES)]

    return (
        Line("home", lambda _turn: "/en/"),
        Line("search page", lambda turn: f"/en/dataset/?q={word(turn)}"),
        Line("dataset page", lambda turn: f"/en/dataset/{dataset(turn)}"),
        Line("package_search", lambda turn: f"/api/3/action/package_search?q={word(turn)}&rows=20"),
        Line("package_show", lambda turn: f"/api/3/action/package_show?id={dataset(turn)}"),
        Line(
            "datastore_search",
            lambda turn: (
                f"/api/3/action/datastore_search?resource_id={pair.table}"
                f"&limit=100&offset={turn * 100}"
            ),
        ),
    )
