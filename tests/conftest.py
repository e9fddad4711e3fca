"""The running instance and what its resources are called."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from instance import Instance


@pytest.fixture(scope="session")
def instance() -> Instance:
    return Instance.running()


@pytest.fixture(scope="session")
def resource_of(instance: Instance) -> Callable[[str], str]:
    """Return the id of the one resource of a demonstration dataset."""

    def find(dataset: str) -> str:
        return str(instance.portal("suda").action.package_show(id=dataset)["resources"][0]["id"])

    return find
