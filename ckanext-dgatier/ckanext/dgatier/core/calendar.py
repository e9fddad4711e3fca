"""The Thai calendar day, by which periods of access end."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")


def end_of_day_after(start: datetime, days: int) -> datetime:
    """Return the end of the day in Thailand that lies `days` after the aware moment `start`.

    The end is the midnight that follows, so that a period of one day given in the morning
    lasts until the next day has passed whole.
    """
    last = start.astimezone(BANGKOK).date() + timedelta(days=days + 1)
    return datetime.combine(last, time.min, BANGKOK)
