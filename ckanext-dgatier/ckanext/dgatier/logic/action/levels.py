"""Proposing, confirming and reviewing levels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import calendar
from ckanext.dgatier.core import levelling as core
from ckanext.dgatier.core.levelling import LevelCommand, LevelEvent, Levelling, LevelRole
from ckanext.dgatier.core.subject import Role, Subject
from ckanext.dgatier.enforce import catalogue, facts
from ckanext.dgatier.logic import column_levels, level_log, levelling, schema
from ckanext.dgatier.store.levels import LevelChangedMeanwhile, StoredLevel

from .access import visible_package
from .requests import page_bounds

_MOST_IN_THE_QUEUE = 2_000
_DECISIONS = {"confirm": LevelCommand.CONFIRM, "refuse": LevelCommand.REFUSE}


def dgatier_level_propose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Propose another level of a dataset, or of one resource of it.

    A higher one stands at once, and so does a first one that a steward of the agency proposes;
    the rest waits. For a column only a lower one is proposed: the data dictionary sets a higher.

    :param id: id or name of the dataset
    :param resource_id: a resource of it (optional)
    :param column: a column of the resource; `_gone` stands for those that are no longer there
        (optional)
    :param level: the level
    :param ground: why, in words; needed for a lower one (optional else)
    :param review_on: day of the next review, as `2031-01-31` (optional, default: by the level)
    :returns: the level, as `dgatier_level_show` gives it
    """
    toolkit.check_access("dgatier_level_propose", context, data_dict)
    package = visible_package(context, data_dict)
    resource_id = _resource_id(package, data_dict)
    wanted = facts.parse_level(data_dict.get("level"), None)
    if wanted is None:
        raise toolkit.ValidationError({"level": [toolkit._("This is not a classification level.")]})
    column = _column(package, resource_id, data_dict)
    current = _stored(package, resource_id, column).levelling
    if wanted == current.standing == current.confirmed:
        raise toolkit.ValidationError({"level": [toolkit._("It stands at this level already.")]})
    change = {
        "id": resource_id or package.id,
        facts.LEVEL_FIELD: str(wanted),
        schema.GROUND_FIELD: data_dict.get("ground"),
        schema.REVIEW_FIELD: data_dict.get("review_on"),
    }
    own = {
        "user": context["user"],
        "auth_user_obj": context.get("auth_user_obj"),
        levelling.MEANT: True,
    }
    try:
        if resource_id and column:
            levelling.propose_for_column(context, package, resource_id, column, wanted, change)
        else:
            toolkit.get_action("resource_patch" if resource_id else "package_patch")(own, change)
    except toolkit.ValidationError as refused:
        raise toolkit.ValidationError(_as_given(refused.error_dict)) from refused
    return dgatier_level_show(context, {"id": package.id})


@toolkit.side_effect_free
def dgatier_level_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return the level of a dataset and of its resources: what stands, what waits, what was.

    For those who may change the dataset, stewards of its agency, and auditors.

    :param id: id or name of the dataset
    :returns: `{dataset_id, dataset_name, dataset_title, resource_id, column, standing_level,
        confirmed_level, ground, review_on, overdue, confirmed_by, confirmed_at, proposal,
        commands, history, resources}`; `resources` holds the same of each resource that has a
        history and of each column that has a level.
    """
    toolkit.check_access("dgatier_level_show", context, data_dict)
    package = visible_package(context, data_dict)
    subject, dataset = _asker(context, package)
    _require(subject, dataset, "show")
    first = _stored(package, None)
    logs = level_log.of_dataset(package.id)
    others = []
    for one in package.resources:
        if one.id in logs:
            found = levelling.level_in_ckan(package, one.id)
            others.append(levelling.known_level(logs, package.id, one.id, found))
        others += [
            levelling.known_level(logs, package.id, one.id, level, column)
            for column, level in column_levels.of_resource(one).items()
        ]
    shown = [_shown(stored, package, subject, dataset) for stored in (first, *others)]
    return {**shown[0], "resources": shown[1:]}


@toolkit.side_effect_free
def dgatier_level_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Return the levels of one's agency that wait for a steward, or are past their review date.

    What waits comes first, the oldest at the top; auditors see all agencies'.

    :param limit: at most 200 (default 50); offset
    :returns: `{count, results}`; each result is `{id, state, kind, level, standing_level, ground,
        review_on, overdue, proposed_by, proposed_at, approvals, dataset_id, dataset_name,
        dataset_title, resource_id, column}`, where `id` is the proposal's, `null` where none waits.
    """
    toolkit.check_access("dgatier_level_list", context, data_dict)
    subject = identity.subject_for(context)
    _require(subject, policy.LevelledDataset(subject.agency, editable=False), "list")
    limit, offset = page_bounds(data_dict)
    today = calendar.today(datetime.now(UTC))
    agency = None if Role.AUDITOR in subject.roles else subject.agency
    rows = store.levels.search(agency, today, _MOST_IN_THE_QUEUE)
    visible = _discoverable(context, {row.dataset_id for row in rows})
    rows = [row for row in rows if row.dataset_id in visible]
    titles = store.people.titles_of(row.dataset_id for row in rows)
    levels = [stored.levelling for stored in map(_load, rows[offset : offset + limit]) if stored]
    waiting = {shape["id"]: shape for shape in level_log.shapes(levels)}
    results = []
    for one in levels:
        name, title = titles.get(one.dataset_id, ("", ""))
        own = waiting[one.proposal.id] if one.proposal else _settled(one)
        where = {"dataset_id": one.dataset_id, "dataset_name": name, "dataset_title": title}
        results.append({**own, "overdue": one.is_overdue(today), **where})
    return {"count": len(rows), "results": results}


def dgatier_level_decide(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Confirm or refuse a proposed level; for stewards of the agency.

    Two different stewards lower a level, one confirms any other; one refusal ends it. Confirming
    once more what was decided gives the dataset the level that stands, where that had failed.

    :param id: the proposal
    :param decision: `confirm` or `refuse`
    :param reason: needed to refuse
    :returns: the level, as `dgatier_level_show` gives it
    """
    toolkit.check_access("dgatier_level_decide", context, data_dict)
    command = _DECISIONS.get(str(data_dict.get("decision")))
    if command is None:
        raise toolkit.ValidationError({"decision": [toolkit._("Choose confirm or refuse.")]})
    return _decide(context, data_dict, command)


def dgatier_level_withdraw(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take one's own proposal of a level back.

    :param id: the proposal
    """
    toolkit.check_access("dgatier_level_withdraw", context, data_dict)
    return _decide(context, data_dict, LevelCommand.WITHDRAW)


def dgatier_level_review(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Keep the level of a dataset or of one resource, and say when to look at it again.

    :param id: id or name of the dataset
    :param resource_id: a resource of it (optional)
    :param column: a column of the resource (optional)
    :param review_on: day of the next review, as `2031-01-31`
    :param ground: why it stays (optional)
    """
    toolkit.check_access("dgatier_level_review", context, data_dict)
    package = visible_package(context, data_dict)
    subject, dataset = _asker(context, package)
    _require(subject, dataset, "review")
    words = _words(data_dict)
    if words.review_on is None:
        raise toolkit.ValidationError({"review_on": [toolkit._("Give a day as 2031-01-31.")]})
    resource_id = _resource_id(package, data_dict)
    stored = _stored(package, resource_id, _column(package, resource_id, data_dict))
    payload = {"review_on": words.review_on.isoformat(), "ground": words.ground}
    _do(stored, subject, LevelCommand.REVIEW, [LevelRole.STEWARD], payload)
    return dgatier_level_show(context, {"id": package.id})


def confirm_first_levels(
    context: Context, agency: str | None, dataset: str | None, ground: str
) -> list[tuple[str, str]]:
    """Confirm first levels that wait, on an operator's word that they were approved elsewhere.

    Returns names of datasets and levels. Higher and lower levels are left to stewards.
    """
    operator = identity.subject_for(context)
    done = []
    for row in store.levels.waiting(agency, dataset):
        stored = _load(row)
        package = model.Package.get(row.dataset_id)
        if stored is None or stored.levelling.proposal is None or package is None:
            continue
        proposal = stored.levelling.proposal
        verdict = policy.level_verdict(
            operator,
            policy.LevelledDataset(facts.of_package(package).agency, editable=True),
            stored.levelling,
            proposal,
            LevelCommand.CONFIRM,
            operator=True,
            environment=identity.current_environment(),
        )
        if not verdict.allowed:
            continue
        levelling.refuse_what_cannot_be_published(package, row.resource_id, proposal.level)
        payload = {"complete": verdict.complete, "reason": ground, "operator": True}
        after = _do(stored, operator, LevelCommand.CONFIRM, [LevelRole.STEWARD], payload)
        levelling.bring_to_what_stands(context, after)
        done.append((str(package.name), str(after.standing)))
    return done


def _decide(context: Context, data_dict: DataDict, command: LevelCommand) -> dict[str, Any]:
    proposal_id = schema.id_of(data_dict)
    stored = store.levels.of_proposal(proposal_id)
    package = model.Package.get(stored.levelling.dataset_id) if stored else None
    if stored is None or package is None or package.id not in _discoverable(context, {package.id}):
        raise _no_such_proposal()
    subject, dataset = _asker(context, package)
    environment = identity.current_environment()
    if not policy.level_allowed(subject, dataset, "show", environment=environment).allowed:
        raise _no_such_proposal()
    current = stored.levelling
    if current.resource_id and current.resource_id not in {one.id for one in package.resources}:
        raise _no_such_proposal()
    proposal = current.proposal
    if proposal is None or proposal.id != proposal_id:
        _mend_or_refuse(context, stored, subject, dataset, command)
        return dgatier_level_show(context, {"id": package.id})
    verdict = policy.level_verdict(
        subject, dataset, current, proposal, command, operator=False, environment=environment
    )
    if not verdict.allowed:
        raise toolkit.NotAuthorized(levelling.said(verdict.reasons))
    refusing = command is LevelCommand.REFUSE
    given = data_dict.get("reason")
    reason = schema.reason(given) if refusing or given else ""
    if current.column is not None and command is LevelCommand.CONFIRM:
        _refuse_what_is_out_of_date(package, current)
    elif verdict.complete:
        levelling.refuse_what_cannot_be_published(package, current.resource_id, proposal.level)
    payload = {"complete": verdict.complete, "stands": verdict.stands, "reason": reason}
    role = LevelRole.PROPOSER if command is LevelCommand.WITHDRAW else LevelRole.STEWARD
    after = _do(stored, subject, command, [role], payload)
    if current.column is None or verdict.complete:
        levelling.bring_to_what_stands(context, after)
    return dgatier_level_show(context, {"id": package.id})


def _refuse_what_is_out_of_date(package: model.Package, current: Levelling) -> None:
    """Raise `ValidationError` where a column is gone or was raised since its proposal was made."""
    held = levelling.level_in_ckan(package, current.resource_id, current.column)
    if held != current.standing:
        text = toolkit._("The column is no longer as it was. Refuse this, and propose it anew.")
        raise toolkit.ValidationError({"id": [text]})


def _mend_or_refuse(
    context: Context,
    stored: StoredLevel,
    subject: Subject,
    dataset: policy.LevelledDataset,
    command: LevelCommand,
) -> None:
    """Finish a decision after which CKAN could not store the dataset; refuse any other."""
    current = stored.levelling
    package = model.Package.get(current.dataset_id)
    held = levelling.level_in_ckan(package, current.resource_id, current.column)
    settled = current.proposal or held == current.standing
    # A column that is not where its log says was raised in the dictionary since then.
    if command is LevelCommand.WITHDRAW or settled or current.column is not None:
        raise toolkit.ValidationError({"id": [toolkit._("This proposal was decided before.")]})
    _require(subject, dataset, "review")
    levelling.bring_to_what_stands(context, current)


def _do(
    stored: StoredLevel,
    subject: Subject,
    command: LevelCommand,
    roles: list[LevelRole],
    payload: dict[str, Any],
) -> Levelling:
    """Carry a command out: events, state, audit and notices in one transaction."""
    now = datetime.now(UTC)
    try:
        events: tuple[LevelEvent, ...] = core.handle(
            stored.levelling,
            command,
            actor_id=str(subject.id),
            roles=roles,
            now=now,
            payload=payload,
        )
    except core.NotPossible as error:
        raise toolkit.ValidationError(
            {"id": [toolkit._("This cannot be done while the level is as it is.")]}
        ) from error
    begun = levelling.beginning(stored, str(subject.id), now)
    standing = stored.levelling.standing
    change = level_log.Change(stored.levelling, stored.events, (*begun, *events), standing)
    try:
        (after,) = level_log.write([change])
    except LevelChangedMeanwhile as error:
        raise levelling.changed_meanwhile() from error
    return after


def _shown(
    stored: StoredLevel,
    package: model.Package,
    subject: Subject,
    dataset: policy.LevelledDataset,
) -> dict[str, Any]:
    current = stored.levelling
    today = calendar.today(datetime.now(UTC))
    names = store.people.names_of(
        [*current.confirmed_by, *(event.actor_id for event in stored.events)]
    )
    steward = policy.level_allowed(
        subject, dataset, "review", environment=identity.current_environment()
    ).allowed
    roles = [LevelRole.EDITOR] if dataset.editable else []
    roles += [LevelRole.STEWARD] if steward else []
    if current.proposal and current.proposal.proposed_by == subject.id:
        roles.append(LevelRole.PROPOSER)
    waiting = level_log.shapes([current])
    if current.proposal:
        verdict = policy.level_verdict(
            subject, dataset, current, current.proposal, LevelCommand.CONFIRM,
            operator=False, environment=identity.current_environment(),
        )  # fmt: skip
        waiting[0]["approvals_needed"] = verdict.approvals
    return {
        "dataset_id": package.id,
        "dataset_name": package.name,
        "dataset_title": package.title or package.name,
        "resource_id": current.resource_id,
        "column": current.column,
        "standing_level": str(current.standing) if current.standing else None,
        "confirmed_level": str(current.confirmed) if current.confirmed else None,
        "ground": current.ground,
        "review_on": current.review_on.isoformat() if current.review_on else None,
        "overdue": current.is_overdue(today),
        "confirmed_by": [names.get(person) for person in current.confirmed_by],
        "confirmed_at": current.confirmed_at.isoformat() if current.confirmed_at else None,
        "proposal": waiting[0] if waiting else None,
        "commands": sorted(str(command) for command in current.commands(roles)),
        "history": [
            {
                "type": str(event.type),
                "at": event.at.isoformat(),
                "by": names.get(event.actor_id),
                "level": event.payload.get("level") or event.payload.get("found"),
                "ground": event.payload.get("ground") or None,
                "reason": event.payload.get("reason") or None,
                "review_on": event.payload.get("review_on"),
            }
            for event in stored.events
        ],
    }


def _settled(current: Levelling) -> dict[str, Any]:
    return {
        "id": None,
        "state": str(current.state),
        "kind": None,
        "resource_id": current.resource_id,
        "column": current.column,
        "level": str(current.confirmed),
        "standing_level": str(current.standing),
        "ground": current.ground,
        "review_on": current.review_on.isoformat() if current.review_on else None,
        "proposed_by": None,
        "proposed_at": None,
        "approvals": [],
    }


def _load(row: Any) -> StoredLevel | None:
    return store.levels.load(row.log_id)


def _stored(
    package: model.Package, resource_id: str | None, column: str | None = None
) -> StoredLevel:
    log = store.levels.load(Levelling(package.id, resource_id, None, None, column=column).id)
    logs = {log.levelling.id: log} if log else {}
    found = levelling.level_in_ckan(package, resource_id, column)
    return levelling.known_level(logs, package.id, resource_id, found, column)


def _asker(context: Context, package: model.Package) -> tuple[Subject, policy.LevelledDataset]:
    editable = levelling.may_edit(context, package.id)
    agency = facts.of_package(package).agency
    return identity.subject_for(context), policy.LevelledDataset(agency, editable)


def _require(subject: Subject, dataset: policy.LevelledDataset, action: str) -> None:
    permission = policy.level_allowed(
        subject, dataset, action, environment=identity.current_environment()
    )
    if not permission.allowed:
        raise toolkit.NotAuthorized(levelling.said(permission.reasons))


def _discoverable(context: Context, dataset_ids: set[str]) -> set[str]:
    """Return those of the datasets that the asker may know of, by the labels of the catalogue."""
    labels = set(catalogue.person_labels(model.User.get(context.get("user"))))
    packages = model.Session.query(model.Package).filter(model.Package.id.in_(dataset_ids))
    return {one.id for one in packages if labels.intersection(catalogue.dataset_labels(one))}


def _resource_id(package: model.Package, data_dict: DataDict) -> str | None:
    wanted = data_dict.get("resource_id")
    if wanted in (None, ""):
        return None
    if str(wanted) not in {one.id for one in package.resources}:
        raise toolkit.ValidationError(
            {"resource_id": [toolkit._("A resource is not part of this dataset.")]}
        )
    return str(wanted)


def _column(package: model.Package, resource_id: str | None, data_dict: DataDict) -> str | None:
    wanted = data_dict.get("column")
    if wanted in (None, ""):
        return None
    if levelling.level_in_ckan(package, resource_id, str(wanted)) is None or resource_id is None:
        raise toolkit.ValidationError(
            {"column": [toolkit._("The resource has no such column with a level of its own.")]}
        )
    return str(wanted)


def _words(data_dict: DataDict) -> schema.LevelWords:
    given = {
        schema.GROUND_FIELD: data_dict.get("ground"),
        schema.REVIEW_FIELD: data_dict.get("review_on"),
    }
    try:
        return schema.level_words(given)
    except toolkit.ValidationError as refused:
        raise toolkit.ValidationError(_as_given(refused.error_dict)) from refused


def _as_given(errors: dict[str, Any]) -> dict[str, Any]:
    """Return errors by the names that these actions have for the fields."""
    names = {
        facts.LEVEL_FIELD: "level",
        schema.GROUND_FIELD: "ground",
        schema.REVIEW_FIELD: "review_on",
    }
    return {names.get(field, field): texts for field, texts in errors.items()}


def _no_such_proposal() -> toolkit.ObjectNotFound:
    return toolkit.ObjectNotFound(toolkit._("There is no such proposal."))
