"""What metadata of a resource would give its contents away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

from ckan.types import Context

from ckanext.dgatier import identity, policy
from ckanext.dgatier.core.subject import Subject

from . import decision_point, facts, memory, references


def strip_dataset(context: Context, package: dict[str, Any]) -> None:
    """Take the address out of each linked resource whose contents this person may not have whole.

    An uploaded file's address leads to a route that is guarded by itself. Whoever is changing
    the dataset, and CKAN's own inner work, get it as it is.
    """
    if context.get("for_update") or context.get("ignore_auth"):
        return
    links = _links(package)
    if links:
        _strip(context, facts.of_dict(package), links)


def strip_answer(context: Context, answer: Any) -> None:
    """Do so in an answer that holds datasets as they were once, by what they are now.

    Of one dataset the person's own decision counts; of many, addresses above open go, as in
    search: no list asks for as many decisions as it has rows. What goes does so out of texts of
    the answer too, as out of the difference between two of its datasets.
    """
    held = [(one, links) for one in _datasets_in(answer) if (links := _links(one))]
    ids = {str(one.get("id")) for one, _ in held}
    known = {one.id: facts.of_package(one) for one in references.packages(ids)} if ids else {}
    before = {one["url"] for _, links in held for one in links if one.get("url")}
    for package, links in held:
        now = known.get(str(package.get("id")))
        if now is None:
            _clear(links)
        elif len(known) == 1:
            _strip(context, now, links)
        elif not facts.is_open(now):
            _clear(links)
    gone = before - {one["url"] for _, links in held for one in links if one.get("url")}
    if gone and isinstance(answer, dict):
        for key, text in answer.items():
            if isinstance(text, str):
                answer[key] = reduce(lambda left, url: left.replace(url, ""), gone, text)


def _strip(context: Context, known: facts.DatasetFacts, links: Iterable[dict[str, Any]]) -> None:
    if facts.is_open(known):
        return
    try:
        subject = identity.subject_for(context)
        if publishes(subject, known.agency):
            return
        decisions = decision_point.for_dataset(context, known).resources
        whole = {key for key, one in decisions.items() if one.is_whole}
    except policy.PolicyUnavailable:
        whole = set()
    _clear(one for one in links if one.get("id") not in whole)


def _links(package: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in package.get("resources", []) if one.get("url_type") != "upload"]


def _clear(links: Iterable[dict[str, Any]]) -> None:
    for one in links:
        one["url"] = ""


def _datasets_in(answer: Any) -> Iterator[dict[str, Any]]:
    """Yield each dataset that an answer holds, however deep; one holds no other in itself."""
    if isinstance(answer, dict):
        resources = answer.get("resources")
        if isinstance(resources, list) and all(isinstance(one, dict) for one in resources):
            yield answer
        else:
            for one in answer.values():
                yield from _datasets_in(one)
    elif isinstance(answer, list):
        for one in answer:
            yield from _datasets_in(one)


def publishes(subject: Subject, agency: str | None) -> bool:
    """Say whether a person publishes for this agency; raises `policy.PolicyUnavailable`."""
    return memory.kept(
        ("publishes", subject, agency),
        lambda: policy.allowed(subject, "publish", agency=agency).allowed,
    )


def strip_search(results: dict[str, Any]) -> dict[str, Any]:
    """Take the address out of each linked resource above open in search results."""
    for package in results.get("results", []):
        is_whole = isinstance(package, dict) and "id" in package and "resources" in package
        if is_whole and not facts.is_open(facts.of_dict(package)):
            _clear(_links(package))
    return results
