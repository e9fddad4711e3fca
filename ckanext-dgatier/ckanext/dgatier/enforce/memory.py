"""What one web request need not ask twice: a page is made of many parts that ask the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

from flask import g, has_request_context

_T = TypeVar("_T")

#: A download that goes on for longer than this within its request asks anew, so that what was
#: revoked meanwhile ends it.
SECONDS = 1.0


def kept(key: Hashable, ask: Callable[[], _T]) -> _T:
    """Return what was answered to this key in this request and no longer ago; else ask.

    Outside of web requests nothing is kept, and an exception never is.
    """
    if not has_request_context():
        return ask()
    answers: dict[Hashable, tuple[float, _T]] = g.setdefault("dgatier_answers", {})
    known = answers.get(key)
    if known is None or time.monotonic() - known[0] >= SECONDS:
        known = (time.monotonic(), ask())
        answers[key] = known
    return known[1]
