"""What an agency's rule gives in the moment in which a request is handed in.

Policy says whether it does; what it gives is an approval like any other, of which the actor is
the policy.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import request
from ckanext.dgatier.core.request import RequestCommand, RequestEvent, RequestRole
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce.facts import DatasetFacts

_POLICY = str(RequestRole.POLICY)


def weigh(
    asker: Subject,
    known: DatasetFacts,
    tier: AccessTier,
    days: int,
    purpose: str,
    members: Sequence[str],
    addressed_to: str | None,
) -> policy.AtOnce:
    """Return by which rule so much of a dataset is given at once, or why a steward reads it.

    `addressed_to` is the agency that decides on it. Raises `policy.PolicyUnavailable`.
    """
    refused = store.requests.refused_before(str(asker.id), known.id)
    return policy.at_once(
        asker,
        known.target(),
        policy.Asking(tier, days, purpose, members, refused, addressed_to),
        environment=identity.current_environment(),
    )


def follow(
    events: Sequence[RequestEvent], asker: Subject, known: DatasetFacts, now: datetime
) -> tuple[RequestEvent, ...]:
    """Return what follows of the events of a request that was just handed in.

    That is its approval as it was asked for, with the grant, or nothing where a steward reads it.
    Raises `policy.PolicyUnavailable`.
    """
    submitted = request.fold(events)
    terms, members = submitted.terms, sorted(submitted.members)
    asked = (terms.tier, terms.days, terms.purpose, members, submitted.agency)
    answer = weigh(asker, known, *asked)
    if answer.rule is None:
        return ()
    approved = request.handle(
        submitted,
        RequestCommand.APPROVE,
        actor_id=_POLICY,
        roles=[RequestRole.POLICY],
        now=now,
        payload={
            **request.approval(terms, known.level, complete=True),
            "rule": answer.rule.name,
            "rule_words": {"th": answer.rule.th, "en": answer.rule.en},
            "decision_id": answer.decision_id,
        },
    )
    after = request.fold((*events, *approved))
    return (*approved, *request.grants_due(after, _POLICY, now, lambda: str(uuid.uuid4())))
