"""What several of these tests need of a publisher."""

from __future__ import annotations

import time
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


@pytest.fixture
def new_person(keycloak: KeycloakAdmin) -> Iterator[Callable[..., str]]:
    """Return what makes an account at the provider, of `fpo` and enabled unless said otherwise.

    It takes the roles, and other attributes by name.
    """
    made = []

    def make(*roles: str, enabled: bool = True, **attributes: str) -> str:
        name = f"new-{time.time_ns()}"
        known = {key: [text] for key, text in {"agency": "fpo", **attributes}.items()}
        made.append(
            keycloak.create_user(
                {
                    "username": name, "email": f"{name}@example.org", "enabled": enabled,
                    "firstName": "กัญญา", "lastName": "มาใหม่", "attributes": known,
                }
            )
        )  # fmt: skip
        keycloak.assign_realm_roles(made[-1], [keycloak.get_realm_role(role) for role in roles])
        return name

    yield make
    for one in made:
        keycloak.delete_user(one)
