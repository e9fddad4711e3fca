"""The input documents: subjects, targets and grants as OPA reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.core.grant import Grant
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.core.target import Column, Target


def of_subject(subject: Subject) -> dict[str, Any]:
    """Return the facts about a person; times are seconds since 1970."""
    moment = subject.authenticated_at
    return {
        "id": subject.id,
        "authenticated": not subject.is_anonymous,
        "roles": sorted(subject.roles),
        "agency": subject.agency,
        "organisation": subject.organisation,
        "organisations": list(subject.organisations),
        "clearance": subject.clearance,
        "ial": subject.ial,
        "aal": subject.aal,
        "authenticated_at": moment.timestamp() if moment else None,
        "accredited": subject.accredited,
    }


def of_reader(subject: Subject) -> dict[str, Any]:
    """Return the facts about a person who may find themself in a table: their numbers too."""
    return {
        **of_subject(subject),
        "numbers": {
            "citizen_id": list(subject.citizen_ids),
            "juristic_id": list(subject.juristic_ids),
        },
    }


def of_target(target: Target, grants: Sequence[Grant] = ()) -> dict[str, Any]:
    """Return the facts about a target, with the grants that this subject holds on it."""
    return {
        "dataset_id": target.dataset_id,
        "resource_id": target.resource_id,
        "level": target.level,
        "category": target.category,
        "agency": target.agency,
        "province": target.province,
        "tabular": target.tabular,
        "columns": [of_column(column) for column in target.columns],
        "terms": target.terms,
        "grants": [_of_grant(one) for one in grants if one.covers(target.resource_id)],
    }


def of_ask(target: Target, grants: Sequence[Grant], about: Sequence[str]) -> dict[str, Any]:
    """Return the facts about a target that is to be read; `about` as in `questions.Ask`."""
    return {**of_target(target, grants), "about": sorted(about)}


def of_person(subject: Subject, grants: Sequence[Grant]) -> dict[str, Any]:
    """Return the facts about a person with the grants that they hold, by dataset.

    A grant on some of a dataset's resources reaches the dataset as such.
    """
    by_dataset: dict[str, list[dict[str, Any]]] = {}
    for one in grants:
        by_dataset.setdefault(one.dataset_id, []).append(_of_grant(one))
    return {"subject": of_subject(subject), "grants": by_dataset}


def of_environment(environment: Environment) -> dict[str, Any]:
    """Return the facts about the moment and the place."""
    return {"now": environment.now.timestamp(), "network": environment.network}


def of_column(column: Column) -> dict[str, Any]:
    """Return what the data dictionary says of a column."""
    return {
        "name": column.name,
        "type": column.type,
        "level": column.level,
        "disclosure": column.disclosure,
        "subject_key": column.subject_key,
        "period": column.period,
        "kind": column.kind,
        "bounds": list(column.bounds) if column.bounds else None,
    }


def _of_grant(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.id,
        "tier": grant.tier,
        "purpose": grant.purpose,
        "valid_from": grant.valid_from.timestamp(),
        "valid_until": grant.valid_until.timestamp(),
        "revoked": grant.revoked_at is not None,
        "organisation": grant.organisation,
        "conditions": grant.conditions.to_dict(),
        "level": grant.level,
        "terms": grant.accepted_terms,
    }
