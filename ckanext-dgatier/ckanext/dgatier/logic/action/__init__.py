"""The actions of dgatier by name."""

from __future__ import annotations

from typing import Any

from . import (
    access,
    attachments,
    audit,
    columns,
    copies,
    delegations,
    drafts,
    grants,
    levels,
    notices,
    numbers,
    previews,
    readings,
    requests,
    reviewing,
    simulation,
    summary,
    webhooks,
)


def get_actions() -> dict[str, Any]:
    """Return every action that begins with `dgatier_`."""
    modules = (
        access,
        attachments,
        audit,
        columns,
        copies,
        delegations,
        drafts,
        grants,
        levels,
        notices,
        numbers,
        previews,
        readings,
        requests,
        reviewing,
        simulation,
        summary,
        webhooks,
    )
    return {
        name: function
        for module in modules
        for name, function in vars(module).items()
        if name.startswith("dgatier_")
    }
