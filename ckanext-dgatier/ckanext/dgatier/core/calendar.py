"""The Thai calendar day, by which periods of access end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")


def end_of_day_after(start: datetime, days: int) -> datetime:
    """Return the end of the day in Thailand that lies `days` after the aware moment `start`.

    The end is the midnight that follows, so that a period of one day given in the morning
    lasts until the next day has passed whole.
    """
    last = start.astimezone(BANGKOK).date() + timedelta(days=days + 1)
    return datetime.combine(last, time.min, BANGKOK)


def today(now: datetime) -> date:
    """Return the day in Thailand at the aware moment `now`."""
    return now.astimezone(BANGKOK).date()


def years_after(now: datetime, years: int) -> date:
    """Return the day in Thailand so many years after the aware moment `now`.

    Where the year has no 29 February, it is 1 March.
    """
    day = today(now)
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
