"""What people read of the columns of a table: how each is masked, what each seems to hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit

from ckanext.dgatier.enforce import memory

_NOTHING: dict[str, Any] = {"columns": {}, "unclassified": []}


def dgatier_column_suggestions(resource_id: str) -> dict[str, Any]:
    """Return what `dgatier_column_suggestions` says, its columns by name; nothing to others."""

    def ask() -> dict[str, Any]:
        try:
            found = toolkit.get_action("dgatier_column_suggestions")(
                {}, {"resource_id": resource_id}
            )
        except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
            return _NOTHING
        return {**found, "columns": {one["id"]: one for one in found["columns"]}}

    return memory.kept(("column_suggestions", resource_id), ask)


def dgatier_holding_label(holding: str) -> str:
    """Return what a column seems to hold in the person's language."""
    texts = {
        "citizen_number": toolkit._("a citizen number with its right check digit"),
        "juristic_number": toolkit._("a juristic number with its right check digit"),
        "email": toolkit._("an e-mail address"),
        "phone": toolkit._("a telephone number"),
        "account": toolkit._("a bank account number"),
        "coordinates": toolkit._("coordinates of a place in Thailand"),
        "name": toolkit._("a person's name with a title"),
        "firm": toolkit._("the name of a company"),
        "address": toolkit._("an address"),
        "birth_date": toolkit._("a date of birth"),
        "free_text": toolkit._("free text, in which anything may stand"),
    }
    return texts[holding]


def dgatier_mask_label(mask: Mapping[str, Any] | None) -> str:
    """Return how a column is shown in the person's language; `None` is as it is."""
    if mask is None:
        return toolkit._("shown as it is")
    texts = {
        "partial": toolkit._("last digits"),
        "pseudonym": toolkit._("pseudonym"),
        "generalise": toolkit._("grouped"),
        "truncate": toolkit._("shortened"),
        "replace": toolkit._("replaced"),
        "limit": toolkit._("limited"),
        "noise": toolkit._("with noise"),
    }
    return texts.get(mask["method"], toolkit._("hidden"))


def get_helpers() -> dict[str, Any]:
    """Return the helpers by name."""
    return {name: one for name, one in globals().items() if name.startswith("dgatier_")}
