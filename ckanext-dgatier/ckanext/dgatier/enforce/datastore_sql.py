"""SQL from outside: one SELECT over the tables as the person may see them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Action, Context, DataDict

from ckanext.dgatier.core.audit import AuditAction
from ckanext.dgatier.core.tier import AccessTier

from . import datastore, decision_point, sql
from .decision_point import ResourceDecision
from .graded_view import GradedView

_LARGEST = 32 * 2**20  # bytes of an answer, about


@toolkit.chained_action
@toolkit.side_effect_free
def datastore_search_sql(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Run one SELECT, in which each table is the person's own view of it.

    :param sql: the SELECT; tables are named by a resource's id, in double quotes
    :param purpose: count only what was approved for this purpose (optional)
    :returns: `{sql, fields, records}`, and `records_truncated` where there are more rows than
        `ckan.datastore.search.rows_max`
    """
    if context.get("ignore_auth"):
        return original(context, data_dict)
    text = data_dict.get("sql")
    if not isinstance(text, str):
        raise toolkit.ValidationError({"sql": [toolkit._("Missing value")]})
    try:
        statement = sql.read(text)
    except sql.Refused as refused:
        raise _invalid(toolkit._("A query cannot have {part}.").format(part=refused)) from None
    ids = _tables(context, data_dict, list(statement.tables))
    asked = _decided(context, data_dict, ids)
    views: dict[str, GradedView | str] = {
        name: datastore.view_of(asked[one])
        if one in asked and not asked[one].decision.is_whole
        else one
        for name, one in ids.items()
    }
    try:
        found = sql.answer(statement, views, _limits())
    except sql.StatementFailed as failed:
        raise _invalid(_why(failed)) from None
    for one in asked.values():
        decision_point.record(
            one, AuditAction.DATA_READ, path="datastore_search_sql", rows=len(found.rows)
        )
    names = [name for name, _ in found.fields]
    answer: dict[str, Any] = {
        "sql": text,
        "fields": [{"id": name, "type": kind} for name, kind in found.fields],
        "records": [dict(zip(names, map(_json, row), strict=True)) for row in found.rows],
    }
    return {**answer, "records_truncated": True} if found.cut else answer


def get_actions() -> dict[str, Any]:
    """Return the action, where the operator lets CKAN offer SQL at all."""
    on = toolkit.asbool(toolkit.config.get("ckan.datastore.sqlsearch.enabled"))
    return {"datastore_search_sql": datastore_search_sql} if on else {}


def _tables(context: Context, data_dict: DataDict, names: list[str]) -> dict[str, str]:
    """Return the resources that the names mean.

    A table that the person may not discover is answered as one that there is not.
    """
    ids = {}
    for name in names:
        resource_id = datastore.real_id(name)
        try:
            if resource_id is None:
                raise toolkit.ObjectNotFound
            toolkit.check_access("resource_show", context.copy(), {"id": resource_id})
        except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
            raise toolkit.ObjectNotFound(
                toolkit._("There is no table {name}.").format(name=name)
            ) from None
        ids[name] = resource_id
    named = Context(context, table_names=list(ids.values()))
    toolkit.check_access("datastore_search_sql", named, data_dict)
    return ids


def _decided(
    context: Context, data_dict: DataDict, ids: dict[str, str]
) -> dict[str, ResourceDecision]:
    """Return the decisions on all tables but open ones; raises unless all let rows be read."""
    closed = sorted({one for one in ids.values() if not decision_point.is_open(one)})
    if not closed:
        return {}
    purpose = datastore.purpose_of(data_dict)
    asked = decision_point.for_resources(context, closed, purpose)
    for one in asked:
        decision_point.require(one, AccessTier.MASKED)
    return dict(zip(closed, asked, strict=True))


def _limits() -> sql.Limits:
    return sql.Limits(
        seconds=toolkit.config["ckanext.dgatier.sql.timeout_s"],
        rows=toolkit.config["ckan.datastore.search.rows_max"],
        size=_LARGEST,
    )


def _why(failed: sql.StatementFailed) -> str:
    """Say what went wrong, without a value of the data."""
    texts = {
        "value": toolkit._("A value does not fit what the query does with it."),
        "time": toolkit._("The query took too long."),
        "size": toolkit._("The query or its answer is too large."),
        "other": toolkit._("The query could not be carried out."),
    }
    return texts.get(failed.reason, failed.detail)


def _invalid(text: str) -> Exception:
    return toolkit.ValidationError({"sql": [text]})


def _json(value: Any) -> Any:
    if isinstance(value, list):
        return [_json(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    known = datastore.json_value(value)
    return str(value) if known is value else known
