"""A level on its way through CKAN's own actions: it stands, waits, or is kept as it was found.

`package_patch`, `package_revise` and all actions on resources end in `package_update`, so two
actions see every change of a level.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Action, Context, DataDict
from flask import g, has_request_context

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import calendar, levelling
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.decision import Message
from ckanext.dgatier.core.levelling import LevelCommand, LevelEvent, Levelling, LevelRole
from ckanext.dgatier.core.subject import Role, Subject
from ckanext.dgatier.enforce import decision_point, facts

from . import column_levels, level_log, schema, validators

SHOWN_AS = "level_proposal"
#: In a context: the level is what this is about, also where it is the one that stands.
MEANT = "dgatier_level_meant"
_CHANGES = "dgatier_level_changes"
_PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class _Person:
    """Who sets a level, or `inner` where the portal's own work does."""

    subject: Subject
    inner: bool
    dataset: policy.LevelledDataset


@toolkit.chained_action
def package_create(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Create a dataset as CKAN does, at the level that stands until a first one is confirmed."""
    toolkit.check_access("package_create", context, data_dict)
    data, words = _without_words(data_dict)
    wanted = facts.parse_level(data.get(facts.LEVEL_FIELD), None)
    person = _person(context, facts.agency_name({"owner_org": data.get("owner_org")}))
    if wanted is None or person.inner:
        return original(context, data)
    new = Levelling("", None, None, None)
    change = _planned(person, store.levels.StoredLevel(new, ()), wanted, words)
    _refuse_what_cannot_be_published(data, wanted)
    data[facts.LEVEL_FIELD] = str(change.stands)
    return _carried_out(original, context, data, [change])


@toolkit.chained_action
def package_update(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a dataset as CKAN does; a lower level waits, and everything else is stored.

    The dataset is locked until it is stored, so that no one's older picture of it undoes a raise.
    """
    data, words = _without_words(data_dict)
    known = model.Package.get(data.get("id") or data.get("name"))
    if known is None or context.get(column_levels.DECIDED):
        return original(context, data)
    toolkit.check_access("package_update", context, {"id": known.id})
    package = model.Package.get(known.id, for_update=True)
    if package is None:
        raise toolkit.ObjectNotFound(toolkit._("Dataset not found"))
    # What the session has read before the lock may be out of date.
    model.Session.query(model.Resource).filter_by(package_id=known.id).populate_existing().all()
    person = _person(context, facts.of_package(package).agency)
    logs = level_log.of_dataset(package.id)
    changes = [
        change
        for change in (
            _of_dataset(person, package, logs, data, words, bool(context.get(MEANT))),
            *_of_resources(person, package, logs, data),
        )
        if change
    ]
    return _carried_out(original, context, data, changes)


def record(context: Context, package: Mapping[str, Any]) -> None:
    """Write down what CKAN is about to store, before it does: both, or nothing.

    Raises `ValidationError` where someone else changed the level in the same moment.
    """
    changes: list[level_log.Change] = context.pop(_CHANGES, [])
    try:
        level_log.write([one.of_dataset(package["id"]) for one in changes])
    except store.levels.LevelChangedMeanwhile as error:
        model.Session.rollback()
        raise changed_meanwhile() from error


def show_proposal(context: Context, package: dict[str, Any]) -> None:
    """Tell those who may change a dataset what level waits for it, and nobody else."""
    if context.get("for_update") or context.get("ignore_auth"):
        return
    if identity.subject_for(context).is_anonymous:
        return
    waiting = level_log.waiting_shape(package["id"])
    if waiting and may_edit(context, package["id"]):
        package[SHOWN_AS] = waiting


def may_edit(context: Context, dataset_id: str) -> bool:
    """Say whether CKAN lets the asker change a dataset."""
    own = {"user": context.get("user"), "auth_user_obj": context.get("auth_user_obj")}
    try:
        toolkit.check_access("package_update", own, {"id": dataset_id})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return False
    return True


def bring_to_what_stands(context: Context, current: Levelling) -> None:
    """Give the dataset, resource or column in CKAN the level that its log says; the index follows.

    Does nothing where it has that level. Raises `ValidationError` where CKAN finds the dataset
    wrong in some other way; the level then stays as it is.
    """
    package = model.Package.get(current.dataset_id)
    held = level_in_ckan(package, current.resource_id, current.column) if package else None
    if package is None or current.standing is None or held == current.standing:
        return
    own: Any = {
        "ignore_auth": True,
        "user": context["user"],
        "auth_user_obj": context.get("auth_user_obj"),
        column_levels.DECIDED: True,
    }
    if current.column is not None:
        resource = next(one for one in package.resources if one.id == current.resource_id)
        column_levels.lower(own, resource, current.column, current.standing)
        return
    action = "resource_patch" if current.resource_id else "package_patch"
    toolkit.get_action(action)(own, {"id": current.id, facts.LEVEL_FIELD: str(current.standing)})


def level_in_ckan(
    package: model.Package, resource_id: str | None, column: str | None = None
) -> ClassificationLevel | None:
    """Return the own level of a dataset, a resource or a column, `None` where it has none."""
    if resource_id is None:
        return facts.parse_level(package.extras.get(facts.LEVEL_FIELD), None)
    held = next((one for one in package.resources if one.id == resource_id), None)
    if held and column is not None:
        return column_levels.of_resource(held).get(column)
    return facts.parse_level((held.extras or {}).get(facts.LEVEL_FIELD), None) if held else None


def refuse_what_cannot_be_published(
    package: model.Package, resource_id: str | None, level: ClassificationLevel
) -> None:
    """Raise `ValidationError` where a dataset could not be published with a level changed so."""
    data = {
        facts.CATEGORY_FIELD: package.extras.get(facts.CATEGORY_FIELD),
        "resources": [
            {"name": one.name, facts.LEVEL_FIELD: str(level)}
            if one.id == resource_id
            else {"name": one.name, **(one.extras or {})}
            for one in package.resources
        ],
    }
    own = level_in_ckan(package, None) if resource_id else level
    _refuse_what_cannot_be_published(data, own)


def said(messages: tuple[Message, ...]) -> str:
    """Return reasons of policy as one text in the person's language."""
    return " ".join(decision_point.in_language(one) for one in messages)


def changed_meanwhile() -> toolkit.ValidationError:
    """Return the error for two people who change a level at once."""
    text = toolkit._("Someone else changed this level meanwhile; look at it again.")
    return toolkit.ValidationError({facts.LEVEL_FIELD: [text]})


def _carried_out(
    original: Action, context: Context, data: DataDict, changes: list[level_log.Change]
) -> Any:
    context[_CHANGES] = changes
    answer = original(context, data)
    if context.get(_CHANGES):
        # Nothing else was changed, so CKAN had nothing to store and called no hook.
        record(context, {"id": data["id"]})
    if not isinstance(answer, dict) or not changes:
        return answer
    waiting = level_log.waiting_shape(answer["id"])
    if waiting is None:
        return answer
    if has_request_context():
        g.dgatier_level_waiting = waiting
    return {**answer, SHOWN_AS: waiting}


def _of_dataset(
    person: _Person,
    package: model.Package,
    logs: Mapping[str, store.levels.StoredLevel],
    data: DataDict,
    words: schema.LevelWords,
    meant: bool,
) -> level_log.Change | None:
    """Plan what becomes of a dataset's level; `data` gets the one that stands.

    A level that stands is set again only where nobody has confirmed it and someone means it,
    as one does who gives a ground for it.
    """
    wanted = facts.parse_level(data.get(facts.LEVEL_FIELD), None)
    found = level_in_ckan(package, None)
    if wanted is None:
        return None
    stored = known_level(logs, package.id, None, found)
    standing = stored.levelling.standing
    settled = stored.levelling.confirmed == standing or not (meant or words.ground)
    if standing is not None and (wanted == found != standing or (wanted == standing and settled)):
        data[facts.LEVEL_FIELD] = str(standing)
        return None
    change = _planned(person, stored, wanted, words)
    if not person.inner:
        _refuse_what_cannot_be_published({"resources": _resources_of(package), **data}, wanted)
    data[facts.LEVEL_FIELD] = str(change.stands)
    return change if change.new else None


def _of_resources(
    person: _Person,
    package: model.Package,
    logs: Mapping[str, store.levels.StoredLevel],
    data: DataDict,
) -> list[level_log.Change]:
    """Plan what becomes of the resources' own levels; `data` gets those that stand.

    Giving a resource a level of its own or a higher one is free. A lower one waits where it
    would let more people have the resource than its dataset's level does.
    """
    dataset = facts.parse_level(data.get(facts.LEVEL_FIELD), None)
    if "resources" not in data or dataset is None:
        return []
    changes = []
    resources = []
    for given in data["resources"]:
        resource, words = _without_words(given)
        resources.append(resource)
        if not resource.get("id"):
            continue
        found = level_in_ckan(package, resource["id"])
        wanted = facts.parse_level(resource.get(facts.LEVEL_FIELD), dataset)
        if found is None or wanted is None:
            continue
        stored = known_level(logs, package.id, resource["id"], found)
        standing = levelling.higher(stored.levelling.standing, dataset)
        effective = levelling.higher(wanted, dataset)
        if standing is None or effective is None or effective.rank >= standing.rank:
            continue
        change = _planned(person, stored, effective, words)
        resource[facts.LEVEL_FIELD] = str(change.stands)
        if change.new:
            changes.append(change)
    data["resources"] = resources
    return changes


def propose_for_column(
    context: Context,
    package: model.Package,
    resource_id: str,
    column: str,
    wanted: ClassificationLevel,
    given: Mapping[str, Any],
) -> None:
    """Propose a lower level of a column; `given` has the words as a dataset would.

    Raises `ValidationError`, also for a level that is not lower: that is set in the data
    dictionary.
    """
    found = level_in_ckan(package, resource_id, column)
    if found is None or wanted.rank >= found.rank:
        text = toolkit._("Only a lower level is proposed here; set a higher one in the dictionary.")
        raise toolkit.ValidationError({facts.LEVEL_FIELD: [text]})
    person = _person(context, facts.of_package(package).agency)
    person = replace(
        person, dataset=replace(person.dataset, editable=may_edit(context, package.id))
    )
    logs = level_log.of_dataset(package.id)
    stored = known_level(logs, package.id, resource_id, found, column)
    change = _planned(person, stored, wanted, schema.level_words(given))
    try:
        level_log.write([change] if change.new else [])
    except store.levels.LevelChangedMeanwhile as error:
        raise changed_meanwhile() from error


def known_level(
    logs: Mapping[str, store.levels.StoredLevel],
    dataset_id: str,
    resource_id: str | None,
    found: ClassificationLevel | None,
    column: str | None = None,
) -> store.levels.StoredLevel:
    """Return the level with its log; of what CKAN has and what the log says the higher stands."""
    new = Levelling(dataset_id, resource_id, found, found, column=column)
    stored = logs.get(new.id)
    if stored is None:
        return store.levels.StoredLevel(new, ())
    standing = levelling.higher(stored.levelling.standing, found)
    return replace(stored, levelling=replace(stored.levelling, standing=standing))


def _planned(
    person: _Person,
    stored: store.levels.StoredLevel,
    wanted: ClassificationLevel,
    words: schema.LevelWords,
) -> level_log.Change:
    """Return the events that setting a level makes, none where the same waits already."""
    current = stored.levelling
    with _rules_answer():
        outcome = policy.level_outcome(
            person.subject,
            person.dataset,
            current,
            wanted,
            ground=words.ground,
            inner=person.inner,
            environment=identity.current_environment(),
        )
    if not outcome.allowed:
        raise toolkit.ValidationError({schema.GROUND_FIELD: [said(outcome.reasons)]})
    kept = level_log.Change(current, stored.events, (), outcome.stands)
    if person.inner and outcome.stands == current.standing:
        return kept
    if not outcome.confirmed and _waits_already(current, wanted, words):
        return kept
    now = datetime.now(UTC)
    review_on = words.review_on or calendar.years_after(now, outcome.review_years)
    payload = {
        "id": str(uuid.uuid4()),
        "kind": outcome.kind,
        "level": wanted,
        "ground": words.ground,
        "review_on": review_on.isoformat(),
        "stands": outcome.stands,
        "confirmed": outcome.confirmed,
        "counts": outcome.counts,
    }
    actor_id = person.subject.id or _PORTAL
    with _rules_answer():
        events = levelling.handle(
            current, LevelCommand.PROPOSE,
            actor_id=actor_id, roles=[LevelRole.EDITOR], now=now, payload=payload,
        )  # fmt: skip
    return replace(kept, new=(*beginning(stored, actor_id, now), *events))


def beginning(
    stored: store.levels.StoredLevel, actor_id: str, now: datetime
) -> tuple[LevelEvent, ...]:
    """Return the first event of a log that has none yet."""
    current = stored.levelling
    if stored.events:
        return ()
    of = (current.dataset_id, current.resource_id)
    return (levelling.begin(*of, current.confirmed, actor_id, now, column=current.column),)


def _waits_already(
    current: Levelling, wanted: ClassificationLevel, words: schema.LevelWords
) -> bool:
    proposal = current.proposal
    return (
        proposal is not None
        and proposal.level == wanted
        and words.ground in ("", proposal.ground)
        and words.review_on in (None, proposal.review_on)
    )


def _person(context: Context, agency: str | None) -> _Person:
    subject = identity.subject_for(context)
    inner = (
        bool(context.get("ignore_auth"))
        or not has_request_context()
        or Role.INGEST in subject.roles
    )
    return _Person(subject, inner, policy.LevelledDataset(agency, editable=True))


def _without_words(data_dict: DataDict) -> tuple[dict[str, Any], schema.LevelWords]:
    """Return a copy without what is kept with the proposal and not in the dataset."""
    data = {key: value for key, value in data_dict.items() if key not in schema.LEVEL_WORDS}
    data.pop(SHOWN_AS, None)
    return data, schema.level_words(data_dict)


def _resources_of(package: model.Package) -> list[dict[str, Any]]:
    return [{"name": one.name, **(one.extras or {})} for one in package.resources]


def _refuse_what_cannot_be_published(
    data: Mapping[str, Any], level: ClassificationLevel | None
) -> None:
    """Raise `ValidationError` for a level that waits and could never be confirmed as it is."""
    resources = [
        (str(one.get("name") or f"#{number}"), one.get(facts.LEVEL_FIELD) or None)
        for number, one in enumerate(data.get("resources") or [], start=1)
    ]
    with _rules_answer():
        wrong = validators.wrong_with(
            str(level) if level else None, data.get(facts.CATEGORY_FIELD) or None, resources
        )
    if wrong:
        raise toolkit.ValidationError(wrong)


@contextmanager
def _rules_answer() -> Iterator[None]:
    """Say in the form that nothing was saved where the rules give no answer that may be."""
    try:
        yield
    except (policy.PolicyUnavailable, levelling.StandsTooLow) as error:
        raise toolkit.ValidationError(
            {facts.LEVEL_FIELD: [validators.rules_cannot_be_asked()]}
        ) from error
