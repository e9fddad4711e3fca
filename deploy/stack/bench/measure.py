"""Asks the two portals in turns, A B A B, and keeps the ratio of each turn."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..progress import StepFailed
from .lines import Line
from .portals import Pair

_WARM_UP = 4
_LONG_S = 600


@dataclass(frozen=True)
class Figure:
    """One line for one kind of asker; times in milliseconds, a ratio above 1 is slower than plain.

    `dgatier` and `plain` hold the median of each turn.
    """

    line: str
    asker: str
    dgatier: tuple[float, ...]
    plain: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Return dgatier's time over plain CKAN's, turn by turn."""
        return tuple(a / b for a, b in zip(self.dgatier, self.plain, strict=True))


@dataclass(frozen=True)
class Comparison:
    """All figures of one catalogue size."""

    datasets: int
    rows: int
    rounds: int
    requests: int
    figures: tuple[Figure, ...]


def compare(pair: Pair, lines: Sequence[Line], rounds: int, requests: int) -> Comparison:
    """Measure each line without and with a sign-in, in `rounds` turns of `requests` requests."""
    figures = []
    for line in lines:
        for asker, headers in (
            ("anonymous", {}),
            ("signed in", {"Authorization": pair.token}),
        ):
            print(f"  {line.name}, {asker}", flush=True)
            figures.append(figure(pair, line, asker, headers, rounds, requests))
    return Comparison(pair.size, pair.rows, rounds, requests, tuple(figures))


def figure(
    pair: Pair, line: Line, asker: str, headers: dict[str, str], rounds: int, requests: int
) -> Figure:
    """Return one line for one kind of asker, the two portals in turns."""
    urls = (pair.dgatier_url, pair.plain_url)
    for url in urls:
        _turn(url, line, headers, 0, min(_WARM_UP, requests))
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for url, taken in zip(urls, times, strict=True):
            taken.append(_turn(url, line, headers, number * requests, requests))
    return Figure(line.name, asker, tuple(times[0]), tuple(times[1]))


def _turn(url: str, line: Line, headers: dict[str, str], first: int, requests: int) -> float:
    """Return the median time of requests over one kept connection, in milliseconds."""
    taken = []
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_LONG_S)
    for number in range(first, first + requests):
        path = line.path(number)
        started = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - started) * 1000)
        if answer.status != http.client.OK:
            raise StepFailed(f"{url}{path} answered {answer.status}", "look into the bench's logs")
    connection.close()
    return statistics.median(taken)
