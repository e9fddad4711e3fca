"""Who can see what, before it is published or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import catalogue, facts, simulation

from .access import visible_package
from .requests import require_permission

_MOST_DATASETS = 100


@toolkit.side_effect_free
def dgatier_policy_simulate(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Tell who would have what of an agency's data: as it is, and if something were other.

    For stewards, of their own agency. Everyone counts as signed in as surely as can be.

    :param id: id or name of a dataset (optional, default: all of the agency, at most 100)
    :param level: the level that the data would have (optional)
    :param rules: the agency's own rules that would hold, by level, as in `overrides/data.json`
        (optional)
    :returns: `{datasets, people, counts, changes}`: each of `people` has `name`, `display_name`,
        `roles` and, in the order of `datasets`, `tiers` and `tiers_then`; `counts` tells by tier
        how many there are `now` and `then`; `changes` how many of all tiers would be other.
    """
    toolkit.check_access("dgatier_policy_simulate", context, data_dict)
    steward = identity.subject_for(context)
    known = _datasets(context, data_dict, steward.agency)
    for agency in {dataset.agency for dataset in known}:
        require_permission(steward, "simulate", agency)
    proposal = simulation.Proposal(_level(data_dict.get("level")), _rules(data_dict.get("rules")))
    outlooks = simulation.simulate(known, proposal, steward.agency)
    return {
        "datasets": [
            {
                "id": one.id,
                "name": one.name,
                "level": str(one.level),
                "level_then": str(proposal.level or one.level),
            }
            for one in known
        ],
        "people": [_person(one) for one in outlooks],
        "counts": _counts(outlooks),
        "changes": sum(
            now is not then for one in outlooks for now, then in zip(one.now, one.then, strict=True)
        ),
    }


def _datasets(
    context: Context, data_dict: DataDict, agency: str | None
) -> list[facts.DatasetFacts]:
    if data_dict.get("id"):
        return [facts.of_package(visible_package(context, data_dict))]
    group = model.Group.by_name(agency) if agency else None
    if group is None:
        raise toolkit.NotAuthorized(toolkit._("Only stewards of an agency may simulate."))
    query = (
        model.Session.query(model.Package)
        .filter(model.Package.owner_org == group.id, model.Package.state == "active")
        .order_by(model.Package.name)
    )
    labels = set(catalogue.person_labels(context["auth_user_obj"]))
    return [
        facts.of_package(package)
        for package in query.limit(_MOST_DATASETS)
        if labels.intersection(catalogue.dataset_labels(package))
    ]


def _level(value: object) -> ClassificationLevel | None:
    if value in (None, ""):
        return None
    try:
        return ClassificationLevel(str(value))
    except ValueError as error:
        raise toolkit.ValidationError(
            {"level": [toolkit._("This is not a classification level.")]}
        ) from error


def _rules(value: object) -> Mapping[str, Any] | None:
    if value in (None, ""):
        return None
    levels = {str(level) for level in ClassificationLevel}
    if not isinstance(value, dict) or not set(value) <= levels:
        raise toolkit.ValidationError(
            {"rules": [toolkit._("Rules are a JSON object with levels as its keys.")]}
        )
    return value


def _person(one: simulation.PersonOutlook) -> dict[str, Any]:
    return {
        "name": one.user.name if one.user else None,
        "display_name": one.subject.name,
        "roles": sorted(str(role) for role in one.subject.roles),
        "agency": one.subject.agency,
        "tiers": [str(tier) for tier in one.now],
        "tiers_then": [str(tier) for tier in one.then],
    }


def _counts(outlooks: list[simulation.PersonOutlook]) -> dict[str, dict[str, int]]:
    now = Counter(tier for one in outlooks for tier in one.now)
    then = Counter(tier for one in outlooks for tier in one.then)
    return {str(tier): {"now": now[tier], "then": then[tier]} for tier in AccessTier}
