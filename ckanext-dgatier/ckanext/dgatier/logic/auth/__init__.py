"""The auth functions of dgatier by name."""

from __future__ import annotations

from typing import Any

from . import access, people, requests


def get_auth_functions() -> dict[str, Any]:
    """Return our own auth functions, those that are closed, and those before CKAN's own."""
    own = {
        name: function
        for module in (access, requests)
        for name, function in vars(module).items()
        if name.startswith("dgatier_")
    }
    return {
        **own,
        **people.get_auth_functions(),
        "request_reset": access.closed,
        "user_reset": access.closed,
    }
