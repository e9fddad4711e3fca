"""Subjects: who is asking, and how surely that is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .classification import ClassificationLevel


class Role(StrEnum):
    """Realm roles of the identity provider; a person may hold several."""

    CITIZEN = "citizen"
    COMPANY_MEMBER = "company_member"
    RESEARCHER = "researcher"
    OFFICIAL = "official"
    STEWARD = "steward"
    SENIOR_STEWARD = "senior_steward"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"
    INGEST = "ingest"
    SERVICE = "service"
    PEP = "pep"


@dataclass(frozen=True, slots=True)
class Subject:
    """The facts about a person or service that policy may weigh.

    `id` is the CKAN user id, `None` for the anonymous public. `agency` is the name of the
    CKAN organisation that the person works for; `organisations` the companies and institutes
    whose member the person is, by name.
    `ial` is the identity assurance level (0 when unknown, else 1.0 to 3.0), `aal` the
    authentication assurance level of this very sign-in (0 when unknown, else 1 to 3), and
    `authenticated_at` the aware moment at which `aal` was reached.
    `citizen_ids` and `juristic_ids` are the 13-digit numbers by which registers know the person
    and the companies whose member they are; no log shows them.
    """

    id: str | None = None
    name: str = ""
    roles: frozenset[Role] = frozenset()
    agency: str | None = None
    organisations: tuple[str, ...] = ()
    clearance: ClassificationLevel = ClassificationLevel.OPEN
    ial: float = 0.0
    aal: int = 0
    authenticated_at: datetime | None = None
    accredited: bool = False
    citizen_ids: tuple[str, ...] = field(default=(), repr=False)
    juristic_ids: tuple[str, ...] = field(default=(), repr=False)

    @property
    def organisation(self) -> str | None:
        """The company or institute that the person acts for: the first of those they belong to."""
        return self.organisations[0] if self.organisations else None

    @property
    def is_anonymous(self) -> bool:
        """Nobody has signed in."""
        return self.id is None


ANONYMOUS = Subject()
