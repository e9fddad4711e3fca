"""Masks as expressions of PostgreSQL: what is shown of a value."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BIT, BYTEA

from ckanext.dgatier.core.decision import ColumnMask
from ckanext.dgatier.core.marking import PSEUDONYM_DIGITS

_BLOCK = 64  # the block of SHA-256 in bytes, for HMAC (RFC 2104)


def masked(raw: Any, name: str, mask: ColumnMask | None, key: bytes) -> Any:
    """Return a column of the table as a mask shows it, a text; NULL stays NULL."""
    column = raw.c[name]
    if mask is None:
        return column
    text = sa.cast(column, sa.Text)
    match mask.method:
        case "replace":
            return sa.case((column.is_not(None), str(mask.options.get("with", "***"))))
        case "limit" if {"lowest", "highest"} <= mask.options.keys():
            return _limited(column, mask.options["lowest"], mask.options["highest"])
        case "noise" if "percent" in mask.options:
            return _noisy(column, raw.c["_id"], name, mask.options["percent"], key)
        case "partial":
            return _last(text, int(mask.options.get("keep", 4)))
        case "truncate":
            length = int(mask.options.get("length", 2))
            shown = sa.case((sa.func.length(text) > length, sa.func.left(text, length)), else_="")
            return sa.case((text.is_not(None), shown.op("||")("…")))
        case "pseudonym":
            return sa.func.left(_hmac(text, key), PSEUDONYM_DIGITS)
        case "generalise" if mask.options.get("by") == "band":
            return _band(column, int(mask.options.get("size", 10)))
        case "generalise" if mask.options.get("by") == "age":
            age = sa.extract("year", sa.func.age(sa.func.current_date(), sa.cast(column, sa.Date)))
            return _band(age, int(mask.options.get("size", 10)))
        case "generalise" if mask.options.get("by") == "year":
            return sa.func.to_char(sa.cast(column, sa.DateTime), "YYYY")
        case "generalise" if mask.options.get("by") == "month":
            return sa.func.to_char(sa.cast(column, sa.DateTime), "YYYY-MM")
        case _:
            return sa.cast(sa.null(), sa.Text)


def _band(column: Any, size: int) -> Any:
    lower = sa.func.floor(sa.cast(column, sa.Numeric) / size) * size
    return sa.cast(lower, sa.Text).op("||")("–").op("||")(sa.cast(lower + (size - 1), sa.Text))


def _last(text: Any, keep: int) -> Any:
    """Return dots and the last characters; dots alone where they would be half of it or more."""
    length = sa.func.length(text)
    hidden = sa.case((length >= 2 * keep, length - keep), else_=length)
    return sa.func.repeat("•", hidden).op("||")(sa.func.right(text, length - hidden))


def _limited(column: Any, lowest: float, highest: float) -> Any:
    """Return a number, from either limit on only that it is as small or as large as that."""
    return sa.case(
        (column <= lowest, f"≤ {lowest:,}"),
        (column >= highest, f"≥ {highest:,}"),
        else_=sa.cast(column, sa.Text),
    )


def _noisy(column: Any, number: Any, name: str, percent: float, key: bytes) -> Any:
    """Return a number changed by at most so many per cent, rounded to its own digits.

    By how much is drawn from the key, the row and the value, so that reading it again does not
    average the noise out, and two releases differ.
    """
    drawn = sa.func.concat_ws(":", name, sa.cast(number, sa.Text), sa.cast(column, sa.Text))
    digits = sa.func.concat("x", sa.func.left(_hmac(drawn, key), 7))
    between = sa.cast(sa.cast(sa.cast(digits, BIT(28)), sa.Integer), sa.Numeric) / (2**28 - 1)
    exact = sa.cast(column, sa.Numeric)
    changed = exact * (1 + (between * 2 - 1) * sa.cast(percent, sa.Numeric) / 100)
    return sa.cast(sa.func.round(changed, sa.func.scale(exact)), sa.Text)


def _hmac(text: Any, key: bytes) -> Any:
    """Return HMAC-SHA-256 of a text in hexadecimal (RFC 2104), worked out in PostgreSQL."""
    padded = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
    inner = sa.bindparam(None, bytes(byte ^ 0x36 for byte in padded), type_=BYTEA)
    outer = sa.bindparam(None, bytes(byte ^ 0x5C for byte in padded), type_=BYTEA)
    digest = sa.func.sha256(inner.op("||")(sa.func.convert_to(text, "UTF8")), type_=BYTEA)
    return sa.func.encode(sa.func.sha256(outer.op("||")(digest), type_=BYTEA), "hex")
