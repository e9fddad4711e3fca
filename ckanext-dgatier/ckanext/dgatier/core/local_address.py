"""Which addresses lead to a page of this portal, as browsers read them and not as they look."""

from __future__ import annotations

import unicodedata

_LAST_BLANK = "\x20"
_DELETE = "\x7f"


def local_path(address: str | None, site_url: str) -> str:
    """Return the path and query of an address of this portal, empty for any other.

    Browsers take a backslash for a slash, leave tabs and line ends out, and fold wide letters in
    a host's name (WHATWG URL, 4.4), so an address with any of these is none of ours.
    """
    path = (address or "").removeprefix(site_url.rstrip("/"))
    if any(letter <= _LAST_BLANK or letter in ("\\", _DELETE) for letter in path):
        return ""
    folded = unicodedata.normalize("NFKC", path)
    return path if folded.startswith("/") and not folded.startswith(("//", "/\\")) else ""
