"""What several of these tests need of a publisher."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from instance import Instance, open_dataset


@pytest.fixture
def package(instance: Instance) -> Iterator[str]:
    """Return the id of an open dataset without resources, which is there for one test."""
    action = instance.portal("suda").action
    made = action.package_create(**open_dataset())
    yield made["id"]
    action.package_delete(id=made["id"])
