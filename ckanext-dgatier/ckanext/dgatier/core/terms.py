"""The terms on which an agency lets its data be used; which of them a person has accepted."""

from __future__ import annotations

import hashlib

_LENGTH = 16


def version_of(text: object) -> str | None:
    """Return the version of terms: the first 16 hex digits of the SHA-256 of their words.

    White space apart, other words are other terms. `None` where there are none.
    """
    words = " ".join(str(text or "").split())
    return hashlib.sha256(words.encode()).hexdigest()[:_LENGTH] if words else None
