"""People who may be given work, also those whom only the identity provider knows yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from ckan import model
from keycloak.exceptions import KeycloakError

from ckanext.dgatier import store
from ckanext.dgatier.core.subject import Subject

from . import claims as claim_reader
from . import directory, liveness, provider, provisioning, standing


class DirectoryUnavailable(Exception):
    """The identity provider does not say whether there is such a person."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Someone, and what they are; `claims` where no CKAN user stands for them yet.

    The subject's id is then the provider's `sub`, which no user has.
    """

    subject: Subject
    claims: Mapping[str, Any] | None = None

    def user_id(self) -> str:
        """Return the id of their CKAN user, which is made where there is none."""
        if self.claims is None:
            return str(self.subject.id)
        return provisioning.provision(provider.issuer_and_client()[0], self.claims)


def candidate(name: str) -> Candidate | None:
    """Return who has a user name here, or else at the identity provider; `None` for nobody.

    What the provider says of them now counts, whether they ever signed in or not. Raises
    `DirectoryUnavailable` where nobody here has the name and the provider does not answer.
    """
    user = model.User.by_name(name)
    if user is not None:
        return _of_user(user)
    if not name or not directory.is_configured():
        return None
    try:
        claims = directory.claims_named(name)
    except (KeycloakError, requests.RequestException) as error:
        raise DirectoryUnavailable from error
    if claims is None:
        return None
    known = store.people.user_id_of(provider.issuer_and_client()[0], claims["sub"])
    if known is not None:
        return _of_user(model.User.get(known))
    subject = claim_reader.subject(
        claims["sub"], claim_reader.kept(claims), claim_reader.NO_ASSURANCE
    )
    return Candidate(subject, claims)


def _of_user(user: model.User | None) -> Candidate | None:
    if user is None or not user.is_active or not liveness.is_live(user.id):
        return None
    return Candidate(standing.subject_of_user(user.id))
