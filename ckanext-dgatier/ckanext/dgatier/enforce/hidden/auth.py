"""Permissions: about what a person may not discover, the answer is that it does not exist.

CKAN's pages ask for a permission before they run an action, and CKAN allows a sysadmin everything.
"""

from __future__ import annotations

from collections.abc import Mapping

from ckan import authz
from ckan.plugins import toolkit
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ckanext.dgatier import unavailable

from . import asked, within


def functions(
    own: Mapping[str, AuthFunction], others: Mapping[str, AuthFunction]
) -> dict[str, AuthFunction]:
    """Return a guard for each auth function of CKAN and its plugins, before what `own` chains."""
    found = dict(own)
    for name, function in others.items():
        mine = own.get(name)
        if mine is None:
            found[name] = _guarded(name, function)
        elif getattr(mine, "chained_auth_function", False):
            found[name] = within.before(_guarded(name, function, mine), mine)
    return found


def _guarded(name: str, base: AuthFunction, mine: AuthFunction | None = None) -> AuthFunction:
    """Return the chained function that stands before all others of this name."""
    binds_sysadmins = any(
        getattr(one, "auth_sysadmins_check", False) for one in (base, mine) if one is not None
    )

    @toolkit.chained_auth_function
    def stands_before(original: AuthFunction, context: Context, data_dict: DataDict) -> AuthResult:
        if not binds_sysadmins and authz.is_sysadmin(context.get("user")):
            found: AuthResult = {"success": True}
        else:
            found = original(context, data_dict)
            if found["success"]:
                return found
        if within.is_inner() or context.get("ignore_auth") or unavailable.was_met():
            return found
        hidden = asked.hidden_among(context, asked.texts(name, data_dict))
        if hidden:
            asked.as_if_missing(original, context, data_dict, hidden)
            raise toolkit.ObjectNotFound
        return found

    stands_before.__dict__.update(
        auth_sysadmins_check=True,
        auth_allow_anonymous_access=_for_everyone(mine or base),
    )
    return stands_before


def _for_everyone(function: AuthFunction) -> bool:
    return bool(getattr(function, "auth_allow_anonymous_access", False))
