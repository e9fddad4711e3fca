"""What the identity provider owns is not edited in CKAN: not by its owner, nor by a sysadmin.

Owned are the account of each person whom the provider knows, and their memberships of agencies.
Accounts of CKAN's own (the loader, a local sysadmin), groups, and what people write about
themselves are CKAN's, as are its own inner changes, which no check of permission meets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit
from ckan.types import AuthFunction, AuthResult, Context, DataDict

from ckanext.dgatier import store

_TEXTS = ("name", "fullname", "email", "state")
_PASSWORDS = ("password", "password1", "password2", "password_hash")


def get_auth_functions() -> dict[str, Any]:
    """Return the functions that stand before CKAN's own, by name."""
    return {
        "user_update": _chained(_refuse_account),
        "user_delete": _chained(_refuse_known),
        "member_create": _chained(_refuse_member),
        "member_delete": _chained(_refuse_member),
        "organization_member_create": _chained(_refuse_organization_member),
        "organization_member_delete": _chained(_refuse_organization_member),
        "organization_create": _chained(_refuse_users),
        "organization_update": _chained(_refuse_users),
    }


def _chained(refuse: Callable[[Mapping[str, Any]], str | None]) -> AuthFunction:
    """Return an auth function that asks `refuse` for a reason first, and CKAN's own then."""

    @toolkit.chained_auth_function
    @toolkit.auth_sysadmins_check
    def stands_before(original: AuthFunction, context: Context, data_dict: DataDict) -> AuthResult:
        if text := refuse(data_dict):
            return {"success": False, "msg": text}
        if authz.is_sysadmin(context.get("user")):
            return {"success": True}
        return original(context, data_dict)

    return stands_before


def _refuse_account(changed: Mapping[str, Any]) -> str | None:
    user = _known(changed.get("id") or changed.get("name"))
    if user is None:
        return None
    owned = [name for name in _TEXTS if name in changed and _differs(changed[name], user, name)]
    owned += [name for name in _PASSWORDS if changed.get(name)]
    if "sysadmin" in changed and toolkit.asbool(changed["sysadmin"]) != bool(user.sysadmin):
        owned.append("sysadmin")
    if not owned:
        return None
    return toolkit._("The identity provider keeps this: {fields}. Change it there.").format(
        fields=", ".join(owned)
    )


def _refuse_known(changed: Mapping[str, Any]) -> str | None:
    if _known(changed.get("id")) is None:
        return None
    return toolkit._("The identity provider keeps this account. Disable or delete it there.")


def _refuse_member(changed: Mapping[str, Any]) -> str | None:
    if changed.get("object_type") != "user":
        return None
    group = model.Group.get(changed.get("id"))
    if group is None or not group.is_organization or _known(changed.get("object")) is None:
        return None
    return _membership_text()


def _refuse_organization_member(changed: Mapping[str, Any]) -> str | None:
    return _membership_text() if _known(changed.get("username") or changed.get("user_id")) else None


def _refuse_users(changed: Mapping[str, Any]) -> str | None:
    """Refuse a list of an agency's users that is other than the provider has it."""
    if not isinstance(changed.get("users"), list):
        return None
    group = model.Group.get(changed.get("id"))
    wanted = {
        (user.id, one.get("capacity", "public"))
        for one in changed["users"]
        if isinstance(one, dict) and (user := _known(one.get("id") or one.get("name")))
    }
    return None if wanted == _members(group) else _membership_text()


def _members(group: model.Group | None) -> set[tuple[str, str]]:
    if group is None:
        return set()
    members = model.Session.query(model.Member).filter_by(
        group_id=group.id, table_name="user", state="active"
    )
    return {(one.table_id, one.capacity) for one in members if _known(one.table_id)}


def _known(name_or_id: object) -> model.User | None:
    """Return the CKAN user if the identity provider knows them."""
    user = model.User.get(name_or_id) if isinstance(name_or_id, str) and name_or_id else None
    return user if user is not None and store.people.subject_of(user.id) else None


def _differs(value: object, user: model.User, name: str) -> bool:
    return str(value or "") != str(getattr(user, name) or "")


def _membership_text() -> str:
    return toolkit._("The identity provider says who belongs to an agency. Change it there.")
