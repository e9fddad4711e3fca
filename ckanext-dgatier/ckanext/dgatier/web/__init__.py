"""Pages: blueprints, template helpers, facets and error pages."""

from __future__ import annotations

from flask import Blueprint

from . import (
    absence,
    access,
    asking,
    attachments,
    audit,
    authzen,
    companions,
    downloads,
    dumps,
    inbox,
    levels,
    numbers,
    previewing,
    session,
    steward,
    trash,
    webhooks,
)


def blueprints() -> list[Blueprint]:
    """Return every blueprint of the portal."""
    modules = (
        absence,
        access,
        asking,
        attachments,
        audit,
        authzen,
        companions,
        downloads,
        dumps,
        inbox,
        levels,
        numbers,
        previewing,
        session,
        steward,
        trash,
        webhooks,
    )
    return [module.blueprint for module in modules]
