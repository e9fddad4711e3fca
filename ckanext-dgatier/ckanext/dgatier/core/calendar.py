"""The Thai calendar day, by which periods of access end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")
_MONTHS = (
    "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.",
    "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.",
)  # fmt: skip
_BUDDHIST_ERA = 543


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


def worded(moment: datetime, language: str, *, clock: bool = False) -> str:
    """Return the day in Thailand of an aware moment in words; `clock` adds the time.

    In Thai it stands in the Buddhist era (CE + 543).
    """
    local = moment.astimezone(BANGKOK)
    if language == "th":
        day = f"{local.day} {_MONTHS[local.month - 1]} {local.year + _BUDDHIST_ERA}"
        return f"{day} {local:%H:%M} น." if clock else day
    return f"{local:%d %b %Y %H:%M}" if clock else f"{local:%d %b %Y}"


def end_worded(moment: datetime, language: str) -> str:
    """Return until when something holds that ends before an aware moment.

    Where that is the midnight after a day in Thailand it is that day, as nobody takes
    "26 Dec, 00:00" for the end of the 25th; else the moment with its time.
    """
    local = moment.astimezone(BANGKOK)
    if local.time() == time.min:
        return worded(moment - timedelta(microseconds=1), language)
    return worded(moment, language, clock=True)


def month_worded(month: date, language: str) -> str:
    """Return the month of a day in words; in Thai in the Buddhist era."""
    if language == "th":
        return f"{_MONTHS[month.month - 1]} {month.year + _BUDDHIST_ERA}"
    return f"{month:%b %Y}"
