"""Asks policy about datasets and resources, once a request, and writes down what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.lib import helpers
from ckan.plugins import toolkit
from ckan.types import Context
from flask import g, has_request_context

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.decision import Decision, Message
from ckanext.dgatier.core.grant import UNBOUND, Grant
from ckanext.dgatier.core.marking import marks_of
from ckanext.dgatier.core.row_filter import RowFilter
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.core.target import Column, Target
from ckanext.dgatier.core.tier import AccessTier

from . import facts, memory, oneself


@dataclass(frozen=True, slots=True)
class DatasetDecision:
    """What a person may have of a dataset as such, and of each of its resources by id."""

    dataset: Decision
    resources: Mapping[str, Decision]


@dataclass(frozen=True, slots=True)
class ResourceDecision:
    """What a person may have of one resource, with the facts that the answer rests on.

    `rows` are the rows of each share of the decision, by its name; empty without a row filter.
    """

    subject: Subject
    dataset: facts.DatasetFacts
    resource: facts.ResourceFacts
    columns: tuple[Column, ...]
    decision: Decision
    purpose: str | None = None
    rows: Mapping[str, RowFilter] = field(default_factory=dict)


def decide(
    subject: Subject,
    targets: Sequence[Target],
    purpose: str | None,
    *,
    own_record: bool = False,
) -> list[Decision]:
    """Return a person's decision on each target: one query for their grants, one call of OPA.

    Rows about the person themself are for them alone: they are looked for where `own_record` is
    true, for an answer that only they get. A grant that is bound to a part of a table is weighed
    with the table's columns. Nothing is kept. Raises `policy.PolicyUnavailable`.
    """
    grants = store.grants.held_by(subject.id, sorted({target.dataset_id for target in targets}))
    held = [
        (_with_columns(target, some), some)
        for target in targets
        for some in [grants.get(target.dataset_id, [])]
    ]
    return policy.decide(
        subject,
        [
            policy.Ask(target, some, oneself.keys(subject, target) if own_record else ())
            for target, some in held
        ],
        purpose=purpose,
        environment=identity.current_environment(),
    )


def _with_columns(target: Target, grants: Sequence[Grant]) -> Target:
    """Return the target with its columns, where a grant is bound to what only they can tell."""
    if target.resource_id is None or not target.tabular or target.columns:
        return target
    if all(one.conditions == UNBOUND for one in grants if one.covers(target.resource_id)):
        return target
    return replace(target, columns=facts.columns_of(target.resource_id))


def for_dataset(
    context: Context, package: facts.DatasetFacts, purpose: str | None = None
) -> DatasetDecision:
    """Return the decisions on a dataset and its resources: one query and one call of OPA.

    Raises `policy.PolicyUnavailable`.
    """
    subject = identity.subject_for(context)

    def ask() -> DatasetDecision:
        targets = [package.target()]
        for one in package.resources:
            # Only the columns tell whether rows of it are about the agency of an official.
            tells = one.tabular and subject.agency not in (None, package.agency)
            targets.append(package.target(one, facts.columns_of(one.id) if tells else ()))
        first, *rest = decide(subject, targets, purpose)
        by_id = {one.id: decision for one, decision in zip(package.resources, rest, strict=True)}
        return DatasetDecision(first, by_id)

    return memory.kept(("dataset", subject, package, purpose), ask)


def for_resource(
    context: Context, resource_id: str, purpose: str | None = None
) -> ResourceDecision:
    """Return the decision on reading a resource, its columns weighed too.

    Each request asks anew, so that a revocation holds from the next one on, and a long one asks
    again and again (`memory.SECONDS`). Raises `ObjectNotFound`, `NotAuthorized` (CKAN's own check
    of `resource_show`) or `policy.PolicyUnavailable`.
    """
    (asked,) = for_resources(context, [resource_id], purpose)
    return asked


def for_resources(
    context: Context, resource_ids: Sequence[str], purpose: str | None = None
) -> list[ResourceDecision]:
    """Return the decisions on reading several resources at once: one query and one call of OPA.

    Raises as `for_resource` does.
    """
    subject = identity.subject_for(context)

    def ask() -> list[ResourceDecision]:
        read = [facts_to_read(context, one) for one in resource_ids]
        targets = [package.target(resource, columns) for package, resource, columns in read]
        decisions = decide(subject, targets, purpose, own_record=True)
        return [
            ResourceDecision(
                subject, *facts_of, decision, purpose,
                policy.row_filters(decision.shares, facts_of[-1])
                if decision.obligations.row_filter
                else {},
            )
            for facts_of, decision in zip(read, decisions, strict=True)
        ]  # fmt: skip

    return memory.kept(("resources", subject, tuple(resource_ids), purpose), ask)


def facts_to_read(
    context: Context, resource_id: str
) -> tuple[facts.DatasetFacts, facts.ResourceFacts, tuple[Column, ...]]:
    """Return the facts of a resource that the person may know of, its columns too.

    Raises `ObjectNotFound` or `NotAuthorized` (CKAN's own check of `resource_show`).
    """
    toolkit.check_access("resource_show", context, {"id": resource_id})
    record = model.Resource.get(resource_id)
    package = facts.of_package(record.package) if record else None
    resource = package.resource(resource_id) if package else None
    if package is None or resource is None:
        raise toolkit.ObjectNotFound
    return package, resource, facts.columns_of(resource_id) if resource.tabular else ()


def is_open(resource_id: str) -> bool:
    """Say whether a resource is open data, which is served even when OPA is down."""
    record = model.Resource.get(resource_id)
    return record is not None and facts.is_open(facts.of_package(record.package))


def require(asked: ResourceDecision, tier: AccessTier, *, own_record: bool = True) -> None:
    """Raise `NotAuthorized` with reasons and next steps unless the decision gives `tier`.

    Rows about the person themself count for it, unless `own_record` is false. Each refusal is
    written down.
    """
    if asked.decision.gives(tier) if own_record else asked.decision.tier.allows(tier):
        return
    record(asked, AuditAction.DATA_REFUSED, outcome="refused", wanted=str(tier))
    if has_request_context():
        g.dgatier_refused = asked
    raise toolkit.NotAuthorized(explain(asked.decision))


def refused_in_this_request() -> ResourceDecision | None:
    """Return the decision by which this request was refused, to say what can be done about it."""
    found: ResourceDecision | None = getattr(g, "dgatier_refused", None)
    return found


def record(
    asked: ResourceDecision, action: AuditAction, *, outcome: str = "done", **detail: Any
) -> None:
    """Write down that data of a resource was given or refused.

    Open data given is not recorded. Raises `store.audit.AuditUnavailable`, in which case the
    data must not go out.
    """
    if asked.decision.obligations.log_purpose or outcome != "done":
        marks = marks_of(asked.decision) if outcome == "done" else None
        store.audit.append(
            AuditEvent(
                action,
                asked.subject.id,
                datetime.now(UTC),
                dataset_id=asked.dataset.id,
                resource_id=asked.resource.id,
                outcome=outcome,
                decision_id=asked.decision.decision_id,
                detail={
                    "tier": str(asked.decision.tier),
                    "grants": list(asked.decision.grants),
                    "purpose": asked.purpose,
                    **_own_record(asked.decision, outcome),
                    **({"marks": marks.to_dict()} if marks else {}),
                    **detail,
                },
            )
        )


def _own_record(decision: Decision, outcome: str) -> dict[str, str]:
    """Return how rows about the person themself were shown, where such rows were given."""
    given = outcome == "done" and decision.own_record is not AccessTier.NONE
    return {"own_record": str(decision.own_record)} if given else {}


def explain(decision: Decision) -> str:
    """Return the reasons and next steps as one text in the person's language."""
    return " · ".join(in_language(one) for one in (*decision.reasons, *decision.next_steps))


def in_language(message: Message) -> str:
    """Return a message of policy in the language of this request."""
    thai = has_request_context() and helpers.lang() == "th"
    return message.th if thai else message.en
