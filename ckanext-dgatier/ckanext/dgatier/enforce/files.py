"""Files: the original for those who may have all of it, the graded table for the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ckan.lib import uploader
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.dgatier import store
from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.subject import Role
from ckanext.dgatier.core.tier import AccessTier

from . import datastore, decision_point, graded_view

log = logging.getLogger(__name__)

INGEST_PURPOSE = "ingest"


@dataclass(frozen=True, slots=True)
class GradedFile:
    """A table written out at a person's tier, as UTF-8 CSV."""

    name: str
    decision_id: str
    lines: Iterator[str]


def graded_file(
    context: Context, resource_id: str, purpose: str | None = None
) -> GradedFile | None:
    """Return the graded file, or `None` where the person may have the original.

    What is not a table has no middle: it is had whole or not at all. Raises `NotAuthorized`.
    """
    if decision_point.is_open(resource_id):
        return None
    asked = decision_point.for_resource(context, resource_id, purpose)
    if Role.INGEST in asked.subject.roles:
        asked = decision_point.for_resource(context, resource_id, INGEST_PURPOSE)
    decision_point.require(asked, AccessTier.MASKED if asked.resource.tabular else AccessTier.FULL)
    decision_point.record(asked, AuditAction.FILE_DOWNLOAD, bytes=_size_of_original(asked))
    if asked.decision.is_whole:
        return None
    name = (asked.resource.name or asked.dataset.name).rsplit(".", 1)[0]
    return GradedFile(
        name=f"{name}-{toolkit._('masked')}.csv",
        decision_id=asked.decision.decision_id,
        lines=_counted(asked, graded_view.parts(datastore.view_of(asked))),
    )


def _size_of_original(asked: decision_point.ResourceDecision) -> int | None:
    """Return the bytes of an uploaded file that is had whole, `None` for any other."""
    if not asked.decision.is_whole or not asked.resource.uploaded:
        return None
    held = uploader.get_resource_uploader({"id": asked.resource.id})
    path = Path(str(held.get_path(asked.resource.id)))
    return path.stat().st_size if path.is_file() else None


def _counted(
    asked: decision_point.ResourceDecision, parts: Iterator[tuple[str, int]]
) -> Iterator[str]:
    """Yield the text, and write down in the end how much of it went out.

    That it was begun is written down before, so what cannot be written here is only how much.
    """
    rows = size = 0
    complete = False
    try:
        for text, count in parts:
            rows += count
            size += len(text.encode())
            yield text
        complete = True
    finally:
        try:
            decision_point.record(
                asked, AuditAction.DATA_SENT, path="file", rows=rows, bytes=size, complete=complete
            )
        except store.audit.AuditUnavailable:
            log.exception("how much of %s went out was not written down", asked.resource.id)
