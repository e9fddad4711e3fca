"""Who discovers what: the labels by which search and show alike let a dataset be seen."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection
from typing import Any

from ckan import authz, model
from ckan.lib.plugins import DefaultPermissionLabels
from ckan.logic import auth as logic_auth
from ckan.plugins import toolkit
from ckan.types import Action, AuthFunction, AuthResult, Context, DataDict

from ckanext.dgatier import identity, policy, unavailable
from ckanext.dgatier.core.classification import ClassificationLevel

from . import facts, memory, references

log = logging.getLogger(__name__)

LOADER_LABEL = "dgatier-ingest"
_FIELD = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE)
_ADDRESSES = ("res_url", "download_url")
_RELATIONS = (
    "depends_on", "dependency_of", "derives_from", "has_derivation",
    "links_to", "linked_from", "child_of", "parent_of",
)  # fmt: skip
#: Fields of the index that nobody gets. A score tells how many datasets hold a word, hidden or not.
_WITHHELD = {"data_dict", "validated_data_dict", "permission_labels", "score", *_ADDRESSES}
#: What lets a search compute with how many datasets of the whole index hold a word.
_COMPUTING = ("bf", "boost")
_PARSERS = ("dismax", "edismax", "lucene")
_ORDER = re.compile(r"\s*[a-z][a-z0-9_]*(\s+(asc|desc))?\s*", re.IGNORECASE)
_OPEN_LABEL = f"dgatier-{ClassificationLevel.OPEN}"
_ckan_labels = DefaultPermissionLabels()


def dataset_labels(package: model.Package) -> list[str]:
    """Return the labels of a dataset: facts about it, by which policy lets people discover it.

    A published dataset carries the label of its level, a secret one that of its level and
    agency, published or not. What else is draft, private or not validly classified is for its own
    agency to mend.
    """
    known = facts.of_package(package)
    if known.classified and known.level.rank >= ClassificationLevel.SECRET.rank:
        return [f"dgatier-{known.level}-{known.agency}", LOADER_LABEL]
    if not known.published or not known.classified:
        mending = [f"member-{known.agency_id}"] if known.agency_id else []
        own = _ckan_labels.get_dataset_labels(package) if not known.published else mending
        return [*own, LOADER_LABEL]
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
        return [*labels, *_own_labels(user)]

    return memory.kept(("labels", subject), ask)


def _own_labels(user: model.User | None) -> list[str]:
    """Return the labels of what is a person's own or their agency's: CKAN's, but for a sysadmin.

    CKAN counts a sysadmin among the members of every agency.
    """
    if user is None or not user.is_authenticated or not user.sysadmin:
        return [one for one in _ckan_labels.get_user_dataset_labels(user) if one != "public"]
    agencies = user.get_group_ids(group_type="organization")
    return [f"creator-{user.id}", *(f"member-{agency}" for agency in agencies)]


def hidden_from(user: model.User | None, dataset_ids: Collection[str]) -> set[str]:
    """Return those datasets that a person may not discover, with those that are not there."""
    labels = set(person_labels(user))
    found = references.packages(dataset_ids)
    return set(dataset_ids) - {one.id for one in found if labels.intersection(dataset_labels(one))}


def public(dataset_ids: Collection[str]) -> set[str]:
    """Return those datasets that everyone may discover; raises `policy.PolicyUnavailable`."""
    everyone = identity.subject_for({"user": ""})
    labels = policy.discoverable_labels(everyone, environment=identity.current_environment())
    packages = model.Session.query(model.Package).filter(model.Package.id.in_(dataset_ids))
    return {one.id for one in packages if set(labels).intersection(dataset_labels(one))}


@toolkit.chained_action
@toolkit.side_effect_free
def package_search(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Search as CKAN does; a sysadmin is bound by the same labels as everyone else.

    So is what CKAN's templates show to everyone. Whole records and addresses of resources, which
    are not for all who discover a dataset, are no fields that can be asked for.
    """
    if context.get("ignore_auth") and not context.get("for_view"):
        return original(context, data_dict)
    user = context.get("auth_user_obj") or _user_of(context)
    if context.get("ignore_auth") or (user and authz.is_sysadmin(user.name)):
        labels = " OR ".join(f'"{label}"' for label in person_labels(user))
        held = [*data_dict.get("fq_list", []), f"+permission_labels:({labels})"]
        data_dict = {**data_dict, "fq_list": held}
    return original(context, _without_withheld(data_dict))


def get_actions() -> dict[str, Any]:
    """Return the actions that stand before CKAN's own."""
    return {"package_search": package_search}


def _user_of(context: Context) -> model.User | None:
    name = context.get("user")
    return model.User.get(name) if name else None


def _without_withheld(data_dict: DataDict) -> DataDict:
    """Return a search without the fields that nobody gets; `id` where there is no other."""
    asked = data_dict.get("fl")
    if not asked:
        return data_dict
    fields = asked.replace(",", " ").split() if isinstance(asked, str) else asked
    plain = [one for one in fields if isinstance(one, str) and _FIELD.fullmatch(one)]
    return {**data_dict, "fl": [one for one in plain if one not in _WITHHELD] or ["id"]}


def ask_of_what_is_found(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a search without what Solr would answer from more than the datasets found.

    Facets that count nothing list the words of every dataset, and functions know how many hold a
    word: they are left out, and an order with one in it too.
    """
    plain = {key: one for key, one in asked.items() if key not in _COMPUTING}
    if plain.get("defType") not in _PARSERS:
        plain.pop("defType", None)
    plain["facet.mincount"] = max(1, plain.get("facet.mincount") or 1)
    if not all(_ORDER.fullmatch(one) for one in str(plain.get("sort")).split(",")):
        plain.pop("sort", None)
    return plain


def hold_back_from_index(package: dict[str, Any]) -> dict[str, Any]:
    """Take out of a dataset's index entry the addresses of what is not open, and other datasets.

    Whoever discovers the dataset could search for them, letter by letter.
    """
    known = facts.of_dict(json.loads(package["validated_data_dict"]))
    if not facts.is_open(known):
        for field in [name for name in package if name in _ADDRESSES]:
            del package[field]
    for field in _RELATIONS:
        package.pop(field, None)
    return package


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
    """Show a resource or a view by CKAN's own rule, by the dataset; for sysadmins as well."""
    return original(context, data_dict)
