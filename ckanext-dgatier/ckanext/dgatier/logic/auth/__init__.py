"""The auth functions of dgatier by name."""

from __future__ import annotations

from typing import Any

from . import access, requests


def get_auth_functions() -> dict[str, Any]:
    """Return every auth function that begins with `dgatier_`, and those that are closed."""
    own = {
        name: function
        for module in (access, requests)
        for name, function in vars(module).items()
        if name.startswith("dgatier_")
    }
    return {**own, "request_reset": access.closed, "user_reset": access.closed}
