"""Every DataStore action that gives rows, columns or counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit
from ckan.types import Action, Context, DataDict

from ckanext.datastore import helpers as datastore_helpers
from ckanext.datastore.backend import DatastoreBackend
from ckanext.datastore.logic import schema as datastore_schema
from ckanext.dgatier import identity
from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.tier import AccessTier

from . import decision_point, facts, graded_view, metadata
from .decision_point import ResourceDecision
from .graded_view import GradedView


@toolkit.chained_action
@toolkit.side_effect_free
def datastore_search(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Search a table at the person's tier; open data goes straight through."""
    asked_for = facts.one_table(data_dict)
    wanted = {key: value for key, value in asked_for.items() if key != "purpose"}
    if str(wanted.get("resource_id")).startswith("_") and not context.get("ignore_auth"):
        # CKAN's list of all tables, hidden ones too.
        raise toolkit.ObjectNotFound(toolkit._("Resource was not found."))
    resource_id = real_id(wanted.get("resource_id"))
    if resource_id is None or _passes(context, resource_id):
        return original(context, wanted)
    asked = decision_point.for_resource(context, resource_id, purpose_of(data_dict))
    toolkit.check_access("datastore_search", context, {"resource_id": resource_id})
    decision_point.require(asked, AccessTier.MASKED)
    if asked.decision.is_whole:
        # Read first, so that it is known how much; nothing goes out before it is written down.
        answer = original(context, wanted)
        decision_point.record(
            asked, AuditAction.DATA_READ, path="datastore_search", rows=_count(answer["records"])
        )
        return answer
    return _search_graded(asked, context, wanted)


@toolkit.chained_action
@toolkit.side_effect_free
def datastore_info(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Tell the columns of a table to those who may have rows of it; counts to no one else."""
    wanted = facts.one_table(data_dict)
    resource_id = real_id(wanted.get("resource_id"))
    if resource_id is None or _passes(context, resource_id) or _may_change(context, resource_id):
        return original(context, wanted)
    asked = decision_point.for_resource(context, resource_id)
    decision_point.require(asked, AccessTier.MASKED)
    answer = original(context, wanted)
    if asked.decision.obligations.row_filter:
        # How large the whole table is tells of the rows that are not theirs.
        answer["meta"] = {"id": resource_id, "count": graded_view.count(view_of(asked))}
    return answer


def get_actions() -> dict[str, Any]:
    """Return the actions that stand before CKAN's own."""
    return {"datastore_search": datastore_search, "datastore_info": datastore_info}


def view_of(asked: ResourceDecision) -> GradedView:
    """Return the table as this decision lets it be seen."""
    secret = toolkit.config["ckanext.dgatier.pseudonym_key"]
    decision = asked.decision

    def key(grants: tuple[str, ...]) -> bytes:
        grant = "+".join(grants)
        return graded_view.pseudonym_key(secret, asked.subject.id, asked.resource.id, grant)

    parts = None
    if decision.obligations.row_filter:
        parts = graded_view.Parts(
            rows=asked.rows,
            keys={one.name: key(one.grants) for one in decision.shares},
            cells=decision.cells,
        )
    return GradedView(
        resource_id=asked.resource.id,
        columns=asked.columns,
        masks=decision.obligations.column_masks,
        key=key(decision.grants),
        parts=parts,
    )


def _search_graded(asked: ResourceDecision, context: Context, data_dict: DataDict) -> Any:
    checked, errors = toolkit.navl_validate(
        dict(data_dict), datastore_schema.datastore_search_schema(), context
    )
    if errors:
        raise toolkit.ValidationError(errors)
    view = view_of(asked)
    wanted = datastore_helpers.get_list(checked.get("fields"))
    query = graded_view.Query(
        filters=checked.get("filters"),
        q=checked.get("full_text") or checked.get("q"),
        plain=checked.get("plain", True),
        language=checked.get("language") or "simple",
        fields=tuple(wanted) if wanted else None,
        sort=tuple(datastore_helpers.get_list(checked.get("sort"), False) or ()),
        distinct=bool(checked.get("distinct")),
        limit=checked["limit"],
        offset=int(checked.get("offset") or 0),
        include_total=checked["include_total"],
    )
    try:
        page = graded_view.read(view, query)
    except graded_view.UnknownColumn as unknown:
        raise toolkit.ValidationError(
            {"query": [toolkit._("There is no column {name}.").format(name=unknown)]}
        ) from unknown
    except graded_view.UnreadableQuery:
        raise toolkit.ValidationError(
            {"query": [toolkit._("The filter or the search cannot be read.")]}
        ) from None
    decision_point.record(
        asked, AuditAction.DATA_READ, path="datastore_search", rows=len(page.rows)
    )
    types = {"_id": "int", **{one.name: view.visible_type(one) for one in asked.columns}}
    answer: dict[str, Any] = {
        **{key: value for key, value in checked.items() if key != "filters"},
        "resource_id": asked.resource.id,
        "fields": [{"id": name, "type": types[name]} for name in page.fields],
        "records": _records(page, checked["records_format"]),
    }
    if "filters" in checked:
        answer["filters"] = checked["filters"]
    if page.total is not None:
        answer.update(total=page.total, total_was_estimated=False)
    if checked["include_next_page"] and page.last_id is not None:
        answer["next_page"] = {"_id": {"gt": page.last_id}}
    return answer


def _count(records: Any) -> int:
    """Return how many rows an answer holds, in whichever form it was asked for."""
    return len(records.splitlines()) if isinstance(records, str) else len(records)


def _records(page: graded_view.Page, form: str) -> Any:
    if form == "csv":
        return graded_view.delimited(page.rows, ",")
    if form == "tsv":
        return graded_view.delimited(page.rows, "\t")
    rows = [[json_value(value) for value in row] for row in page.rows]
    if form == "lists":
        return rows
    return [dict(zip(page.fields, row, strict=True)) for row in rows]


def json_value(value: Any) -> Any:
    """Return a value of PostgreSQL as JSON carries it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def real_id(given: object) -> str | None:
    """Return the resource that an id or alias names; `None` where none does."""
    if not isinstance(given, str) or given.startswith("_"):
        return None
    backend = DatastoreBackend.get_active_backend()
    exists, real = backend.resource_id_from_alias(given)
    return (real or given) if exists else None


def _passes(context: Context, resource_id: str) -> bool:
    """Say whether CKAN's own answer is right: inner work, or open data."""
    return bool(context.get("ignore_auth")) or decision_point.is_open(resource_id)


def _may_change(context: Context, resource_id: str) -> bool:
    """Say whether this person keeps the data dictionary, for which the columns are needed."""
    try:
        toolkit.check_access("datastore_create", context.copy(), {"resource_id": resource_id})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return False
    # CKAN allows a sysadmin everything; here they keep the dictionaries of their own agencies.
    return not authz.is_sysadmin(context.get("user")) or _publishes(context, resource_id)


def _publishes(context: Context, resource_id: str) -> bool:
    resource = model.Resource.get(resource_id)
    if resource is None or resource.package is None:
        return False
    return metadata.publishes(
        identity.subject_for(context), facts.of_package(resource.package).agency
    )


def purpose_of(data_dict: DataDict) -> str | None:
    """Return the purpose that a call names."""
    purpose = data_dict.get("purpose")
    return purpose if isinstance(purpose, str) and purpose else None
