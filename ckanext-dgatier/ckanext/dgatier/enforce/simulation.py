"""Who would have what: the real people against real data, as it is and as it would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ckan import model

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.subject import ANONYMOUS, Subject
from ckanext.dgatier.core.target import Target
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.identity.claims import Assurance

from . import evaluation
from .facts import DatasetFacts

# So many decisions fit well into the time that OPA has for one answer.
_DECISIONS_A_CALL = 400


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


def _proposed(target: Target, level: ClassificationLevel | None) -> Target:
    return replace(target, level=level) if level else target
