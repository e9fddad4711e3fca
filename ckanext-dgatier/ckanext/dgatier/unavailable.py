"""What protected data waits for when it does not answer: policy, or the audit."""

from __future__ import annotations

from flask import g, has_request_context


class Unavailable(Exception):
    """A part without which protected data is not given does not answer."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        if has_request_context():
            g.dgatier_unavailable = True


def was_met() -> bool:
    """Say whether it came up in this request, also where CKAN has made a plain error of it."""
    return has_request_context() and bool(getattr(g, "dgatier_unavailable", False))
