"""Who stands in for absent stewards: the facts for policy, and what it says of requests."""

from __future__ import annotations

from collections.abc import Iterable

from ckan import model
from sqlalchemy.engine import Connection

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.delegation import Delegation
from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.enforce import facts


def of_agency(agency: str | None, environment: Environment) -> list[policy.Absence]:
    """Return the delegations of an agency that run or are planned, with who the deputies are."""
    return absences(store.delegations.not_over(agency, environment.now))


def absences(delegations: Iterable[Delegation]) -> list[policy.Absence]:
    """Return delegations with who the deputies are."""
    return [policy.Absence(one, identity.subject_of_user(one.deputy_id)) for one in delegations]


def stand_ins(
    assigned: Iterable[policy.Assigned], found: list[policy.Absence], environment: Environment
) -> dict[str, Delegation]:
    """Return the delegation that counts for each request, by its id; nothing for the others."""
    away = {one.delegation.steward_id for one in found}
    concerned = [one for one in assigned if one.assignee_id in away]
    return policy.stand_ins(concerned, found, environment=environment) if concerned else {}


def deputies_of(
    steward_id: str, assigned: policy.Assigned, connection: Connection, environment: Environment
) -> set[str]:
    """Return the steward, and who stands in for them on a request that they are given."""
    found = absences(store.delegations.not_over(assigned.agency, environment.now, connection))
    counting = stand_ins([assigned], found, environment)
    return {steward_id} | {one.deputy_id for one in counting.values()}


def level_of(dataset_id: str) -> ClassificationLevel | None:
    """Return the level of a dataset, `None` where it is gone."""
    package = model.Package.get(dataset_id)
    return facts.of_package(package).level if package else None
