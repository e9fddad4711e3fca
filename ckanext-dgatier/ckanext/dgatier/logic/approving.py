"""What no approval can give, whoever would give it: stewards, or the paper of an import."""

from __future__ import annotations

from ckan.plugins import toolkit

from ckanext.dgatier import identity, policy
from ckanext.dgatier.core.request import Terms
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.enforce import memory
from ckanext.dgatier.enforce.facts import DatasetFacts

from . import request_log

_FIELD_OF = {"tier_too_high": "tier", "period_too_long": "days", "not_requestable": "tier"}


def refuse_what_cannot_be_given(asker: Subject, known: DatasetFacts, terms: Terms) -> None:
    """Raise `ValidationError`, by field, where no approval could give this person so much.

    Raises `policy.PolicyUnavailable`.
    """
    needed = policy.approval_requirements(
        asker,
        known.target(),
        tier=terms.tier,
        days=terms.days,
        purpose=terms.purpose,
        environment=identity.current_environment(),
    )
    memory.kept(key_of_approvals(known), lambda: needed.approvals)
    if needed.allowed:
        return
    limits = {
        "tier": toolkit._("At most: {limit}.").format(limit=needed.max_tier),
        "days": toolkit._("At most: {limit} days.").format(limit=needed.max_days),
    }
    errors: dict[str, list[str]] = {}
    for reason in needed.reasons:
        field = _FIELD_OF.get(reason.code, "tier")
        errors.setdefault(field, []).append(f"{request_log.said((reason,))} {limits[field]}")
    raise toolkit.ValidationError(errors)


def key_of_approvals(known: DatasetFacts) -> tuple[object, ...]:
    """Return by what the number of approvals is kept: it is the same for everyone who asks."""
    return ("approvals", known.level, known.agency)
