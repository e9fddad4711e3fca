"""From the claims of an identity provider to a `Subject`; the unreadable counts for nothing."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ckanext.dgatier.core import recognising
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.subject import Role, Subject

log = logging.getLogger(__name__)

#: The claims that are kept of a person; nothing else of a token is stored.
KEPT = (
    "preferred_username",
    "name",
    "email",
    "roles",
    "agency",
    "organization",
    "ial",
    "clearance",
    "accredited",
    "service",
)

_LEVEL_OF_ACR = {"aal1": 1, "aal2": 2, "aal3": 3}


def kept(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the claims that are kept of a person, in one form whoever says them."""
    found = {name: claims[name] for name in KEPT if claims.get(name) not in (None, "")}
    found.update(zip(["citizen_id"], _numbers([claims.get("citizen_id")]), strict=False))
    return {
        **found,
        "roles": sorted(_roles(claims.get("roles"))),
        "organization": list(_organisations(claims.get("organization"))),
        "accredited": claims.get("accredited") in (True, "true"),
        "companies": list(_company_numbers(claims.get("companies"))),
    }


@dataclass(frozen=True, slots=True)
class Assurance:
    """How strong a sign-in was, and when; `aal` is 0 when nothing is known of it."""

    aal: int = 0
    authenticated_at: datetime | None = None


NO_ASSURANCE = Assurance()


def assurance(claims: Mapping[str, Any]) -> Assurance:
    """Return how strong the sign-in was that these claims of an ID token speak of.

    `acr` is one of `aal1 | aal2 | aal3`, `auth_time` seconds since 1970 (OpenID Connect Core 2).
    """
    return Assurance(
        aal=_LEVEL_OF_ACR.get(str(claims.get("acr")), 0),
        authenticated_at=_moment(claims.get("auth_time")),
    )


def subject(user_id: str, claims: Mapping[str, Any], sign_in: Assurance) -> Subject:
    """Return the subject that a CKAN user with these claims is."""
    return Subject(
        id=user_id,
        name=_text(claims.get("name")) or _text(claims.get("preferred_username")) or "",
        roles=_roles(claims.get("roles")) | ({Role.SERVICE} if claims.get("service") else set()),
        agency=_text(claims.get("agency")),
        organisations=_organisations(claims.get("organization")),
        clearance=_clearance(claims.get("clearance")),
        ial=_identity_level(claims.get("ial")),
        aal=sign_in.aal,
        authenticated_at=sign_in.authenticated_at,
        accredited=claims.get("accredited") in (True, "true"),
        citizen_ids=_numbers([claims.get("citizen_id")]),
        juristic_ids=_company_numbers(claims.get("companies")),
    )


def _moment(value: object) -> datetime | None:
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        log.warning("the moment %r of a sign-in is none; it counts as unknown", value)
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _organisations(value: object) -> tuple[str, ...]:
    """Return the organisations of Keycloak's claim: a list of names, or an object by name."""
    if not isinstance(value, list | dict):
        return ()
    return tuple(sorted(name for name in value if isinstance(name, str) and name))


def _company_numbers(value: object) -> tuple[str, ...]:
    """Return the numbers of a person's companies: a list, or Keycloak's object by name."""
    if isinstance(value, list):
        return _numbers(value)
    found: list[object] = []
    for attributes in value.values() if isinstance(value, dict) else ():
        said = attributes.get("juristic_id") if isinstance(attributes, dict) else None
        found += said if isinstance(said, list) else []
    return _numbers(found)


def _numbers(said: Iterable[object]) -> tuple[str, ...]:
    """Return what are numbers with the right check digit, each once."""
    known = {one for one in said if isinstance(one, str) and recognising.is_number(one)}
    return tuple(sorted(known))


def _roles(value: object) -> frozenset[Role]:
    """Return the roles that the portal knows; those of programs are never taken from a claim."""
    if not isinstance(value, list):
        return frozenset()
    known = {str(role) for role in Role} - {Role.INGEST, Role.SERVICE}
    return frozenset(Role(role) for role in value if isinstance(role, str) and role in known)


def _clearance(value: object) -> ClassificationLevel:
    if value in (None, ""):
        return ClassificationLevel.OPEN
    try:
        return ClassificationLevel(str(value))
    except ValueError:
        log.warning("the clearance %.80r is no level; it counts as open", value)
        return ClassificationLevel.OPEN


def _identity_level(value: object) -> float:
    if value in (None, "") or isinstance(value, bool):
        return 0.0
    try:
        level = float(str(value))
    except ValueError:
        level = math.nan
    if not 0 <= level <= 3:  # false for NaN as well
        log.warning("the identity assurance level %.80r is none; it counts as 0", value)
        return 0.0
    return level
