"""Who stands in for absent stewards: the facts for policy, and what it says of requests."""

from __future__ import annotations

from collections.abc import Iterable

from ckan import model
from sqlalchemy.engine import Connection

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.delegation import Delegation
from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.core.request import Request
from ckanext.dgatier.enforce import facts


def of_agency(agency: str | None, environment: Environment) -> list[policy.Absence]:
    """Return the delegations of an agency that run or are planned, with who the deputies are."""
    return with_deputies(store.delegations.not_over(agency, environment.now))


def with_deputies(delegations: Iterable[Delegation]) -> list[policy.Absence]:
    """Return delegations with who the deputies are."""
    return [policy.Absence(one, identity.subject_of_user(one.deputy_id)) for one in delegations]


def stand_ins(
    assigned: Iterable[policy.Assigned], found: list[policy.Absence], environment: Environment
) -> dict[str, Delegation]:
    """Return the delegation that counts for each request, by its id; nothing for the others."""
    away = {one.delegation.steward_id for one in found}
    concerned = [one for one in assigned if one.assignee_id in away]
    return policy.stand_ins(concerned, found, environment=environment) if concerned else {}


def of_request(
    current: Request, found: list[policy.Absence], environment: Environment
) -> tuple[ClassificationLevel | None, Delegation | None]:
    """Return the level that the dataset has, and who stands in on a request; each may be `None`.

    The level is looked up only where the steward who works on it is or will be away.
    """
    if current.assignee_id not in {one.delegation.steward_id for one in found}:
        return None, None
    level = level_of(current.dataset_id)
    assigned = policy.Assigned(
        current.id,
        current.requester_id,
        current.agency,
        current.assignee_id,
        sorted(current.members),
        level,
    )
    return level, stand_ins([assigned], found, environment).get(current.id)


def at_work_on(current: Request, connection: Connection) -> set[str]:
    """Return the steward who works on a request, and who stands in for them now."""
    environment = identity.current_environment()
    found = with_deputies(store.delegations.not_over(current.agency, environment.now, connection))
    _level, stand_in = of_request(current, found, environment)
    people = {current.assignee_id, stand_in.deputy_id if stand_in else None}
    return {person for person in people if person is not None}


def level_of(dataset_id: str) -> ClassificationLevel | None:
    """Return the level of a dataset, `None` where it is gone."""
    package = model.Package.get(dataset_id)
    return facts.of_package(package).level if package else None
