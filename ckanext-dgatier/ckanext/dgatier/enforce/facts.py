"""The facts about datasets and resources that policy weighs, read from CKAN's own records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan import model

from ckanext.datastore.backend import DatastoreBackend

from ..core import terms
from ..core.classification import ClassificationLevel, UnknownLevel, effective_level
from ..core.target import Column, Target

LEVEL_FIELD = "classification_level"
#: The highest level of its columns, kept with the resource so that lists need no DataStore.
COLUMNS_LEVEL_FIELD = "columns_level"
CATEGORY_FIELD = "data_category"
TERMS_FIELD = "terms_of_use"


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """What is known of one resource.

    `level` is the higher of its own and its columns', `None` when one of the two is no level.
    """

    id: str
    name: str
    level: ClassificationLevel | None
    uploaded: bool
    tabular: bool
    format: str = ""


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What is known of a dataset.

    `level` is the effective level, top secret where anything in it has no valid level;
    `agency` the name of the owning organisation; `published` neither draft, deleted nor private;
    `terms` the version of its terms of use, `None` where it has none.
    """

    id: str
    name: str
    level: ClassificationLevel
    classified: bool
    category: str | None
    agency: str | None
    agency_id: str | None
    published: bool
    resources: tuple[ResourceFacts, ...]
    terms: str | None = None

    def resource(self, resource_id: str) -> ResourceFacts | None:
        """Return the resource of that id, or `None` when it is not of this dataset."""
        return next((one for one in self.resources if one.id == resource_id), None)

    def target(
        self, resource: ResourceFacts | None = None, columns: tuple[Column, ...] = ()
    ) -> Target:
        """Return the dataset, or one resource of it, as policy's target.

        A resource stands at the effective level of its dataset: what is inside is at least as
        high as what it is in, and what is in it raises the dataset.
        """
        return Target(
            dataset_id=self.id,
            level=self.level,
            agency=self.agency,
            resource_id=resource.id if resource else None,
            category=self.category,
            tabular=bool(resource and resource.tabular),
            columns=columns,
            terms=self.terms,
        )


def parse_level(text: object, inherited: ClassificationLevel | None) -> ClassificationLevel | None:
    """Return the level a field says: `inherited` where it is empty, `None` where unknown."""
    if text in (None, ""):
        return inherited
    try:
        return ClassificationLevel.parse(text)
    except UnknownLevel:
        return None


def of_package(package: model.Package) -> DatasetFacts:
    """Return the facts of a dataset from its database record."""
    extras = package.extras
    return of_dict(
        {
            "id": package.id,
            "name": package.name,
            LEVEL_FIELD: extras.get(LEVEL_FIELD),
            CATEGORY_FIELD: extras.get(CATEGORY_FIELD),
            TERMS_FIELD: extras.get(TERMS_FIELD),
            "owner_org": package.owner_org,
            "state": package.state,
            "private": package.private,
            "resources": [
                {
                    "id": resource.id,
                    "name": resource.name,
                    "url_type": resource.url_type,
                    "format": resource.format,
                    **{
                        name: (resource.extras or {}).get(name)
                        for name in (LEVEL_FIELD, COLUMNS_LEVEL_FIELD, "datastore_active")
                    },
                }
                for resource in package.resources
            ],
        }
    )


def of_dict(package: Mapping[str, Any]) -> DatasetFacts:
    """Return the facts of a dataset from its dictionary as `package_show` gives it."""
    own = parse_level(package.get(LEVEL_FIELD), None)
    resources = tuple(
        ResourceFacts(
            id=resource["id"],
            name=resource.get("name") or "",
            level=_resource_level(resource, own),
            uploaded=resource.get("url_type") == "upload",
            tabular=_truthy(resource.get("datastore_active")),
            format=resource.get("format") or "",
        )
        for resource in package.get("resources", [])
    )
    return DatasetFacts(
        id=package["id"],
        name=package["name"],
        level=effective_level(own, [resource.level for resource in resources]),
        classified=own is not None and all(one.level is not None for one in resources),
        category=package.get(CATEGORY_FIELD) or None,
        agency=agency_name(package),
        agency_id=package.get("owner_org"),
        published=package.get("state", "active") == "active"
        and not _truthy(package.get("private")),
        resources=resources,
        terms=terms.version_of(package.get(TERMS_FIELD)),
    )


def _resource_level(
    resource: Mapping[str, Any], inherited: ClassificationLevel | None
) -> ClassificationLevel | None:
    own = parse_level(resource.get(LEVEL_FIELD), inherited)
    columns = parse_level(resource.get(COLUMNS_LEVEL_FIELD), own)
    if own is None or columns is None:
        return None
    return effective_level(own, [columns])


def agency_name(package: Mapping[str, Any]) -> str | None:
    """Return the name of the organisation that owns a dataset, `None` where none does."""
    if organization := package.get("organization"):
        return organization["name"]
    if not package.get("owner_org"):
        return None
    group = model.Group.get(package["owner_org"])
    return group.name if group else None


def is_open(dataset: DatasetFacts) -> bool:
    """Say whether a dataset is open throughout, and published."""
    return dataset.published and dataset.classified and dataset.level is ClassificationLevel.OPEN


def columns_of(resource_id: str) -> tuple[Column, ...]:
    """Return the columns of a resource's DataStore table, `()` when it has none."""
    return tuple(map(_column, dictionary_of(resource_id)))


def one_table(data_dict: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a DataStore action is asked with its table under one name, `resource_id`.

    CKAN lets an `id` beside it overrule it, so whoever looks at the one and hands on both would
    look at another table than CKAN reads.
    """
    rest = {name: value for name, value in data_dict.items() if name != "id"}
    named = data_dict.get("id") or data_dict.get("resource_id")
    return rest if named is None else {**rest, "resource_id": named}


def dictionary_of(resource_id: str) -> list[dict[str, Any]]:
    """Return the data dictionary of a resource's DataStore table as `{id, type, info}` a column."""
    backend = DatastoreBackend.get_active_backend()
    if not backend.resource_exists(resource_id):
        return []
    fields = backend.resource_fields(resource_id, False, False)["fields"]
    return [one for one in fields if not one["id"].startswith("_")]


def _column(one: Mapping[str, Any]) -> Column:
    info = one.get("info") or {}
    return Column(
        name=one["id"],
        type=one["type"],
        level=info.get(LEVEL_FIELD) or None,
        disclosure=info.get("disclosure") or None,
        subject_key=_text(info.get("subject_key")),
        period=info.get("period") or None,
        kind=info.get("kind") or None,
        bounds=_bounds(info),
    )


def _text(said: object) -> str | None:
    return said if isinstance(said, str) and said else None


def _bounds(info: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the two numbers of a dictionary's entry, `None` where one is missing or none."""
    try:
        lowest, highest = (float(str(info.get(name))) for name in ("lowest", "highest"))
    except ValueError:
        return None
    return (lowest, highest) if math.isfinite(lowest) and math.isfinite(highest) else None


def _truthy(value: object) -> bool:
    return str(value).lower() in ("true", "1")
