"""Files: the original for those who may have all of it, the graded table for the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.subject import Role
from ckanext.dgatier.core.tier import AccessTier

from . import decision_point, exports, sealed_storage
from .decision_point import ResourceDecision
from .exports import Export
from .graded_view import Query
from .watch import Watch

INGEST_PURPOSE = "ingest"


@dataclass(frozen=True, slots=True)
class GradedFile:
    """A table written out at a person's tier, under a name."""

    name: str
    export: Export


@dataclass(frozen=True, slots=True)
class Given:
    """What a decision gives of a file: the table as graded, or `None` for the original."""

    decision_id: str
    graded: GradedFile | None


def given(context: Context, resource_id: str, purpose: str | None = None) -> Given | None:
    """Return what the person may have of a file, `None` where it is open data.

    A graded file is made now, of the table, in the original's format or as CSV. What is not a
    table has no middle: it is had whole or not at all. Raises `NotAuthorized` or
    `exports.TooManyRows`.
    """
    if decision_point.is_open(resource_id):
        return None
    asked = _asked(context, resource_id, purpose)
    decision_point.require(asked, AccessTier.MASKED if asked.resource.tabular else AccessTier.FULL)
    if asked.decision.is_whole:
        size = _size_of_original(asked)
        decision_point.record(asked, AuditAction.FILE_DOWNLOAD, bytes=size)
        return Given(asked.decision.decision_id, None)
    form = exports.format_of(asked.resource.format)
    columns = tuple(column.name for column in asked.columns)
    made = exports.of_decision(context, asked, form, Query(fields=columns, limit=None), "file")
    name = (asked.resource.name or asked.dataset.name).rsplit(".", 1)[0]
    graded = GradedFile(f"{name}-{toolkit._('masked')}.{form.name}", made)
    return Given(asked.decision.decision_id, graded)


def while_theirs(
    context: Context, resource_id: str, purpose: str | None, parts: Iterable[bytes]
) -> Iterator[bytes]:
    """Yield the parts of an original while the person may have it; raises where that ends.

    The answer breaks off by that, short of the length that it said.
    """
    watch = Watch(context, _asked(context, resource_id, purpose), _is_whole)
    for part in parts:
        watch.look()
        yield part


def _asked(context: Context, resource_id: str, purpose: str | None) -> ResourceDecision:
    asked = decision_point.for_resource(context, resource_id, purpose)
    if Role.INGEST in asked.subject.roles:
        return decision_point.for_resource(context, resource_id, INGEST_PURPOSE)
    return asked


def _is_whole(_before: ResourceDecision, now: ResourceDecision) -> bool:
    return now.decision.is_whole


def _size_of_original(asked: ResourceDecision) -> int | None:
    """Return the bytes of an uploaded file, `None` for a link."""
    if not asked.resource.uploaded:
        return None
    return sealed_storage.size_of_original(asked.resource.id)
