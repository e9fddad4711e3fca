"""Whether an action runs for another one: what goes out is looked at, and not each part of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_inner: ContextVar[bool] = ContextVar("dgatier_inner_action", default=False)


def is_inner() -> bool:
    """Say whether an action that is guarded is running already."""
    return _inner.get()


@contextmanager
def inner() -> Iterator[None]:
    """Let the actions run as they are that a guarded one is made of."""
    token = _inner.set(True)
    try:
        yield
    finally:
        _inner.reset(token)
