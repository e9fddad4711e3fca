"""What was approved, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core.grant import Grant, GrantState
from ckanext.dgatier.core.request import RequestCommand, RequestRole
from ckanext.dgatier.core.subject import Role
from ckanext.dgatier.enforce import facts
from ckanext.dgatier.logic import request_log, schema

from .access import visible_package
from .requests import dgatier_request_create, page_bounds, require_permission

_ATTEMPTS = 5
_ROLES_FOR = {
    RequestCommand.REVOKE: frozenset({RequestRole.STEWARD}),
    RequestCommand.ACCEPT_TERMS: frozenset({RequestRole.REQUESTER, RequestRole.MEMBER}),
}


@toolkit.side_effect_free
def dgatier_grant_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Return grants: one's own, or with `agency` true those on the data of one's agency.

    :param agency: true for the grants on one's agency's data (stewards; auditors see all)
    :param dataset_id: only grants on this dataset, by id or name (optional)
    :param state: `active`, `expired`, `revoked`, `pending`, `recalled` (the level was raised) or
        `suspended` (until the holder accepts new terms). These two show within half a minute of the
        change; each reading weighs it at once (optional)
    :param holder: with `agency`, only those of this person, by id or name (optional)
    :param sort: `valid_until desc` (default), `valid_until asc` or `valid_from desc`
    :param limit: at most 200 (default 50); offset
    """
    toolkit.check_access("dgatier_grant_list", context, data_dict)
    subject = identity.subject_for(context)
    bounds: dict[str, Any] = {"subject_id": str(subject.id)}
    if toolkit.asbool(data_dict.get("agency", False)):
        require_permission(subject, "grant_list", subject.agency)
        bounds = {} if Role.AUDITOR in subject.roles else {"agency": str(subject.agency)}
        if data_dict.get("holder"):
            holder = model.User.get(str(data_dict["holder"]))
            bounds["subject_id"] = holder.id if holder else "nobody"
    limit, offset = page_bounds(data_dict)
    found = store.grants.search(
        **bounds,
        dataset_id=_dataset_id(data_dict.get("dataset_id")),
        state=_state(data_dict.get("state")),
        now=datetime.now(UTC),
        order=_order(data_dict.get("sort")),
        limit=limit,
        offset=offset,
    )
    return _shapes(found)


@toolkit.side_effect_free
def dgatier_grant_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return one grant that the asker holds, or that is on their agency's data.

    :param id: the grant
    :returns: as `dgatier_grant_list`, and `terms`: `{version, text, accepted}` of the dataset's
        terms of use as they stand, `null` where it has none or the asker may not see it
    """
    grant, _agency = _visible(context, data_dict)
    return {**_shapes([grant])[0], "terms": _terms(context, grant)}


def dgatier_grant_accept(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Accept the terms of use of a dataset as they stand now; a grant that waited counts again.

    :param id: the grant
    :param terms_version: the version that one has read (optional, default: the one that stands)
    :returns: the grant, as `dgatier_grant_show` gives it
    """
    grant, agency = _visible(context, data_dict)
    subject = identity.subject_for(context)
    require_permission(subject, "grant_accept", agency, grant.subject)
    package = visible_package(context, {"id": grant.dataset_id})
    version = schema.terms_read(data_dict, facts.of_package(package).terms)
    if version not in (None, grant.accepted_terms):
        payload = {"grant_id": grant.id, "terms_version": version}
        _write(grant, RequestCommand.ACCEPT_TERMS, str(subject.id), payload)
    return dgatier_grant_show(context, {"id": grant.id})


def dgatier_grant_renew(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask for what a grant gives once more: makes and submits a new request on its terms.

    :param id: the grant; justification: why it is still needed; days: for how long
    """
    grant, _agency = _visible(context, data_dict)
    if grant.subject != identity.subject_for(context).id:
        raise toolkit.NotAuthorized(toolkit._("Only its holder can renew a grant."))
    return dgatier_request_create(
        context,
        {
            "id": grant.dataset_id,
            "resource_ids": list(grant.resource_ids),
            "tier": str(grant.tier),
            "purpose": grant.purpose,
            "conditions": grant.conditions.to_dict(),
            "justification": data_dict.get("justification"),
            "days": data_dict.get("days"),
        },
    )


def dgatier_grant_revoke(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a grant back; the very next reading is refused.

    :param id: the grant; reason: why
    """
    grant, agency = _visible(context, data_dict)
    subject = identity.subject_for(context)
    require_permission(subject, "grant_revoke", agency)
    reason = schema.reason(data_dict.get("reason"))
    payload = {"grant_id": grant.id, "reason": reason}
    _write(grant, RequestCommand.REVOKE, str(subject.id), payload)
    return dgatier_grant_show(context, {"id": grant.id})


def _write(grant: Grant, command: RequestCommand, by: str, payload: dict[str, Any]) -> None:
    """Write into the request's log; what else comes in between does not prevent it."""
    for _attempt in range(_ATTEMPTS):
        stored = store.requests.load(grant.request_id)
        if stored is None:
            raise toolkit.ObjectNotFound(toolkit._("There is no such grant."))
        try:
            request_log.act(stored, command, by, _ROLES_FOR[command], payload)
        except request_log.ChangedMeanwhile:
            continue
        return
    raise request_log.ChangedMeanwhile


def _dataset_id(value: Any) -> str | None:
    if not value:
        return None
    wanted = str(value).replace("\0", "")
    package = model.Package.get(wanted)
    return str(package.id) if package else wanted


def _state(value: Any) -> GrantState | None:
    try:
        return GrantState(value) if value else None
    except ValueError as error:
        raise toolkit.ValidationError(
            {"state": [toolkit._("Choose one of: {known}.").format(known=", ".join(GrantState))]}
        ) from error


def _order(value: Any) -> str:
    order = value or "valid_until desc"
    if order not in store.grants.ORDERS:
        known = ", ".join(store.grants.ORDERS)
        raise toolkit.ValidationError(
            {"sort": [toolkit._("Sort by one of: {known}.").format(known=known)]}
        )
    return str(order)


def _visible(context: Context, data_dict: DataDict) -> tuple[Grant, str | None]:
    toolkit.check_access("dgatier_grant_show", context, data_dict)
    found = store.grants.get(schema.id_of(data_dict))
    subject = identity.subject_for(context)
    if found is not None:
        grant, agency = found
        if policy.allowed(subject, "grant_show", agency=agency, requester_id=grant.subject).allowed:
            return grant, agency
    raise toolkit.ObjectNotFound(toolkit._("There is no such grant."))


def _terms(context: Context, grant: Grant) -> dict[str, Any] | None:
    try:
        package = visible_package(context, {"id": grant.dataset_id})
    except toolkit.ObjectNotFound:
        return None
    version = facts.of_package(package).terms
    if version is None:
        return None
    return {
        "version": version,
        "text": package.extras[facts.TERMS_FIELD],
        "accepted": version == grant.accepted_terms,
    }


def _shapes(grants: Sequence[Grant]) -> list[dict[str, Any]]:
    names = store.people.names_of(
        person for one in grants for person in (one.subject, one.revoked_by, *one.approved_by)
    )
    titles = store.people.titles_of(one.dataset_id for one in grants)
    now = datetime.now(UTC)
    return [
        {
            "id": one.id,
            "request_id": one.request_id,
            "subject": names.get(one.subject),
            "organisation": one.organisation,
            "dataset_id": one.dataset_id,
            "dataset_name": titles.get(one.dataset_id, ("", ""))[0],
            "dataset_title": titles.get(one.dataset_id, ("", ""))[1],
            "resource_ids": list(one.resource_ids),
            "tier": str(one.tier),
            "purpose": one.purpose,
            "conditions": one.conditions.to_dict(),
            "valid_from": one.valid_from.isoformat(),
            "valid_until": one.valid_until.isoformat(),
            "state": str(one.state(now)),
            "approved_by": [names.get(person) for person in one.approved_by],
            "by_rule": RequestRole.POLICY in one.approved_by,
            "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
            "revoked_by": names.get(one.revoked_by or ""),
            "revoke_reason": one.revoke_reason,
            "level": str(one.level),
            "accepted_terms": one.accepted_terms,
        }
        for one in grants
    ]
