"""Datasets of every level with a word of its own in each place, by which a leak shows itself."""

from __future__ import annotations

import io
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ckanapi import NotFound, RemoteCKAN

from dgatier_demo import catalogue
from instance import Instance

GROUND = "Section 9 of the Official Information Act."
#: The kinds of datasets: `(level, changes)`; what is `reclassified` was open when it was written.
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "open": ("open", {}),
    "internal": ("internal", {}),
    "confidential": ("confidential", {}),
    "secret": ("secret", {}),
    "private": ("internal", {"private": True}),
    "draft": ("internal", {}),
    "reclassified": ("open", {}),
    "deleted": ("secret", {}),
}
#: What a word tells of, from what everyone gets who discovers the dataset to what it holds.
METADATA, OLD_METADATA, COLUMN, CELL, MASKED_CELL, FILE, ADDRESS = (
    "metadata", "old metadata", "column", "cell", "masked cell", "file", "address",
)  # fmt: skip


#: What a page has of its own each time.
_OF_THIS_PAGE = re.compile(
    r'<meta name="_?csrf_token" content="[^"]*"|name="_csrf_token" value="[^"]*"|nonce="[^"]*"'
)


@dataclass
class Target:
    """A dataset with its ids, and the words by what they tell of."""

    kind: str
    id: str = ""
    name: str = ""
    table: str = ""
    file: str = ""
    link: str = ""
    views: list[str] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    tag: str = ""

    @property
    def resources(self) -> list[str]:
        return [self.table, self.file, self.link]

    def word(self, tells_of: str) -> str:
        """Return a new word, under which what it tells of is known."""
        made = f"{self.kind[:2]}{len(self.words)}zq{time.time_ns():x}"
        self.words[made] = tells_of
        return made


@dataclass(frozen=True)
class May:
    """What one person may have of one target, as `dgatier_access_show` says."""

    discovers: bool
    tiers: dict[str, str]
    masked: frozenset[str]

    def know(self, target: Target, tells_of: str) -> bool:
        """Say whether the person may come across a word."""
        table = self.tiers.get(target.table, "none")
        if tells_of in (METADATA, OLD_METADATA):
            return self.discovers
        if tells_of in (COLUMN, CELL):
            return table in ("masked", "full")
        if tells_of == MASKED_CELL:
            return table == "full" or (table == "masked" and "person" not in self.masked)
        return self.tiers.get(target.file if tells_of == FILE else target.link) == "full"


class _Named(io.BytesIO):
    def __init__(self, name: str, content: str) -> None:
        super().__init__(content.encode())
        self.name = name


def may(portal: RemoteCKAN, target: Target) -> May:
    """Return what a person may have of a target."""
    try:
        of_all = portal.action.dgatier_access_show(id=target.id)
        table = portal.action.dgatier_access_show(id=target.id, resource_id=target.table)
    except NotFound:
        return May(False, {}, frozenset())
    masks = frozenset(table["obligations"].get("column_masks", ()))
    return May(True, {**of_all["resources"], target.table: table["tier"]}, masks)


@contextmanager
def made(instance: Instance, *kinds: str) -> Iterator[dict[str, Target]]:
    """Publish a dataset of each kind as the steward; take them away in the end."""
    suda = instance.portal("suda")
    targets: dict[str, Target] = {}
    try:
        for kind in kinds or KINDS:
            targets[kind] = Target(kind)
            _publish(suda, targets[kind])
        yield targets
    finally:
        for target in targets.values():
            if target.id:
                suda.action.package_delete(id=target.id)


def missing(target: Target) -> Target:
    """Return a target like another one that was never there."""
    digits = str.maketrans("0123456789abcdef", "123456789abcdef0")

    def of(one: str) -> str:
        return str(uuid.UUID(one.replace("-", "")[::-1].translate(digits)))

    return Target(
        target.kind, of(target.id), f"{target.name[:-4]}none", *map(of, target.resources),
        [of(one) for one in target.views], [of(one) for one in target.activities],
        tag=f"{target.tag[:-4]}none",
    )  # fmt: skip


def neutral(text: str, target: Target) -> str:
    """Return a text in which the ids that were asked about have one name."""
    asked = [
        target.id,
        target.name,
        target.tag,
        *target.resources,
        *target.views,
        *target.activities,
    ]
    for number, one in enumerate(asked):
        text = text.replace(one, f"<{number}>")
    return _OF_THIS_PAGE.sub("", text)


def _publish(suda: RemoteCKAN, target: Target) -> None:
    level, changes = KINDS[target.kind]
    shape = next(each for each in catalogue.datasets() if each.level == level).metadata()
    target.name = target.word(METADATA)
    target.tag = target.word(METADATA)
    made = suda.action.package_create(
        **{
            **shape, "name": target.name, "owner_org": "fpo", "classification_level": level,
            "level_ground": GROUND, "title": target.word(OLD_METADATA),
            "notes": target.word(METADATA), "title_en": target.word(METADATA),
            "data_source": target.word(METADATA), "tags": [{"name": target.tag}], **changes,
        }
    )  # fmt: skip
    target.id = made["id"]
    _fill(suda, target)
    # CKAN takes the state of a dataset from who may edit it, and not from who makes it.
    state = "draft" if target.kind == "draft" else "active"
    suda.action.package_patch(id=target.id, title=target.word(METADATA), state=state)
    _see_views_and_activities(suda, target)
    if target.kind == "reclassified":
        suda.action.package_patch(
            id=target.id, classification_level="secret", level_ground=GROUND,
            data_category=_secret_category(), license_id="notspecified",
        )  # fmt: skip
    if target.kind == "deleted":
        suda.action.package_delete(id=target.id)


def _fill(suda: RemoteCKAN, target: Target) -> None:
    column = target.word(COLUMN)
    fields: list[dict[str, Any]] = [
        {"id": "province", "type": "text", "info": {"disclosure": "plain"}},
        {"id": column, "type": "text", "info": {"disclosure": "plain"}},
        {
            "id": "person", "type": "text",
            "info": {"disclosure": "identifier", "label": target.word(COLUMN)},
        },
    ]  # fmt: skip
    rows = [
        {"province": "กระบี่", column: target.word(CELL), "person": target.word(MASKED_CELL)}
        for _ in range(3)
    ]
    target.table = suda.action.datastore_create(
        resource={
            "package_id": target.id, "name": target.word(METADATA), "format": "CSV",
            "description": target.word(METADATA),
        },
        fields=fields, records=rows,
    )["resource_id"]  # fmt: skip
    target.file = suda.action.resource_create(
        package_id=target.id, name=target.word(METADATA), format="PDF",
        upload=_Named("held.pdf", target.word(FILE)),
    )["id"]  # fmt: skip
    target.link = suda.action.resource_create(
        package_id=target.id, name=target.word(METADATA), format=target.word(METADATA),
        url=f"https://example.org/{target.word(ADDRESS)}.pdf",
    )["id"]  # fmt: skip


def _see_views_and_activities(suda: RemoteCKAN, target: Target) -> None:
    suda.action.resource_view_create(
        resource_id=target.table, view_type="datatables_view", title=target.word(METADATA),
        description=target.word(METADATA),
    )  # fmt: skip
    for resource in target.resources:
        target.views += [one["id"] for one in suda.action.resource_view_list(id=resource)]
    target.activities = [one["id"] for one in suda.action.package_activity_list(id=target.id)]


def _secret_category() -> str:
    shape = next(each for each in catalogue.datasets() if each.level == "secret").metadata()
    return str(shape["data_category"])
