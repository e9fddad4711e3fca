"""What is kept no longer than policy says: words in the audit, and what the outbox has sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from ckanext.dgatier import policy, store

#: How far before the bound the clock looks each time; the command line looks at everything.
_WINDOW = timedelta(days=31)


def apply(by: str, now: datetime, *, everything: bool) -> tuple[int, int]:
    """Erase what is past its time; return how many texts and how many sent notices.

    `by` is who is named in the audit. Raises `policy.PolicyUnavailable`, and erases nothing.
    """
    kept = policy.retention()
    until = now - timedelta(days=kept.words_days)
    texts = store.audit.retain(None if everything else until - _WINDOW, until, by, now)
    return texts, store.outbox.prune(now - timedelta(days=kept.sent_days))
