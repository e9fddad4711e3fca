"""Grants that were approved outside of the portal, brought in from a table.

Each line becomes a request with its whole log, as if it had been made and decided here, under the
reference number of the paper; policy is asked what it would be asked for the same people now.
"""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.dgatier import identity, policy, store
from ckanext.dgatier.core import request
from ckanext.dgatier.core.request import RequestCommand, RequestEvent, RequestRole, Terms
from ckanext.dgatier.core.subject import Role, Subject
from ckanext.dgatier.enforce import facts

from . import approving, request_log, schema

NEEDED = ("reference", "dataset", "holder", "tier", "purpose", "days", "approved_by", "reason")
OPTIONAL = ("legal_ground", "provinces", "years", "columns")
_LONGEST_REFERENCE = 100
_LARGEST_FILE = 100_000  # lines
_OURS = uuid.UUID("6f1b1f0e-3c57-5f0b-9d57-5b0d6f4f2a11")


class NotATable(Exception):
    """The file cannot be read as such a table; the text says why, in the person's language."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: what it would write, nothing where it is there already, or what is wrong.

    `number` counts from 1 with the line of names; `request_id` follows from the reference.
    """

    number: int
    reference: str
    request_id: str
    events: tuple[RequestEvent, ...] = ()
    problems: tuple[str, ...] = ()


def id_of(reference: str) -> str:
    """Return the id of the request that a reference number stands for, the same each time."""
    return str(uuid.uuid5(_OURS, reference))


def check(file: IO[str]) -> Iterator[Line]:
    """Yield each line of a CSV file (RFC 4180, UTF-8) with what it would write; writes nothing.

    Raises `NotATable`.
    """
    table = csv.DictReader(file, strict=True)
    try:
        names = set(table.fieldnames or ())
    except (csv.Error, UnicodeDecodeError) as error:
        raise NotATable(toolkit._("This is not a CSV file in UTF-8.")) from error
    if missing := [name for name in NEEDED if name not in names]:
        text = toolkit._("These columns are missing: {names}.")
        raise NotATable(text.format(names=", ".join(missing)))
    if unknown := sorted(names - {*NEEDED, *OPTIONAL}):
        text = toolkit._("These columns are not known: {names}.")
        raise NotATable(text.format(names=", ".join(map(str, unknown))))
    seen: dict[str, int] = {}
    try:
        for row in table:
            if table.line_num > _LARGEST_FILE:
                text = toolkit._("A file has at most {most} lines.")
                raise NotATable(text.format(most=_LARGEST_FILE))
            yield _line(table.line_num, row, seen)
    except (csv.Error, UnicodeDecodeError) as error:
        text = toolkit._("Line {number} is not CSV in UTF-8.")
        raise NotATable(text.format(number=table.line_num + 1)) from error


def write(line: Line) -> None:
    """Store the request of a line with its grant, unless it is there.

    Raises `store.audit.AuditUnavailable`.
    """
    if line.events and store.requests.load(line.request_id) is None:
        request_log.write((), line.events)


def _line(number: int, row: Mapping[str | None, Any], seen: dict[str, int]) -> Line:
    said = {str(name): str(value or "").strip() for name, value in row.items() if name}
    reference = said["reference"]
    if None in row or not 0 < len(reference) <= _LONGEST_REFERENCE or "\0" in reference:
        problem = toolkit._("It needs a reference of at most {most} characters, and no cell more.")
        return Line(number, reference, "", (), (problem.format(most=_LONGEST_REFERENCE),))
    request_id = id_of(reference)
    if reference in seen:
        problem = toolkit._("The reference stands in line {number} too.")
        return Line(number, reference, request_id, (), (problem.format(number=seen[reference]),))
    seen[reference] = number
    if store.requests.load(request_id) is not None:
        return Line(number, reference, request_id)
    try:
        return Line(number, reference, request_id, _events(said, request_id))
    except toolkit.ValidationError as refused:
        texts = [f"{name}: {text}" for name, all_ in refused.error_dict.items() for text in all_]
        return Line(number, reference, request_id, (), tuple(texts))


def _events(said: Mapping[str, str], request_id: str) -> tuple[RequestEvent, ...]:
    """Return the log of a request that was approved on paper. Raises `ValidationError`."""
    package = model.Package.get(said["dataset"].replace("\0", ""))
    holder = model.User.get(said["holder"].replace("\0", ""))
    approvers = [
        model.User.get(name.strip()) for name in said["approved_by"].split(";") if name.strip()
    ]
    errors: dict[str, list[str]] = {}
    if package is None or package.state != model.State.ACTIVE:
        errors["dataset"] = [toolkit._("There is no such dataset.")]
    if holder is None or not holder.is_active:
        errors["holder"] = [toolkit._("There is no such person.")]
    if not approvers or not all(one and one.is_active for one in approvers):
        errors["approved_by"] = [toolkit._("Name the people who approved it, with ; between them.")]
    if errors:
        raise toolkit.ValidationError(errors)
    assert package is not None  # noqa: S101 - said above
    known = facts.of_package(package)
    asker = identity.subject_of_user(holder.name)
    terms = _terms(said, known, holder.id)
    approving.refuse_what_cannot_be_given(asker, known, terms)
    # Terms of use that the portal has today nobody accepted on paper: who holds it does so here.
    reference = {"reference": said["reference"], "terms_version": None}
    now = datetime.now(UTC)
    made = request.create(
        request_id, holder.id, package.id, terms, now, asker.organisation, known.agency
    )
    submitted = request.handle(
        request.fold([made]), RequestCommand.SUBMIT,
        actor_id=holder.id, roles=[RequestRole.REQUESTER], now=now, payload=reference,
    )  # fmt: skip
    made = RequestEvent(made.type, made.actor_id, made.at, {**made.payload, **reference})
    events = (made, *submitted)
    for approver in approvers:
        subject = identity.subject_of_user(approver.name)
        events += _approval(request.fold(events), subject, known, said, now)
    decided = request.fold(events)
    if decided.decided_at is None:
        text = toolkit._("It takes more people, or a senior steward, to approve this.")
        raise toolkit.ValidationError({"approved_by": [text]})
    granted = request.grants_due(decided, approvers[-1].id, now, lambda: str(uuid.uuid4()))
    return (*events, *granted)


def _terms(said: Mapping[str, str], known: facts.DatasetFacts, holder_id: str) -> Terms:
    bound = {name: said.get(name, "").split(";") for name in ("provinces", "years", "columns")}
    given = {
        "tier": said["tier"],
        "purpose": said["purpose"],
        "justification": said["reason"],
        "days": said["days"],
        "legal_ground": said.get("legal_ground"),
        "conditions": {
            name: [one.strip() for one in values if one.strip()] for name, values in bound.items()
        },
    }
    return schema.terms(given, {one.id for one in known.resources}, holder_id)


def _approval(
    current: request.Request,
    approver: Subject,
    known: facts.DatasetFacts,
    said: Mapping[str, str],
    now: datetime,
) -> tuple[RequestEvent, ...]:
    verdict = policy.approval_verdict(
        approver,
        policy.RequestFacts(
            requester_id=current.requester_id,
            agency=current.agency,
            level=known.level,
            tier=current.terms.tier,
            days=current.terms.days,
            approved_by=current.approvals,
            approved_at=current.approved_at,
        ),
        environment=identity.current_environment(),
        on_paper=True,
    )
    if not verdict.allowed:
        raise toolkit.ValidationError({"approved_by": [request_log.said(verdict.reasons)]})
    if current.decided_at is not None:
        raise toolkit.ValidationError(
            {"approved_by": [toolkit._("Fewer people had approved it already.")]}
        )
    decided = request.approval(
        current.terms,
        known.level,
        complete=verdict.complete,
        standing=verdict.standing,
        senior=Role.SENIOR_STEWARD in approver.roles,
        reason=said["reason"],
    )
    return request.handle(
        current, RequestCommand.APPROVE,
        actor_id=str(approver.id), roles=[RequestRole.STEWARD], now=now,
        payload={**decided, "reference": said["reference"]},
    )  # fmt: skip
