"""Who would have what: the real people against real data, as it is and as it would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.subject import ANONYMOUS, Subject
from ckanext.dgatier.core.target import Target
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.identity.claims import Assurance

from . import evaluation, facts
from .facts import DatasetFacts

# So many decisions fit well into the time that OPA has for one answer.
_DECISIONS_A_CALL = 400
_DATASETS_A_TIME = 100
_ADDRESS = "ckanext.dgatier.opa_url"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be other: the level of all the datasets, or the agency's own rules by level."""

    level: ClassificationLevel | None = None
    rules: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PersonOutlook:
    """One person's tier of each dataset, now and then; `ANONYMOUS` is the public."""

    subject: Subject
    user: model.User | None
    now: tuple[AccessTier, ...]
    then: tuple[AccessTier, ...]


def simulate(
    datasets: Sequence[DatasetFacts], proposal: Proposal, agency: str | None
) -> list[PersonOutlook]:
    """Return what everyone would have, the public first, each as surely signed in as they can.

    Raises `policy.PolicyUnavailable`.
    """
    here = identity.current_environment()
    sign_in = Assurance(3, here.now - timedelta(seconds=1))
    population: list[tuple[Subject, model.User | None]] = [(ANONYMOUS, None)]
    population += [
        (identity.subject_signed_in(user, sign_in), user) for user in evaluation.people()
    ]
    targets = [known.target() for known in datasets]
    targets_then = [_proposed(target, proposal.level) for target in targets]
    held = store.grants.held_on([known.id for known in datasets])
    outlooks: list[PersonOutlook] = []
    size = max(1, _DECISIONS_A_CALL // max(1, 2 * len(targets)))
    for first in range(0, len(population), size):
        chunk = population[first : first + size]
        now, then = policy.simulate(
            [policy.Person(subject, held.get(subject.id or "", [])) for subject, _user in chunk],
            targets,
            targets_then,
            agency=agency,
            rules=proposal.rules,
            environment=here,
        )
        outlooks += [
            PersonOutlook(subject, user, tiers, tiers_then)
            for (subject, user), tiers, tiers_then in zip(chunk, now, then, strict=True)
        ]
    return outlooks


def compare(candidate_url: str) -> Iterator[tuple[DatasetFacts, list[PersonOutlook]]]:
    """Yield each dataset with what everyone has of it, and would have by the candidate's policy.

    The candidate is an OPA at another address. For a program of its own: while one is asked, the
    whole process asks it. Raises `policy.PolicyUnavailable`, with the address, for either of them.
    """
    query = model.Session.query(model.Package).filter(
        model.Package.state == "active", model.Package.type == "dataset"
    )
    known = [facts.of_package(package) for package in query.order_by(model.Package.name)]
    for first in range(0, len(known), _DATASETS_A_TIME):
        some = known[first : first + _DATASETS_A_TIME]
        now = _ask_at(toolkit.config[_ADDRESS], some)
        then = _ask_at(candidate_url, some)
        for number, dataset in enumerate(some):
            yield (
                dataset,
                [
                    replace(one, now=(one.now[number],), then=(other.now[number],))
                    for one, other in zip(now, then, strict=True)
                ],
            )


def _ask_at(address: str, datasets: Sequence[DatasetFacts]) -> list[PersonOutlook]:
    own = toolkit.config[_ADDRESS]
    toolkit.config[_ADDRESS] = address
    try:
        return simulate(datasets, Proposal(), None)
    except policy.PolicyUnavailable as error:
        raise policy.PolicyUnavailable(address) from error
    finally:
        toolkit.config[_ADDRESS] = own


def _proposed(target: Target, level: ClassificationLevel | None) -> Target:
    return replace(target, level=level) if level else target
