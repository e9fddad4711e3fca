"""Files: the original for those who may have all of it, the graded table for the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.subject import Role
from ckanext.dgatier.core.tier import AccessTier

from . import datastore, decision_point, graded_view

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
    decision_point.record(asked, AuditAction.FILE_DOWNLOAD)
    if asked.decision.tier is AccessTier.FULL:
        return None
    name = (asked.resource.name or asked.dataset.name).rsplit(".", 1)[0]
    return GradedFile(
        name=f"{name}-{toolkit._('masked')}.csv",
        decision_id=asked.decision.decision_id,
        lines=graded_view.lines(datastore.view_of(asked)),
    )
