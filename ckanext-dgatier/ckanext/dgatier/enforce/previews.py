"""A table as others would see it, for the stewards of its agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.subject import ANONYMOUS
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.identity.claims import Assurance

from . import datastore, decision_point, evaluation, graded_view
from .decision_point import ResourceDecision
from .graded_view import Page, Query

#: What stands for the public, who have no name.
PUBLIC = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a steward is shown: the decision, and its first rows, `None` where it gives no rows."""

    asked: ResourceDecision
    page: Page | None


def look(context: Context, resource_id: str, seen_as: str | AccessTier, rows: int) -> Look:
    """Return a table as the person of this name, or anyone at a tier, would see it.

    The person counts as signed in as surely as can be; rows about themself are for them alone. That
    it was looked at is written down before. Raises `ObjectNotFound` (also for a person who is not
    known), `NotAuthorized`, `policy.PolicyUnavailable` or `store.audit.AuditUnavailable`.
    """
    steward = identity.subject_for(context)
    package, resource, columns = decision_point.facts_to_read(context, resource_id)
    if not resource.tabular:
        raise toolkit.ObjectNotFound(toolkit._("This resource is not a table."))
    found = policy.preview(
        steward,
        _viewer(seen_as, package.id),
        package.target(resource, columns),
        environment=identity.current_environment(),
    )
    if found.decision is None:
        said = " · ".join(decision_point.in_language(one) for one in found.reasons)
        raise toolkit.NotAuthorized(said or toolkit._("You see no rows of this table yourself."))
    filtered = found.decision.obligations.row_filter
    parts = policy.row_filters(found.decision.shares, columns) if filtered else {}
    asked = ResourceDecision(steward, package, resource, columns, found.decision, None, parts)
    has_rows = found.decision.tier.allows(AccessTier.MASKED)
    decision_point.record(
        asked,
        AuditAction.DATA_PREVIEWED,
        seen_as=str(seen_as) or "public",
        grants=[],
        rows=rows if has_rows else 0,
    )
    if not has_rows:
        return Look(asked, None)
    view = datastore.view_of(asked)
    return Look(asked, graded_view.read(view, Query(limit=rows, include_total=False)))


def _viewer(seen_as: str | AccessTier, dataset_id: str) -> policy.Viewer:
    if isinstance(seen_as, AccessTier):
        return policy.Viewer(tier=seen_as)
    if seen_as == PUBLIC:
        return policy.Viewer(ANONYMOUS)
    user = model.User.by_name(seen_as)
    if user is None or user.id not in {one.id for one in evaluation.people()}:
        raise toolkit.ObjectNotFound(toolkit._("There is no such person."))
    moment = identity.current_environment().now - timedelta(seconds=1)
    subject = identity.subject_signed_in(user, Assurance(3, moment))
    held = store.grants.held_by(user.id, [dataset_id])
    return policy.Viewer(subject, held.get(dataset_id, []))
