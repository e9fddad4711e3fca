"""The running instance and what its resources are called."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ckanapi import RemoteCKAN

from instance import Instance, ckan


@pytest.fixture(scope="session")
def instance() -> Instance:
    return Instance.running()


@pytest.fixture(scope="session")
def resource_of(instance: Instance) -> Callable[[str], str]:
    """Return the id of the one resource of a demonstration dataset."""

    def find(dataset: str) -> str:
        return str(instance.portal("suda").action.package_show(id=dataset)["resources"][0]["id"])

    return find


@pytest.fixture(scope="session")
def editor(instance: Instance) -> RemoteCKAN:
    """Return the portal as an editor of every agency, who is a steward of none, sees it."""
    said = ckan("user", "token", "add", "demo-publisher", "tests")
    return RemoteCKAN(instance.url, apikey=said.strip().split()[-1])
