"""Everyone may ask what they may have; the answer is the policy's."""

from __future__ import annotations

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context, DataDict


@toolkit.auth_allow_anonymous_access
def dgatier_access_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Allow the question to everyone."""
    return {"success": True}


@toolkit.auth_allow_anonymous_access
def dgatier_view_search(context: Context, data_dict: DataDict) -> AuthResult:
    """Allow the question to everyone."""
    return {"success": True}


@toolkit.auth_allow_anonymous_access
def dgatier_summary(context: Context, data_dict: DataDict) -> AuthResult:
    """Allow the question to everyone."""
    return {"success": True}


@toolkit.auth_allow_anonymous_access
def dgatier_numbers_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Allow the question to everyone."""
    return {"success": True}


def closed(context: Context, data_dict: DataDict) -> AuthResult:
    """Refuse what the identity provider does in CKAN's place."""
    return {"success": False, "msg": toolkit._("The identity provider does this.")}
