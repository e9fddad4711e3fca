"""The `onclick` texts of CKAN's own templates, which its pages would not work without.

A hash allows one text and no other (Content Security Policy 3, `unsafe-hashes`). The texts are
read off what CKAN's template makes of no data, so that another release brings its own.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from html.parser import HTMLParser

from flask import current_app

_UPLOAD_FIELD = "package/snippets/resource_upload_field.html"
# Of the table view and of its form (ckanext/datatablesview/templates/datatables).
_OF_TABLES = ("fitColText()", "return false")


@lru_cache(maxsize=1)
def hashes() -> str:
    """Return the sources of a policy that allow these texts."""
    found = _Handlers()
    for state in ({"is_upload": True}, {"is_url": True}):
        for enabled in (True, False):
            template = current_app.jinja_env.get_template(_UPLOAD_FIELD)
            found.feed(template.render(data={}, errors={}, is_upload_enabled=enabled, **state))
    texts = sorted({*_OF_TABLES, *found.texts})
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()) for text in texts]
    return " ".join(f"'sha256-{digest.decode()}'" for digest in digests)


class _Handlers(HTMLParser):
    """Collects what stands in the attributes whose names begin with `on`."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts |= {text for name, text in attrs if name.startswith("on") and text}
