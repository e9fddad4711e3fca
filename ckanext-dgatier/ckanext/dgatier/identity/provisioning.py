"""Makes and keeps CKAN users for the people of the identity provider."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ckan import model

from ckanext.dgatier import store
from ckanext.dgatier.core.subject import Role

from . import claims as claim_reader

_SHORTEST_NAME = 2


def provision(issuer: str, claims: Mapping[str, Any]) -> str:
    """Return the id of the CKAN user of an identity, made or brought up to date.

    The same identity (issuer and `sub`) is the same user for ever, whatever its name becomes.
    """
    kept = claim_reader.kept(claims)
    user_id = store.people.user_id_of(issuer, claims["sub"])
    user = model.User.get(user_id) if user_id else None
    if user is None:
        user = model.User(name=_free_name(str(claims.get("preferred_username", "person"))))
        model.Session.add(user)
    user.fullname = str(claims.get("name") or user.name)
    user.email = _free_email(claims.get("email"), user)
    subject = claim_reader.subject(user.id or "", kept, claim_reader.NO_ASSURANCE)
    user.sysadmin = Role.SYSADMIN in subject.roles
    model.Session.flush()
    _join_agency(user.id, subject.agency, subject.roles)
    model.Session.commit()
    store.people.remember(issuer, claims["sub"], user.id, kept, datetime.now(UTC))
    return user.id


def _free_name(wished: str) -> str:
    base = re.sub(r"[^a-z0-9_-]", "-", wished.lower())[:80].strip("-") or "person"
    base = base if len(base) >= _SHORTEST_NAME else f"{base}-1"
    taken = {
        name
        for (name,) in model.Session.query(model.User.name).filter(model.User.name.like(f"{base}%"))
    }
    if base not in taken:
        return base
    return next(name for n in range(2, len(taken) + 3) if (name := f"{base}-{n}") not in taken)


def _free_email(wished: object, user: model.User) -> str | None:
    """Return the address unless another user has it; two users never share one."""
    if not isinstance(wished, str) or not wished:
        return user.email
    others = model.Session.query(model.User).filter(
        model.User.email == wished, model.User.state == "active"
    )
    if user.id:
        others = others.filter(model.User.id != user.id)
    return user.email if others.first() else wished


def _join_agency(user_id: str, agency: str | None, roles: frozenset[Role]) -> None:
    """Make the user an editor (steward) or member (official) of their agency, and of no other."""
    capacity = None
    if {Role.STEWARD, Role.SENIOR_STEWARD} & roles:
        capacity = "editor"
    elif Role.OFFICIAL in roles:
        capacity = "member"
    group = model.Group.by_name(agency) if agency and capacity else None
    wanted = group.id if group is not None and group.is_organization else None
    present = False
    members = (
        model.Session.query(model.Member)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .filter(
            model.Member.table_name == "user",
            model.Member.table_id == user_id,
            model.Member.state == "active",
            model.Group.is_organization.is_(True),
        )
    )
    for member in members:
        if member.group_id == wanted:
            member.capacity = capacity
            present = True
        else:
            member.state = "deleted"
    if wanted and not present:
        model.Session.add(
            model.Member(group=group, table_name="user", table_id=user_id, capacity=capacity)
        )
