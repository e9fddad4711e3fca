"""A plugin of pytest that puts dgatier into every test of CKAN, and knows what differs then."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ckan import model

_DIFFERENCES = tomllib.loads(Path(__file__).with_name("differences.toml").read_text())
_PLAIN = bool(os.environ.get("DGATIER_SUITE_PLAIN"))
#: What dgatier stands on. It goes with CKAN's activities too, but many tests act as nobody, whom
#: those refuse; the tests of activities bring them along.
_BELOW = ("datastore",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the plugins to each test, and say of the listed ones that they are expected to fail."""
    # The tables are there, of plugins too; CKAN would drop them all and make its own ones only.
    model.repo.tables_created_and_initialised = True
    expected = dict(_expected())
    for item in items:
        name = _name(item)
        for listed in {name, name.partition("[")[0]} & set(expected):
            item.add_marker(pytest.mark.xfail(reason=expected[listed], strict=True))
        item.add_marker(pytest.mark.with_plugins(*_plugins(item)))


def _expected() -> list[tuple[str, str]]:
    """Return the tests that fail and why: on this stack anyway, and with dgatier."""
    sections = ["stack"] if _PLAIN else ["stack", "dgatier"]
    return [
        (test, each["reason"])
        for section in sections
        for each in _DIFFERENCES.get(section, [])
        for test in each["tests"]
    ]


def _name(item: pytest.Item) -> str:
    """Return the test's name as the list has it: `package.module::Class::test[case]`."""
    module = item.getparent(pytest.Module)
    assert module is not None
    return f"{module.obj.__name__}::{item.nodeid.partition('::')[2]}"


def _plugins(item: pytest.Item) -> list[Any]:
    named = {
        plugin
        for mark in item.iter_markers("ckan_config")
        if mark.args[0] == "ckan.plugins"
        for plugin in str(mark.args[1]).split()
    } | {
        plugin for mark in item.iter_markers("with_plugins") for plugin in mark.args
        if isinstance(plugin, str)
    }  # fmt: skip
    below: list[Any] = [plugin for plugin in _BELOW if plugin not in named]
    if _PLAIN:
        return below
    from open_by_default import OpenByDefault

    return [*below, "dgatier", {"open_by_default": OpenByDefault}]
