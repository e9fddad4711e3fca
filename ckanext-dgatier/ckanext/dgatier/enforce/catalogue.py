"""Who discovers what: the labels by which search and show alike let a dataset be seen."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from ckan import authz, model
from ckan.lib.plugins import DefaultPermissionLabels
from ckan.logic import auth as logic_auth
from ckan.plugins import toolkit
from ckan.types import Action, AuthFunction, AuthResult, Context, DataDict

from ckanext.dgatier import identity, policy, unavailable
from ckanext.dgatier.core.classification import ClassificationLevel

from . import facts, memory

log = logging.getLogger(__name__)

LOADER_LABEL = "dgatier-ingest"
_OPEN_LABEL = f"dgatier-{ClassificationLevel.OPEN}"
_ckan_labels = DefaultPermissionLabels()


def dataset_labels(package: model.Package) -> list[str]:
    """Return the labels of a dataset: facts about it, by which policy lets people discover it.

    A published dataset carries the label of its level, a secret one that of its level and
    agency. What is draft, private or not validly classified is for its own agency to mend.
    """
    known = facts.of_package(package)
    if not known.published or not known.classified:
        mending = [f"member-{known.agency_id}"] if known.agency_id else []
        own = _ckan_labels.get_dataset_labels(package) if not known.published else mending
        return [*own, LOADER_LABEL]
    if known.level.rank >= ClassificationLevel.SECRET.rank:
        return [f"dgatier-{known.level}-{known.agency}", LOADER_LABEL]
    return [f"dgatier-{known.level}", LOADER_LABEL]


def person_labels(user: model.User | None) -> list[str]:
    """Return the labels that a person sees; open data only while OPA does not answer."""
    subject = identity.subject_for({"user": user.name if user else ""})

    def ask() -> list[str]:
        try:
            labels = policy.discoverable_labels(subject, environment=identity.current_environment())
        except policy.PolicyUnavailable:
            log.warning("the catalogue shows open data only, as OPA does not answer")
            labels = [_OPEN_LABEL]
        own = [one for one in _ckan_labels.get_user_dataset_labels(user) if one != "public"]
        return [*labels, *own]

    return memory.kept(("labels", subject), ask)


def public(dataset_ids: Collection[str]) -> set[str]:
    """Return those datasets that everyone may discover; raises `policy.PolicyUnavailable`."""
    everyone = identity.subject_for({"user": ""})
    labels = policy.discoverable_labels(everyone, environment=identity.current_environment())
    packages = model.Session.query(model.Package).filter(model.Package.id.in_(dataset_ids))
    return {one.id for one in packages if set(labels).intersection(dataset_labels(one))}


@toolkit.chained_action
@toolkit.side_effect_free
def package_search(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Search as CKAN does; a sysadmin is bound by the same labels as everyone else."""
    user = context.get("user")
    if user and not context.get("ignore_auth") and authz.is_sysadmin(user):
        labels = " OR ".join(f'"{label}"' for label in person_labels(context.get("auth_user_obj")))
        data_dict = {
            **data_dict,
            "fq_list": [*data_dict.get("fq_list", []), f"+permission_labels:({labels})"],
        }
    return original(context, data_dict)


@toolkit.chained_auth_function
@toolkit.auth_sysadmins_check
@toolkit.auth_allow_anonymous_access
def package_show(original: AuthFunction, context: Context, data_dict: DataDict) -> AuthResult:
    """Show by CKAN's own rule, which goes by labels; for sysadmins as well.

    While OPA does not answer, what everyone could discover before is not there *for now*, and
    anything else is not there. Raises `policy.PolicyUnavailable` for the former.
    """
    shown = original(context, data_dict)
    if not shown["success"] and unavailable.was_met():
        package = logic_auth.get_package_object(context, data_dict)
        if set(policy.last_public_labels()).intersection(dataset_labels(package)):
            raise policy.PolicyUnavailable("discovery/labels")
    return shown


@toolkit.chained_auth_function
@toolkit.auth_sysadmins_check
@toolkit.auth_allow_anonymous_access
def resource_show(original: AuthFunction, context: Context, data_dict: DataDict) -> AuthResult:
    """Show by CKAN's own rule, which goes by the dataset; for sysadmins as well."""
    return original(context, data_dict)
