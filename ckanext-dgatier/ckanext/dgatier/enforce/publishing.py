"""Publishing and changing a dataset is written down with its level."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ckan.types import Context

from ckanext.dgatier import identity, store
from ckanext.dgatier.core.audit import AuditAction, AuditEvent

from . import facts


def record(context: Context, package: dict[str, Any], action: AuditAction) -> None:
    """Write down that a person published or changed a dataset.

    What CKAN's own background work changes about a resource is no act of a person.
    """
    if context.get("ignore_auth"):
        return
    store.audit.append(
        AuditEvent(
            action,
            identity.subject_for(context).id,
            datetime.now(UTC),
            dataset_id=package["id"],
            detail={
                "name": package.get("name"),
                "level": package.get(facts.LEVEL_FIELD),
                "resources": len(package.get("resources") or []),
            },
        )
    )
