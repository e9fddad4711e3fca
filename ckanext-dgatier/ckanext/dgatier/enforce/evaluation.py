"""Decisions about others, for systems that enforce them outside the portal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ckan import model

from ckanext.dgatier import identity, store
from ckanext.dgatier.core.decision import Decision
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.core.target import Target
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.identity import liveness
from ckanext.dgatier.identity.claims import Assurance

from . import decision_point, facts

DATASET, RESOURCE = "dataset", "resource"
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Question:
    """May this person, signed in so, have this much of this, for this purpose (`None`: any)?"""

    subject_id: str
    sign_in: Assurance
    tier: AccessTier
    kind: str
    id: str
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer; `decision` is `None` where person or target are not there, or not for them."""

    allowed: bool
    decision: Decision | None = None


_NOT_THERE = Evaluation(False)


def evaluate(questions: Sequence[Question]) -> list[Evaluation]:
    """Answer all, in order: one query and one call of OPA for each person and purpose.

    A target that the person may not discover is answered as one that does not exist. Raises
    `policy.PolicyUnavailable`.
    """
    targets = {(one.kind, one.id): _target(one.kind, one.id) for one in questions}
    answers: dict[Question, Evaluation] = {}
    for group in _by_person(questions):
        subject = person(group[0].subject_id, group[0].sign_in)
        asked = {(one.kind, one.id) for one in group}
        known = {key: target for key in asked if (target := targets[key])}
        if subject is None or not known:
            continue
        found = decision_point.decide(subject, list(known.values()), group[0].purpose)
        decisions = dict(zip(known, found, strict=True))
        for one in group:
            answers[one] = _evaluation(decisions.get((one.kind, one.id)), one.tier)
    return [answers.get(one, _NOT_THERE) for one in questions]


def _evaluation(decision: Decision | None, wanted: AccessTier) -> Evaluation:
    """Say whether a decision reaches a tier; what is not discoverable is not there.

    Who asks enforces it elsewhere and filters no rows, so only what is had of all of it counts.
    """
    if decision is None or decision.tier is AccessTier.NONE:
        return _NOT_THERE
    return Evaluation(decision.whole_tier.allows(wanted), decision)


def person(user_id: str, sign_in: Assurance) -> Subject | None:
    """Return the person of a CKAN user's id or name, signed in like this; `None` for nobody."""
    user = model.User.get(user_id)
    if user is None or not user.is_active or not liveness.is_live(user.id):
        return None
    return identity.subject_signed_in(user, sign_in)


def datasets_for(
    subject: Subject, wanted: AccessTier, kind: str, purpose: str | None, after: str
) -> Iterator[tuple[str, str]]:
    """Yield `(id, id of its dataset)` of what the person may have, in the order of dataset ids.

    Begins behind the dataset `after`; asks OPA once for each 200 datasets.
    """
    while chunk := _published_after(after):
        targets = [target for known in chunk for target in _targets(known, kind)]
        decisions = decision_point.decide(subject, targets, purpose)
        for target, decision in zip(targets, decisions, strict=True):
            if decision.whole_tier.allows(wanted):
                yield target.resource_id or target.dataset_id, target.dataset_id
        after = chunk[-1].id


def people_for(
    wanted: AccessTier,
    kind: str,
    target_id: str,
    purpose: str | None,
    sign_in: Assurance,
    after: str,
) -> Iterator[str]:
    """Yield the names of those who may have that much of a target, behind the name `after`."""
    target = _target(kind, target_id)
    if target is None:
        return
    for user in people(after):
        subject = person(user.id, sign_in)
        if subject is None:
            continue
        (decision,) = decision_point.decide(subject, [target], purpose)
        if decision.whole_tier.allows(wanted):
            yield user.name


def people(after: str = "") -> Iterator[model.User]:
    """Yield the accounts that the identity provider knows, by name, behind the name `after`."""
    query = model.Session.query(model.User).filter(
        model.User.id.in_(store.people.known_user_ids()),
        model.User.state == "active",
        model.User.name > after,
    )
    yield from query.order_by(model.User.name)


def _by_person(questions: Sequence[Question]) -> list[list[Question]]:
    groups: dict[Any, list[Question]] = {}
    for one in dict.fromkeys(questions):
        groups.setdefault((one.subject_id, one.sign_in, one.purpose), []).append(one)
    return list(groups.values())


def _target(kind: str, wanted: str) -> Target | None:
    if kind == DATASET:
        package = model.Package.get(wanted)
        known = facts.of_package(package) if package else None
        return known.target() if known and known.published else None
    record = model.Resource.get(wanted)
    if kind != RESOURCE or record is None or record.state != "active":
        return None
    known = facts.of_package(record.package)
    resource = known.resource(record.id)
    if not known.published or resource is None:
        return None
    return known.target(resource, facts.columns_of(record.id) if resource.tabular else ())


def _targets(known: facts.DatasetFacts, kind: str) -> list[Target]:
    if kind == DATASET:
        return [known.target()]
    return [known.target(resource) for resource in known.resources]


def _published_after(dataset_id: str) -> list[facts.DatasetFacts]:
    query = (
        model.Session.query(model.Package)
        .filter(
            model.Package.id > dataset_id,
            model.Package.state == "active",
            model.Package.private.is_(False),
        )
        .order_by(model.Package.id)
        .limit(_CHUNK)
    )
    return [facts.of_package(package) for package in query]
