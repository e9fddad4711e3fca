"""What metadata of a resource would give its contents away."""

from __future__ import annotations

from typing import Any

from ckan.types import Context

from ckanext.dgatier import identity, policy
from ckanext.dgatier.core.subject import Subject

from . import decision_point, facts, memory


def strip_dataset(context: Context, package: dict[str, Any]) -> None:
    """Take the address out of each linked resource whose contents this person may not have whole.

    An uploaded file's address leads to a route that is guarded by itself. Whoever is changing
    the dataset, and CKAN's own inner work, get it as it is.
    """
    if context.get("for_update") or context.get("ignore_auth"):
        return
    known = facts.of_dict(package)
    links = [one for one in package.get("resources", []) if one.get("url_type") != "upload"]
    if facts.is_open(known) or not links:
        return
    try:
        subject = identity.subject_for(context)
        if _publishes(subject, known.agency):
            return
        decisions = decision_point.for_dataset(context, known).resources
        whole = {key for key, one in decisions.items() if one.is_whole}
    except policy.PolicyUnavailable:
        whole = set()
    for resource in links:
        if resource["id"] not in whole:
            resource["url"] = ""


def _publishes(subject: Subject, agency: str | None) -> bool:
    return memory.kept(
        ("publishes", subject, agency),
        lambda: policy.allowed(subject, "publish", agency=agency).allowed,
    )


def strip_search(results: dict[str, Any]) -> dict[str, Any]:
    """Take the address out of each linked resource above open in search results."""
    for package in results.get("results", []):
        if isinstance(package, dict) and "id" in package and "resources" in package:
            if facts.is_open(facts.of_dict(package)):
                continue
            for resource in package["resources"]:
                if resource.get("url_type") != "upload":
                    resource["url"] = ""
    return results
