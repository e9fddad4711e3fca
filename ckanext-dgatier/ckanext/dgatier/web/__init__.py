"""Pages: blueprints, template helpers, facets and error pages."""

from __future__ import annotations

from flask import Blueprint

from . import access, audit, authzen, downloads, inbox, levels, session, steward


def blueprints() -> list[Blueprint]:
    """Return every blueprint of the portal."""
    modules = (access, audit, authzen, downloads, inbox, levels, session, steward)
    return [module.blueprint for module in modules]
