"""Which actions and permissions there are besides ours: CKAN's and those of other plugins."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from ckan import authz, plugins
from ckan.types import Action, AuthFunction

#: Where CKAN itself looks for its actions and auth functions.
_MODULES = ("get", "create", "update", "delete", "patch", "file")


def other_actions(own_plugin: str) -> dict[str, Action]:
    """Return each action by name; of a chain, one that says whether it has side effects."""
    found: dict[str, Action] = {}
    for name, action in _actions(own_plugin):
        if name not in found or getattr(action, "side_effect_free", False):
            found[name] = action
    return found


def other_auth_functions(own_plugin: str) -> dict[str, AuthFunction]:
    """Return each auth function by name, of a chain its last."""
    found: dict[str, AuthFunction] = {}
    for part in _MODULES:
        module = importlib.import_module(f"ckan.logic.auth.{part}")
        found.update(authz.get_local_functions(module))
    for plugin in plugins.PluginImplementations(plugins.IAuthFunctions):
        if plugin.name != own_plugin:
            found.update(plugin.get_auth_functions())
    return found


def _actions(own_plugin: str) -> Iterator[tuple[str, Action]]:
    for part in _MODULES:
        module = importlib.import_module(f"ckan.logic.action.{part}")
        yield from authz.get_local_functions(module)
    for plugin in plugins.PluginImplementations(plugins.IActions):
        if plugin.name != own_plugin:
            yield from plugin.get_actions().items()
