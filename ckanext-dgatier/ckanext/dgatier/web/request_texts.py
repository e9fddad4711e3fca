"""What people read of a request: its events, and what became of copies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ckan import model
from ckan.lib import helpers
from ckan.plugins import toolkit

from ckanext.dgatier import store
from ckanext.dgatier.core import calendar
from ckanext.dgatier.core.legal import (
    DATA_USE_BY_CODE,
    DATA_USES,
    LEGAL_GROUND_BY_CODE,
    LEGAL_GROUNDS,
    REFUSAL_GROUND_BY_CODE,
    REFUSAL_GROUNDS,
    LegalGround,
)
from ckanext.dgatier.core.terms import version_of
from ckanext.dgatier.enforce import memory
from ckanext.dgatier.enforce.facts import TERMS_FIELD
from ckanext.dgatier.logic.schema import COPIES

_HEALTH = {"health", "public-health", "สุขภาพ", "สาธารณสุข"}


def dgatier_event_label(event: str) -> str:
    """Return what happened to a request, by the type of its event."""
    texts = {
        "created": toolkit._("written"),
        "updated": toolkit._("changed"),
        "attached": toolkit._("file attached"),
        "detached": toolkit._("file taken away"),
        "submitted": toolkit._("sent"),
        "withdrawn": toolkit._("withdrawn"),
        "accepted": toolkit._("takes part in the team"),
        "declined": toolkit._("takes no part in the team"),
        "claimed": toolkit._("taken on"),
        "released": toolkit._("put back"),
        "handed_over": toolkit._("handed over"),
        "review_asked": toolkit._("opinion asked"),
        "reviewed": toolkit._("opinion given"),
        "remarked": toolkit._("remark"),
        "returned": toolkit._("returned to be changed"),
        "approval_given": toolkit._("approval given"),
        "approved": toolkit._("approved"),
        "rejected": toolkit._("rejected"),
        "appealed": toolkit._("appealed"),
        "granted": toolkit._("access given"),
        "revoked": toolkit._("access taken back"),
        "closed": toolkit._("closed out"),
        "escalated": toolkit._("waits for too long"),
        "expired": toolkit._("ended"),
        "addressed": toolkit._("addressed to its agency"),
        "withheld": toolkit._("access held back"),
        "restored": toolkit._("access counts again"),
        "terms_accepted": toolkit._("new terms accepted"),
        "levelled": toolkit._("level of the approval written down"),
    }
    return texts.get(event, event)


def dgatier_amount_label(name: str) -> str:
    """Return how that is called of which an approval can give less than was asked."""
    texts = {
        "tier": toolkit._("Up to"),
        "days": toolkit._("Days"),
        "provinces": toolkit._("Provinces"),
        "years": toolkit._("Years"),
        "columns": toolkit._("Columns"),
    }
    return texts[name]


def dgatier_amount_of(amount: Mapping[str, Any], name: str) -> str:
    """Return in words what `{tier, days, conditions}` says of one of its parts."""
    if name == "tier":
        return str(toolkit.h.dgatier_tier_label(amount["tier"]))
    if name == "days":
        return toolkit._("{number} days").format(number=amount["days"])
    return ", ".join(map(str, amount["conditions"][name])) or toolkit._("all")


def dgatier_amount(amount: Mapping[str, Any]) -> str:
    """Return `{tier, days, conditions}` in one line of words."""
    conditions = amount["conditions"] or {}
    bound = [name for name in ("provinces", "years", "columns") if conditions.get(name)]
    parts = [dgatier_amount_of(amount, name) for name in ("tier", "days")]
    parts += [f"{dgatier_amount_label(name)}: {dgatier_amount_of(amount, name)}" for name in bound]
    return " · ".join(parts)


def dgatier_copies() -> tuple[str, ...]:
    """Return the codes of what can have become of copies."""
    return COPIES


def dgatier_copies_label(code: str) -> str:
    """Return in words what became of the copies."""
    texts = {
        "none": toolkit._("There were no copies."),
        "deleted": toolkit._("They were deleted."),
        "returned": toolkit._("They were given back."),
        "anonymised": toolkit._("Only anonymous results are kept."),
        "kept_by_law": toolkit._("They are kept, as a law demands."),
    }
    return texts.get(code, code)


def dgatier_legal_grounds() -> list[dict[str, str]]:
    """Return the legal grounds as choices of a form."""
    return [{"value": one.code, "text": _ground(one)} for one in LEGAL_GROUNDS]


def dgatier_refusal_grounds() -> list[dict[str, str]]:
    """Return the grounds for refusing as choices of a form."""
    return [{"value": one.code, "text": _ground(one)} for one in REFUSAL_GROUNDS]


def dgatier_legal_ground_label(code: str) -> str:
    """Return a legal ground in words, with its section of law."""
    one = LEGAL_GROUND_BY_CODE.get(code) or REFUSAL_GROUND_BY_CODE.get(code)
    return _ground(one) if one else code


def dgatier_data_uses() -> list[dict[str, str]]:
    """Return the uses of health data as choices of a form."""
    return [{"value": one.code, "text": dgatier_data_use_label(one.code)} for one in DATA_USES]


def dgatier_data_use_label(code: str) -> str:
    """Return a use of health data in words, with its code."""
    one = DATA_USE_BY_CODE.get(code)
    if one is None:
        return code
    return f"{one.th if helpers.lang() == 'th' else one.en} ({one.code})"


def dgatier_is_health(package: Mapping[str, Any]) -> bool:
    """Say whether a dataset is about health, by its tags and its groups."""
    named = (*package.get("tags", []), *package.get("groups", []))
    return any(str(one.get("name")).lower() in _HEALTH for one in named)


def _ground(one: LegalGround) -> str:
    if helpers.lang() == "th":
        return f"{one.th} ({one.law})"
    return f"{one.en} ({one.law_en})"


def dgatier_terms_of(dataset_id: str) -> dict[str, str] | None:
    """Return `{version, text}` of a dataset's terms of use.

    `None` where it has none, or the person may not know that it exists.
    """
    package = model.Package.get(dataset_id)
    text = package.extras.get(TERMS_FIELD) if package else None
    version = version_of(text)
    if version is None or not helpers.check_access("package_show", {"id": dataset_id}):
        return None
    return {"version": version, "text": str(text)}


def dgatier_stewards_of(agency: str | None) -> list[dict[str, str]]:
    """Return `{id, name, display_name}` of an agency's stewards, whether they signed in or not."""
    return list(store.people.names_of(store.people.stewards_of(agency or "")).values())


def dgatier_draft_of(dataset: str) -> str | None:
    """Return the id of the draft that the person has for a dataset, given by id or name."""
    if not toolkit.current_user.is_authenticated:
        return None
    person_id = toolkit.current_user.id

    def ask() -> str | None:
        package = model.Package.get(dataset)
        return store.drafts.newest(person_id, package.id) if package else None

    return memory.kept(("draft", person_id, dataset), ask)


def dgatier_attachment_limits() -> dict[str, int]:
    """Return `most` files of a request and the `largest` file in MiB."""
    return {
        "most": int(toolkit.config["ckanext.dgatier.attachments.most"]),
        "largest": int(toolkit.config["ckanext.dgatier.attachments.largest_mib"]),
    }


def dgatier_saved_at(draft: Mapping[str, Any]) -> str:
    """Return in words when a draft was saved, and whether something of it is not right yet."""
    clock = f"{datetime.fromisoformat(draft['saved_at']).astimezone(calendar.BANGKOK):%H:%M}"
    said = toolkit._("Saved at {time}.").format(time=clock)
    if draft["errors"]:
        return f"{said} {toolkit._('What is marked is kept, but is not right yet.')}"
    return said


def get_helpers() -> dict[str, Any]:
    """Return the helpers by name."""
    return {name: value for name, value in globals().items() if name.startswith("dgatier_")}
