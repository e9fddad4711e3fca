"""What several of these tests need of a publisher."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from keycloak import KeycloakAdmin

from instance import Instance, open_dataset
from stack.settings import Settings


@pytest.fixture(scope="session")
def realm(instance: Instance) -> Callable[[str], KeycloakAdmin]:
    """Return the administration of a realm of the identity provider."""

    def administration(name: str) -> KeycloakAdmin:
        return KeycloakAdmin(
            server_url=instance.state["keycloak_url"],
            username="keycloak-admin",
            password=Settings.load().secrets()["keycloak_admin"],
            realm_name=name,
            user_realm_name="master",
        )

    return administration


@pytest.fixture(scope="module")
def keycloak(realm: Callable[[str], KeycloakAdmin]) -> KeycloakAdmin:
    """Return the administration of the portal's realm."""
    return realm("dgatier")


@pytest.fixture
def package(instance: Instance) -> Iterator[str]:
    """Return the id of an open dataset without resources, which is there for one test."""
    action = instance.portal("suda").action
    made = action.package_create(**open_dataset())
    yield made["id"]
    action.package_delete(id=made["id"])
