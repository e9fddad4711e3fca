"""What runs within what: a guard before a chained function, and actions within another one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_inner: ContextVar[bool] = ContextVar("dgatier_inner_action", default=False)


def before(guard: Callable[..., Any], mine: Callable[..., Any]) -> Callable[..., Any]:
    """Return one chained action or auth function of two: CKAN takes one of a name from a plugin."""

    @functools.wraps(guard)
    def both(original: Callable[..., Any], context: Any, data_dict: Any) -> Any:
        return guard(functools.partial(mine, original), context, data_dict)

    return both


def is_inner() -> bool:
    """Say whether an action that is guarded is running already."""
    return _inner.get()


@contextmanager
def inner() -> Iterator[None]:
    """Let the actions run as they are that a guarded one is made of: what goes out is looked at."""
    token = _inner.set(True)
    try:
        yield
    finally:
        _inner.reset(token)
