"""The targets of this folder, published once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import world

from instance import Instance


@pytest.fixture(scope="session")
def targets(instance: Instance) -> Iterator[dict[str, world.Target]]:
    """Return a dataset of each kind, by the kind."""
    with world.made(instance) as made:
        yield made
