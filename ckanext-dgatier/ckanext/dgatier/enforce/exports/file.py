"""One table as a file, at a person's tier, while it is theirs."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.dgatier import store
from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.tier import AccessTier

from .. import datastore, decision_point, facts
from ..decision_point import ResourceDecision
from ..graded_view import GradedView, Query
from ..watch import Watch
from .formats import Format
from .workbook import TooManyRows

__all__ = ["Export", "TooManyRows", "export"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Export:
    """A file while it is made; `decision_id` is `None` for open data."""

    mimetype: str
    parts: Iterator[bytes]
    decision_id: str | None = None


def export(
    context: Context,
    resource_id: str,
    form: Format,
    query: Query,
    *,
    purpose: str | None = None,
    bom: bool = False,
) -> Export:
    """Return a table as a file, of which the first rows have been read.

    Raises `NotAuthorized`, what `graded_view.rows` raises, and `TooManyRows`.
    """
    if decision_point.is_open(resource_id):
        toolkit.check_access("datastore_search", context.copy(), {"resource_id": resource_id})
        view = GradedView(resource_id, facts.columns_of(resource_id), {}, b"")
        return Export(form.mimetype, _begun(part for part, _ in form.parts(view, query, bom, {})))
    asked = decision_point.for_resource(context, resource_id, purpose)
    toolkit.check_access("datastore_search", context.copy(), {"resource_id": resource_id})
    return of_decision(context, asked, form, query, "dump", bom=bom)


def of_decision(
    context: Context,
    asked: ResourceDecision,
    form: Format,
    query: Query,
    path: str,
    *,
    bom: bool = False,
) -> Export:
    """Return a table as a file by a decision; that it is begun is written down before.

    Raises as `export` does.
    """
    decision_point.require(asked, AccessTier.MASKED)
    made = form.parts(datastore.view_of(asked), query, bom, _label(asked))
    parts = _begun(_watched(context, asked, made, path))
    decision_point.record(asked, AuditAction.FILE_DOWNLOAD, path=path, format=form.name)
    return Export(form.mimetype, parts, asked.decision.decision_id)


def _label(asked: ResourceDecision) -> dict[str, str]:
    """Return what a copy says of itself, where policy wants it marked."""
    if not asked.decision.obligations.watermark:
        return {}
    site = toolkit.config["ckan.site_url"].rstrip("/")
    return {
        "recipient": asked.subject.name,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "decision_id": asked.decision.decision_id,
        "level": str(asked.decision.level),
        "purpose": asked.purpose or "",
        "terms": f"{site}/dataset/{asked.dataset.name}",
        "terms_version": asked.dataset.terms or "",
    }


def _begun(parts: Generator[bytes]) -> Iterator[bytes]:
    """Return the same parts without empty ones; the first one is made now, and may fail."""
    first = next(filter(None, parts), b"")

    def whole() -> Iterator[bytes]:
        with contextlib.closing(parts):
            yield first
            yield from filter(None, parts)

    return whole()


def _watched(
    context: Context, asked: ResourceDecision, parts: Generator[tuple[bytes, int]], path: str
) -> Generator[bytes]:
    """Yield the parts while the decision stands, and write down how much went out.

    That it was begun is written down before, so what cannot be written here is only how much.
    """
    rows = size = 0
    complete = False
    watch = Watch(context, asked, _is_the_same)
    try:
        with contextlib.closing(parts):
            for part, count in parts:
                watch.look()
                rows, size = rows + count, size + len(part)
                yield part
        complete = True
    finally:
        try:
            decision_point.record(
                asked, AuditAction.DATA_SENT, path=path, rows=rows, bytes=size, complete=complete
            )
        except store.audit.AuditUnavailable:
            log.exception("how much of %s went out was not written down", asked.resource.id)


def _is_the_same(asked: ResourceDecision, now: ResourceDecision) -> bool:
    """Say whether the person may still have just what they are given."""
    return _what(now) == _what(asked)


def _what(asked: ResourceDecision) -> tuple[Any, ...]:
    decision = asked.decision
    return (
        decision.tier, decision.whole_tier, decision.obligations, decision.grants,
        decision.shares, decision.cells, asked.rows, asked.columns,
    )  # fmt: skip
