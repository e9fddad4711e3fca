"""The pages of a long list, and the ways between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit

_SIZE = 50


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list, from 1; `key` is the parameter of the address that says which."""

    key: str
    number: int

    @classmethod
    def wanted(cls, key: str = "page") -> ListPage:
        """Return the page that the address names; answers 400 where that is no number."""
        return cls(key, toolkit.h.get_page_number(toolkit.request.args, key))

    @property
    def bounds(self) -> dict[str, int]:
        """What an action takes to give just this page."""
        return {"limit": _SIZE, "offset": (self.number - 1) * _SIZE}

    def ways(self, count: int) -> dict[str, Any]:
        """Return what `snippets/pages.html` shows of a list of so many."""
        last = max(1, -(-count // _SIZE))
        return {
            "number": self.number,
            "last": last,
            "before": self._url(min(self.number - 1, last)) if self.number > 1 else None,
            "after": self._url(self.number + 1) if self.number < last else None,
        }

    def _url(self, number: int) -> str:
        request = toolkit.request
        others = {key: one for key, one in request.args.items() if key != self.key}
        return str(
            toolkit.url_for(
                str(request.endpoint), **(request.view_args or {}), **others, **{self.key: number}
            )
        )
