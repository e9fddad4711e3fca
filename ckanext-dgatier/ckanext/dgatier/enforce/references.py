"""Which dataset a text names: by its own id or name, or by the id of something that is of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from ckan import model, plugins
from sqlalchemy.orm import joinedload

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MOST = 200


def is_id(text: str) -> bool:
    """Say whether a text has the form of an id."""
    return _ID.fullmatch(text) is not None


def ids_in(value: Any) -> set[str]:
    """Return every text that has the form of an id anywhere in an answer, keys too."""
    return {text for text in _texts(value) if is_id(text)}


def datasets_of(texts: Collection[str], *, names: bool = True) -> dict[str, str]:
    """Return for each text that names a dataset, or something of one, the id of that dataset.

    One statement for each 200 texts. With `names` a dataset's name counts too, and not only ids.
    """
    found: dict[str, str] = {}
    for some in _batches(texts):
        rows = model.Session.execute(sa.union_all(*_statements(some, names=names)))
        found.update((reference, dataset_id) for reference, dataset_id in rows)
    return found


def packages(dataset_ids: Collection[str]) -> Iterator[model.Package]:
    """Yield datasets with their resources: one statement for each 200."""
    for some in _batches(dataset_ids):
        query = model.Session.query(model.Package).filter(model.Package.id.in_(some))
        yield from query.options(joinedload(model.Package.resources_all))


def _statements(texts: list[str], *, names: bool) -> Iterator[sa.Select[Any]]:
    package, resource, view = model.Package, model.Resource, model.ResourceView
    yield sa.select(package.id, package.id).where(package.id.in_(texts))
    if names:
        yield sa.select(package.name, package.id).where(package.name.in_(texts))
    yield sa.select(resource.id, resource.package_id).where(resource.id.in_(texts))
    yield (
        sa.select(view.id, resource.package_id)
        .join(resource, resource.id == view.resource_id)
        .where(view.id.in_(texts))
    )
    task = model.TaskStatus
    yield (
        sa.select(task.id, resource.package_id)
        .join(resource, resource.id == task.entity_id)
        .where(task.id.in_(texts))
    )
    owner = model.FileOwner
    yield (
        sa.select(owner.file_id, sa.func.coalesce(resource.package_id, owner.owner_id))
        .outerjoin(resource, resource.id == owner.owner_id)
        .where(owner.file_id.in_(texts), owner.owner_type.in_(("resource", "package")))
    )
    if plugins.plugin_loaded("activity"):
        from ckanext.activity.model import Activity  # its table is there only then

        yield sa.select(Activity.id, Activity.object_id).where(
            Activity.id.in_(texts),
            # What has been purged is still spoken of in activities.
            Activity.activity_type.like("%package") | Activity.object_id.in_(sa.select(package.id)),
        )


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(texts)
    for start in range(0, len(ordered), _MOST):
        yield ordered[start : start + _MOST]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(key)
            yield from _texts(one)
    elif isinstance(value, list | tuple | set):
        for one in value:
            yield from _texts(one)
